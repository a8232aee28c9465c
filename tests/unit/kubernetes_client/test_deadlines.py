"""A whole call ends within its budget, however slowly the other side talks; an answer has a limit of size."""

import functools
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes import client as client_module
from components.clients.kubernetes import transport
from components.clients.kubernetes.backoff import RetryPolicy
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import UnavailableError, UnexpectedAnswerError
from components.clients.kubernetes.connection import ClusterConnection, load_cluster
from components.clients.waiting import Waiting
from tests.support.slow_server import OK, SLOW, SlowServer, Talk, flood, silence, slow_server
from tests.unit.kubernetes_client.support import SECRET, Received, Reply, Stub, kubeconfig_text, plain_connection, reply

BUDGET = 0.3
SOON = 5.0  # for a busy machine; the limits of sockets are longer
Limited = Callable[[ClusterConnection], KubernetesClient]
Connect = Callable[..., KubernetesClient]
Serve = Callable[..., Stub]


@pytest.fixture
def limited() -> Iterator[Limited]:
    """Clients with a small budget of real time, and time limits of sockets that are longer than a test may take."""
    clients: list[KubernetesClient] = []

    def connect(connection: ClusterConnection, **options: Any) -> KubernetesClient:
        policy = RetryPolicy(budget=BUDGET)
        made = KubernetesClient(connection, policy=policy, connect_timeout=60, read_timeout=60, **options)
        clients.append(made)
        return made

    yield connect
    for each in clients:
        each.close()


def gives_up(
    client: KubernetesClient, match: str = r"no answer within the time limit \(or only a part of one\)"
) -> None:
    began = time.monotonic()
    with pytest.raises(UnavailableError, match=match):
        client.get_secret_metadata("team-a", "db")
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_an_answer_that_never_ends_is_given_up_and_its_connection_closed(talk: Talk, limited: Limited) -> None:
    with slow_server(talk) as server:
        gives_up(limited(plain_connection(server.url)))
        assert server.is_left()


def test_a_request_that_nobody_reads(limited: Limited) -> None:
    with slow_server(silence) as server:
        client = limited(plain_connection(server.url))
        began = time.monotonic()
        with pytest.raises(UnavailableError):
            client.apply_secret("team-a", "db", {"data": {"a": "x" * (8 << 20)}}, force=False)
        assert time.monotonic() - began < SOON


def test_a_handshake_that_does_not_come(limited: Limited, tmp_path: Path) -> None:
    with slow_server(silence) as server:
        path = tmp_path / "kubeconfig"
        url = f"https://127.0.0.1:{server.port}"
        path.write_text(kubeconfig_text(url, cluster={"insecure-skip-tls-verify": True}, user={"token": "t"}))
        gives_up(limited(load_cluster(str(path), None, {})), "within the time limit")


@pytest.mark.parametrize("answer", [b"H", b"HTTP/1.1 200 OK\r\nX: y\r\n"], ids=["status", "headers"])
def test_a_proxy_whose_answer_trickles(limited: Limited, tmp_path: Path, answer: bytes) -> None:
    def talk(connection: socket.socket, server: SlowServer) -> None:
        connection.recv(65536)
        connection.sendall(answer)
        while not server.over.wait(0.01):
            connection.sendall(b"x")

    with slow_server(talk) as server:
        path = tmp_path / "kubeconfig"
        cluster = {"proxy-url": server.url, "insecure-skip-tls-verify": True}
        path.write_text(kubeconfig_text("https://kubernetes.test:6443", cluster=cluster, user={"token": "t"}))
        gives_up(limited(load_cluster(str(path), None, {})))
        assert server.is_left()


def test_a_name_server_that_does_not_answer(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> None:
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "canary")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        gives_up(limited(plain_connection("http://kubernetes.test:6443")))
    finally:
        over.set()


def test_one_slow_call_does_not_hold_up_the_others(limited: Limited) -> None:
    """A stuck connection counts as one of the pool; nobody waits for a place in it."""
    answers = threading.Event()

    def talk(connection: socket.socket, server: SlowServer) -> None:
        connection.recv(65536)
        body = json.dumps(SECRET).encode()
        if answers.is_set():
            connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        while not server.over.wait(0.01) and not answers.is_set():
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with slow_server(talk) as server:
        client = limited(plain_connection(server.url), pool_size=1)  # type: ignore[call-arg]
        gives_up(client)
        answers.set()
        client._transport._silent = None  # a server that did not answer is left alone for some seconds
        assert client.get_secret_metadata("team-a", "db") is not None


def test_a_long_wait_is_told(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(transport, "Waiting", functools.partial(Waiting, every=0.05))
    with slow_server(SLOW["a body that trickles"]) as server:
        gives_up(limited(plain_connection(server.url), progress=told.append))  # type: ignore[call-arg]
    assert len(told) >= 2
    assert told[0].startswith("waiting for an answer of context 'test'")
    assert "'look at Secret team-a/db' (0 s so far)" in told[0]


HUGE: dict[str, Talk] = {
    "announced": flood(OK + b"Content-Length: 99999999999\r\n\r\n", b"A" * 65536, 0),
    "by its length": flood(OK + b"Content-Length: 33554432\r\n\r\n", b"A" * 65536, 32 << 20),
    "by its chunks": flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"A" * 65536 + b"\r\n", 32 << 20),
    "until it ends": flood(OK + b"\r\n", b"A" * 65536, 32 << 20),
    "compressed": flood(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"A" * (64 << 20)), b"A", 0),
    "twice compressed": flood(
        OK + b"Content-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(gzip.compress(b"A" * (64 << 20))), b"A", 0
    ),
    "an error": flood(b"HTTP/1.1 404 Not Found\r\n\r\n", b"A" * 65536, 32 << 20),
}


@pytest.mark.parametrize("talk", HUGE.values(), ids=HUGE)
def test_an_answer_larger_than_any_secret_is_not_read(talk: Talk, connect: Connect) -> None:
    with slow_server(talk) as server:
        with pytest.raises(UnexpectedAnswerError, match="more than 8 MiB, which is more than the API server sends"):
            connect(plain_connection(server.url)).get_secret("team-a", "db")
        assert server.is_left()


def test_the_largest_secret_fits(serve: Serve, connect: Connect) -> None:
    data = {f"k{number}": "A" * 100_000 for number in range(14)}  # 1 MiB in base64
    annotations = {"note": "ä" * (256 << 10)}
    secret = {"kind": "Secret", "metadata": {**SECRET["metadata"], "annotations": annotations}, "data": data}  # type: ignore[dict-item]
    assert connect(serve([reply(200, secret)])).get_secret("team-a", "db") == secret


def item(number: int) -> dict[str, Any]:
    return {"metadata": {"name": f"s{number}", "uid": f"u{number}", "namespace": "team-a"}}


def test_a_list_that_repeats_a_page_ends(serve: Serve, connect: Connect) -> None:
    def answer(request: Received) -> Reply:
        following = {"a": "b", "b": "c", "c": "a"}.get(request.query.get("continue", ""), "a")
        return reply(200, {"items": [], "metadata": {"continue": following}})

    stub = serve(answer)
    with pytest.raises(UnexpectedAnswerError, match="the same page again and again"):
        connect(stub).list_secret_metadata("team-a", "")
    assert len(stub.requests) == 4


def test_a_list_without_end_ends(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_PAGES", 20)
    stub: Stub = serve(lambda _: reply(200, {"items": [], "metadata": {"continue": f"page-{len(stub.requests)}"}}))
    with pytest.raises(UnexpectedAnswerError, match="the list does not end, not after 20 pages"):
        connect(stub).list_secret_metadata("team-a", "")
    assert len(stub.requests) == 20


def test_a_list_of_too_many_ends(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_ITEMS", 50)
    items = [item(number) for number in range(30)]
    stub: Stub = serve(lambda _: reply(200, {"items": items, "metadata": {"continue": f"page-{len(stub.requests)}"}}))
    with pytest.raises(UnexpectedAnswerError, match="more than 50 objects"):
        connect(stub).list_secret_metadata("team-a", "")


def test_a_list_of_slow_pages_ends(serve: Serve, connect: Connect, time: Any) -> None:
    def answer(_: Received) -> Reply:
        time.sleep(20)
        return reply(200, {"items": [], "metadata": {"continue": f"page-{len(stub.requests)}"}})

    stub = serve(answer)
    with pytest.raises(UnexpectedAnswerError, match="the list did not end within 300 s"):
        connect(stub).list_secret_metadata("team-a", "")
    assert len(stub.requests) < 20


def test_pages_of_large_secrets_are_asked_for_in_smaller_parts(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LARGEST_LIST", 100_000)
    secrets = [item(number) for number in range(1200)]
    for each in secrets:
        each["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "x" * 800}

    def answer(request: Received) -> Reply:
        start = int(request.query.get("continue", "0"))
        end = start + int(request.query["limit"])
        more = {"continue": str(end)} if end < len(secrets) else {}
        return reply(200, {"items": secrets[start:end], "metadata": more})

    stub = serve(answer)
    found = connect(stub).list_secret_metadata("team-a", "")
    assert [each.name for each in found] == [f"s{number}" for number in range(1200)]
    assert stub.requests[0].query["limit"] == "500"
    assert {request.query["limit"] for request in stub.requests[1:]} == {"62"}


def test_what_is_too_large_even_alone_is_an_error(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LARGEST_LIST", 100)
    with pytest.raises(UnexpectedAnswerError, match="more than the API server sends"):
        connect(serve([reply(200, {"items": [item(1)] * 9, "metadata": {}})])).list_secret_metadata("team-a", "")


def test_limits_have_room_for_what_the_api_server_takes() -> None:
    assert transport.LARGEST_OBJECT > 2 * (3 << 20)
    assert transport.LARGEST_LIST >= 500 * (64 << 10)
