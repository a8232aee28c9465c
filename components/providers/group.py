"""The groups: one resource keeps what a store's ExternalSecrets write, and one what its PushSecrets do.

The engine's cost goes with its resources. What an ExternalSecret or PushSecret declares is a member's bag here; what
its store says, all of them share. Each has the very mark that a resource of its own would give it, so that either takes
over from the other what it wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.groups import PUSHES, SECRETS, GroupKind
from .many import Bag, ManyProvider, Member, Members
from .operation.results import OPERATION, VERSIONS
from .parameter.push_record import CLUSTER_ID as CLUSTER_OF_PUSH
from .push import CHANGES, PushMember
from .secret.previous import CLUSTER_ID, REVISION, WRITTEN_TO
from .secret.reasons import Cause
from .secret.source_versions import ACCOUNTS
from .sync import SecretMember


class GroupProvider(ManyProvider):
    """Keeps what waits for nothing but its store.

    Attributes:
        kind: what that is.
    """

    kind: ClassVar[GroupKind]
    own: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[bool] = True
    listed: ClassVar[str] = ""
    unknown: ClassVar[str] = Cause.READ_DURING_UP.value
    may_be_secret: ClassVar[bool] = False
    hands_over: ClassVar[bool] = True

    def recorded(self, inputs: Bag) -> Bag:
        """The inputs without the members."""
        return {name: value for name, value in inputs.items() if name not in self.computed}

    def identity(self, shared: Mapping[str, Any], key: str) -> Bag:
        """The owner: what has no parent, unless the bag says another."""
        return self.kind.identity(shared["owner"], key)

    def members(self, news: Bag) -> Members | None:
        """Those that the program declares."""
        if contains_unknowns({name: value for name, value in news.items() if name != "owner"}):
            return None
        told = news.get(OPERATION) or {}
        members: dict[str, Bag] = {}
        for key, bag in (news.get(self.kept) or {}).items():
            base = self.base(news, key)
            owner = {**base["owner"], **(bag.get("owner") or {})}
            members[key] = {**base, **bag, "owner": owner, OPERATION: {**told, **(bag.get(OPERATION) or {})}}
        return Members(members)

    def awaiting(self, olds: Bag, news: Bag) -> Bag:
        """What is declared of the members, for policies to look at."""
        declared = news.get(self.kept) or {}
        if not isinstance(declared, Mapping):
            return super().awaiting(olds, news)
        own = {key: {name: each for name, each in bag.items() if name != OPERATION} for key, bag in declared.items()}
        return {self.kept: self._as_kept(own)}


class SecretGroupProvider(GroupProvider):
    """Keeps the Secrets of ExternalSecrets."""

    kind: ClassVar[GroupKind] = SECRETS
    kept: ClassVar[str] = SECRETS.kept
    noun: ClassVar[str] = SECRETS.noun
    member: ClassVar[Member] = SecretMember()
    reasons: ClassVar[tuple[str, ...]] = ("drift", "note", "takenOver")
    common: ClassVar[tuple[str, ...]] = (WRITTEN_TO, CLUSTER_ID, ACCOUNTS)
    awaited: ClassVar[tuple[str, ...] | None] = (REVISION,)


class PushGroupProvider(GroupProvider):
    """Keeps the parameters of PushSecrets."""

    kind: ClassVar[GroupKind] = PUSHES
    kept: ClassVar[str] = PUSHES.kept
    noun: ClassVar[str] = PUSHES.noun
    member: ClassVar[Member] = PushMember()
    reasons: ClassVar[tuple[str, ...]] = (CHANGES, "note")
    common: ClassVar[tuple[str, ...]] = (CLUSTER_OF_PUSH,)
    awaited: ClassVar[tuple[str, ...] | None] = (VERSIONS,)
