"""What all ways to assume a role have in common: credentials that renew themselves, and time for IAM to propagate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ...retry_after import in_words
from ...waiting import TELL_EVERY
from ..failures import Failure, Kind, UnreadableAnswerError, is_identity_arn
from ..retry import Retry

if TYPE_CHECKING:
    from botocore.credentials import RefreshableCredentials
    from mypy_boto3_sts.type_defs import AssumeRoleResponseTypeDef, AssumeRoleWithWebIdentityResponseTypeDef

    Answer = AssumeRoleResponseTypeDef | AssumeRoleWithWebIdentityResponseTypeDef

Result = TypeVar("Result")
SESSION_NAME = "pulumi-parameter-store"


@dataclass(frozen=True)
class Propagation:
    """How long IAM may need until roles, policies and OIDC providers are known: so long a denial is tried again.

    Attributes:
        seconds: 30 or so where the identity was written in this operation; 0 otherwise.
        progress: told about every five seconds what is waited for.
    """

    seconds: float = 0.0
    progress: Callable[[str], None] = lambda _: None

    def call(self, retry: Retry, attempt: Callable[[], Result], what: str) -> Result:
        """Run a call to STS, repeating it while it is denied and IAM may still propagate; errors as of `Retry.call`."""
        tell_at = retry.after(TELL_EVERY)

        def on_retry(failure: Failure) -> None:
            nonlocal tell_at
            if failure.kind is Kind.DENIED and retry.after(0) >= tell_at:
                tell_at = retry.after(TELL_EVERY)
                self.progress(f"waiting for IAM to propagate {what}, which this program has just written")
            elif failure.retry_after is not None and failure.retry_after > TELL_EVERY:
                self.progress(
                    f"waiting {in_words(failure.retry_after)} for {what}: AWS asks for that, it is overloaded"
                )

        return retry.call(attempt, on_retry=on_retry, settled_at=retry.after(self.seconds))


SETTLED = Propagation()


@dataclass(frozen=True)
class RoleCredentials:
    """The credentials of an assumed role, which renew themselves before they expire, and the ARN of its session."""

    role: str
    identity: str
    refreshable: RefreshableCredentials

    @property
    def account(self) -> str:
        """The twelve digits of the role's account."""
        return self.identity.split(":")[4]


def role_credentials(
    role: str, assume: Callable[[Propagation], Answer], propagation: Propagation, method: str
) -> RoleCredentials:
    """Assume a role now, and again whenever its credentials are about to expire, when the role is new no more."""
    from botocore.credentials import RefreshableCredentials  # noqa: PLC0415 # see sdk.py

    answer = assume(propagation)
    credentials = RefreshableCredentials.create_from_metadata(
        metadata=_metadata(answer), refresh_using=lambda: _metadata(assume(SETTLED)), method=method
    )
    return RoleCredentials(role, answer["AssumedRoleUser"]["Arn"], credentials)


def is_session_of(identity: str, role: str) -> bool:
    """Whether an ARN is that of a session of a role, of which it has the account and the name without a path."""
    return (identity.split(":")[4], *identity.split("/")[1:2]) == (role.split(":")[4], role.rpartition("/")[2])


def checked(answer: Result, role: str) -> Result:
    """STS's answer, with all that is needed of it; UnreadableAnswerError where it cannot be AWS's about this role."""
    fields: Any = answer
    arn, credentials = fields.get("AssumedRoleUser", {}).get("Arn"), fields.get("Credentials", {})
    needed = [arn, *(credentials.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))]
    # Texts name the identity, so that nothing else may stand in its place.
    whole = all(isinstance(each, str) and each for each in needed)
    if not whole or not is_identity_arn(arn) or not is_session_of(arn, role):
        raise UnreadableAnswerError
    if not isinstance(credentials.get("Expiration"), datetime):
        raise UnreadableAnswerError
    return answer


def _metadata(answer: Answer) -> dict[str, str]:
    credentials = answer["Credentials"]
    return {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretAccessKey"],
        "token": credentials["SessionToken"],
        "expiry_time": credentials["Expiration"].isoformat(),
    }
