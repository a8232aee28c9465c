"""What is told for `status`, held to what the stack exports: of two exports of one name Pulumi keeps the last."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_monitor, get_root_resource
from pulumi.runtime.stack import Stack

from ..arguments.invalid import InvalidArgumentsError
from ..core.status_table import KINDS
from ..display import some_of
from .running_stack import running_stack

Rows = dict[str, dict[str, Any]]
_TOLD: WeakKeyDictionary[Any, dict[str, list[Rows]]] = WeakKeyDictionary()
"""The monitor of a program -> output -> the rows that were made for it."""
_EXPORTED: WeakKeyDictionary[Any, dict[str, Rows]] = WeakKeyDictionary()
"""The monitor of a program -> output -> what `export_rows` exported."""


def told(output: str, rows: Rows) -> Rows:
    """Note rows that are made for an output, so that it is said where `status` will not show them."""
    noted = _TOLD.setdefault(get_monitor(), {})
    if not noted:
        _: pulumi.Output[bool] = pulumi.Output.from_input(_warn_of_others(noted))
    noted.setdefault(output, []).append(rows)
    return rows


def export_rows(output: str, rows: Rows) -> None:
    """Export rows, together with those that were exported so before; see `_export_alone`."""
    exported = _EXPORTED.setdefault(get_monitor(), {})
    if output in exported:
        exported[output] |= rows
    else:
        exported[output] = dict(rows)
        _export_alone(output, exported[output])


def _export_alone(name: str, value: Any) -> None:
    """Export a value under a name that nothing else of the program exports, before or after.

    Raises:
        InvalidArgumentsError: something has been exported under it; what comes later ends the program with that error.
    """
    stack = running_stack()
    if stack is not None and name in stack.outputs:
        raise _taken(name)
    pulumi.export(name, value)
    if stack is not None:
        _: pulumi.Output[bool] = pulumi.Output.from_input(_refuse_another(name, stack.outputs[name], stack))


async def _refuse_another(name: str, exported: Any, stack: Stack) -> bool:
    """Fail where a name stands for another output when the program's synchronous part has ended."""
    await asyncio.sleep(0)
    if stack.outputs.get(name) is not exported:
        raise _taken(name)
    return True


def _taken(name: str) -> InvalidArgumentsError:
    return InvalidArgumentsError(
        f"export_status exports {name!r}, which `status` reads, and the program exports another {name!r}, of which "
        "Pulumi keeps only the last. Give yours another name."
    )


async def _warn_of_others(noted: Mapping[str, list[Rows]]) -> bool:
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
