"""Mistakes where nobody hears of them: in a task or a thread that the program started and does not wait for.

Such an error stays in its task or thread until somebody asks for it. Pulumi asks only the program and its Outputs. So
the program would end well without what was not declared, and Pulumi would delete that.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import stack
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..errors import SpecError
from .invalid import plain
from .stray_tasks import wait_for_tasks

_HEARS = (stack.__file__, sys.modules[pulumi.Output.__module__].__file__)
"""Pulumi's modules that call the program and the callbacks of Outputs, and fail as those do."""
_TASK = asyncio.events.__file__
"""The module that calls tasks and callbacks of the event loop."""
_UNHEARD: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()
"""The monitor of a program -> what is wrong with it."""


def watch_end() -> None:
    """Have the program fail in the end, before Pulumi deletes anything, where something is wrong that nobody heard."""
    monitor = get_monitor()
    if monitor is None or monitor in _UNHEARD:
        return
    unheard = _UNHEARD[monitor] = []
    loop, say_that_all_is_declared = _loop(), monitor.SignalAndWaitForShutdown

    def watched(*args: Any, **named: Any) -> Any:
        # In somebody's unit test, the test itself may be a task.
        if loop is not None and not isinstance(monitor, MockMonitor):
            asyncio.run_coroutine_threadsafe(_all_declared(), loop).result()
        _fail(unheard)
        answer = say_that_all_is_declared(*args, **named)
        _fail(unheard)  # as of a thread that went on while Pulumi deleted
        return answer

    monitor.SignalAndWaitForShutdown = watched


async def nothing_unheard() -> None:
    """Wait for what the program started, and fail where something is wrong that nobody heard."""
    while await wait_for_tasks():
        pass
    _fail(_UNHEARD.get(get_monitor(), []))


async def _all_declared() -> None:
    while await wait_for_tasks():
        await stack.wait_for_rpcs()


def _fail(unheard: Sequence[str]) -> None:
    if unheard:
        raise pulumi.RunError(unheard[0])


def _loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of the program; None in a thread that it started."""
    try:
        return asyncio.get_event_loop()
    except RuntimeError:
        return None


@contextmanager
def plain_and_heard() -> Iterator[None]:
    """Have SpecErrors be raised so that Pulumi shows the text alone, and note those that nobody would hear of."""
    try:
        yield
    except SpecError as error:
        shown = plain(error)
        if not _is_heard() and (monitor := get_monitor()) is not None:
            watch_end()
            _UNHEARD[monitor].append(str(shown))
        raise shown from None


def refuse_thread(where: str) -> None:
    """Refuse what Pulumi cannot declare: its event loop is that of the thread in which the program runs.

    Args:
        where: what is declared.

    Raises:
        SpecError: the thread that runs is another one.
    """
    if _loop() is None:
        raise SpecError(
            f"{where} is declared in a thread that the program started; Pulumi cannot take it there. Declare it in the "
            "program itself; a thread may fetch what its arguments need, before."
        )


def _is_heard() -> bool:
    frame = sys._getframe()  # noqa: SLF001 - the documented way to the frames
    while frame.f_back is not None and frame.f_code.co_filename != _TASK:
        if frame.f_code.co_filename in _HEARS:
            return True
        frame = frame.f_back
    return False
