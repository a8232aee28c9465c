"""The group: one resource keeps the Secrets of a store's ExternalSecrets, as the engine's cost goes with its resources.

What an ExternalSecret declares is a member's bag here; what its store says, all of them share. Each has the very mark
that a resource of its own would give it, so that either takes the Secret over from the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.groups import sibling
from .many import Bag, ManyProvider, Member, Members
from .operation.results import OPERATION
from .secret.reasons import Cause
from .sync import SecretMember


class SecretGroupProvider(ManyProvider):
    """Keeps the Secrets of ExternalSecrets that wait for nothing but their store."""

    member: ClassVar[Member] = SecretMember()
    own: ClassVar[tuple[str, ...]] = ()
    kept: ClassVar[str] = "secrets"
    hidden: ClassVar[bool] = True
    listed: ClassVar[str] = ""
    noun: ClassVar[str] = "ExternalSecret"
    unknown: ClassVar[str] = Cause.READ_DURING_UP.value
    reasons: ClassVar[tuple[str, ...]] = ("drift", "note", "takenOver")
    may_be_secret: ClassVar[bool] = False
    hands_over: ClassVar[bool] = True

    def recorded(self, inputs: Bag) -> Bag:
        """The inputs without the members."""
        return {name: value for name, value in inputs.items() if name not in self.computed}

    def identity(self, shared: Mapping[str, Any], key: str) -> Bag:
        """The Secret's name, and the owner: an ExternalSecret without a parent, unless the bag says another."""
        owner = shared["owner"]
        return {"secretName": key, "owner": {**owner, "urn": sibling(owner["urn"], key)}}

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
