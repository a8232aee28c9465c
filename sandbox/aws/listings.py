"""Which parameters a list holds and how it is paged, as AWS does it, over the parameters that moto keeps.

Put right here: DescribeParameters' pages of ten, a tag filter without values that switched off the filters after it,
public parameters in an account's own lists, a token after the last page, unchecked tokens.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from moto.ssm.models import Parameter, SimpleSystemManagerBackend

from . import parameter_rules as rules
from .errors import AwsError

BY_PATH_PAGE = 10
DESCRIBE_PAGE = 50
_PUBLIC = "/aws/"

Page = tuple[list[Parameter], dict[str, str]]


def by_path(backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Page:
    """A page of GetParametersByPath, and the token of the next one if there is one."""
    part = span(asked, BY_PATH_PAGE)
    filters = asked.get("ParameterFilters")
    backend.get_parameters_by_path("/none", recursive=False, filters=filters)  # refuses filters that AWS refuses
    names = below(backend, asked["Path"], recursive=asked.get("Recursive", False))
    found = [backend._parameters[name][-1] for name in names]  # noqa: SLF001 - moto has no way to ask for all
    return _page([each for each in found if backend._match_filters(each, filters)], part)  # noqa: SLF001


def below(backend: SimpleSystemManagerBackend, path: str, *, recursive: bool) -> list[str]:
    """The names below a path, in the order of the pages; names without a slash are below `/`."""
    names = backend._parameters.get_keys_beginning_with(f"{path.rstrip('/')}/", recursive)  # noqa: SLF001 - as below
    return [name for name in names if not name.startswith(_PUBLIC)]


def describe(
    backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A page of DescribeParameters, and the token of the next one if there is one."""
    part = span(asked, DESCRIBE_PAGE)
    filters = asked.get("ParameterFilters") or []
    # The deprecated Filters are moto's own business.
    found = backend.describe_parameters(asked.get("Filters") or [], filters)
    found = [parameter for parameter in found if not parameter.name.startswith(_PUBLIC)]
    for each in filters:
        alone = {parameter.name for parameter in backend.describe_parameters([], [each])}
        found = [parameter for parameter in found if parameter.name in alone]
    page, token = _page(found, part)
    return [_metadata(backend, parameter) for parameter in page], token


def span(asked: Mapping[str, Any], most: int) -> slice:
    """The part of a list that a call asks for.

    Raises:
        AwsError: the page is too big or empty, or the token is none of ours.
    """
    size, token = int(asked.get("MaxResults", most)), str(asked.get("NextToken") or "0")
    if not 1 <= size <= most:
        limit = "greater than or equal to 1" if size < 1 else f"less than or equal to {most}"
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {limit}",
        )
    if not token.isdecimal():
        raise AwsError("InvalidNextToken", "The specified token isn't valid.")
    return slice(int(token), int(token) + size)


def _page(found: list[Parameter], part: slice) -> Page:
    return found[part], {"NextToken": str(part.stop)} if part.stop < len(found) else {}


def _metadata(backend: SimpleSystemManagerBackend, parameter: Parameter) -> dict[str, Any]:
    """ParameterMetadata of the API reference: all but the value."""
    told = parameter.describe_response_object()
    del told["Value"]
    policies = rules.described_policies(parameter.policies)
    return told | {
        "Tier": parameter.tier or "Standard",
        **({"Policies": policies} if policies else {}),
        "ARN": f"{backend.ssm_prefix}/{parameter.name.removeprefix('/')}",
        "LastModifiedDate": parameter.last_modified_date.replace(tzinfo=dt.UTC).timestamp(),
    }
