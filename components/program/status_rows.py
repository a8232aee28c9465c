"""What is told for `status`, held to what the stack exports: of two exports of one name Pulumi keeps the last."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_monitor, get_root_resource

from ..core.status_table import KINDS
from ..display import some_of
from .exports import export_alone

Rows = dict[str, dict[str, Any]]
_TOLD: WeakKeyDictionary[Any, dict[str, list[Rows]]] = WeakKeyDictionary()
"""The monitor of a program -> output -> the rows that were made for it."""
_EXPORTED: WeakKeyDictionary[Any, dict[str, Rows]] = WeakKeyDictionary()
"""The monitor of a program -> output -> what `export_rows` exported."""


def told(output: str, rows: Rows) -> Rows:
    """Note rows that are made for an output, so that it is said where `status` will not show them."""
    noted = _TOLD.setdefault(get_monitor(), {})
    if not noted:
        _: pulumi.Output[bool] = pulumi.Output.from_input(_hold(noted))
    noted.setdefault(output, []).append(rows)
    return rows


def export_rows(output: str, rows: Rows) -> None:
    """Export rows, together with those that were exported so before; see `export_alone`."""
    exported = _EXPORTED.setdefault(get_monitor(), {})
    if output in exported:
        exported[output] |= rows
    else:
        exported[output] = dict(rows)
        export_alone(output, exported[output])


async def _hold(noted: Mapping[str, list[Rows]]) -> bool:
    """Warn of rows that are not in the output that they were made for, once the program's synchronous part has ended.

    A program that exports nothing by that name is not warned: `status` says then that there is no such output.
    """
    await asyncio.sleep(0)
    exported = getattr(get_root_resource(), "outputs", None) or {}
    for output, made in noted.items():
        there = exported.get(output)
        if output not in exported or isinstance(there, pulumi.Output):
            continue
        shown = {id(row) for row in there.values()} if isinstance(there, Mapping) else set()
        missing = sorted({name for rows in made for name, row in rows.items() if id(row) not in shown})
        if missing:
            pulumi.log.warn(
                f"`status` will not show {some_of([f'{KINDS[output]} {name!r}' for name in missing])}: the program "
                f"exports {output!r} more than once, or without them, and the last export counts. Export all of them "
                "in one mapping, each under a name of its own"
            )
    return True
