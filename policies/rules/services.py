"""The services of AWS that keep secrets: how a store's sources, and the resources of policies, name what is kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .resource import fields

_ARN_PARTS = 6
_ANY_END = "-??????"
"""What stands in policies for the end that Secrets Manager gives to each ARN."""
_ENDED = re.compile(r".+-[A-Za-z0-9]{6}")


@dataclass(frozen=True)
class Service:
    """One service.

    Attributes:
        client: what ARNs call it.
        noun: what messages call one thing that it keeps.
        nouns: and several.
        reads: the actions that give one value away, which are named.
        kept: what stands before a name in an ARN.
    """

    client: str
    noun: str
    nouns: str
    reads: Sequence[str]
    kept: str

    def granted(self, arn: str) -> str | None:
        """The name, or the pattern of names, in a policy's resource; None where that is none of this service."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS or parts[2] != self.client or not parts[5].startswith(self.kept):
            return None
        return parts[5].removeprefix(self.kept)

    def read(self, source: str) -> str:
        """The name of what a store's source asks the value of, as `granted` has it; empty where it asks none."""
        if source.startswith(("find {", "tags of ")):
            return ""
        return self.name(source.removeprefix("parameter "))

    def name(self, text: str) -> str:
        """The name in a reference, which may be an ARN and have a version, as `granted` has it."""
        if text.startswith("arn:"):
            name = (self.granted(text) or "").partition(":")[0]
            return name if self is PARAMETER_STORE or _ENDED.fullmatch(name) else f"{name}{_ANY_END}"
        name = text.partition(":")[0]
        if self is SECRETS_MANAGER:
            return f"{name}{_ANY_END}"
        return name if name.startswith("/") else f"/{name}"


PARAMETER_STORE = Service("ssm", "parameter", "parameters", ("ssm:GetParameter", "ssm:GetParameters"), "parameter")
SECRETS_MANAGER = Service(
    "secretsmanager",
    "secret of Secrets Manager",
    "secrets of Secrets Manager",
    ("secretsmanager:GetSecretValue",),
    "secret:",
)
SERVICES = (PARAMETER_STORE, SECRETS_MANAGER)


def service_of(store: Any) -> Service:
    """The service of a store, by what its resources say of it."""
    return SECRETS_MANAGER if fields(store).get("service") == "SecretsManager" else PARAMETER_STORE


def is_pattern(name: str) -> bool:
    """Whether a name of a policy stands for several."""
    return bool({*name.removesuffix(_ANY_END)} & {*"*?$"})
