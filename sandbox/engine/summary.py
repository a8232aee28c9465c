"""Counts what an operation did and writes the end of its output."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sandbox.engine.steps import OPS, PREFIXES, READ, SAME

_PAST_TENSE = {"delete": "deleted", "delete-replaced": "deleted", "discard": "discarded", "refresh": "refreshed"}


def render_summary(counts: Mapping[str, int], errored: int, *, preview: bool) -> str:
    """Write the number of resources by operation."""
    lines = ["Resources:"]
    changes = {op: counts[op] for op in OPS if counts.get(op) and op not in (SAME, READ)}
    for op, count in changes.items():
        text = f"to {op}" if preview else _PAST_TENSE.get(op, f"{op}d")
        lines.append(f"    {PREFIXES[op]}{count} {text}")
    rest = []
    if len(changes) > 1:
        rest.append(f"{sum(changes.values())} changes")
    if counts.get(SAME):
        rest.append(f"{counts[SAME]} unchanged")
    if rest:
        lines.append("    " + ". ".join(rest))
    if errored:
        lines.append(f"    {errored} errored")
    return "\n".join(lines) + "\n"


def render_duration(seconds: float) -> str:
    """Write how long an operation took, in whole seconds."""
    whole = math.ceil(seconds)
    minutes, rest = divmod(whole, 60)
    return f"\nDuration: {f'{minutes}m{rest}s' if minutes else f'{rest}s'}\n"
