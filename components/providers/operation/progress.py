"""Tells how far work in this process is, where it takes long."""

import time
from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from ...clients.waiting import TELL_EVERY

T = TypeVar("T")


def along(
    entries: Collection[T],
    done: str,
    what: str,
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[T]:
    """Go along entries, and tell about every five seconds how many are done.

    Args:
        entries: what is worked on, one after the other.
        done: what is done to them, such as `built`.
        what: what they are, such as `keys of Secret team-a/db`.
        tell: tells the user.
        clock: seconds.
    """
    told = clock()
    for number, each in enumerate(entries):
        if clock() - told >= TELL_EVERY:
            told = clock()
            tell(f"{done} {number:,} of {len(entries):,} {what}")
        yield each
