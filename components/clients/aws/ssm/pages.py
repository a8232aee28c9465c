"""One page of what a path holds, or of what has certain tags, as AWS lists it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....core.ssm.counting import DESCRIBE_PAGE
from ..failures import UnreadableAnswerError
from .calls import Calls
from .parameters import Parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterStringFilterTypeDef

Page = tuple[list[Parameter], str | None]
"""Parameters under their full names, and the token with which the next page begins; None after the last."""


MOST_PAGES = 20_000
"""Twice what the most parameters take that AWS keeps in one region (100,000), ten a page."""


def by_path(calls: Calls, path: str, token: str | None, size: int, asked: set[str], *, decrypt: bool) -> Page:
    """A page of everything below a path; the errors are those of `Calls.call`.

    Args:
        calls: the calls of the read.
        path: the hierarchy; `/` for all parameters.
        token: of the page; None for the first.
        size: the most parameters that it may have.
        asked: the tokens of this listing so far, to which this one is added.
        decrypt: whether it is to hold the values.
    """
    following = _following(token, asked)

    def ask(client: SSMClient) -> Page:
        answer = client.get_parameters_by_path(
            Path=path, Recursive=True, WithDecryption=decrypt, MaxResults=size, **following
        )
        return _read(answer, asked, decrypted=decrypt)

    return calls.call(ask)


def described(calls: Calls, path: str, tags: Sequence[tuple[str, str]], token: str | None, asked: set[str]) -> Page:
    """A page of what is below a path and has all of some tags, without values; see `by_path`."""
    filters: list[ParameterStringFilterTypeDef] = [
        {"Key": f"tag:{key}", "Option": "Equals", "Values": [value]} for key, value in tags
    ]
    if path != "/":
        filters.append({"Key": "Path", "Option": "Recursive", "Values": [path]})
    following = _following(token, asked)

    def ask(client: SSMClient) -> Page:
        answer = client.describe_parameters(ParameterFilters=filters, MaxResults=DESCRIBE_PAGE, **following)
        return _read(answer, asked, decrypted=False)

    return calls.call(ask)


def _following(token: str | None, asked: set[str]) -> dict[str, Any]:
    """The argument that asks for the page of a token, which is noted."""
    if not token:
        return {}
    asked.add(token)
    return {"NextToken": token}


def _read(answer: Mapping[str, Any], asked: set[str], *, decrypted: bool) -> Page:
    following = answer.get("NextToken") or None
    listed = answer.get("Parameters", [])
    endless = following in asked or len(asked) >= MOST_PAGES
    if endless or not isinstance(following, str | None) or len(listed) > DESCRIBE_PAGE:
        raise UnreadableAnswerError
    names = [entry.get("Name") for entry in listed]
    if not all(isinstance(name, str) and name and name.isascii() for name in names):
        raise UnreadableAnswerError
    entries = [Parameter.of(name, entry, decrypted=decrypted) for name, entry in zip(names, listed, strict=True)]
    found = [each for each in entries if each]
    if "Parameters" not in answer or len(found) < len(entries):
        raise UnreadableAnswerError
    return found, following
