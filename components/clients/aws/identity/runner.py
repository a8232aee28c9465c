"""The identity that runs Pulumi: of the AWS SDK's default chain, or what Pulumi's AWS provider was configured with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....core.iam.texts import is_role_arn
from ....core.spec.store_identity import AccessKeys, access_keys_problem, credential_problem
from ....display import shown_url
from ....errors import IdentityError, ParameterStoreError
from ...waiting import TookTooLongError, Waiting, deadline_in, within
from ..failures import CORRECT, CallFailedError, Kind, classify
from ..sdk_limits import CHAIN_LIMIT
from .assume_role import RoleSession
from .temporary_credentials import SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore.credentials import Credentials, ReadOnlyCredentials
    from botocore.session import Session

    from ....core.spec.runner_specs import RunnerSpec
    from ....core.spec.store_identity import Hop
    from ..retry import Retry
    from ..sdk import Sdk
    from .temporary_credentials import Propagation, RoleCredentials


@dataclass(frozen=True)
class Identity:
    """Who asks AWS, at one point of a store's chain of roles.

    Attributes:
        session: its credentials.
        caller: ARN or description, for messages.
        credentials: those of the role that was assumed last, if any.
    """

    session: Session
    caller: str
    credentials: RoleCredentials | None = None


def runner_identity(sdk: Sdk, runner: RunnerSpec | None, retry: Retry, propagation: Propagation) -> Identity:
    """The identity that Pulumi's AWS provider would have.

    Raises:
        IdentityError: there are no credentials, AWS does not accept them, a role may not be assumed, or the account is
            one that the provider must not work in.
    """
    if runner is None:
        return _default(sdk.session(), None, propagation)
    session = sdk.session(profile=runner.profile)
    if runner.access_key and runner.secret_key:
        keys = AccessKeys(runner.access_key, runner.secret_key, runner.token)
        base_identity = Identity(with_keys(session, keys), "the access keys of Pulumi's AWS provider")
    else:
        base_identity = _default(session, runner.profile, propagation)
    last = assume_roles(sdk, base_identity, runner.roles, retry, propagation)
    if runner.asks_account and (why := runner.refusal(_account(sdk, last, retry))):
        raise IdentityError(f"{why}: nothing was read. Correct the credentials, or that list")
    return last


def assume_roles(
    sdk: Sdk, base_identity: Identity, roles: Iterable[Hop], retry: Retry, propagation: Propagation
) -> Identity:
    """Assume roles one after the other.

    Raises:
        IdentityError: a role may not be assumed.
    """
    current = base_identity
    for hop in roles:
        client, before = sdk.client(current.session, "sts"), current.credentials.role if current.credentials else None
        assumed = RoleSession(
            client, hop, current.caller, principal=before, retry=retry, propagation=propagation
        ).credentials
        current = Identity(sdk.session(assumed.refreshable), assumed.identity, assumed)
    return current


def with_keys(session: Session, keys: AccessKeys) -> Session:
    """The same session with static credentials."""
    token = keys.session_token
    session.set_credentials(
        keys.access_key_id.reveal(), keys.secret_access_key.reveal(), token.reveal() if token else None
    )
    return session


def _account(sdk: Sdk, identity: Identity, retry: Retry) -> str:
    if identity.credentials:
        return identity.credentials.account
    client = sdk.client(identity.session, "sts")
    try:
        return str(SETTLED.call(retry, client.get_caller_identity, "the account")["Account"])
    except CallFailedError as failed:
        raise IdentityError(
            f"STS does not say which account {identity.caller} are of: {failed.failure.reason}{failed.tried}"
            f"{failed.failure.named}; it was asked at {shown_url(client.meta.endpoint_url)} because of "
            "allowedAccountIds or forbiddenAccountIds"
        ) from None


def _default(session: Session, profile: str | None, propagation: Propagation) -> Identity:
    """What the AWS SDK's default chain finds, ready for use: a chain that assumes a role itself does it here."""
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 # see sdk.py

    credentials: Credentials | None = None
    frozen: ReadOnlyCredentials | None = None

    def find() -> None:
        nonlocal credentials, frozen
        credentials = session.get_credentials()
        frozen = None if credentials is None else credentials.get_frozen_credentials()

    try:
        with deadline_in(CHAIN_LIMIT):
            within(CHAIN_LIMIT, find, waiting=Waiting("AWS credentials", propagation.progress))
    except ParameterStoreError as error:
        raise error from None  # of a program that the chain runs, in words of our own
    except TookTooLongError:
        msg = f"the AWS SDK found no credentials within {CHAIN_LIMIT:.0f} s: {_CHAIN_ADVICE}"
        raise IdentityError(msg) from None
    except ProfileNotFound as error:
        raise IdentityError(_no_profile(profile) if profile else _unusable(error, credentials)) from None
    except Exception as error:  # noqa: BLE001 # the chain runs the user's own commands; what they print is not shown
        raise IdentityError(_unusable(error, credentials)) from None
    if credentials is None or frozen is None:
        msg = (
            "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of "
            "the AWS SDK's default chain, or give the store access keys (auth.secretRef)"
            if profile is None
            else f"no AWS credentials in profile {profile!r}: complete it in ~/.aws"
        )
        raise IdentityError(msg)
    texts = {"access key ID": frozen.access_key, "secret access key": frozen.secret_key, "session token": frozen.token}
    for what, text in texts.items():
        if text is not None and (problem := credential_problem(text)):
            raise IdentityError(
                f"the {what} that the AWS SDK's default chain found ({_source(what, credentials.method)}) {problem}; "
                "set it again, in one line"
            )
    if problem := access_keys_problem(frozen.access_key or "", frozen.secret_key or "", token=bool(frozen.token)):
        raise IdentityError(
            f"the credentials that the AWS SDK's default chain found ({credentials.method}): {problem}; set them "
            "again, all from one place"
        )
    which = f"the credentials of profile {profile!r}" if profile else "the AWS SDK's default credentials"
    return Identity(session, f"{which} ({credentials.method})")


_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
"""What has the chain ask an endpoint of the container; the first goes first."""
_CHAIN_ADVICE = "run 'aws sts get-caller-identity' with the same AWS_PROFILE, which shows what it waits for"


def _no_profile(profile: str) -> str:
    return (
        f"there is no AWS profile {profile!r} in ~/.aws/config or ~/.aws/credentials; create it, or correct "
        "aws:profile in the stack's settings (or `profile` of the AWS provider)"
    )


def _source(what: str, method: str) -> str:
    """Where the default chain found credentials; botocore calls it its method."""
    return f"AWS_{what.upper().replace(' ', '_')}" if method == "env" else method


def _unusable(error: Exception, credentials: Credentials | None) -> str:
    failure, advice = classify(error), ""
    found = failure.kind is Kind.CREDENTIALS and getattr(error, "kwargs", {}).get("provider") != "container-role"
    container = next((name for name in _CONTAINER if os.environ.get(name)), None)
    if container and credentials is None and not found:
        advice = f"; {container} is set: run this where its endpoint answers (an EKS pod, an ECS task), or unset it"
    elif failure.kind in (Kind.CREDENTIALS, Kind.UNEXPECTED) and not hasattr(error, "response"):
        missing = getattr(error, "kwargs", {}).get("cred_var")  # a name: of a variable, or in a profile
        advice = f"; {missing} is missing" if missing else "" if "run '" in failure.reason else f"; {CORRECT}"
    why = f"{failure.reason}{failure.named}"
    if failure.kind is Kind.CREDENTIALS:
        return f"AWS credentials {why}: the AWS SDK's default chain found them unusable{advice}"
    if credentials is None or credentials.method != "assume-role-with-web-identity":
        return f"the AWS SDK found no credentials: {why}{advice}"
    named = os.environ.get("AWS_ROLE_ARN", "")
    role = f"role {named}" if is_role_arn(named) else "its profile's role"
    return (
        f"the AWS SDK's default chain cannot take {role} with the token of AWS_WEB_IDENTITY_TOKEN_FILE (IRSA): "
        f"{why}. Likely cause: the role's trust policy, which must admit this token's "
        "issuer, sub and aud"
    )
