"""Writes the outputs of a resource (mostly the stack's) and what changed in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.engine.objectdiff import ObjectDiff, ValueDiff, diff_values, is_internal
from sandbox.engine.printer import Printer, visible_diff, worth_showing
from sandbox.engine.steps import READ, SAME, Step
from sandbox.engine.urn import is_stack
from sandbox.engine.values import Unknown


def render_outputs(step: Step, op: str, level: int, *, preview: bool, refresh: bool = False) -> str:
    """Write the outputs that are news: not known from the inputs, and in a preview only what differs."""
    show_same = not preview and is_stack(step.urn)
    if preview and not (refresh or op == READ or is_stack(step.urn)):
        return ""
    new = step.new
    outputs: dict[str, Any] = (new.outputs if new is not None else None) or {}
    inputs = new.inputs if new is not None else {}
    old = step.old.outputs if step.old is not None else None
    printer = Printer()
    shown = {key: value for key, value in outputs.items() if worth_showing(value)}
    all_width = max(map(len, outputs), default=0)
    if old is None:
        news = {key: value for key, value in shown.items() if not (key in inputs and _looks_equal(value, inputs[key]))}
        printer.map(news, level, op, prefix=False, width=all_width)
        return printer.text()
    diff = visible_diff(old, outputs)
    if preview and diff is not None and is_stack(step.urn):
        diff = _without_unknown(diff)
    if diff is None:
        if show_same:
            printer.map(shown, level, SAME, prefix=False, width=all_width)
        return printer.text()
    keys = diff.all_keys()
    width = max(map(len, keys), default=0)
    for key in keys:
        known = key in inputs and not refresh and _looks_equal(outputs.get(key), inputs[key])
        if not is_internal(key) and not known and (show_same or key not in diff.sames):
            printer.property_diff(diff, key, width, level)
    return printer.text()


def _looks_equal(one: Any, other: Any) -> bool:
    """Whether two values are the same but for keys that are never shown."""
    return diff_values(one, other, visible_only=True) is None


def _without_unknown(diff: ObjectDiff) -> ObjectDiff:
    """Leave out properties that turn unknown, at any depth, as most will be what they were; items of lists stay."""
    updates = {key: _inside(change) for key, change in diff.updates.items() if not isinstance(change.new, Unknown)}
    return replace(diff, updates=updates)


def _inside(change: ValueDiff) -> ValueDiff:
    if change.object is not None:
        return replace(change, object=_without_unknown(change.object))
    if change.array is not None:
        updates = {index: _inside(item) for index, item in change.array.updates.items()}
        return replace(change, array=replace(change.array, updates=updates))
    return change
