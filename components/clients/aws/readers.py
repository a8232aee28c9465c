"""Opens the reader of a store, by the service that the store reads from."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol

from ...core.service import Service
from ...core.spec.runner_specs import RunnerSpec
from ...core.spec.store_identity import StoreIdentity
from ...core.ssm import PARAMETER_STORE
from .rate_limit import RateLimiter, RateLimiters
from .reads import Caller, Reader
from .retry import Retry
from .session import Base, open_session
from .ssm.reader import ParameterReader


class ReaderType(Protocol):
    """How a service's reader is made."""

    def __call__(
        self,
        client: Any,
        limiter: RateLimiter,
        retry: Retry,
        *,
        caller: Caller,
        settle: float,
        progress: Callable[[str], None],
    ) -> Reader:
        """Make a reader; nothing is asked yet.

        Args:
            client: boto3's client for the service.
            limiter: the rate limit that all stores of this service, account and region share.
            retry: how long to go on when AWS throttles or does not answer.
            caller: who asks, where.
            settle: seconds that IAM may need to propagate: for so long a denial is tried again.
            progress: gets a sentence about how far a read is, when that takes long.
        """


READERS: MutableMapping[str, ReaderType] = {PARAMETER_STORE.name: ParameterReader}
"""By the name of the service, see core/services.py."""


def open_reader(  # noqa: PLR0913 - all but three by keyword
    service: Service,
    identity: StoreIdentity,
    base: Base | None = None,
    *,
    limiters: RateLimiters,
    runner: RunnerSpec | None = None,
    requests_per_second: float | None = None,
    environ: Mapping[str, str] = os.environ,
    settle: float = 0.0,
    progress: Callable[[str], None] = lambda _: None,
) -> Reader:
    """Get a store's identity and return what reads with it.

    Arguments are those of `open_session` and of `ReaderType`. The store is content with so many requests per second, by
    default with the service's quota.
    """
    session = open_session(identity, base, runner=runner, environ=environ, settle=settle, progress=progress)
    caller = session.caller(service.client)
    rate = service.requests_per_second if requests_per_second is None else requests_per_second
    limiter = limiters.of(service.client, caller.account, caller.region, rate)
    return READERS[service.name](
        session.client(service.client), limiter, Retry(), caller=caller, settle=settle, progress=progress
    )
