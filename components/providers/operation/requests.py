"""Keeps what a resource's inputs hold out of its outputs, so that the state holds it once.

The engine hands old inputs over with each request, and Pulumi's SDK for dynamic providers does not pass them on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pulumi.runtime.rpc import deserialize_properties

from .engine_call import engine_call

_PROVIDER = "__provider"
_OLD_INPUTS = {"Create": None, "Update": "old_inputs", "Diff": "old_inputs", "Delete": "old_inputs", "Read": "inputs"}
"""The engine's calls, each with the field of its request that holds the inputs in the state."""


def completed(outs: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """Outputs of the state, with what is left out of them because the state's inputs hold it.

    Args:
        outs: the outputs; those of earlier versions hold all, and go before the inputs.
        keys: the inputs that outputs hold.
    """
    inputs = old_inputs() or {}
    return {**{key: inputs[key] for key in keys if key in inputs}, **outs}


def shortened(outs: Mapping[str, Any], inputs: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    """Outputs without what the inputs hold, where the engine asks for them.

    Args:
        outs: the outputs.
        inputs: the inputs that the state will hold beside them.
        kept: the outputs that stay, as a program takes them from the resource, or as the state has them already.
    """
    if not is_answering():
        return dict(outs)
    return {
        key: value for key, value in outs.items() if key in kept or key == _PROVIDER or inputs.get(key, outs) != value
    }


def is_answering() -> bool:
    """Whether a call of the engine is being answered."""
    return engine_call() is not None


def old_inputs() -> dict[str, Any] | None:
    """The inputs in the state; None where no call of the engine is being answered."""
    call = engine_call()
    if call is None:
        return None
    field = _OLD_INPUTS[call.name]
    if field is None:
        return {}
    inputs: dict[str, Any] = deserialize_properties(getattr(call.request, field), keep_unknowns=True)
    return inputs
