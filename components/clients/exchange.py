"""One HTTP request and its answer, with a limit for the whole of it in time and size, for both clients.

urllib3 limits each read of a socket, and reads an answer of any size. Here a whole exchange has a limit: looking up the
name, connecting (by a proxy too), the TLS handshake, sending, and the answer from its first byte to its last.
"""

import contextlib
import contextvars
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .waiting import Waiting, within

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

Result = TypeVar("Result")
_CHUNK = 1 << 16


class AnswerTooLargeError(Exception):
    """An answer is larger, in bytes, than it can be if it comes from where it should."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit >> 20} MiB")
        self.limit = limit


class _Connections:
    """The connections that one exchange uses, to be broken when its time is up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: list[Any] = []
        self._broken = False

    def use(self, connection: Any) -> None:
        """Take note of a connection, or of a socket."""
        with self._lock:
            if self._broken:
                raise ConnectionAbortedError
            self._used.append(connection)

    def break_all(self) -> None:
        """Wake up the thread that reads or writes: it fails, and closes what it used."""
        with self._lock:
            self._broken = True
            used = list(self._used)
        for each in used:
            sock = each.sock if hasattr(each, "sock") else each
            while sock is not None and not isinstance(sock, socket.socket):
                sock = getattr(sock, "socket", None)  # urllib3's TLS within TLS, by way of an https:// proxy
            if sock is not None:
                with contextlib.suppress(OSError):
                    # Not SSLSocket's own method, which takes its state away from under the other thread.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


_connections: contextvars.ContextVar[_Connections | None] = contextvars.ContextVar("connections", default=None)


class _Noted:
    """Notes who uses it, in front of one of urllib3's connection classes."""

    def connect(self) -> None:
        _note(self)
        super().connect()  # type: ignore[misc]

    def _tunnel(self) -> None:
        super()._tunnel()  # type: ignore[misc]
        _note(self)  # http.client takes a proxy's answer that was cut off for a whole one

    def request(self, *args: Any, **more: Any) -> Any:
        _note(self)
        return super().request(*args, **more)  # type: ignore[misc]

    def getresponse(self) -> Any:
        # An answer that ends with its connection takes the socket along.
        _note(self.sock)  # type: ignore[attr-defined]
        return super().getresponse()  # type: ignore[misc]


def _note(used: Any) -> None:
    connections = _connections.get()
    if connections is not None:
        connections.use(used)


def breakable(pool: type[Any]) -> type[Any]:
    """A pool class of urllib3 whose connections an `exchange` can break."""
    connection = type(pool.ConnectionCls.__name__, (_Noted, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def exchange(seconds: float, work: Callable[[], Result], waiting: Waiting | None = None) -> Result:
    """Send a request and read its answer, by `work`, within a limit; when it is over the connection is broken.

    The work uses connections of `breakable` pools. The errors are those of `within`.
    """
    connections = _Connections()
    token = _connections.set(connections)
    try:
        return within(seconds, work, stop=connections.break_all, waiting=waiting)
    finally:
        _connections.reset(token)


def read_body(response: "BaseHTTPResponse", limit: int, *, decode: bool = True) -> bytes:
    """Read an answer's body, and no more of it than it may have.

    It is decompressed as its headers say, unless `decode` is False; the limit in bytes holds after that.

    Raises:
        AnswerTooLargeError: It is larger. The connection is closed.
        urllib3.exceptions.HTTPError: The connection broke.
    """
    try:
        body = _read(response, limit, decode=decode)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return body


def _read(response: "BaseHTTPResponse", limit: int, *, decode: bool) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and len(announced) > len(str(limit)):
        raise AnswerTooLargeError(limit)
    chunks: list[bytes] = []
    size = 0
    # Not `stream`: urllib3 reads the lines between chunks whatever their length, http.client does not.
    while chunk := response.read(_CHUNK, decode_content=decode):
        size += len(chunk)
        if size > limit:
            raise AnswerTooLargeError(limit)
        chunks.append(chunk)
    return b"".join(chunks)
