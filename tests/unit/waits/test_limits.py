"""Work with a limit: its result, its errors, its end."""

import contextvars
import threading
import time
from functools import partial

import pytest

from components.clients import waiting
from components.clients.waiting import EndingError, TookTooLongError, Waiting, deadline_in, seconds_left, within

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("SEEN", default="")


def test_result_error_and_context() -> None:
    SEEN.set("here")
    assert within(5, SEEN.get) == "here"
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_work_that_takes_too_long_is_stopped() -> None:
    stopped = threading.Event()
    ended = threading.Event()

    def work() -> None:
        stopped.wait()
        ended.set()

    began = time.monotonic()
    with pytest.raises(TookTooLongError):
        within(0.1, work, stop=stopped.set)
    assert time.monotonic() - began < 5
    assert ended.wait(5)


def test_what_stopping_raises_is_not_what_is_told() -> None:
    over = threading.Event()

    def stop() -> None:
        over.set()
        raise OSError

    with pytest.raises(TookTooLongError):
        within(0.05, over.wait, stop=stop)


def test_deadlines_only_come_closer() -> None:
    with deadline_in(10), deadline_in(100):
        assert within(50, seconds_left) <= 10
    with deadline_in(0), pytest.raises(TookTooLongError):
        within(50, seconds_left)
    assert seconds_left() == float("inf")


def test_a_wait_within_a_wait_has_the_deadline_too() -> None:
    over = threading.Event()
    try:
        with deadline_in(0.1), pytest.raises(TookTooLongError):
            within(50, lambda: within(50, over.wait))
    finally:
        over.set()


def test_a_short_wait_is_not_told_and_a_long_one_again_and_again() -> None:
    told: list[str] = []
    waiting = Waiting("it", told.append, every=0.05)
    within(5, lambda: None, waiting=waiting)
    assert told == []
    within(5, lambda: time.sleep(0.3), waiting=waiting)
    assert len(told) >= 2


def test_many_waits_at_once_and_one_after_the_other() -> None:
    barrier = threading.Barrier(40)
    results: list[int] = []

    def one(number: int) -> None:
        barrier.wait()
        results.extend(within(30, partial(sum, [number * 100, each])) for each in range(20))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [number * 100 + each for number in range(40) for each in range(20)]
    assert sum(thread.name == "waited-for" for thread in threading.enumerate()) <= 16


def test_nothing_is_waited_for_that_begins_when_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that comes to its wait just after Ctrl-C: nobody would end it, and the process would wait for it."""
    monkeypatch.setattr(waiting, "_ending", ending := threading.Event())
    ending.set()
    stopped: list[bool] = []
    with pytest.raises(EndingError):
        within(60, lambda: None, stop=lambda: stopped.append(True))
    assert stopped == [True]
