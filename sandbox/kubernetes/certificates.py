"""A certificate authority for one run: the server's certificate and client certificates, in memory."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable


DAY: Final = timedelta(days=1)
_NO_CHECK_TIME: Final = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which the ssl module does not name


class CertificateAuthority:
    """Signs certificates that are valid for a day, unless something else is asked for."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox-kubernetes-ca")])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        self._certificate = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = _pem(self._certificate)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: timedelta = DAY
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, now + until) - timedelta(minutes=5))
            .not_valid_after(now + until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )

    def server(self, host: str) -> tuple[str, str]:
        """Certificate and key (PEM) of a server at an IP address, also known as localhost."""
        names = [x509.IPAddress(ipaddress.ip_address(host)), x509.DNSName("localhost")]
        alternatives = x509.SubjectAlternativeName(names)
        return self._signed(
            [(NameOID.COMMON_NAME, "sandbox-kubernetes")], ExtendedKeyUsageOID.SERVER_AUTH, alternatives
        )

    def client(self, name: str, groups: Iterable[str] = (), *, until: timedelta = DAY) -> tuple[str, str]:
        """Certificate and key (PEM) of a user: the name is the common name, the groups are organizations."""
        subject = [(NameOID.ORGANIZATION_NAME, group) for group in groups] + [(NameOID.COMMON_NAME, name)]
        return self._signed(subject, ExtendedKeyUsageOID.CLIENT_AUTH, None, until)

    def _signed(
        self,
        subject: list[tuple[x509.ObjectIdentifier, str]],
        usage: x509.ObjectIdentifier,
        alternatives: x509.SubjectAlternativeName | None,
        until: timedelta = DAY,
    ) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
        builder = self._builder(name, key.public_key(), until).add_extension(
            x509.ExtendedKeyUsage([usage]), critical=False
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return _pem(builder.sign(self._key, hashes.SHA256())), pem.decode()

    def server_context(self, host: str) -> ssl.SSLContext:
        """TLS for a server at an IP address, with optional client certificates of this authority."""
        certificate, key = self.server(host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # ssl loads a key from files only: they exist for this moment.
        with tempfile.TemporaryDirectory() as directory:
            chain = Path(directory, "server.pem")
            chain.touch(mode=0o600)
            chain.write_text(certificate + key)
            context.load_cert_chain(chain)
        context.load_verify_locations(cadata=self.pem)
        context.verify_mode = ssl.CERT_OPTIONAL
        # An expired certificate is not a broken connection but a 401, as from the real server; edge.py looks.
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
        return context


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
