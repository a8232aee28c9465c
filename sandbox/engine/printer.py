"""Writes properties and their differences the way the Pulumi CLI shows them; secrets are shown as `[secret]`."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.engine.objectdiff import ObjectDiff, ValueDiff, diff_objects, diff_values, is_internal
from sandbox.engine.steps import CREATE, DELETE, PREFIXES, SAME, UPDATE
from sandbox.engine.values import ResourceReference, Secret, Unknown

_INDENT = "    "
MOST_LINES = 3
MOST_OF_A_LINE = 150


def indentation(level: int, op: str = SAME, *, prefix: bool = False) -> str:
    """Return the start of a line; with a prefix its last two characters show the operation."""
    blank = _INDENT * level
    return blank[:-2] + PREFIXES[op] if prefix and blank else blank


class Printer:
    """Collects lines about properties."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def text(self) -> str:
        """Return what has been written."""
        return "".join(self._parts)

    def map(self, properties: Mapping[str, Any], level: int, op: str, *, prefix: bool, width: int = 0) -> None:
        """Write all properties, empty ones too, but those that are kept and never shown; names are at least `width`."""
        width = max(width, *map(len, properties), 0)
        for key in sorted(properties):
            if not is_internal(key):
                self._title(key, width, level, op, prefix=prefix)
                self._value(properties[key], level, op, prefix=prefix)

    def diff(self, diff: ObjectDiff, level: int) -> None:
        """Write what was added, removed and changed, with the rest around it."""
        keys = diff.all_keys()
        width = max(map(len, keys), default=0)
        for key in keys:
            self.property_diff(diff, key, width, level)

    def property_diff(self, diff: ObjectDiff, key: str, width: int, level: int) -> None:
        """Write one property of a difference."""
        if key in diff.adds:
            self._titled(key, width, diff.adds[key], level, CREATE, prefix=True)
        elif key in diff.deletes:
            self._titled(key, width, diff.deletes[key], level, DELETE, prefix=True)
        elif key in diff.updates:
            self._change(key, width, diff.updates[key], level)
        elif worth_showing(diff.sames.get(key)):
            self._titled(key, width, diff.sames[key], level, SAME, prefix=False)

    def _titled(self, key: str, width: int, value: Any, level: int, op: str, *, prefix: bool, deeper: int = 0) -> None:
        self._title(key, width, level, op, prefix=prefix)
        self._value(value, level + deeper, op, prefix=prefix)

    def _title(self, key: str, width: int, level: int, op: str, *, prefix: bool) -> None:
        self._parts.append(f"{indentation(level, op, prefix=prefix)}{key:<{width}}: ")

    def _value(self, value: Any, level: int, op: str, *, prefix: bool) -> None:
        self._inline(value, level, op, prefix=prefix)
        self._parts.append("\n")

    def _inline(self, value: Any, level: int, op: str, *, prefix: bool) -> None:
        if isinstance(value, str):
            decoded = _decode(value)
            if decoded is not None:
                self._parts.append("(json) ")
                value = decoded
        if isinstance(value, ResourceReference):
            value = {"urn": value.urn, **({"id": value.id} if value.id is not None else {})}
        if isinstance(value, dict) and value:
            self._parts.append("{\n")
            self.map(value, level + 1, op, prefix=prefix)
            self._parts.append(indentation(level) + "}")
        elif isinstance(value, list) and value:
            self._parts.append("[\n")
            for index, item in enumerate(value):
                self._parts.append(f"{indentation(level, op, prefix=prefix)}{_INDENT}[{index}]: ")
                self._value(item, level + 1, op, prefix=prefix)
            self._parts.append(indentation(level) + "]")
        else:
            self._parts.append(scalar(value))

    def _change(self, key: str, width: int, change: ValueDiff, level: int, deeper: int = 0) -> None:
        """Write a changed value; what is inside of an item of a list is written one level deeper than of a property."""
        inner = level + deeper
        if change.object is not None:
            self._title(key, width, level, UPDATE, prefix=True)
            self._parts.append("{\n")
            self.diff(change.object, inner + 1)
            self._parts.append(indentation(inner) + "}\n")
        elif change.array is not None:
            self._title(key, width, level, UPDATE, prefix=True)
            self._parts.append("[\n")
            self._array(change, inner)
            self._parts.append(indentation(inner) + "]\n")
        else:
            self._replaced(key, width, change, level)

    def _array(self, change: ValueDiff, level: int) -> None:
        array = change.array
        if array is None:
            return
        for index in range(len(array)):
            title = f"[{index}]"
            if index in array.adds:
                self._titled(title, 0, array.adds[index], level + 1, CREATE, prefix=True, deeper=1)
            elif index in array.deletes:
                self._titled(title, 0, array.deletes[index], level + 1, DELETE, prefix=True, deeper=1)
            elif index in array.updates:
                self._change(title, 0, array.updates[index], level + 1, deeper=1)
            else:
                self._titled(title, 0, array.sames[index], level + 1, SAME, prefix=False, deeper=1)

    def _replaced(self, key: str, width: int, change: ValueDiff, level: int) -> None:
        old, new = change.old, change.new
        show_old, show_new = worth_showing(old), worth_showing(new)
        if show_old and show_new and _is_scalar(old) and _is_scalar(new):
            self._title(key, width, level, UPDATE, prefix=True)
            if isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new):
                self._lines(old, new, level + 1)
            elif not self._decoded_change(old, new, level):
                self._parts.append(f"{scalar(old)} => {scalar(new)}\n")
            return
        if show_old:
            self._titled(key, width, old, level, DELETE, prefix=True)
        if show_new:
            self._titled(key, width, new, level, CREATE, prefix=True)

    def _decoded_change(self, old: Any, new: Any, level: int) -> bool:
        before = _decode(old) if isinstance(old, str) else None
        after = _decode(new) if isinstance(new, str) else None
        change = diff_values(before, after) if before is not None and after is not None else None
        if change is None or (change.object is None and change.array is None):
            return False
        brackets = "{}" if change.object is not None else "[]"
        self._parts.append(f"(json) {brackets[0]}\n")
        if change.object is not None:
            self.diff(change.object, level + 1)
        else:
            self._array(change, level)
        self._parts.append(indentation(level) + brackets[1] + "\n")
        return True

    def _lines(self, old: str, new: str, level: int) -> None:
        self._parts.append("\n")
        for line in difflib.ndiff(old.splitlines(), new.splitlines()):
            op = {"+": CREATE, "-": DELETE, " ": SAME}.get(line[0])
            if op and line[2:].strip():
                self._parts.append(f"{indentation(level, op, prefix=op != SAME)}{line[2:]}\n")


def visible_diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> ObjectDiff | None:
    """Compare what people see of two maps."""
    return diff_objects(old, new, visible_only=True)


def scalar(value: Any) -> str:
    """Write a value that fits on a line."""
    if value is None:
        return "<null>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(_cut(value), ensure_ascii=False)
    if isinstance(value, dict):
        return "{}"
    return "[]" if isinstance(value, list) else str(value)


def _cut(text: str) -> str:
    """A long text as it is shown without `--show-full-output`."""
    lines = text.split("\n")
    shown = [line if len(line) <= MOST_OF_A_LINE else f"{line[:MOST_OF_A_LINE]}..." for line in lines[:MOST_LINES]]
    return "\n".join([*shown, *(["..."] if len(lines) > MOST_LINES else [])])


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | Secret | Unknown)


def worth_showing(value: Any) -> bool:
    """Tell whether a value that did not change is more than a null, an empty text, list or map."""
    return value is not None and not (isinstance(value, str | list | dict) and not value)


def _decode(text: str) -> Any:
    """Return the list or map that a JSON text stands for, else nothing."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
