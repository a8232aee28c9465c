"""ServiceAccount tokens: RS256 JWTs, the keys that prove them, and the OIDC documents that publish the keys."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import uuid
from functools import cached_property
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

DEFAULT_ISSUER: Final = "https://kubernetes.default.svc.cluster.local"
Claims = dict[str, Any]


class TokenIssuer:
    """Signs and checks ServiceAccount tokens with one RSA key, which is made when first needed.

    Args:
        issuer: `iss` of the tokens, and the audience of those meant for this API server.
    """

    def __init__(self, issuer: str = DEFAULT_ISSUER) -> None:
        self.issuer = issuer
        self._making = threading.Lock()

    @cached_property
    def _generated(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def _key(self) -> rsa.RSAPrivateKey:
        with self._making:
            return self._generated

    @cached_property
    def key_id(self) -> str:
        """`kid`: the SHA-256 of the public key in DER, as the real server makes it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return _base64url(hashlib.sha256(der).digest())

    def private_key_pem(self) -> str:
        """The key, for another server that is to sign like this one."""
        encoded = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return encoded.decode()

    def sign(self, claims: Claims) -> str:
        """A JWT over the claims."""
        header = {"alg": "RS256", "kid": self.key_id}
        signed = ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64url(signature)}"

    def verified(self, token: str, now: float) -> Claims | None:
        """The claims of a token of ours, for whatever audience, or None unless it is valid at `now` (Unix seconds)."""
        try:
            signed, _, signature = token.rpartition(".")
            self._key.public_key().verify(_unbase64url(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims: Claims = json.loads(_unbase64url(signed.partition(".")[2]))
        except (ValueError, InvalidSignature):
            return None
        return claims if claims["iss"] == self.issuer and claims["nbf"] <= now < claims["exp"] else None

    def discovery(self, url: str) -> dict[str, Any]:
        """`/.well-known/openid-configuration` of a server at `url`."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{url}/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def jwks(self) -> dict[str, Any]:
        """`/openid/v1/jwks`."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "use": "sig",
            "kty": "RSA",
            "kid": self.key_id,
            "alg": "RS256",
            "n": _base64url(numbers.n.to_bytes(256, "big")),
            "e": _base64url(numbers.e.to_bytes(3, "big")),
        }
        return {"keys": [key]}


def service_account_claims(
    issuer: str, namespace: str, account: dict[str, str], audiences: list[str], issued: int, seconds: int
) -> Claims:
    """The claims of a token for a ServiceAccount (`account` has its name and uid), valid for `seconds`."""
    return {
        "aud": audiences,
        "exp": issued + seconds,
        "iat": issued,
        "iss": issuer,
        "jti": str(uuid.uuid4()),
        "kubernetes.io": {"namespace": namespace, "serviceaccount": account},
        "nbf": issued,
        "sub": f"system:serviceaccount:{namespace}:{account['name']}",
    }


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
