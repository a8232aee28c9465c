"""ServiceAccount tokens as STS checks them: issuer, audience, expiry and signature. Pure, given the issuer's keys."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..errors import AwsError
from .patterns import Context

KeySet = Mapping[str, Any]
"""A JSON Web Key Set, as an issuer publishes it."""


@dataclass(frozen=True)
class OidcProvider:
    """An OIDC provider of an account.

    Attributes:
        arn: its ARN.
        issuer: the issuer's URL without `https://`.
        client_ids: the audiences that it accepts.
    """

    arn: str
    issuer: str
    client_ids: frozenset[str]


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token that nobody has verified.

    Raises:
        AwsError: it is no JWT.
    """
    try:
        header, claims, _ = token.split(".")
        json.loads(_decoded(header))
        found = json.loads(_decoded(claims))
    except ValueError:
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from None
    return dict(found)


def issuer_of(claims: Mapping[str, Any]) -> str:
    """The issuer's URL without scheme."""
    return str(claims.get("iss", "")).removeprefix("https://").rstrip("/")


def verify(token: str, provider: OidcProvider | None, keys: KeySet | None, now: float) -> Context:
    """Check a token and return its condition keys.

    Args:
        token: the JWT.
        provider: the OIDC provider of the role's account for the token's issuer.
        keys: what the issuer publishes; None if it cannot be reached.
        now: Unix seconds.

    Raises:
        AwsError: what STS answers.
    """
    claims = claims_of(token)
    issuer = issuer_of(claims)
    if provider is None:
        raise _invalid(f"No OpenIDConnect provider found in your account for https://{issuer}")
    if keys is None:
        raise _invalid(
            "Couldn't retrieve verification key from your identity provider, please reference "
            "AssumeRoleWithWebIdentity documentation for requirements"
        )
    audiences = claims.get("aud", [])
    audiences = [audiences] if isinstance(audiences, str) else list(audiences)
    if provider.client_ids.isdisjoint(audiences):
        raise _invalid("Incorrect token audience")
    if not _signed(token, keys.get("keys", [])):
        raise _invalid("Token signature invalid")
    if claims["exp"] <= now:
        dates = [datetime.fromtimestamp(each, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for each in (now, claims["exp"])]
        text = f"Token expired: current date/time {dates[0]} must be before the expiration date/time {dates[1]}"
        raise AwsError("ExpiredTokenException", text, HTTPStatus.BAD_REQUEST)
    return {f"{issuer}:aud".lower(): audiences, f"{issuer}:sub".lower(): [str(claims.get("sub", ""))]}


def _signed(token: str, keys: Iterable[Mapping[str, Any]]) -> bool:
    signed, _, signature = token.rpartition(".")
    key_id = json.loads(_decoded(token.partition(".")[0])).get("kid")
    for key in keys:
        if key.get("kid") == key_id and key.get("kty") == "RSA":
            numbers = rsa.RSAPublicNumbers(*(int.from_bytes(_decoded(key[part]), "big") for part in ("e", "n")))
            try:
                numbers.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            except InvalidSignature:
                return False
            return True
    return False


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidIdentityToken", text, HTTPStatus.BAD_REQUEST)
