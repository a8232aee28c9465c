"""How the program itself ended, which decides what is gone from it.

Pulumi deletes nothing where a program fails: what it has not declared may only not have been reached. A group is told
of all its members at once, so it has to wait for that end, or it would take those that were not reached for removed.
A role is told of all that it is to allow, and would lose what was not reached.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.stack import Stack

from ..arguments.unheard import nothing_unheard
from .running_stack import running_stack

_ENDS: WeakKeyDictionary[Stack, asyncio.Future[BaseException | None]] = WeakKeyDictionary()
"""The stack of a program -> what the program failed with."""
_PATIENCE = 5.0


def ended_well(where: str) -> pulumi.Output[bool]:
    """Resolves when the program has ended, and fails as the program failed.

    Args:
        where: what waits for it, for the line that is said where it takes long.
    """
    end = _end()
    return pulumi.Output.from_input(True if end is None else _wait(end, where))


def failing_with_program() -> Callable[[], None]:
    """What raises the error that the program has failed with by the time that it is called."""
    end = _end()

    def fail() -> None:
        if end is not None and end.done():
            _raise(end.result())

    return fail


def _end() -> asyncio.Future[BaseException | None] | None:
    stack = running_stack()
    if stack is not None and stack not in _ENDS:
        _ENDS[stack] = _watch(stack)
    return None if stack is None else _ENDS[stack]


def _watch(stack: Stack) -> asyncio.Future[BaseException | None]:
    """Learn of the end from Pulumi's registering of the stack's outputs, which it does also while an error passes."""
    end: asyncio.Future[BaseException | None] = asyncio.get_event_loop().create_future()
    register = stack.register_outputs

    def watched(outputs: Any) -> None:
        if not end.done():
            end.set_result(sys.exc_info()[1])
        register(outputs)

    stack.register_outputs = watched  # type: ignore[method-assign]
    return end


async def _wait(end: asyncio.Future[BaseException | None], where: str) -> bool:
    await asyncio.wait([end], timeout=_PATIENCE)
    if not end.done():  # an asynchronous program, see `pulumi.run`
        pulumi.log.info(
            f"{where} waits for the program to end; a program that awaits an output of what is in it waits for ever: "
            "leave out `grouped` there"
        )
    _raise(await asyncio.shield(end))
    await nothing_unheard()
    return True


def _raise(error: BaseException | None) -> None:
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return
    # The same one, as Pulumi may tell of this one instead.
    raise error if isinstance(error, Exception) else pulumi.RunError(f"the program was ended by {error!r}")
