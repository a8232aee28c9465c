"""ESO's functions on PKCS #12 archives."""

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...late_imports import CRYPTOGRAPHY
from ..function import Family
from ..pem import read_pem
from ..pkcs12_tally import read_tally
from ..template_errors import FunctionError, LimitError
from .certificates import certificate_pem, ordered_chain, parse_certificate
from .keys import key_steps, parse_private_key, pem_steps, private_key_pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption
    from cryptography.x509 import Certificate

PKCS12 = Family()

_SLOW = 20_000
_WEIGHT = 8
_ROUNDS = 2048
MAX_ROUNDS = 600_000
"""Rounds of hashing that an archive may ask for in all its parts: each is a step. OpenSSL writes 3 times 2,048."""


def _load(password: bytes, archive: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - dear
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - dear

    for candidate in [password] if password else [None, b""]:
        try:
            loaded = pkcs12.load_pkcs12(archive, candidate)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if loaded.key is None or loaded.cert is None:
            raise FunctionError("the PKCS #12 archive does not hold a private key with its certificate")
        return loaded
    raise FunctionError("the value is not a PKCS #12 archive, or the password is wrong")


def _opening(*arguments: bytes) -> int:
    """The steps of opening an archive, which is the last argument."""
    tally = read_tally(arguments[-1])
    if tally.rounds > MAX_ROUNDS:
        raise LimitError(
            f"the PKCS #12 archive asks for {tally.rounds:,} rounds of hashing, and may ask for {MAX_ROUNDS:,}; make "
            "it with fewer (openssl pkcs12 -export -iter 100000)"
        )
    return _SLOW + tally.rounds + sum(map(key_steps, tally.keys))


def _making(_certificates: bytes, key: bytes, *_password: bytes) -> int:
    return _SLOW + pem_steps(key)


@PKCS12.add("pkcs12key", steps=_opening, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _key(archive: bytes) -> bytes:
    return _key_pass(b"", archive)


@PKCS12.add("pkcs12keyPass", steps=_opening, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _key_pass(password: bytes, archive: bytes) -> bytes:
    return private_key_pem(_load(password, archive).key)


@PKCS12.add("pkcs12cert", steps=_opening, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _cert(archive: bytes) -> bytes:
    return _cert_pass(b"", archive)


@PKCS12.add("pkcs12certPass", steps=_opening, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _cert_pass(password: bytes, archive: bytes) -> bytes:
    loaded = _load(password, archive)
    certificates = [loaded.cert.certificate, *(other.certificate for other in loaded.additional_certs)]
    # Certificates that are no chain stay in the order of the archive.
    with suppress(FunctionError):
        certificates = ordered_chain(certificates)
    return b"".join(map(certificate_pem, certificates))


@PKCS12.add("pemToPkcs12", varies=True, steps=_making, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _pem_to_pkcs12(certificate: bytes, key: bytes) -> bytes:
    return _pem_to_pkcs12_pass(certificate, key, b"")


@PKCS12.add("pemToPkcs12Pass", varies=True, steps=_making, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _pem_to_pkcs12_pass(certificate: bytes, key: bytes, password: bytes) -> bytes:
    # What stands behind the first block, such as the key itself, does not matter.
    return _archive(_certificates(certificate, most=1), key, password)


@PKCS12.add("fullPemToPkcs12", varies=True, steps=_making, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _full_pem_to_pkcs12(certificates: bytes, key: bytes) -> bytes:
    return _full_pem_to_pkcs12_pass(certificates, key, b"")


@PKCS12.add("fullPemToPkcs12Pass", varies=True, steps=_making, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _full_pem_to_pkcs12_pass(certificates: bytes, key: bytes, password: bytes) -> bytes:
    return _archive(_certificates(certificates), key, password)


@PKCS12.add("pemTruststoreToPKCS12", varies=True, steps=_SLOW, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _truststore(certificates: bytes) -> bytes:
    return _truststore_pass(certificates, b"")


@PKCS12.add("pemTruststoreToPKCS12Pass", varies=True, steps=_SLOW, weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _truststore_pass(certificates: bytes, password: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - dear

    entries = [
        pkcs12.PKCS12Certificate(certificate, certificate.subject.rfc4514_string().encode())
        for certificate in _certificates(certificates)
    ]
    return base64.b64encode(pkcs12.serialize_java_truststore(entries, _encryption(password)))


def _certificates(text: bytes, most: int | None = None) -> "list[Certificate]":
    blocks, _ = read_pem(text)
    if not blocks:
        raise FunctionError("the certificate is not PEM")
    return [parse_certificate(block.content) for block in blocks[:most]]


def _archive(certificates: "list[Certificate]", key: bytes, password: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - dear

    private: Any = parse_private_key(key)
    try:
        archive = pkcs12.serialize_key_and_certificates(
            None, private, certificates[0], certificates[1:], _encryption(password)
        )
    except (ValueError, TypeError):
        raise FunctionError("the private key does not belong to the certificate, or is of another kind") from None
    return base64.b64encode(archive)


def _encryption(password: bytes) -> "KeySerializationEncryption":
    """What go-pkcs12 calls Modern; an archive without a password is not encrypted at all here."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - dear
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat, pkcs12  # noqa: PLC0415 - dear

    if not password:
        return NoEncryption()
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_ROUNDS).hmac_hash(SHA256())
    return builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).build(password)
