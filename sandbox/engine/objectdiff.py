"""Differences between two maps of properties, and the property paths that options name (`spec.ports[0].name`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.engine.values import PropertyMap, Secret, equal

_PATH_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ValueDiff:
    """How one value changed; lists and maps say where inside."""

    old: Any
    new: Any
    array: ArrayDiff | None = None
    object: ObjectDiff | None = None


@dataclass(frozen=True)
class ObjectDiff:
    """How a map changed, by key."""

    adds: dict[str, Any] = field(default_factory=dict)
    deletes: dict[str, Any] = field(default_factory=dict)
    sames: dict[str, Any] = field(default_factory=dict)
    updates: dict[str, ValueDiff] = field(default_factory=dict)

    def any_changes(self) -> bool:
        """Tell whether something differs."""
        return bool(self.adds or self.deletes or self.updates)

    def all_keys(self) -> list[str]:
        """Return all keys, changed or not, in order."""
        return sorted({*self.adds, *self.deletes, *self.sames, *self.updates})

    def changed_keys(self) -> list[str]:
        """Return the keys that differ, in order."""
        return sorted({*self.adds, *self.deletes, *self.updates})


@dataclass(frozen=True)
class ArrayDiff:
    """How a list changed, by index."""

    adds: dict[int, Any] = field(default_factory=dict)
    deletes: dict[int, Any] = field(default_factory=dict)
    sames: dict[int, Any] = field(default_factory=dict)
    updates: dict[int, ValueDiff] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.adds) + len(self.deletes) + len(self.sames) + len(self.updates)


def is_internal(key: str) -> bool:
    """Tell whether a key is kept but never shown."""
    return key.startswith("__")


def diff_objects(old: Mapping[str, Any], new: Mapping[str, Any], *, visible_only: bool = False) -> ObjectDiff | None:
    """Compare two maps; nothing is returned when they are the same.

    Args:
        old: Before.
        new: After.
        visible_only: Leave out the keys that are never shown, however deep.
    """
    diff = ObjectDiff()
    for key in {**old, **new}:
        if not (visible_only and is_internal(key)):
            _diff_key(diff, key, old.get(key), new.get(key), visible_only=visible_only)
    return diff if diff.any_changes() else None


def _diff_key(diff: ObjectDiff, key: str, before: Any, after: Any, *, visible_only: bool) -> None:
    if before is None and after is None:
        return
    if before is None:
        diff.adds[key] = after
    elif after is None:
        diff.deletes[key] = before
    else:
        change = diff_values(before, after, visible_only=visible_only)
        if change is None:
            diff.sames[key] = before
        else:
            diff.updates[key] = change


def diff_values(old: Any, new: Any, *, visible_only: bool = False) -> ValueDiff | None:
    """Compare two values; secrets are compared, but never looked into."""
    if isinstance(old, list) and isinstance(new, list):
        array = _diff_arrays(old, new, visible_only=visible_only)
        return ValueDiff(old, new, array=array) if array.adds or array.deletes or array.updates else None
    if isinstance(old, dict) and isinstance(new, dict):
        inside = diff_objects(old, new, visible_only=visible_only)
        return ValueDiff(old, new, object=inside) if inside else None
    return None if equal(old, new) else ValueDiff(old, new)


def _diff_arrays(old: Sequence[Any], new: Sequence[Any], *, visible_only: bool) -> ArrayDiff:
    diff = ArrayDiff()
    for index in range(max(len(old), len(new))):
        if index >= len(old):
            diff.adds[index] = new[index]
        elif index >= len(new):
            diff.deletes[index] = old[index]
        else:
            change = diff_values(old[index], new[index], visible_only=visible_only)
            if change is None:
                diff.sames[index] = old[index]
            else:
                diff.updates[index] = change
    return diff


def parse_path(text: str) -> Path:
    """Read a property path: names, `[0]`, `["odd.name"]`, and `*` for everything."""
    parts: list[str | int] = []
    for quoted, index, name in _PATH_PART.findall(text):
        if quoted:
            parts.append(quoted.replace('\\"', '"'))
        elif index:
            parts.append(index if index == "*" else int(index))
        else:
            parts.append(name)
    return tuple(parts)


def narrowed(diff: ObjectDiff, paths: Sequence[Path]) -> ObjectDiff:
    """Keep what is at or below one of the paths, and nothing that is the same beside it; lists are kept whole."""
    below = {key: [path[1:] for path in paths if path[0] == key] for key in diff.all_keys()}
    return ObjectDiff(
        adds={key: value for key, value in diff.adds.items() if below[key]},
        deletes={key: value for key, value in diff.deletes.items() if below[key]},
        updates={key: _narrowed_value(change, below[key]) for key, change in diff.updates.items() if below[key]},
    )


def _narrowed_value(change: ValueDiff, paths: Sequence[Path]) -> ValueDiff:
    if change.object is None or () in paths:
        return change
    return replace(change, object=narrowed(change.object, paths))


def contains(path: Path, other: Path) -> bool:
    """Tell whether `other` is at or below `path`."""
    return len(path) <= len(other) and all(part in ("*", found) for part, found in zip(path, other, strict=False))


def ignore_changes(inputs: PropertyMap, old: PropertyMap, paths: Sequence[str]) -> PropertyMap:
    """Set the properties that the program does not want to change back to their old values."""
    result: Any = inputs
    for text in paths:
        result = _reset(result, old, parse_path(text))
    return result if isinstance(result, dict) else inputs


def _reset(value: Any, old: Any, path: Path) -> Any:
    if isinstance(value, Secret):
        return Secret(_reset(value.value, old.value if isinstance(old, Secret) else old, path))
    if isinstance(old, Secret) and path:
        old = old.value
    if not path:
        return old
    if isinstance(value, dict) and isinstance(old, dict):
        return _reset_key(value, old, path)
    if isinstance(value, list) and isinstance(old, list):
        indices = range(len(value)) if path[0] == "*" else [path[0]]
        return [
            _reset(item, old[index], path[1:]) if index in indices and index < len(old) else item
            for index, item in enumerate(value)
        ]
    return value


def _reset_key(value: PropertyMap, old: PropertyMap, path: Path) -> PropertyMap:
    result = dict(value)
    for key in {*value, *old} if path[0] == "*" else {str(path[0])}:
        if key in value and key in old:
            result[key] = _reset(value[key], old[key], path[1:])
        elif len(path) == 1 and key in old:
            result[key] = old[key]
        elif len(path) == 1:
            result.pop(key, None)
    return result
