"""Who we are for the API server: fixed credentials or a token file that is rotated under us; see also `exec_plugin`."""

import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...display import shown_path
from ..small_files import read_small
from .cluster_errors import CredentialsError
from .tls import ClientCertificate

_TOKEN_CHARACTERS = frozenset(string.ascii_letters + string.digits + string.punctuation)


@dataclass(frozen=True)
class Credential:
    """What one request is sent with: a bearer token, a TLS client certificate, both or neither."""

    token: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = None


class Credentials(Protocol):
    """A source of credentials, safe to share between threads."""

    def current(self) -> Credential:
        """The credential to use now. Raises CredentialsError rather than going on as anonymous."""

    def replace(self, rejected: Credential) -> Credential | None:
        """After a 401: another credential than `rejected`, or None where there is no other."""


@dataclass(frozen=True)
class FixedCredentials:
    """A token, a client certificate, both, or neither, as they stand in the kubeconfig."""

    credential: Credential

    def current(self) -> Credential:
        """The one credential."""
        return self.credential

    def replace(self, rejected: Credential) -> Credential | None:  # noqa: ARG002 - the protocol's signature
        """There is no other."""
        return None


@dataclass(frozen=True)
class TokenFile:
    """A token that somebody else keeps fresh in a file, as the kubelet does in a pod. Read for every request.

    `fallback` is the token to use while the file cannot be read (`token` beside `tokenFile`).
    """

    path: Path = field(repr=False)
    fallback: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = None

    def current(self) -> Credential:
        """The token that the file holds now."""
        try:
            token = read_small(self.path).decode()
        except (OSError, ValueError) as error:
            if self.fallback is None:
                reason = error.strerror if isinstance(error, OSError) else "not a text file"
                raise CredentialsError(f"Cannot read {self._file}: {reason}.") from None
            token = self.fallback
        return Credential(checked_token(token, self._file), self.certificate)

    @property
    def _file(self) -> str:
        # A token that was put where the name of its file belongs is not shown.
        return f"the token file {shown_path(str(self.path))}"

    def replace(self, rejected: Credential) -> Credential | None:
        """The file's token, if it changed since."""
        credential = self.current()
        return None if credential == rejected else credential


def checked_token(token: str, source: str) -> str:
    """Strip a token; CredentialsError where it is empty or has characters that no token has, nor a header takes."""
    token = token.strip()
    if not token:
        raise CredentialsError(f"There is no token in {source}.")
    if not _TOKEN_CHARACTERS.issuperset(token):
        raise CredentialsError(f"What {source} holds is not a token: it has spaces, line breaks or special characters.")
    return token
