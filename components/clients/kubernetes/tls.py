"""TLS as kubeconfigs describe it, made into an `ssl.SSLContext`; keys touch the disk only where Python insists."""

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..small_files import refuse_unusual
from .cluster_errors import CredentialsError, KubeconfigError


@dataclass(frozen=True)
class Trust:
    """How the server proves who it is.

    Attributes:
        ca_pem: Certificates to trust, PEM; None for the system's.
        verify: False accepts any certificate (`insecure-skip-tls-verify`).
        server_name: Name to expect in the certificate instead of the URL's host (`tls-server-name`).
    """

    ca_pem: str | None = field(default=None, repr=False)
    verify: bool = True
    server_name: str | None = None


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate: each part a file, or its PEM text."""

    chain: Path | str = field(repr=False)
    key: Path | str = field(repr=False)


def pem_text(data: bytes) -> str:
    """The PEM text in some bytes, without what is not ASCII: names that stand around its blocks, as in many bundles.

    Raises:
        ValueError: There is no PEM block, and it is not ASCII.
    """
    return data.decode("ascii", "ignore" if b"-----BEGIN " in data else "strict")


def build_context(trust: Trust, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """Build the context for connections to the API server.

    Raises:
        KubeconfigError: The CA certificates cannot be parsed.
        CredentialsError: The client certificate or key cannot be read, or they do not belong together.
    """
    try:
        context = ssl.create_default_context(cadata=trust.ca_pem)
    except (ssl.SSLError, ValueError):
        raise KubeconfigError(
            "The cluster's certificate authority is not a PEM certificate; see certificate-authority and "
            "certificate-authority-data in the kubeconfig."
        ) from None
    # Python 3.13 sets this by default and then rejects CAs without key identifiers, as older EKS clusters have them.
    # Chain and host name are verified all the same.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not trust.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        _load_certificate(context, certificate)
    return context


def _load_certificate(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    try:
        # Python loads client certificates from files only, so PEM text visits a directory that nobody else can enter.
        with tempfile.TemporaryDirectory(prefix="parameter-store-") as folder:
            chain = _as_file(certificate.chain, Path(folder, "chain"))
            key = _as_file(certificate.key, Path(folder, "key"))
            context.load_cert_chain(chain, key, password=_refuse_password)
    except CredentialsError:
        raise
    except ssl.SSLError:
        raise CredentialsError(
            "The client certificate and key in the kubeconfig's user entry are not PEM or do not belong together."
        ) from None
    except OSError as error:
        raise CredentialsError(
            f"Cannot read the client certificate or key of the kubeconfig's user entry: {error.strerror}."
        ) from None


def _as_file(pem: Path | str, place: Path) -> Path:
    if isinstance(pem, Path):
        refuse_unusual(pem)
        return pem
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - a mode for open() is what Path.open lacks
        file.write(pem)
    return place


def _refuse_password() -> str:
    """Called by OpenSSL for an encrypted key; without it, Python would ask on the terminal."""
    raise CredentialsError("The client key in the kubeconfig's user entry is encrypted; store it without a passphrase.")
