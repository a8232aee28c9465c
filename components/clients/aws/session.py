"""Gets a store's AWS identity in ESO's order, once per session: base credentials, additional roles, then the role."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...core.spec.runner_specs import RunnerSpec
from ...core.spec.store_identity import AccessKeys, StoreIdentity
from ...display import shown_url
from ...errors import SpecError
from .identity.assume_role import hops
from .identity.pod_identity import PodRole, pod_session
from .identity.runner import Identity, assume_roles, runner_identity, with_keys
from .identity.temporary_credentials import Propagation
from .identity.web_identity import WebIdentity, WebIdentitySession
from .reads import Caller
from .retry import Retry
from .sdk import CONNECT_TIMEOUT, READ_TIMEOUT, Sdk, configure

if TYPE_CHECKING:
    from botocore.session import Session

Base = AccessKeys | WebIdentity | PodRole


class AwsSession:
    """One store's identity for one operation, made by `open_session`. Its credentials renew themselves."""

    def __init__(self, sdk: Sdk, session: Session, identity: str, account: str | None) -> None:
        self._sdk = sdk
        self._session = session
        self._identity = identity
        self._account = account
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the session's one client for a service. The process's first takes about 0.1 s.

        Args:
            service: the service's name in boto3.

        Raises:
            SpecError: the endpoint that the AWS configuration names is not a URL.
        """
        with self._lock:
            if service not in self._clients:
                # Readers tell their progress themselves.
                self._clients[service] = self._sdk.client(self._session, service, tells=False)
            return self._clients[service]

    def caller(self, service: str) -> Caller:
        """Who this session is, and where it asks a service, by its name in boto3."""
        return Caller(
            region=self._sdk.region,
            partition=self._session.get_partition_for_region(self._sdk.region),
            endpoint=shown_url(self.client(service).meta.endpoint_url),
            identity=self._identity,
            account=self._account,
        )


def open_session(  # noqa: PLR0913 - all but two by keyword
    identity: StoreIdentity,
    base: Base | None = None,
    *,
    runner: RunnerSpec | None = None,
    environ: Mapping[str, str] = os.environ,
    retry: Retry | None = None,
    settle: float = 0.0,
    progress: Callable[[str], None] = lambda _: None,
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
) -> AwsSession:
    """Get a store's identity: exactly one call to STS for each role, and none where there are no roles.

    Who begins is decided in ESO's order: a ServiceAccount's role, or access keys, or the AWS SDK's default chain.

    Args:
        identity: region and roles.
        base: base credentials, by web identity or access keys; None for the AWS SDK's default chain.
        runner: as whom that chain begins, and which endpoints go before those of the environment.
        environ: where AWS_SSM_ENDPOINT, AWS_STS_ENDPOINT and those of other services are looked up.
        retry: how long to go on when STS throttles or does not answer; the default is 60 s.
        settle: seconds for which a role that may not be assumed is tried again. Set it to about 30 when a role was
            created in this operation, because IAM takes some seconds until a new role can be assumed; 0 otherwise.
        progress: gets a line about what is waited for.
        connect_timeout: seconds to wait for a connection, in every call of this session.
        read_timeout: seconds to wait for an answer, in every call of this session. A request and its whole answer
            have the two times together.

    Raises:
        SpecError: no AWS partition has such a region, or an endpoint is not a URL.
        IdentityError: there are no credentials, AWS does not accept them, or a role may not be assumed.
    """
    given = runner.endpoints if runner else ()
    sdk = configure(identity.region, environ, connect_timeout, read_timeout, progress, given)
    session = sdk.anonymous() if isinstance(base, WebIdentity) else sdk.session()
    _check_region(session, identity.region)
    again, propagation = retry or Retry(), Propagation(settle, progress)
    first = _base(sdk, session, base, again, propagation) if base else runner_identity(sdk, runner, again, propagation)
    last = assume_roles(sdk, first, hops(identity), again, propagation)
    return AwsSession(sdk, last.session, last.caller, last.credentials.account if last.credentials else None)


def _base(sdk: Sdk, session: Session, base: Base, retry: Retry, propagation: Propagation) -> Identity:
    """What everything begins with, where the store says so."""
    match base:
        case WebIdentity():
            assumed = WebIdentitySession(sdk.client(session, "sts"), base, retry, propagation).credentials
            return Identity(sdk.session(assumed.refreshable), assumed.identity, assumed)
        case AccessKeys():
            return Identity(with_keys(session, base), f"the access keys of {base.source}")
        case PodRole():
            return Identity(*pod_session(sdk, base, retry, propagation))


def _check_region(session: Session, region: str) -> None:
    from botocore.exceptions import UnknownRegionError  # noqa: PLC0415 # see sdk.py

    try:
        session.get_partition_for_region(region)
    except UnknownRegionError:
        raise SpecError(f"region: no AWS partition has a region {region!r}: write one such as 'eu-central-1'") from None
