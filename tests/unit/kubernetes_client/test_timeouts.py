"""No call waits for ever."""

import socket
import threading
from collections.abc import Callable

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import UnavailableError
from tests.unit.kubernetes_client.support import (
    BUDGET,
    OK,
    FakeTime,
    Received,
    Reply,
    Stub,
    make_client,
    plain_connection,
)

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]


def test_slow_answer_ends_by_the_read_timeout_and_is_tried_again(serve: Serve, connect: Connect) -> None:
    release = threading.Event()

    def slow_once(_: Received) -> Reply:
        if len(stub.requests) == 1:
            release.wait(30)
        return OK

    stub = serve(slow_once)
    try:
        assert connect(stub, read_timeout=0.5).get_secret("team-a", "db") is not None
        assert len(stub.requests) >= 2  # a busy machine may need a third
    finally:
        release.set()


def test_server_that_never_answers(connect: Connect, time: FakeTime) -> None:
    # Accepts connections into its backlog, and no more.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = connect(plain_connection(f"http://127.0.0.1:{listener.getsockname()[1]}"), read_timeout=0.05)
        with pytest.raises(UnavailableError, match="no answer within the time limit"):
            client.get_secret("team-a", "db")
    assert sum(time.slept) <= BUDGET


def test_defaults_are_10_seconds_to_connect_and_10_to_answer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float | None] = []
    original = socket.socket.settimeout

    def record(self: socket.socket, value: float | None) -> None:
        limits.append(value)
        original(self, value)

    client = make_client(plain_connection(serve().url))
    monkeypatch.setattr(socket.socket, "settimeout", record)
    client.get_secret("team-a", "db")
    client.close()
    assert limits == [10.0, 10.0]


def test_late_attempts_get_only_what_is_left_of_the_budget(
    serve: Serve, connect: Connect, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    original = socket.socket.settimeout

    def record(self: socket.socket, value: float | None) -> None:
        limits.append(value)
        original(self, value)

    stub = serve([Reply(429, b"", {"Retry-After": "25"}), OK])
    client = connect(stub)
    monkeypatch.setattr(socket.socket, "settimeout", record)
    client.get_secret("team-a", "db")
    assert limits[:2] == [10.0, 10.0]
    assert all(value is not None and value < 5 for value in limits[2:])  # to connect, and to answer
    assert len(limits) == 4
    assert time.slept[0] >= 25
