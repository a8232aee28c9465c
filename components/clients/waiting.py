"""Waits that end: work with a time limit, told of when it takes long, and ended by Ctrl-C and by the process's end.

A time limit of a socket holds for each read of it, so that a server which sends a byte a second is waited for without
end, and looking up a name has no limit at all. So the work runs in a thread of its own, and the caller waits
for that thread no longer than it may.
"""

import contextlib
import contextvars
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")

TELL_EVERY = 5.0
"""Seconds after which a wait is told of, and again after as many more."""


class TookTooLongError(Exception):
    """The work did not end within its limit. It was told to stop."""


class EndingError(Exception):
    """The process is ending, so nothing is waited for any more."""


@dataclass(frozen=True)
class Waiting:
    """What is waited for, such as `context 'prod' to answer`; `tell` gets a sentence about every five seconds."""

    what: str
    tell: Callable[[str], None]
    every: float = TELL_EVERY

    def say(self, seconds: float) -> None:
        """Tell how long it has taken."""
        self.tell(f"waiting for {self.what} ({seconds:.0f} s so far)")


_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline", default=math.inf)


@contextlib.contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Let nothing in the block wait beyond so many seconds from now, nor beyond a deadline that holds already."""
    token = _deadline.set(min(_deadline.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Seconds until the deadline that holds here; infinite where there is none."""
    return _deadline.get() - time.monotonic()


class _Wait:
    """One wait: the thread that works, and the one that waits for it."""

    def __init__(self, work: Callable[[], Any], stop: Callable[[], None]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._stop = stop
        self._context = contextvars.copy_context()
        # A lock that is released when it is over. An Event, made of locks, costs more than the rest together.
        self._over = threading.Lock()
        self._over.acquire()

    def run(self) -> None:
        try:
            self.result = self._context.run(self._work)
        except BaseException as error:  # noqa: BLE001 # raised again by the waiting caller
            self.error = error
        self.wake()

    def wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # somebody was faster
            self._over.release()

    def is_over(self, seconds: float) -> bool:
        return self._over.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))

    def end(self, error: Exception) -> None:
        """Wake up the waiting caller with an error, and stop the work."""
        self.error = error
        self.stop()
        self.wake()

    def stop(self) -> None:
        with contextlib.suppress(Exception):  # it ended just now
            self._stop()


_ending = threading.Event()
_ENDS = "the program is ending"
_waits: set[_Wait] = set()
_idle: list[queue.SimpleQueue[_Wait]] = []
_lock = threading.Lock()
_MOST_IDLE = 16
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_idle.clear)  # a copy of this process has none of its threads


def _start(wait: _Wait) -> None:
    """Give work to a thread that has none, or to a new one; to start one costs more than a call to a server nearby.

    Raises:
        EndingError: The process is ending; what begins now, `_end_all` does not know of.
    """
    with _lock:
        if _ending.is_set():
            raise EndingError(_ENDS)
        _waits.add(wait)
        work = _idle.pop() if _idle else None
    if work is None:
        work = queue.SimpleQueue()
        # A daemon: should it not end when it is stopped, the process does not wait for it.
        threading.Thread(target=_serve, args=(work,), name="waited-for", daemon=True).start()
    work.put(wait)


def _serve(work: queue.SimpleQueue[_Wait]) -> None:
    while True:
        wait = work.get()
        wait.run()
        del wait  # and the answer that it holds
        with _lock:
            if len(_idle) >= _MOST_IDLE:
                return
            _idle.append(work)


def within(
    seconds: float,
    work: Callable[[], Result],
    *,
    stop: Callable[[], None] = lambda: None,
    waiting: Waiting | None = None,
) -> Result:
    """Do some work in a thread of its own, and wait for it no longer than allowed.

    Args:
        seconds: The limit; a deadline that holds here and comes before that holds instead.
        work: The work. It sees the context variables of the caller.
        stop: Makes the work end early, from another thread: closes its sockets, ends its program.
        waiting: What is waited for; None tells nothing.

    Raises:
        TookTooLongError: The limit passed. `stop` was called; the thread ends by itself.
        EndingError: The process is ending.
        Exception: What the work raised.
    """
    limit = min(seconds, seconds_left())
    if limit <= 0:
        raise TookTooLongError
    wait = _Wait(work, stop)
    try:
        _start(wait)
        _wait_for(wait, limit, waiting)
    except BaseException:  # Ctrl-C too
        wait.stop()
        raise
    finally:
        with _lock:
            _waits.discard(wait)
    if wait.error is not None:
        raise wait.error
    result: Result = wait.result
    return result


def _wait_for(wait: _Wait, limit: float, waiting: Waiting | None) -> None:
    began = time.monotonic()
    told_at = began + waiting.every if waiting is not None else math.inf
    while not wait.is_over(max(0.0, min(began + limit, told_at) - time.monotonic())):
        now = time.monotonic()
        if now >= began + limit:
            raise TookTooLongError
        if waiting is not None and now >= told_at:
            told_at += waiting.every
            waiting.say(now - began)


def pause(seconds: float) -> None:
    """Sleep; raises EndingError at the end of the process."""
    if _ending.wait(seconds):
        raise EndingError(_ENDS)


def _end_all() -> None:
    """At the end of the process: without this, Python would join threads that wait for as long as they may."""
    _ending.set()
    with _lock:
        waits = list(_waits)
    for wait in waits:
        wait.end(EndingError(_ENDS))


# Python joins the threads of executors, such as those in which Pulumi calls a provider, before anything that `atexit`
# knows of runs. concurrent.futures itself uses this; where a Python has it no longer, waits end by their limits.
_register = getattr(threading, "_register_atexit", None)
if _register is not None:
    with contextlib.suppress(RuntimeError):  # imported while the process ends
        import concurrent.futures.thread  # noqa: F401 # its own must be there first: the last one registered runs first

        _register(_end_all)
