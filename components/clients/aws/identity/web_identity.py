"""Assumes a role with a ServiceAccount's token (IRSA): AssumeRoleWithWebIdentity, an unsigned call, as ESO makes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....core.iam import trust
from ....core.iam.texts import is_role_arn
from ....core.iam.trust import AUDIENCE
from ....core.secret_value import Secret
from ....core.spec.store_identity import ROLE_ANNOTATION
from ....display import shown_url, without_userinfo
from ....errors import IdentityError, SpecError
from ..failures import CallFailedError, Kind
from ..retry import Retry
from .temporary_credentials import SESSION_NAME, Propagation, checked, role_credentials

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleWithWebIdentityResponseTypeDef


@dataclass(frozen=True)
class WebIdentity:
    """Base credentials by web identity (ESO: `auth.jwt.serviceAccountRef`).

    Attributes:
        role: ARN of the role, from the ServiceAccount's annotation.
        token: requests a new token; called again before each renewal, as tokens expire too.
        source: whose token it is, for messages, such as `ServiceAccount team-a/reader`.

    Raises:
        IdentityError: the annotation's value is not a role's ARN.
    """

    role: str
    token: Callable[[], Secret]
    source: str

    def __post_init__(self) -> None:
        if not is_role_arn(self.role):
            raise IdentityError(
                f"{self.source}: its annotation {ROLE_ANNOTATION} is {self.role[:100]!r}, which is not a "
                "role's ARN: write arn:<partition>:iam::<account>:role/<name>"
            )


class WebIdentitySession:
    """One role assumed by web identity: one token and one call to STS now, and again before an hour has passed.

    Attributes:
        credentials: the credentials, and whose they are.

    Args:
        client: STS; it needs no credentials.
        identity: whose token, which role.
        retry: how long to go on when STS throttles or does not answer.
        propagation: how long a new role may be unknown to AWS.

    Raises:
        IdentityError: the role may not be assumed, or STS cannot be asked.
    """

    def __init__(self, client: STSClient, identity: WebIdentity, retry: Retry, propagation: Propagation) -> None:
        self._client = client
        self._identity = identity
        self._retry = retry
        self.credentials = role_credentials(identity.role, self._assume, propagation, "assume-role-with-web-identity")

    def _assume(self, propagation: Propagation) -> AssumeRoleWithWebIdentityResponseTypeDef:
        token = self._identity.token()
        try:
            return propagation.call(
                self._retry,
                lambda: checked(
                    self._client.assume_role_with_web_identity(
                        RoleArn=self._identity.role, RoleSessionName=SESSION_NAME, WebIdentityToken=token.reveal()
                    ),
                    self._identity.role,
                ),
                f"role {self._identity.role}",
            )
        except CallFailedError as failed:
            raise _not_assumed(
                failed, self._identity, _claims(token), shown_url(self._client.meta.endpoint_url)
            ) from None


def _claims(token: Secret) -> dict[str, Any]:
    """What the token says of its owner; the claims are no secret; the signature is, and is not read."""
    try:
        body = token.reveal().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _not_assumed(
    failed: CallFailedError, identity: WebIdentity, claims: dict[str, Any], endpoint: str
) -> IdentityError:
    failure = failed.failure
    role, source = identity.role, identity.source
    issuer = without_userinfo(str(claims.get("iss", "the cluster's issuer")))
    named = claims.get("aud", AUDIENCE)
    audiences = [str(each) for each in named] if isinstance(named, list) else [str(named)]
    if failure.code == "ExpiredTokenException":
        return IdentityError(
            f"{source} cannot take role {role}: STS says that its token has expired, although it was requested just "
            "now: set the clocks of the cluster's API server and of this machine right"
        )
    if failure.code in ("InvalidIdentityToken", "IDPRejectedClaim"):
        return IdentityError(
            f"{source} cannot take role {role}: STS does not accept its token ({failure.code}: {failure.reason}). "
            f"The role's account needs an IAM OIDC provider with the URL {issuer} and the audience "
            f"{' or '.join(audiences)}, and AWS must be able to fetch that issuer's public keys"
        )
    if failure.kind is Kind.DENIED:
        subject = str(claims.get("sub", ""))
        return IdentityError(
            f"{source} may not take role {role} by sts:AssumeRoleWithWebIdentity. Likely causes: the role does not "
            f"exist; its trust policy does not name the OIDC provider of {issuer}; or its conditions on the token "
            f"differ from sub = {subject or source} and aud = {' or '.join(audiences)}"
            f"{_remedy(role, issuer, subject, audiences[0])}"
        )
    return IdentityError(
        f"{source} cannot take role {role}: STS was asked at {endpoint} and {failure.reason}{failed.tried}"
        f"{failure.named}"
    )


def _remedy(role: str, issuer: str, subject: str, audience: str) -> str:
    """The statement that lets the token's owner assume the role, if the token says who that is."""
    host = issuer.removeprefix("https://")
    namespace, _, name = subject.removeprefix("system:serviceaccount:").partition(":")
    if host == issuer or not name:
        return ""
    provider = f"{role.partition(':role/')[0]}:oidc-provider/{host}"
    try:
        wanted = trust.web_identity(provider, host, namespace, name, audience)
    except SpecError:
        return ""  # what the token says of itself can stand in no policy
    return f". This statement in the role's trust policy allows it: {trust.statement_of(wanted)}"
