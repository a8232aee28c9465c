"""The HTTP edge: reads requests from sockets, hands them on, writes the answers, one thread per connection."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote

from .access import EXPIRED, User
from .dispatch import MAX_BODY
from .faults import CutOffError
from .status import StatusError
from .wire import Response, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHUNK = 1 << 16


class Answering(Protocol):
    """What is behind the edge; see `Dispatcher.answer`."""

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        headers: Mapping[str, str],
        body: bytes | None,
        certified: User | None,
    ) -> Response:
        """Answer one request, or raise CutOffError."""


class Handler(BaseHTTPRequestHandler):
    """Serves one connection with keep-alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Edge

    def setup(self) -> None:
        """Shake hands here rather than where connections are accepted, so that a slow client holds up nobody."""
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        """Answer a request of whatever method."""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            response = self.server.dispatcher.answer(
                self.command,
                unquote(path),
                parse_qs(query, keep_blank_values=True),
                headers,
                self._body(headers),
                self._certified(),
            )
        except CutOffError:
            self._cut()
            return
        except OSError:
            raise
        except Exception as mistake:  # noqa: BLE001 - a mistake of the sandbox must not show values or a traceback
            text = f"Internal error occurred: {type(mistake).__name__} in the sandbox's Kubernetes API"
            response = refusal(StatusError(500, "InternalError", text))
        self._send(response)

    # The names are the base class's: it calls `do_` and the method.
    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def _body(self, headers: dict[str, str]) -> bytes | None:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(headers.get("content-length") or 0)
        if length <= MAX_BODY:
            return self.rfile.read(length)
        while length > 0:
            length -= len(self.rfile.read(min(length, _CHUNK))) or length
        return None

    def _chunks(self) -> bytes | None:
        found = bytearray()
        while length := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            found += self.rfile.read(length)[: MAX_BODY + 1 - len(found)]
            self.rfile.readline()
        self.rfile.readline()
        return bytes(found) if len(found) <= MAX_BODY else None

    def _certified(self) -> User | None:
        if not isinstance(self.connection, ssl.SSLSocket):
            return None
        certificate: Any = self.connection.getpeercert()
        if certificate and ssl.cert_time_to_seconds(certificate["notAfter"]) < time.time():
            return EXPIRED
        pairs = [pair for entry in (certificate or {}).get("subject", ()) for pair in entry]
        names = [value for name, value in pairs if name == "commonName"]
        groups = frozenset(value for name, value in pairs if name == "organizationName")
        return User(names[0], groups) if names else None

    def _send(self, response: Response) -> None:
        head = [
            f"HTTP/1.1 {response.code} {HTTPStatus(response.code).phrase}",
            "Cache-Control: no-cache, private",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            f"Date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in response.headers),
        ]
        body = b"" if self.command == "HEAD" else response.body
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Write nothing: paths name what people keep secret."""


class Edge(ThreadingHTTPServer):
    """The listening socket and all connections of a server.

    Args:
        address: Host and port; port 0 takes a free one.
        context: TLS, or None for plain HTTP.
    """

    request_queue_size = 128
    dispatcher: Answering

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext | None) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that `stop` can end it."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a client or `stop` ended needs no words."""

    def stop(self) -> None:
        """End the listening socket and all connections."""
        self.shutdown()
        self.server_close()
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
