"""The calls of one read: each under the shared rate limit and retried; all given up when one fails for good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ...retry_after import in_words
from ..failures import CallFailedError, Failure, Kind
from ..rate_limit import RateLimiter
from ..reads import Caller
from ..retry import Retry
from . import problems

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

T = TypeVar("T")
_RATE_LIMIT = "AWS's rate limit"
_OF_WHAT_IS_ASKED = {
    "InvalidFilterKey", "InvalidFilterOption", "InvalidFilterValue", "InvalidResourceId", "ValidationException",
}  # fmt: skip


@dataclass(frozen=True)
class Connection:
    """What every call needs: the client, the rate limit that stores share, how long to go on, and who asks."""

    client: SSMClient
    limiter: RateLimiter
    retry: Retry
    caller: Caller


class GivenUpError(Exception):
    """Not called, or not called again: another call of the read has failed for good, and says why."""


class Calls:
    """The calls of one read while it runs; its methods are called by several threads.

    Until `settle` seconds from now a denial is tried again, since IAM may need so long to propagate. `waiting_for` says
    what a read that takes long is waiting for. Where `refusals_pass`, whatever AWS refuses is about just what is asked
    for, as it is of writes.
    """

    def __init__(self, connection: Connection, settle: float, *, refusals_pass: bool = False) -> None:
        self.caller = connection.caller
        self.waiting_for = connection.caller.endpoint
        self._connection = connection
        self._settled_at = connection.retry.after(settle)
        self._cancelled = threading.Event()
        self._refusals_pass = refusals_pass

    def cancel(self) -> None:
        """Call no more: what has not been sent yet is not sent any more."""
        self._cancelled.set()

    def call(self, ask: Callable[[SSMClient], T]) -> T:
        """Make one call, as often as it takes.

        Args:
            ask: makes it; raises UnreadableAnswerError where the answer cannot be AWS's.

        Raises:
            CallFailedError: AWS refuses just what is asked for: denied, its key cannot be used, not valid.
            GivenUpError: see there.
            IdentityError: AWS does not accept the credentials.
            ReadError: the endpoint is down, too slow, or kept throttling.
        """

        def attempt() -> T:
            if self._connection.limiter.acquire():
                self.waiting_for = _RATE_LIMIT
            return ask(self._connection.client)

        def on_retry(failure: Failure) -> None:
            self.waiting_for = _RATE_LIMIT if failure.kind is Kind.THROTTLED else self.caller.endpoint
            if failure.retry_after is not None:
                self.waiting_for += f", which asks to be called again in {in_words(failure.retry_after)}"

        if self._cancelled.is_set():
            raise GivenUpError
        try:
            return self._connection.retry.call(
                attempt, on_retry=on_retry, cancelled=self._cancelled.is_set, settled_at=self._settled_at
            )
        except CallFailedError as failed:
            if self._cancelled.is_set():
                raise GivenUpError from None
            kind, code = failed.failure.kind, failed.failure.code
            if kind in (Kind.DENIED, Kind.KEY) or code in _OF_WHAT_IS_ASKED:
                raise
            if self._refusals_pass and kind is Kind.REQUEST:
                raise
            self.cancel()
            raise problems.store_failure(failed, self.caller) from None
