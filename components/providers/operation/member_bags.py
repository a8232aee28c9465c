"""How one resource keeps the property bags of many members: what a member shares with all the others is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import wrap_rpc_secret

from ...core.shared_bags import SECRET_OF_STORES, WITHOUT

_MAY_BE_SECRET = ("cluster", "target", "template")
"""Inputs for which a program may give a secret (MayBeSecret)."""


def fold(shared: Mapping[str, Any], bag: Mapping[str, Any]) -> dict[str, Any]:
    """What of a member's bag is its own.

    The engine marks what a provider returns as secret where an input of the same place was, which the members' bags are
    not. So here all is marked that may be secret.

    Args:
        shared: what members have unless they say otherwise.
        bag: the member's bag, which `unfold` makes of it again.
    """
    own = {
        key: _marked(key, value)
        for key, value in bag.items()
        if key not in shared or not (shared[key] is value or shared[key] == value)
    }
    without = sorted(shared.keys() - bag.keys())
    return {**own, **({WITHOUT: without} if without else {})}


def _marked(key: str, value: Any) -> Any:
    if key in _MAY_BE_SECRET:
        return wrap_rpc_secret(value)
    if key == "stores" and isinstance(value, Mapping):
        return {name: _marked("store", store) for name, store in value.items()}
    if key == "store" and isinstance(value, Mapping):
        return {name: wrap_rpc_secret(each) if name in SECRET_OF_STORES else each for name, each in value.items()}
    return value
