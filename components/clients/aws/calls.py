"""The calls of one read: each under the shared rate limit and retried; all given up when one fails for good."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...errors import ParameterStoreError
from ..retry_after import in_words
from .denials import Words, store_failure
from .failures import CallFailedError, Failure, Kind
from .rate_limit import RateLimiter
from .reads import Caller
from .retry import Retry

T = TypeVar("T")
Client = TypeVar("Client")
_RATE_LIMIT = "AWS's rate limit"


@dataclass(frozen=True)
class Connection(Generic[Client]):
    """What every call needs: the client, the rate limit that stores share, how long to go on, and who asks."""

    client: Client
    limiter: RateLimiter
    retry: Retry
    caller: Caller


class GivenUpError(Exception):
    """Not called, or not called again: another call of the read has failed for good, and says why."""


class Calls(Generic[Client]):
    """The calls of one read while it runs; its methods are called by several threads.

    Until `settle` seconds from now a denial is tried again, since IAM may need so long to propagate. `waiting_for` says
    what a read that takes long is waiting for.

    Args:
        connection: what every call needs.
        settle: see above.
        words: what the service is called where nothing can be read.
        refusals: AWS's error codes that are about just what is asked for; None where all its refusals are, as of
            writes.
    """

    def __init__(
        self, connection: Connection[Client], settle: float, words: Words, refusals: Collection[str] | None
    ) -> None:
        self.caller = connection.caller
        self.waiting_for = connection.caller.endpoint
        self._connection = connection
        self._settled_at = connection.retry.after(settle)
        self._cancelled = threading.Event()
        self._failure: ParameterStoreError | None = None
        self._words = words
        self._refusals = refusals

    def cancel(self) -> None:
        """Call no more: what has not been sent yet is not sent any more."""
        self._cancelled.set()

    def call(self, ask: Callable[[Client], T], of: str = "") -> T:
        """Make one call, as often as it takes.

        Args:
            ask: makes it; raises UnreadableAnswerError where the answer cannot be AWS's.
            of: what it is about, for the error where the answer cannot be AWS's; empty where it is about all.

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
            if kind in (Kind.DENIED, Kind.KEY) or code in (self._refusals or ()):
                raise
            if self._refusals is None and kind is Kind.REQUEST:
                raise
            self._failure = store_failure(failed, self.caller, self._words, of)
            self.cancel()
            raise self._failure from None

    def write(self, ask: Callable[[Client], T], of: str = "") -> T:
        """Make one call of many that nobody runs together: what failed for good fails in the same way again, at once.

        Raises:
            CallFailedError: as `call`.
            IdentityError: as `call`.
            ReadError: as `call`.
        """
        try:
            return self.call(ask, of)
        except GivenUpError:
            if self._failure is None:
                raise
            raise self._failure from None

    def run(
        self,
        stages: Iterable[Callable[[], Iterable[Callable[[], None]]]],
        *,
        concurrency: int,
        progress: Callable[[], None],
        progress_every: float,
    ) -> None:
        """Do the work of a read, one stage after the other, and the work of a stage at the same time.

        Args:
            stages: each says what is left to do when the ones before it are done.
            concurrency: calls at the same time.
            progress: called about every `progress_every` seconds.
            progress_every: seconds.

        Raises:
            IdentityError: as `call`.
            ReadError: as `call`.
        """
        with ThreadPoolExecutor(concurrency, "reader") as pool:
            try:
                for work in stages:
                    futures = [pool.submit(_until_given_up, each) for each in work()]
                    pending = set(futures)
                    while pending:
                        done, pending = wait(pending, timeout=progress_every, return_when=FIRST_EXCEPTION)
                        failed = [future for future in futures if future in done and future.exception()]
                        if failed:
                            failed[0].result()
                        if pending:
                            progress()
            finally:
                # Reached on Ctrl-C too: what has not been sent yet is not sent any more.
                self.cancel()
                pool.shutdown(cancel_futures=True)


def _until_given_up(work: Callable[[], None]) -> None:
    with contextlib.suppress(GivenUpError):
        work()
