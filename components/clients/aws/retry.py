"""Retries of calls to AWS with full jitter and a time budget, so that throttling and short outages are lived through.

botocore's own retries are switched off: each attempt has to pass the shared rate limit, of which it knows nothing.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from ...core.errors import ParameterStoreError
from .failures import CallFailedError, Failure, Kind, classify

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

DEFAULT_BUDGET = 60.0
FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0
# Nobody listening is rarely cured by waiting: a few attempts cover a dropped connection or a restart.
UNREACHABLE_ATTEMPTS = 4
_RETRIED = (Kind.THROTTLED, Kind.SERVER, Kind.TIMEOUT)


class Retry:
    """How long, and how, to keep trying.

    Args:
        budget: seconds from a call's first attempt after which it is given up.
        clock: monotonic seconds.
        sleep: waits the given seconds.
        jitter: a random number from 0 up to 1; the delay before the next attempt is that share of the backoff.
    """

    def __init__(
        self,
        budget: float = DEFAULT_BUDGET,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def after(self, seconds: float) -> float:
        """The time of this object's clock in so many seconds, for `settled_at`."""
        return self._clock() + seconds

    def call(
        self,
        attempt: Callable[[], Answer],
        *,
        on_retry: Callable[[Failure], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        settled_at: float = float("-inf"),
    ) -> Answer:
        """Run `attempt` until it returns.

        Args:
            attempt: one call to AWS.
            on_retry: told of each failure that is going to be retried, before the wait.
            cancelled: asked after each wait; True ends the retries.
            settled_at: time, from `after`, until which a denial is retried too, because IAM is eventually consistent: a
                role or policy that was just written may still be unknown to the servers that decide.

        Raises:
            ParameterStoreError: raised by `attempt`.
            CallFailedError: it failed in a way that waiting does not cure, or for longer than the budget.
        """
        start = self._clock()
        attempts = 0
        while True:
            attempts += 1
            try:
                return attempt()
            except ParameterStoreError:
                raise  # the session's credentials could not be renewed, which has been told and retried already
            except Exception as error:  # noqa: BLE001 # whatever botocore lets through must not quote a value
                failure = classify(error)
            delay = self._jitter() * min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempts - 1))
            now = self._clock()
            elapsed = now - start
            if failure.kind is Kind.DENIED:
                worth_it = now + delay <= settled_at
            elif failure.kind is Kind.UNREACHABLE:
                worth_it = attempts < UNREACHABLE_ATTEMPTS and elapsed + delay <= self._budget
            else:
                worth_it = failure.kind in _RETRIED and elapsed + delay <= self._budget
            if not worth_it:
                raise CallFailedError(failure, attempts, elapsed)
            on_retry(failure)
            self._sleep(delay)
            if cancelled():
                raise CallFailedError(failure, attempts, elapsed)
