"""How one resource keeps the property bags of many members: what a member shares with all the others is kept once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from pulumi.runtime.rpc import contains_unknowns, wrap_rpc_secret

from ...core.shared_bags import SECRET_OF_STORES, WITHOUT
from ...core.spec.groups import HIDDEN
from .results import PROBLEM

_LESS = "__less"
"""The keys of a member's inputs that its outputs do not have of their own."""
_OF_STORES = ("cluster",)
_MAY_BE_SECRET = (*_OF_STORES, "target", "template")
"""Inputs for which a program may give a secret (MayBeSecret)."""


def fold(shared: Mapping[str, Any], bag: Mapping[str, Any], *, may_be_secret: bool = True) -> dict[str, Any]:
    """What of a member's bag is its own.

    The engine marks what a provider returns as secret where an input of the same place was, which the members' bags are
    not. So here all is marked that may be secret.

    Args:
        shared: what members have unless they say otherwise.
        bag: the member's bag, which `unfold` makes of it again.
        may_be_secret: whether the program may have given secrets for what is its own, besides what its store says.
    """
    own = {
        key: _marked(key, value, _MAY_BE_SECRET if may_be_secret else _OF_STORES)
        for key, value in bag.items()
        if key not in shared or not (shared[key] is value or shared[key] == value)
    }
    without = sorted(shared.keys() - bag.keys())
    return {**own, **({WITHOUT: without} if without else {})}


def common_of(bags: Collection[Mapping[str, Any]], names: Collection[str]) -> dict[str, Any]:
    """Values that most members have, so that they are kept once.

    Args:
        bags: the members' bags.
        names: of which properties.
    """
    common: dict[str, Any] = {}
    for name in names:
        said = [bag[name] for bag in bags if name in bag and not contains_unknowns(bag[name])]
        if said:
            common[name] = json.loads(Counter(json.dumps(each, sort_keys=True) for each in said).most_common(1)[0][0])
    return common


def without_inputs(own: Mapping[str, Any], inputs: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    """What of a member's outputs its inputs do not hold, so that the state holds it once.

    Args:
        own: what the member's outputs have of their own, see `fold`.
        inputs: what its inputs in the state have.
        kept: the outputs that stay, as a program takes them.
    """
    less = sorted(inputs.keys() - own.keys() - {PROBLEM})
    short = {key: value for key, value in own.items() if key in kept or inputs.get(key, own) != value}
    return {**short, **({_LESS: less} if less else {})}


def with_inputs(own: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of which `without_inputs` left something out."""
    # Earlier versions wrote both into one list. What a member does not have is not held for it in either case.
    less = (*own.get(_LESS, ()), *own.get(WITHOUT, ()), PROBLEM)
    held = {key: value for key, value in inputs.items() if key not in less}
    return {**held, **{key: value for key, value in own.items() if key != _LESS}}


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
            told[key] = f"{_text(was)} => {_text(now) if key in new else '(left out)'}"
    return told


def _text(value: Any) -> str:
    """A value as it is shown; Pulumi's protocol has no whole numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_TOLD_ONCE = ("drift", "note", "takenOver", "problem")
"""Reasons of an earlier operation, which nobody misses."""


def _marked(key: str, value: Any, names: Collection[str]) -> Any:
    if key in names:
        return wrap_rpc_secret(value)
    if key == "stores" and isinstance(value, Mapping):
        return {name: _marked("store", store, names) for name, store in value.items()}
    if key == "store" and isinstance(value, Mapping):
        return {name: wrap_rpc_secret(each) if name in SECRET_OF_STORES else each for name, each in value.items()}
    return value
