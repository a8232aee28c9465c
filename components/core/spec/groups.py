"""The Secrets of a group: how the state keeps what is each one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..shared_bags import unfold

GROUP = "parameterstore:SecretGroup"
SYNC = "parameterstore:SecretSync"
COMPONENT = "parameterstore:index:ExternalSecret"
HIDDEN = "__"
"""What the names of properties begin with that Pulumi does not show; policies see all but those at the top."""
_NO_MEMBERS = frozenset(("secrets", "left", "note", "problem", "__provider"))


def sibling(urn: str, name: str) -> str:
    """The URN of an ExternalSecret without a parent, in the stack of another URN."""
    stack, project, *_ = urn.split("::")
    return f"{stack}::{project}::{COMPONENT}::{name}"


def members(bag: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names of a group's ExternalSecrets, each with the inputs that a resource of its own would have."""
    shared = {name: value for name, value in bag.items() if name not in _NO_MEMBERS}
    said = bag.get("owner")
    owner: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    urn = owner.get("urn")
    secrets = bag.get("secrets")
    for key, own in sorted(secrets.items()) if isinstance(secrets, Mapping) else ():
        name = key.removeprefix(HIDDEN)
        if key != name and isinstance(own, Mapping) and ("data" in own or "dataFrom" in own):
            identity = {"owner": {**owner, "urn": sibling(urn, name)}} if isinstance(urn, str) else {}
            yield name, unfold({**shared, **identity, "secretName": name}, own)
