"""Server-side apply and field ownership, as pure functions over JSON objects.

The rules are those of structured-merge-diff v6 (`merge/update.go`, `typed/*.go`), which the real API server uses:
an apply merges, prunes what its manager applied before and no longer does, and conflicts with others that own a field
that it changes; any other write takes over what it changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .managed_fields import NOTHING, FieldSet, Manager, Managers, Owned
from .schema import Scalar, Struct, assembled, child_type, children, dotted, is_leaf
from .status import Conflicts, FieldConflict

if TYPE_CHECKING:
    from .schema import FieldType, Path

# What the server fills in by itself, and what names the object, is nobody's.
_UNOWNED: Final = frozenset(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ]
)
BEFORE_FIRST_APPLY: Final = "before-first-apply"


class _Absent:
    """No value at all, as opposed to null."""


_ABSENT: Final = _Absent()


@dataclass(frozen=True)
class Comparison:
    """Paths that differ between two versions of an object."""

    added: FieldSet
    modified: FieldSet
    removed: FieldSet


@dataclass(frozen=True)
class Applied:
    """What an apply leads to: the merged object (not yet defaulted or validated), its owners, whether it changed it."""

    value: Any
    managers: Managers
    changed: bool


def apply(
    schema: Struct, live: Any, config: Any, managers: Managers, manager: Manager, *, force: bool, now: str
) -> Applied | Conflicts:
    """Apply a manager's whole intent to an object.

    Args:
        schema: The object's fields.
        live: The stored object without managedFields; `{}` when it is to be created.
        config: What the manager wants, checked against the schema by the caller.
        managers: Owners of the stored object.
        manager: Who applies; its operation is `Apply`.
        force: Take fields from other owners rather than conflict.
        now: Time to record when something changes.
    """
    if live and not managers:
        before = Manager("Update", BEFORE_FIRST_APPLY, manager.api_version)
        managers = update(schema, {}, live, {}, before, now=now)
    last = managers[manager].fields if manager in managers else NOTHING
    wanted = members(schema, config)
    after = managers | {manager: Owned(wanted, managers[manager].time if manager in managers else None)}
    merged = _prune(schema, merge(schema, live, config), after, last)
    changes = compare(schema, live, merged)
    conflicts = _conflicts(after, manager, changes)
    if conflicts and not force:
        return Conflicts(conflicts)
    after = _transfer(after, manager, changes)
    if manager in after:
        after[manager] = after[manager].without(_UNOWNED)
        if not after[manager].fields:
            del after[manager]
    changed = bool(changes.added or changes.modified or changes.removed)
    if changed and manager in after:
        after[manager] = Owned(after[manager].fields, now)
    return Applied(merged, after, changed)


def update(schema: Struct, live: Any, new: Any, managers: Managers, manager: Manager, *, now: str) -> Managers:
    """Owners after a write that is not an apply: those who changed a field own it now."""
    comparison = compare(schema, live, new)
    transferred = _transfer(managers, None, comparison)
    taken = (comparison.modified | comparison.added) - _UNOWNED
    if taken:
        earlier = transferred[manager].fields if manager in transferred else NOTHING
        transferred[manager] = Owned(taken | earlier, now)
    return transferred


def _conflicts(managers: Managers, actor: Manager, changes: Comparison) -> tuple[FieldConflict, ...]:
    changed = changes.modified | changes.added
    return tuple(
        FieldConflict(str(other), dotted(path))
        for other, owned in managers.items()
        if other != actor
        for path in sorted(owned.fields & changed)
    )


def _transfer(managers: Managers, actor: Manager | None, changes: Comparison) -> Managers:
    """Owners after everybody but the actor lost what changed; who owns nothing is none."""
    lost = changes.modified | changes.added | changes.removed
    after = {other: owned if other == actor else owned.without(lost) for other, owned in managers.items()}
    return {other: owned for other, owned in after.items() if owned.fields}


def _prune(schema: Struct, merged: Any, managers: Managers, last: FieldSet) -> Any:
    if not last:
        return merged
    last = _with_parents(schema, last)
    owned = _with_parents(schema, frozenset().union(*(one.fields for one in managers.values())))
    everything = _with_parents(schema, members(schema, merged))
    rest = _with_parents(schema, members(schema, remove(schema, merged, last)))
    rest = _with_parents(schema, members(schema, remove(schema, merged, everything - (rest | owned))))
    return remove(schema, merged, (everything - rest) & last)


def members(kind: FieldType, value: Any) -> FieldSet:
    """All fields that a value sets."""
    found: set[Path] = set()
    _members(kind, value, (), found)
    return frozenset(found)


def _members(kind: FieldType, value: Any, path: Path, found: set[Path]) -> None:
    if is_leaf(kind):
        found.add(path)
        return
    for element, (part_type, part) in children(kind, value).items():
        below = (*path, element)
        _members(part_type, part, below, found)
        if part is None or part == {} or not isinstance(kind, Struct):
            found.add(below)


def merge(kind: FieldType, live: Any, config: Any) -> Any:
    """`live` with everything that `config` sets."""
    if is_leaf(kind) or (not live and not config):
        return config
    old, new = children(kind, live), children(kind, config)
    parts = {}
    for element in _merged_order(list(old), list(new)):
        if element in old and element in new:
            parts[element] = merge(new[element][0], old[element][1], new[element][1])
        else:
            parts[element] = (new if element in new else old)[element][1]
    return assembled(kind, parts)


def _merged_order(old: list[str], new: list[str]) -> list[str]:
    """The order of a merged list: what both have as in `new`, what only `old` has where it was."""
    if not old or not new:
        return old or new
    had, wanted = set(old), set(new)
    order: list[str] = []
    left = iter(new)
    shared = [element for element in new if element in had]
    for element in old:
        if element not in wanted:
            order.append(element)
        while shared and element == shared[0]:
            following = next(left)
            order.append(following)
            if following == element:
                del shared[0]
                break
    return order + list(left)


def remove(kind: FieldType, value: Any, gone: FieldSet) -> Any:
    """`value` without the fields in `gone`; None when nothing is left of a collection."""
    return _remove(kind, value, (), gone)


def _remove(kind: FieldType, value: Any, path: Path, gone: FieldSet) -> Any:
    if is_leaf(kind) or not value:
        return value
    parts = {
        element: _remove(part_type, part, (*path, element), gone)
        for element, (part_type, part) in children(kind, value).items()
        if (*path, element) not in gone
    }
    return assembled(kind, parts)


def compare(kind: FieldType, old: Any, new: Any) -> Comparison:
    """Which fields are added, modified and removed from `old` to `new`."""
    added: set[Path] = set()
    modified: set[Path] = set()
    removed: set[Path] = set()

    def walk(kind: FieldType, old: Any, new: Any, path: Path) -> None:
        leaf = is_leaf(kind) or (not _there(old) and not _there(new))
        if old is _ABSENT:
            added.add(path)
        elif new is _ABSENT:
            removed.add(path)
        elif leaf and old != new:
            modified.add(path)
        if leaf:
            return
        before = children(kind, old if _there(old) else None)
        after = children(kind, new if _there(new) else None)
        for element, (part_type, part) in before.items():
            walk(part_type, part, after[element][1] if element in after else _ABSENT, (*path, element))
        for element, (part_type, part) in after.items():
            if element not in before:
                walk(part_type, _ABSENT, part, (*path, element))

    walk(kind, old, new, ())
    return Comparison(frozenset(added - {()}), frozenset(modified - {()}), frozenset(removed - {()}))


def _there(value: Any) -> bool:
    return value is not _ABSENT and bool(value)


def _with_parents(schema: Struct, fields: FieldSet) -> FieldSet:
    """Also the messages' named fields that lead to a member (`EnsureNamedFieldsAreMembers`)."""
    found = set(fields)
    for path in fields:
        kind: FieldType | None = schema
        for depth, element in enumerate(path[:-1]):
            if isinstance(kind, Struct) and element[2:] in kind.fields:
                found.add(path[: depth + 1])
            if kind is None or isinstance(kind, Scalar):
                break
            kind = child_type(kind, element)
    return frozenset(found)
