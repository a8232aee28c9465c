"""When to try a call again and how long to wait: the pure half of the retry loop in `transport`."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from ..waiting import pause

_TRANSIENT = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)

# The server answers 500 to these although the request is at fault: a retry can only fail again.
_FAULTS_OF_THE_REQUEST = (b"failed to convert new object", b"failed to create typed patch object")

# Somebody wrote the object between the server's reading and writing of it. The same words mean a stale
# `resourceVersion` in the request, where it has one.
_OVERTAKEN = b"the object has been modified"


@dataclass(frozen=True)
class Clock:
    """Time, as far as this client needs it; tests pass their own.

    Attributes:
        now: Seconds since the epoch, compared with the expiry of credentials.
        monotonic: Seconds that only ever grow, for budgets.
        sleep: Waits for some seconds.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = pause


@dataclass(frozen=True)
class RetryPolicy:
    """How long a call may take altogether.

    Attributes:
        budget: Seconds from the first attempt after which no further attempt begins, and no answer is waited for.
        patience: Seconds of waiting that the server may ask for beyond the budget (`Retry-After`), for one call.
        first_delay: Upper bound in seconds of the wait before the second attempt; doubles with every attempt.
        longest_delay: The bound stops growing here, in seconds.
        first_contact: Seconds in place of `budget` while the server has not answered once and takes no connection: one
            that is gone is told soon, and one that has answered may take its time to come back. None for `budget`.
        jitter: Random number in [0, 1), so that many programs do not return at the same moment.
    """

    budget: float = 30.0
    patience: float = 120.0
    first_delay: float = 0.25
    longest_delay: float = 5.0
    first_contact: float | None = None
    jitter: Callable[[], float] = field(default=random.random)

    def delay(self, attempt: int, retry_after: float | None) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1), never less than what the server asked for."""
        bound = min(self.longest_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))
        if retry_after is not None:
            return retry_after + bound * self.jitter()
        return bound * (0.5 + self.jitter() / 2)


def is_transient(status: int, body: bytes) -> bool:
    """Whether the same request may succeed later. All calls of this client may be repeated safely."""
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return not any(fault in body for fault in _FAULTS_OF_THE_REQUEST)
    return status in _TRANSIENT or is_overtaken(status, body)


def is_overtaken(status: int, body: bytes) -> bool:
    """Whether another writer was faster, so that the server wants the request again."""
    return status == HTTPStatus.CONFLICT and _OVERTAKEN in body
