"""Retries of calls to AWS with full jitter and a time budget, so that throttling and short outages are lived through.

botocore's own retries are switched off: each attempt has to pass the shared rate limit, of which it knows nothing.
"""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ...errors import ParameterStoreError
from ..retry_after import in_words
from ..waiting import deadline_in, pause
from .failures import CallFailedError, Failure, Kind, classify

T = TypeVar("T")

DEFAULT_BUDGET = 60.0
FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0
PATIENCE = 120.0
"""Seconds of waiting that AWS may ask for (`Retry-After`) beyond a call's budget."""
# Nobody listening is rarely cured by waiting: a few attempts cover a dropped connection or a restart.
UNREACHABLE_ATTEMPTS = 4
_RETRIED = (Kind.THROTTLED, Kind.SERVER, Kind.ANSWER, Kind.TIMEOUT)


class Retry:
    """How long, and how, to keep trying.

    A call is given up when its `budget` of seconds is over, also while an answer comes in. The delay before the next
    attempt is that share of the backoff which `jitter` gives, from 0 up to 1.
    """

    def __init__(
        self,
        budget: float = DEFAULT_BUDGET,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = pause,
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
        attempt: Callable[[], T],
        *,
        on_retry: Callable[[Failure], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        settled_at: float = float("-inf"),
    ) -> T:
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
        began = start = self._clock()
        attempts = 0
        patience = PATIENCE
        while True:
            attempts += 1
            # The last attempt gets at least a second, unless the whole budget is less.
            left = max(min(1.0, self._budget), self._budget - (self._clock() - start))
            try:
                with deadline_in(left):
                    return attempt()
            except ParameterStoreError:
                raise  # the session's credentials could not be renewed, which has been told and retried already
            except Exception as error:  # noqa: BLE001 # whatever botocore lets through must not quote a value
                failure = classify(error)
            delay = self._jitter() * min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempts - 1))
            asked = failure.retry_after if failure.kind in _RETRIED else None
            delay += asked or 0.0
            now = self._clock()
            elapsed = now - start
            if asked is not None and asked > LONGEST_DELAY and elapsed + delay > self._budget:
                if delay <= patience:
                    # AWS is there and names the time: that is not time in which it did not answer.
                    patience -= delay
                    start += delay
                    elapsed -= delay
                else:
                    words = f"{failure.reason}, and asks to be called again in {in_words(asked)}"
                    failure = replace(failure, reason=words)
            if failure.kind is Kind.DENIED:
                worth_it = now + delay <= settled_at
            elif failure.kind is Kind.UNREACHABLE:
                worth_it = attempts < UNREACHABLE_ATTEMPTS and elapsed + delay <= self._budget
            else:
                worth_it = failure.kind in _RETRIED and elapsed + delay <= self._budget
            if not worth_it:
                raise CallFailedError(failure, attempts, now - began)
            on_retry(failure)
            self._pause(delay, cancelled)
            if cancelled():
                raise CallFailedError(failure, attempts, now - began)

    def _pause(self, delay: float, cancelled: Callable[[], bool]) -> None:
        """Wait in pieces, so that a long wait that nobody wants any more ends soon."""
        while delay > 0 and not cancelled():
            self._sleep(min(delay, LONGEST_DELAY))
            delay -= LONGEST_DELAY
