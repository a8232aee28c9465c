"""How one resource keeps the property bags of many members: what a member shares with all the others is kept once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pulumi.runtime.rpc import wrap_rpc_secret

WITHOUT = "__without"
"""The shared keys that a member does not have."""


def fold(shared: Mapping[str, Any], bag: Mapping[str, Any], declared: Collection[str]) -> dict[str, Any]:
    """What of a member's bag is its own.

    Args:
        shared: what members have unless they say otherwise.
        bag: the member's bag.
        declared: the keys that a program may have given a secret for. The engine marks what a provider returns as
            secret where an input of the same place was, which the members' bags are not. So these are marked here.
    """
    own = {
        key: wrap_rpc_secret(value) if key in declared else value
        for key, value in bag.items()
        if key not in shared or not (shared[key] is value or shared[key] == value)
    }
    without = sorted(shared.keys() - bag.keys())
    return {**own, **({WITHOUT: without} if without else {})}


def unfold(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A member's bag, of what `fold` left."""
    without = own.get(WITHOUT) or ()
    bag = {key: value for key, value in shared.items() if key not in without}
    return bag | {key: value for key, value in own.items() if key != WITHOUT}
