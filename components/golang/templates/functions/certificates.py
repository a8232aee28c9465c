"""ESO's functions on PEM texts and certificates."""

import ipaddress
from typing import TYPE_CHECKING

from ...late_imports import CRYPTOGRAPHY
from ..function import Family
from ..go_values import GoList, strings
from ..pem import read_pem, write_pem
from ..template_errors import FunctionError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CERTIFICATES = Family()

_WEIGHT = 8
"""A certificate takes a few hundred bytes, and each is compared with all others."""


def _from_first_block(text: bytes) -> bytes:
    start = text.find(b"-----BEGIN")
    return text[start:] if start > 0 else text


@CERTIFICATES.add("filterPEM", weight=_WEIGHT)
def _filter_pem(kind: bytes, text: bytes) -> bytes:
    blocks, rest = read_pem(_from_first_block(text))
    wanted = [block for block in blocks if block.kind.lower() == kind.lower()]
    if not wanted and rest:
        raise FunctionError("the string is not PEM, or something stands behind its last block")
    return b"".join(write_pem(block.kind, block.content, block.headers) for block in wanted)


def parse_certificate(content: bytes) -> "Certificate":
    """A certificate.

    Raises:
        FunctionError: the bytes are none.
    """
    from cryptography import x509  # noqa: PLC0415 - it is dear to import

    try:
        certificate = x509.load_der_x509_certificate(content)
        certificate.extensions  # noqa: B018 - reading it is what shows whether they are right
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise FunctionError("a PEM block is not a certificate") from None
    return certificate


def key_ids(certificate: "Certificate") -> tuple[bytes, bytes]:
    """The identifier of the key that signed a certificate and that of its own; empty where it has none."""
    from cryptography import x509  # noqa: PLC0415 - it is dear to import

    authority = subject = b""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.AuthorityKeyIdentifier):
            authority = extension.value.key_identifier or b""
        elif isinstance(extension.value, x509.SubjectKeyIdentifier):
            subject = extension.value.digest
    return authority, subject


def is_root(certificate: "Certificate") -> bool:
    """Whether a certificate names no other key than its own as its signer's."""
    authority, subject = key_ids(certificate)
    return authority in {b"", subject}


def ordered_chain(certificates: "list[Certificate]") -> "list[Certificate]":
    """The certificates from the leaf to the root, by the identifiers of their keys.

    Raises:
        FunctionError: they are not one chain.
    """
    ids = [key_ids(certificate) for certificate in certificates]
    parents: dict[int, int] = {}
    for child, (authority, _) in enumerate(ids):
        for parent, (_, subject) in enumerate(ids):
            if parent != child and subject == authority:
                parents[child] = parent
                break
    leaves = [position for position in range(len(ids)) if position not in parents.values()]
    if len(leaves) != 1:
        raise FunctionError("the certificates are not one chain with one leaf")
    chain: list[Certificate] = []
    position: int | None = leaves[0]
    while position is not None:
        if len(chain) == len(certificates):
            raise FunctionError("the certificates sign each other in a circle")
        chain.append(certificates[position])
        position = parents.get(position)
    return chain


def certificate_pem(certificate: "Certificate") -> bytes:
    """A certificate as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - it is dear to import

    return write_pem(b"CERTIFICATE", certificate.public_bytes(Encoding.DER))


@CERTIFICATES.add("filterCertChain", weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _filter_cert_chain(kind: bytes, text: bytes) -> bytes:
    blocks, _ = read_pem(text)
    chain = ordered_chain([parse_certificate(block.content) for block in blocks])
    if kind == b"leaf":
        authority, subject = key_ids(chain[0])
        return certificate_pem(chain[0]) if authority and authority != subject else b""
    if kind == b"intermediate":
        roots = (position for position, certificate in enumerate(chain) if position and is_root(certificate))
        return b"".join(map(certificate_pem, chain[1 : next(roots, len(chain))]))
    if kind == b"root":
        return certificate_pem(chain[-1]) if is_root(chain[-1]) else b""
    return b""


@CERTIFICATES.add("certSANs", weight=_WEIGHT, imports=CRYPTOGRAPHY)
def _cert_sans(text: bytes) -> GoList:
    from cryptography import x509  # noqa: PLC0415 - it is dear to import

    blocks, _ = read_pem(_from_first_block(text))
    if not blocks:
        raise FunctionError("the string is not PEM")
    extensions = parse_certificate(blocks[0].content).extensions
    found = [extension.value for extension in extensions if isinstance(extension.value, x509.SubjectAlternativeName)]
    names: list[x509.GeneralName] = [*found[0]] if found else []
    addresses = [name.value for name in names if isinstance(name, x509.IPAddress)]
    values = [
        *(name.value for name in names if isinstance(name, x509.DNSName)),
        *map(_address, addresses),
        *(name.value for name in names if isinstance(name, x509.RFC822Name)),
        *(name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)),
    ]
    return strings(value.encode() for value in values)


def _address(address: object) -> str:
    """An address as Go prints it: one of IPv4 within IPv6 as one of IPv4."""
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(inner or address)
