"""ESO's functions on keys: JSON Web Keys as PEM, and decryption with RSA."""

import base64
from typing import TYPE_CHECKING, Any

from ...late_imports import CRYPTOGRAPHY
from ..function import Family
from ..go_values import GoList, GoMap, Value
from ..json_text import parse_json
from ..pem import read_pem, write_pem
from ..template_errors import FunctionError, LimitError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

KEYS = Family()

_TEXTS = frozenset({b"kid", b"use", b"alg", b"x5u", b"x5t", b"x5t#S256", b"d", b"dp", b"dq", b"qi"})
_LISTS = frozenset({b"key_ops", b"x5c"})
"""What has to be text, or a list of texts, where it is there, be it of use here or not."""
_LARGEST = 5000
"""Bytes of a private key: one of RSA with 8192 bits has 4,700."""
_USUAL, _STEPS = 2400, 100_000
"""Bytes of an RSA key with 4096 bits, and the steps of reading it: that tests its primes, which takes time that grows
with the cube of its length."""
_WEIGHT = 8
_NUMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y")
_WRONG = "the string is not a JSON Web Key that can be used here (RSA, EC on a P curve, or Ed25519)"


def key_steps(size: int) -> int:
    """The steps of reading a private key.

    Args:
        size: bytes of its encoding.

    Raises:
        LimitError: it is too large.
    """
    if size > _LARGEST:
        raise LimitError("a private key is larger than an RSA key of 8192 bits, which takes too long to check")
    return _STEPS * size**3 // _USUAL**3


def pem_steps(text: bytes) -> int:
    """The steps of reading the private key in the first PEM block of a text; see `key_steps`."""
    blocks, _ = read_pem(text)
    return key_steps(len(blocks[0].content)) if blocks else 0


def _jwk_steps(text: bytes) -> int:
    fields = _fields(text)
    # In DER there are half as many bytes again as the 3 largest numbers have, and those that are left out.
    return key_steps(max(len(fields.get(name, "")) for name in _NUMBERS) * 27 // 8)


@KEYS.add("jwkPublicKeyPem", steps=_jwk_steps, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _jwk_public_key_pem(text: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - dear

    fields = _fields(text)
    if "d" in fields:
        raise FunctionError("the JSON Web Key is a private key")
    try:
        key = _public(fields)
    except (ValueError, KeyError):
        raise FunctionError(_WRONG) from None
    return write_pem(b"PUBLIC KEY", key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@KEYS.add("jwkPrivateKeyPem", steps=_jwk_steps, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _jwk_private_key_pem(text: bytes) -> bytes:
    fields = _fields(text)
    if "d" not in fields:
        raise FunctionError("the JSON Web Key is not a private key")
    try:
        key = _private(fields)
    except (ValueError, KeyError):
        raise FunctionError(_WRONG) from None
    return private_key_pem(key)


def private_key_pem(key: "PrivateKeyTypes") -> bytes:
    """A private key as PEM, PKCS #8 without a password."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415 - dear

    return write_pem(b"PRIVATE KEY", key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _fields(text: bytes) -> dict[str, str]:
    value = parse_json(text)
    if not isinstance(value, GoMap):
        raise FunctionError(_WRONG)
    for name, item in value.items.items():
        if not (item is None or (_is_texts(item) if name in _LISTS else isinstance(item, bytes) or name not in _TEXTS)):
            raise FunctionError(_WRONG)
    texts = {name: item or b"" for name, item in value.items.items() if isinstance(item, bytes | None)}
    return {name.decode(): text.decode() for name, text in texts.items()}


def _is_texts(value: Value) -> bool:
    return isinstance(value, GoList) and all(isinstance(item, bytes) for item in value.items)


def _bytes(fields: dict[str, str], name: str) -> bytes:
    text = fields[name].encode()
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _number(fields: dict[str, str], name: str) -> int:
    return int.from_bytes(_bytes(fields, name), "big")


def _public(fields: dict[str, str]) -> "PublicKeyTypes":
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - dear

    curves: dict[str, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]] = {
        "P-256": ec.SECP256R1,
        "P-384": ec.SECP384R1,
        "P-521": ec.SECP521R1,
    }
    match fields.get("kty"):
        case "RSA":
            return rsa.RSAPublicNumbers(_number(fields, "e"), _number(fields, "n")).public_key()
        case "EC":
            curve = curves[fields["crv"]]()
            return ec.EllipticCurvePublicNumbers(_number(fields, "x"), _number(fields, "y"), curve).public_key()
        case "OKP" if fields.get("crv") == "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(fields, "x"))
    raise FunctionError(_WRONG)


def _private(fields: dict[str, str]) -> "PrivateKeyTypes":
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - dear

    public: Any = _public(fields)
    match public:
        case rsa.RSAPublicKey():
            p, q, d = (_number(fields, name) for name in ("p", "q", "d"))
            computed = {"dp": rsa.rsa_crt_dmp1(d, p), "dq": rsa.rsa_crt_dmq1(d, q), "qi": rsa.rsa_crt_iqmp(p, q)}
            dp, dq, qi = (_number(fields, name) if fields.get(name) else computed[name] for name in computed)
            return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public.public_numbers()).private_key()
        case ec.EllipticCurvePublicKey():
            return ec.EllipticCurvePrivateNumbers(_number(fields, "d"), public.public_numbers()).private_key()
        case _:
            return ed25519.Ed25519PrivateKey.from_private_bytes(_bytes(fields, "d"))


def parse_private_key(text: bytes) -> "PrivateKeyTypes":
    """The private key in the first PEM block of a text.

    Raises:
        FunctionError: there is none, or it is of a kind that is not supported.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - dear
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415 - dear

    blocks, _ = read_pem(text)
    if not blocks:
        raise FunctionError("the private key is not PEM")
    try:
        return load_der_private_key(blocks[0].content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FunctionError("the PEM block is not a private key without a password") from None


@KEYS.add("rsaDecrypt", steps=lambda _scheme, _digest, _text, key: pem_steps(key), imports=CRYPTOGRAPHY)
def _rsa_decrypt(scheme: bytes, digest: bytes, text: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - dear
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - dear

    if scheme == b"None":
        return text
    if scheme != b"RSA-OAEP":
        raise FunctionError("the scheme is RSA-OAEP or None")
    private = parse_private_key(key)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise FunctionError("the private key is not RSA")
    known: dict[bytes, hashes.HashAlgorithm] = {b"SHA1": hashes.SHA1(), b"SHA512": hashes.SHA512()}  # noqa: S303 - ESO offers it
    algorithm = known.get(digest, hashes.SHA256())
    try:
        return private.decrypt(text, padding.OAEP(padding.MGF1(algorithm), algorithm, None))
    except ValueError:
        raise FunctionError("the string cannot be decrypted with this key") from None
