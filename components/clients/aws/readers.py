"""Opens what reads and writes for a store, by the service of AWS that it names."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from ...core.secrets_manager import SECRETS_MANAGER
from ...core.service import Service
from ...core.spec.runner_specs import RunnerSpec
from ...core.spec.store_identity import StoreIdentity
from ...core.ssm import PARAMETER_STORE
from ...errors import WriteError
from .rate_limit import RateLimiter, RateLimiters
from .reads import Caller, Reader
from .retry import Retry
from .secrets_manager.secrets_reader import SecretsReader
from .secrets_manager.secrets_writer import SecretsWriter
from .session import Base, open_session
from .ssm.reader import ParameterReader
from .ssm.writer import ParameterWriter
from .writes import Writer


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
        in_batches: bool,
    ) -> Reader:
        """Make a reader; nothing is asked yet.

        Args:
            client: boto3's client for the service.
            limiter: the rate limit that all stores of this service, account and region share.
            retry: how long to go on when AWS throttles or does not answer.
            caller: who asks, where.
            settle: seconds that IAM may need to propagate: for so long a denial is tried again.
            progress: gets a sentence about how far a read is, when that takes long.
            in_batches: whether several values are read in one call.
        """


class WriterType(Protocol):
    """How a service's writer is made."""

    def __call__(
        self,
        client: Any,
        retry: Retry,
        *,
        caller: Caller,
        writes: RateLimiter,
        deletions: RateLimiter,
        others: RateLimiter,
        settle: float,
    ) -> Writer:
        """Make a writer; nothing is asked yet.

        Args:
            client: boto3's client for the service.
            retry: how long to go on when AWS throttles or does not answer.
            caller: who writes, where.
            writes: the quota of writes, which all stores of this service, account and region share.
            deletions: the quota of deletions.
            others: the limit of all other calls.
            settle: see `ReaderType`.
        """


@dataclass(frozen=True)
class Access:
    """What one session of a store gives.

    Attributes:
        reader: what reads.
        open_writer: what makes a writer.
    """

    reader: Reader
    open_writer: Callable[[], Writer]


WRITERS: MutableMapping[str, WriterType] = {
    PARAMETER_STORE.name: ParameterWriter,
    SECRETS_MANAGER.name: SecretsWriter,
}
"""By the name of the service; of those that are written to."""
READERS: MutableMapping[str, ReaderType] = {
    PARAMETER_STORE.name: ParameterReader,
    SECRETS_MANAGER.name: SecretsReader,
}
"""By the name of the service, see core/services.py."""


def open_access(  # noqa: PLR0913 - all but three by keyword
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
) -> Access:
    """Get a store's identity and return what reads and writes with it.

    Arguments are those of `open_session` and of `ReaderType`. The store is content with so many requests per second, by
    default with the service's quota.
    """
    session = open_session(identity, base, runner=runner, environ=environ, settle=settle, progress=progress)
    caller = session.caller(service.client)
    rate = service.requests_per_second if requests_per_second is None else requests_per_second
    client, retry = session.client(service.client), Retry()
    limiter = limiters.of(service.client, caller.account, caller.region, rate)

    def open_writer() -> Writer:
        if service.writing is None or service.name not in WRITERS:
            raise WriteError(f"service {service.name} is not written to; push to a store of another service")
        usual, raised = service.writing.writes_per_second, service.writing.raised_per_second
        # Who may read more often than by default says that the account's higher throughput is on.
        quotas = raised if rate > service.requests_per_second else dict.fromkeys(raised, usual)
        writes, deletions = (
            limiters.of(f"{service.client} {what}", caller.account, caller.region, quotas[what])
            for what in ("writes", "deletions")
        )
        return WRITERS[service.name](
            client, retry, caller=caller, writes=writes, deletions=deletions, others=limiter, settle=settle
        )

    reader = READERS[service.name](
        client, limiter, retry, caller=caller, settle=settle, progress=progress, in_batches=service.batches
    )
    return Access(reader, open_writer)
