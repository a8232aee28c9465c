"""How one resource keeps the property bags of many members: what a member shares with all the others is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import contains_unknowns, wrap_rpc_secret

from ...core.shared_bags import SECRET_OF_STORES, WITHOUT
from ...core.spec.groups import HIDDEN

_MAY_BE_SECRET = ("cluster", "target", "template")
"""Inputs for which a program may give a secret (MayBeSecret)."""


def fold(shared: Mapping[str, Any], bag: Mapping[str, Any], *, may_be_secret: bool = True) -> dict[str, Any]:
    """What of a member's bag is its own.

    The engine marks what a provider returns as secret where an input of the same place was, which the members' bags are
    not. So here all is marked that may be secret.

    Args:
        shared: what members have unless they say otherwise.
        bag: the member's bag, which `unfold` makes of it again.
        may_be_secret: whether the program may have given secrets for what is its own.
    """
    own = {
        key: _marked(key, value) if may_be_secret else value
        for key, value in bag.items()
        if key not in shared or not (shared[key] is value or shared[key] == value)
    }
    without = sorted(shared.keys() - bag.keys())
    return {**own, **({WITHOUT: without} if without else {})}


def changes_of(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a preview tells of members, whose bags it does not show: those that are new, changed, or gone, and how.

    Args:
        before: the members' bags in the state.
        now: the bags as they are checked.
    """
    told: dict[str, Any] = {}
    for key in sorted({*before, *now}):
        shown = f"'{key}'" if key.startswith(HIDDEN) else key
        if key not in now:
            told[shown] = _GONE
        elif change := _changes(before.get(key, {}), now[key]):
            told[shown] = change
    return told


_GONE = "not declared here any more"


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key in sorted({*old, *new}):
        was, now = old.get(key), new.get(key)
        if key.startswith(HIDDEN) or was == now or (key in _TOLD_ONCE and now is None):
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            told[key] = _changes(was, now)
        elif key not in old or contains_unknowns(now):
            told[key] = now
        else:
            told[key] = f"{was} => {now}" if key in new else f"{was} => (left out)"
    return told


_TOLD_ONCE = ("drift", "note", "takenOver", "problem")
"""Reasons of an earlier operation, which nobody misses."""


def _marked(key: str, value: Any) -> Any:
    if key in _MAY_BE_SECRET:
        return wrap_rpc_secret(value)
    if key == "stores" and isinstance(value, Mapping):
        return {name: _marked("store", store) for name, store in value.items()}
    if key == "store" and isinstance(value, Mapping):
        return {name: wrap_rpc_secret(each) if name in SECRET_OF_STORES else each for name, each in value.items()}
    return value
