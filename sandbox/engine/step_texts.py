"""The words and short forms in which steps are shown."""

from __future__ import annotations

from sandbox.engine.objectdiff import parse_path
from sandbox.engine.printer import visible_diff
from sandbox.engine.steps import (
    CREATE,
    CREATE_REPLACEMENT,
    DELETE,
    DELETE_REPLACED,
    DISCARD,
    FORGET,
    READ,
    REFRESH,
    REPLACE,
    SAME,
    UPDATE,
    Step,
)

# operation: while it runs, when it is done, in a preview
_WORDS = {
    SAME: ("", "", ""),
    CREATE: ("creating", "created", "create"),
    UPDATE: ("updating", "updated", "update"),
    DELETE: ("deleting", "deleted", "delete"),
    REPLACE: ("replacing", "replaced", "replace"),
    CREATE_REPLACEMENT: ("creating replacement", "created replacement", "create replacement"),
    DELETE_REPLACED: ("deleting original", "deleted original", "delete original"),
    READ: ("reading", "read", "read"),
    REFRESH: ("refreshing", "refresh", "refreshing"),
    DISCARD: ("discarding", "discarded", "discard"),
    FORGET: ("", "", ""),
}
_FAILED = {SAME: "failed", CREATE_REPLACEMENT: "creating failed", DELETE_REPLACED: "deleting failed"}


def progress_text(op: str, *, preview: bool) -> str:
    """Say what is going on."""
    return _WORDS[op][2 if preview else 0]


def done_text(op: str, *, failed: bool, preview: bool) -> str:
    """Say what has happened."""
    if preview:
        return "replace" if op in (REPLACE, CREATE_REPLACEMENT, DELETE_REPLACED) else _WORDS[op][2]
    if failed:
        return f"**{_FAILED.get(op) or f'{_WORDS[op][0]} failed'}**"
    return _WORDS[op][1]


def retained_text(op: str, step: Step | None) -> str:
    """Say that what a step discards stays where it is."""
    discards = op in (DELETE, REPLACE, CREATE_REPLACEMENT, DELETE_REPLACED)
    return "[retain]" if discards and step and step.old and step.old.retain_on_delete else ""


def to_show(op: str, step: Step) -> bool:
    """Tell whether a step is worth a line: everything but unchanged resources (unless their protection changed)."""
    if op == SAME:
        return step.old is not None and step.new is not None and step.old.protect != step.new.protect
    return op not in (READ, DISCARD)


def diff_info(step: Step | None, op: str) -> str:
    """Write which properties differ: `diff: +added-removed~changed`."""
    if step is None or step.old is None or step.new is None or step.skipped_create:
        return ""
    old, new = step.old, step.new
    adds, deletes, updates = set[str](), set[str](), set[str]()
    if op != SAME:
        diff = visible_diff(old.inputs, new.inputs)
        if diff is not None:
            adds, deletes, updates = set(diff.adds), set(diff.deletes), set(diff.updates)
        if step.detailed is not None:
            named = {str(parse_path(path)[0]) for path in step.detailed}
            adds, deletes = adds & named, deletes & named
            updates = named - adds - deletes
        elif step.diff_keys and diff is not None:
            named = {str(parse_path(key)[0]) for key in step.diff_keys}
            adds, deletes, updates = adds & named, deletes & named, updates & named
    updates |= {name for name in ("provider", "protect") if getattr(old, name) != getattr(new, name)}
    parts = (sign + ",".join(sorted(keys)) for sign, keys in (("+", adds), ("-", deletes), ("~", updates)) if keys)
    text = "".join(parts)
    return f"diff: {text}" if text else ""
