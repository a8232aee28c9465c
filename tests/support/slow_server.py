"""A server whose connections a test writes to byte by byte, for waits that have to end."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Talk = Callable[[socket.socket, "SlowServer"], None]
"""Serves one connection; returns when the client is gone or the test is over."""


@dataclass
class SlowServer:
    """The server of one test.

    Attributes:
        port: Its port on 127.0.0.1.
        over: Set when the test is over.
        left: Released once for each connection that the client has left.
    """

    port: int
    over: threading.Event = field(default_factory=threading.Event)
    left: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_left(self) -> bool:
        """Whether a client has left; waits for it some seconds."""
        return self.left.acquire(timeout=10)


@contextmanager
def slow_server(talk: Talk) -> Iterator[SlowServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = SlowServer(listener.getsockname()[1])

        def serve(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):  # the client left, which is what is wanted
                talk(connection, server)
            server.left.release()

        def accept() -> None:
            with contextlib.suppress(OSError):  # closed below
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def drip(start: bytes, drop: bytes, *, every: float = 0.01) -> Talk:
    """Read a request, write `start`, and then `drop` again and again without end."""

    def talk(connection: socket.socket, server: SlowServer) -> None:
        connection.recv(65536)
        connection.sendall(start)
        while not server.over.wait(every):
            connection.sendall(drop)

    return talk


def flood(start: bytes, chunk: bytes, size: int) -> Talk:
    """Read a request, write `start`, and then `chunk` as fast as it goes until `size` bytes are sent."""

    def talk(connection: socket.socket, _: SlowServer) -> None:
        connection.recv(65536)
        connection.sendall(start)
        for _chunk in range(size // len(chunk)):
            connection.sendall(chunk)

    return talk


def silence(connection: socket.socket, server: SlowServer) -> None:
    """Say nothing, and do not even read."""
    server.over.wait()
    connection.recv(1)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
"""Slow answers, by what is slow in them."""
SLOW: dict[str, Talk] = {
    "a body that trickles": drip(OK + b"Content-Length: 600\r\n\r\n", b" "),
    "a body without a length": drip(OK + b"\r\n", b" "),
    "chunks that trickle": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "the size of a chunk that trickles": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers without end": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "a status line that trickles": drip(b"HTTP/1.1 ", b"2"),
    "headers that trickle": drip(OK + b"X-Slow: ", b"x"),
    "100 Continue without end": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a compressed body that trickles": drip(OK + b"Content-Encoding: gzip\r\n\r\n", b"\x1f"),
}
