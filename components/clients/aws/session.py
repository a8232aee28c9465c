"""Takes a store's AWS identity in ESO's order, once per session: base credentials, additional roles, then the role."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Literal, cast

from ...core.display import shown_url
from ...core.errors import IdentityError, ParameterStoreError, SpecError
from ...core.identity import AccessKeys, credential_problem, is_role_arn
from ..waiting import TookTooLongError, Waiting, deadline_in, within
from .failures import Failure, Kind, classify
from .limits import CHAIN_LIMIT
from .parameters import Caller
from .pod_identity import PodRole, take_pod_role
from .rate_limit import DEFAULT_RATE, RateLimiters
from .retry import Retry
from .roles import RoleSession, hops
from .sdk import CONNECT_TIMEOUT, READ_TIMEOUT, Sdk, configure
from .ssm import ParameterReader
from .taking import Patience
from .web_identity import WebIdentity, WebIdentitySession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.credentials import Credentials, ReadOnlyCredentials
    from botocore.session import Session
    from mypy_boto3_ssm import SSMClient

    from ...core.identity import StoreIdentity
    from .taking import Taken

    Base = AccessKeys | WebIdentity | PodRole


class AwsSession:
    """One store's identity for one operation, made by `open_session`. Its credentials renew themselves."""

    def __init__(self, sdk: Sdk, session: Session, identity: str, account: str | None) -> None:
        self._sdk = sdk
        self._session = session
        self._identity = identity
        self._account = account
        self._lock = threading.Lock()
        self._ssm: SSMClient | None = None

    def client(self, service: Literal["ssm"]) -> SSMClient:
        """Return the session's one client for a service. The process's first takes about 0.1 s.

        Args:
            service: the service's name in boto3.

        Raises:
            SpecError: the endpoint that the AWS configuration names is not a URL.
        """
        with self._lock:
            if self._ssm is None:
                self._ssm = cast("SSMClient", self._sdk.client(self._session, service))
            return self._ssm

    @property
    def caller(self) -> Caller:
        """Who this session is, and where it asks."""
        return Caller(
            region=self._sdk.region,
            partition=self._session.get_partition_for_region(self._sdk.region),
            endpoint=shown_url(self.client("ssm").meta.endpoint_url),
            identity=self._identity,
            account=self._account,
        )


def open_session(
    identity: StoreIdentity,
    base: Base | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    retry: Retry | None = None,
    settle: float = 0.0,
    progress: Callable[[str], None] = lambda _: None,
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
) -> AwsSession:
    """Take a store's identity: exactly one call to STS for each role, and none where there are no roles.

    Who begins is decided in ESO's order: a ServiceAccount's role, or access keys, or the AWS SDK's default chain.

    Args:
        identity: region and roles.
        base: base credentials, by web identity or access keys; None for the AWS SDK's default chain.
        environ: where AWS_SSM_ENDPOINT and AWS_STS_ENDPOINT are looked up.
        retry: how long to go on when STS throttles or does not answer; the default is 60 s.
        settle: seconds for which a role that may not be assumed is tried again. Set it, to 30 or so, when a role was
            created in this operation, because IAM takes some seconds until a new role can be assumed; 0 otherwise.
        progress: told what is waited for.
        connect_timeout: seconds to wait for a connection, in every call of this session.
        read_timeout: seconds to wait for an answer, in every call of this session. A request and its whole answer
            have the two times together.

    Raises:
        SpecError: no AWS partition has such a region, or an endpoint is not a URL.
        IdentityError: there are no credentials, AWS does not accept them, or a role may not be assumed.
    """
    sdk = configure(identity.region, environ, connect_timeout, read_timeout, progress)
    session = sdk.anonymous() if isinstance(base, WebIdentity) else sdk.session()
    _check_region(session, identity.region)
    again, patience = retry or Retry(), Patience(settle, progress)
    session, caller, taken = _base(sdk, session, base, again, patience)
    for hop in hops(identity):
        client, principal = sdk.client(session, "sts"), taken.role if taken else None
        taken = RoleSession(client, hop, caller, principal=principal, retry=again, patience=patience).taken
        session, caller = sdk.session(taken.credentials), taken.identity
    return AwsSession(sdk, session, caller, taken.account if taken else None)


def open_reader(
    identity: StoreIdentity,
    base: Base | None = None,
    *,
    limiters: RateLimiters,
    requests_per_second: float = DEFAULT_RATE,
    environ: Mapping[str, str] = os.environ,
    settle: float = 0.0,
    progress: Callable[[str], None] = lambda _: None,
) -> ParameterReader:
    """Take a store's identity and return what reads its parameters.

    Args:
        identity: see `open_session`.
        base: see `open_session`.
        limiters: the process's rate limits.
        requests_per_second: calls that this store is content with; see `RateLimiter`.
        environ: see `open_session`.
        settle: see `open_session` and `ParameterReader`.
        progress: told how far a read that takes long is.

    Raises:
        SpecError: see `open_session`; or the rate is not positive.
        IdentityError: see `open_session`.
    """
    session = open_session(identity, base, environ=environ, settle=settle, progress=progress)
    caller = session.caller
    limiter = limiters.of(caller.account, caller.region, requests_per_second)
    return ParameterReader(session.client("ssm"), limiter, Retry(), caller=caller, settle=settle, progress=progress)


def _base(
    sdk: Sdk, session: Session, base: Base | None, retry: Retry, patience: Patience
) -> tuple[Session, str, Taken | None]:
    """The session that everything begins with, what to call it in messages, and the role that it took if any."""
    match base:
        case WebIdentity():
            taken = WebIdentitySession(sdk.client(session, "sts"), base, retry, patience).taken
            return sdk.session(taken.credentials), taken.identity, taken
        case AccessKeys():
            token = base.session_token
            session.set_credentials(
                base.access_key_id.reveal(), base.secret_access_key.reveal(), token.reveal() if token else None
            )
            return session, f"the access keys of {base.source}", None
        case PodRole():
            return *take_pod_role(sdk, base, retry, patience), None
        case None:
            return *_default(session, patience), None


def _default(session: Session, patience: Patience) -> tuple[Session, str]:
    """What the AWS SDK's default chain finds, ready for use: a chain that takes a role itself takes it here."""
    credentials: Credentials | None = None
    frozen: ReadOnlyCredentials | None = None

    def find() -> None:
        nonlocal credentials, frozen
        credentials = session.get_credentials()
        frozen = None if credentials is None else credentials.get_frozen_credentials()

    try:
        with deadline_in(CHAIN_LIMIT):
            within(CHAIN_LIMIT, find, waiting=Waiting("AWS credentials", patience.progress))
    except ParameterStoreError as error:
        raise error from None  # of a program that the chain runs, in words of our own
    except TookTooLongError:
        msg = f"the AWS SDK's default chain came to no credentials within {CHAIN_LIMIT:.0f} s: {_CHAIN_ADVICE}"
        raise IdentityError(msg) from None
    except OSError as error:
        raise IdentityError(
            f"the AWS SDK's default chain came to no credentials: a file or program that the profile names "
            f"(credential_process) cannot be used: {error.strerror or type(error).__name__}; install it, or correct "
            "AWS_PROFILE or ~/.aws/config"
        ) from None
    except Exception as error:  # noqa: BLE001 # the chain runs the user's own commands; what they print is not shown
        raise IdentityError(_unusable(classify(error), credentials)) from None
    if credentials is None or frozen is None:
        msg = (
            "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of "
            "the AWS SDK's default chain, or give the store access keys (auth.secretRef)"
        )
        raise IdentityError(msg)
    texts = {"access key ID": frozen.access_key, "secret access key": frozen.secret_key, "session token": frozen.token}
    for what, text in texts.items():
        if text is not None and (problem := credential_problem(text)):
            raise IdentityError(
                f"the {what} that the AWS SDK's default chain found ({_source(what, credentials.method)}) {problem}; "
                "set it again, in one line"
            )
    return session, f"the AWS SDK's default credentials ({credentials.method})"


_CHAIN_ADVICE = "run 'aws sts get-caller-identity' with the same AWS_PROFILE, which shows what it waits for"


def _source(what: str, method: str) -> str:
    """Where the default chain found credentials; botocore calls it its method."""
    return f"AWS_{what.upper().replace(' ', '_')}" if method == "env" else method


def _unusable(failure: Failure, credentials: Credentials | None) -> str:
    if failure.kind is Kind.CREDENTIALS:
        return f"AWS credentials {failure.reason} ({failure.code}): the AWS SDK's default chain found them unusable"
    if credentials is None or credentials.method != "assume-role-with-web-identity":
        return f"the AWS SDK's default chain came to no credentials: {failure.reason} ({failure.code})"
    named = os.environ.get("AWS_ROLE_ARN", "")
    role = f"role {named}" if is_role_arn(named) else "its profile's role"
    return (
        f"the AWS SDK's default chain cannot take {role} with the token of AWS_WEB_IDENTITY_TOKEN_FILE (IRSA): "
        f"{failure.reason} ({failure.code}). Likely cause: the role's trust policy, which must admit this token's "
        "issuer, sub and aud"
    )


def _check_region(session: Session, region: str) -> None:
    from botocore.exceptions import UnknownRegionError  # noqa: PLC0415 # see sdk.py

    try:
        session.get_partition_for_region(region)
    except UnknownRegionError:
        msg = f"region: no AWS partition has a region {region!r}: write one such as 'eu-central-1'"
        raise SpecError(msg) from None
