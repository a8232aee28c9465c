"""Exports what `status` shows, and refuses another output of that name: Pulumi keeps the last one without a word."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor
from pulumi.runtime.stack import Stack

from ..arguments.invalid import InvalidArgumentsError


def export_alone(name: str, value: Any) -> None:
    """Export a value under a name that nothing else of the program exports, before or after.

    Raises:
        InvalidArgumentsError: something has been exported under it; what comes later ends the program with that error.
    """
    stack = pulumi.runtime.get_root_resource()
    # Pulumi's mocks keep one stack, with its outputs, for all the programs that a process tests.
    if not isinstance(stack, Stack) or isinstance(get_monitor(), MockMonitor):
        pulumi.export(name, value)
        return
    if name in stack.outputs:
        raise _taken(name)
    pulumi.export(name, value)
    _hold(name, stack.outputs)


def _hold(name: str, outputs: Mapping[str, Any]) -> pulumi.Output[bool]:
    """Fail where a name stands for another output when the program's synchronous part has ended."""
    exported = outputs[name]

    async def is_still_exported() -> bool:
        await asyncio.sleep(0)
        if outputs.get(name) is not exported:
            raise _taken(name)
        return True

    return pulumi.Output.from_input(is_still_exported())


def _taken(name: str) -> InvalidArgumentsError:
    return InvalidArgumentsError(
        f"export_status exports {name!r}, which `status` reads, and the program exports another {name!r}, of which "
        "Pulumi keeps only the last. Give yours another name."
    )
