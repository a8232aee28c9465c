"""Connections that gave no answer: urllib3's exceptions put into a few words of our own."""

import re
import ssl
from dataclasses import dataclass
from http import HTTPStatus

from urllib3 import exceptions


@dataclass(frozen=True)
class NoAnswer:
    """Why there was no answer, as half a sentence, and whether another attempt would fail in the same way."""

    why: str
    permanent: bool = False


_STATUSES = {str(int(status)): status.phrase for status in HTTPStatus}
# The first that fits: some of these classes are special cases of later ones.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.NameResolutionError, "the host name cannot be resolved"),
    (exceptions.NewConnectionError, "no connection (refused or unreachable)"),
    (exceptions.ConnectTimeoutError, "no connection within the time limit"),
    (exceptions.ReadTimeoutError, "no answer within the time limit"),
    (exceptions.DecodeError, "an answer that cannot be decompressed"),
    (TimeoutError, "no answer within the time limit"),
)


def describe(error: exceptions.HTTPError) -> NoAnswer:
    """Say what happened to a connection."""
    if isinstance(error, exceptions.ProxyError):
        inner = error.original_error
        # The answer of a proxy that refuses the tunnel comes as a plain OSError, which urllib3 makes no class for.
        failure = NoAnswer(_refused(inner)) if type(inner) is OSError else _describe(inner)
        return NoAnswer(f"the proxy: {failure.why}", failure.permanent)
    return _describe(error)


def _refused(error: OSError) -> str:
    """What http.client says of a tunnel: the status, and then the proxy's own words, which are not shown."""
    status = re.match(r"Tunnel connection failed: (\d{3})\b", str(error))
    if status is None or status[1] not in _STATUSES:
        return "it refuses the tunnel"
    return f"it refuses the tunnel with {status[1]} {_STATUSES[status[1]]}"


def _describe(error: Exception) -> NoAnswer:
    if isinstance(error, exceptions.SSLError) and error.args and isinstance(error.args[0], ssl.SSLError):
        return _describe_tls(error.args[0])
    if isinstance(error, exceptions.LocationValueError):
        return NoAnswer("the server URL or proxy URL is malformed", permanent=True)
    return NoAnswer(next((why for kind, why in _WORDS if isinstance(error, kind)), "the connection broke"))


def _describe_tls(error: ssl.SSLError) -> NoAnswer:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoAnswer(
            f"the TLS certificate is not trusted ({error.verify_message.rstrip('.')}); check certificate-authority and "
            "tls-server-name in the kubeconfig",
            permanent=True,
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NoAnswer("the connection broke in the TLS handshake")
    return NoAnswer(f"TLS failed ({(error.reason or 'unknown reason').replace('_', ' ').lower()})", permanent=True)
