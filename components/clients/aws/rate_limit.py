"""A token bucket before every read: AWS limits what all callers of an account together ask a service in a region."""

import threading
import time
from collections.abc import Callable

from ...errors import SpecError
from ..waiting import pause


class RateLimiter:
    """Thread-safe token bucket of some calls per second, more than 0, that starts full and holds one second's worth."""

    def __init__(
        self, rate: float, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = pause
    ) -> None:
        _check(rate)
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._filled_at = clock()

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self._rate

    @property
    def _burst(self) -> float:
        return max(1.0, self._rate)

    def acquire(self) -> float:
        """Wait until one more call may be sent; the seconds waited, 0 when there was no need to."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            self._tokens -= 1
            # A debt is a place in the queue: every caller sleeps outside the lock, exactly until its own token exists.
            wait = max(0.0, -self._tokens / self._rate)
        if wait:
            self._sleep(wait)
        return wait

    def lower_to(self, rate: float) -> None:
        """Slow down to `rate` if that is less than now; SpecError where it is not positive."""
        _check(rate)
        with self._lock:
            self._rate = min(self._rate, rate)


class RateLimiters:
    """The limiters of one process, one per service, account and region: stores that share a quota share a limiter."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = pause) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._limiters: dict[tuple[str, str | None, str], RateLimiter] = {}

    def of(self, service: str, account: str | None, region: str, rate: float) -> RateLimiter:
        """Return the limiter of a quota; where stores ask for different rates the lowest holds.

        Stores of a region whose account is not known share one.
        """
        with self._lock:
            limiter = self._limiters.get((service, account, region))
            if limiter is None:
                limiter = RateLimiter(rate, clock=self._clock, sleep=self._sleep)
                self._limiters[service, account, region] = limiter
        limiter.lower_to(rate)
        return limiter


def _check(rate: float) -> None:
    if not rate > 0:
        raise SpecError(f"the rate limit must be more than 0 calls per second, not {rate}")
