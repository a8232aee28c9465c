"""What a store keeps in one resource: how the state keeps what is each member's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..shared_bags import unfold

HIDDEN = "__"
"""What the names of properties begin with that Pulumi does not show; policies see all but those at the top."""
COMMON = "__common"
"""The property with what members mostly have alike, though no input says so."""


@dataclass(frozen=True)
class GroupKind:
    """What a group keeps.

    Attributes:
        resource: type of the group.
        member: type of the resource that a member would have of its own.
        component: type of what the program declares.
        noun: what errors call that.
        kept: the group's property that holds the members' bags.
        named: the member's property that is its name by default; empty for none.
        declared: the inputs of which every member has one.
    """

    resource: str
    member: str
    component: str
    noun: str
    kept: str
    named: str
    declared: tuple[str, ...]

    def owner_in(self, urn: str, name: str) -> str:
        """The URN of a member without a parent, in the stack of another URN."""
        stack, project, *_ = urn.split("::")
        return f"{stack}::{project}::{self.component}::{name}"

    def identity(self, owner: Mapping[str, Any], name: str) -> dict[str, Any]:
        """What tells a member from the others, unless its bag says otherwise.

        Args:
            owner: of the group.
            name: the member's name.
        """
        urn = owner.get("urn")
        its = {"owner": {**owner, "urn": self.owner_in(urn, name)}} if isinstance(urn, str) else {}
        return {**its, **({self.named: name} if self.named else {})}

    def members(self, bag: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The names of a group's members, each with the inputs that a resource of its own would have."""
        shared = {name: value for name, value in bag.items() if name not in (self.kept, COMMON, *_OF_GROUP)}
        common, owner, kept = (_mapping(bag.get(name)) for name in (COMMON, "owner", self.kept))
        for key, own in sorted(kept.items()):
            name = key.removeprefix(HIDDEN)
            if key != name and not _mapping(own).keys().isdisjoint(self.declared):
                yield name, unfold({**shared, **common, **self.identity(owner, name)}, own)


SECRETS = GroupKind(
    "parameterstore:SecretGroup",
    "parameterstore:SecretSync",
    "parameterstore:index:ExternalSecret",
    "ExternalSecret",
    kept="secrets",
    named="secretName",
    declared=("data", "dataFrom"),
)
PUSHES = GroupKind(
    "parameterstore:PushGroup",
    "parameterstore:SecretPush",
    "parameterstore:index:PushSecret",
    "PushSecret",
    kept="pushes",
    named="",
    declared=("data", "dataTo"),
)
_OF_GROUP = frozenset(("left", "note", "problem", "__provider"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
