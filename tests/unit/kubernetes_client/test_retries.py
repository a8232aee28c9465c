"""What is tried again, how long, and what is not."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.backoff import RetryPolicy
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import InvalidError, UnavailableError, UnexpectedAnswerError
from components.clients.retry_after import parse_retry_after
from tests.unit.kubernetes_client.support import (
    BUDGET,
    OK,
    TOO_MANY,
    FakeTime,
    Reply,
    Stub,
    plain_connection,
    refusal,
    reply,
)

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

GONE = reply(200, {"kind": "Status", "status": "Success"})
BROKEN = refusal(500, "InternalError", "Internal error occurred: etcdserver: leader changed")
WEBHOOK = refusal(500, "InternalError", 'Internal error occurred: failed calling webhook "check.example.com": canary')
CALLS: dict[str, Callable[[KubernetesClient], object]] = {
    "PATCH": lambda client: client.apply_secret("team-a", "db", {}, force=False),
    "GET": lambda client: client.get_secret("team-a", "db"),
    "DELETE": lambda client: client.delete_secret("team-a", "db", uid="u-1"),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(
    "passing",
    [
        TOO_MANY,
        BROKEN,
        Reply(502, b"<html>bad gateway</html>", {}),
        Reply(503, b"", {}),
        refusal(504, "Timeout", "Timeout: request did not complete within requested timeout"),
        Reply(cut=True),
    ],
    ids=["429", "500", "502", "503", "504", "cut"],
)
def test_passing_trouble_is_waited_out(
    serve: Serve, connect: Connect, time: FakeTime, method: str, passing: Reply
) -> None:
    stub = serve([passing, passing, OK])
    CALLS[method](connect(stub))
    assert [request.method for request in stub.requests] == [method] * 3
    assert len(time.slept) == 2


def test_delete_whose_answer_got_lost_finds_the_secret_gone(serve: Serve, connect: Connect) -> None:
    stub = serve([Reply(cut=True), refusal(404, "NotFound", 'secrets "db" not found', name="db", kind="secrets")])
    assert connect(stub).delete_secret("team-a", "db", uid="u-1") is False


def test_body_is_sent_again_as_a_whole(serve: Serve, connect: Connect) -> None:
    stub = serve([Reply(cut=True), OK])
    connect(stub).apply_secret("team-a", "db", {"data": {"a": "eA=="}}, force=False)
    first, second = stub.requests
    assert first.body == second.body
    assert second.json["data"] == {"a": "eA=="}


def test_server_is_given_the_time_it_asks_for(serve: Serve, connect: Connect, time: FakeTime) -> None:
    stub = serve([Reply(429, b"slow down", {"Retry-After": "7"}), OK])
    connect(stub).get_secret("team-a", "db")
    assert 7 <= time.slept[0] < 8


def test_gives_up_when_the_budget_is_spent(serve: Serve, connect: Connect, time: FakeTime) -> None:
    stub = serve([TOO_MANY])
    with pytest.raises(UnavailableError, match=r"HTTP 429 after \d+ attempts\. The server is overloaded") as caught:
        connect(stub).get_secret("team-a", "db")
    assert caught.value.last_status == 429
    assert caught.value.attempts == len(stub.requests) > 5
    assert BUDGET - 10 < sum(time.slept) <= BUDGET


def test_does_not_wait_for_what_the_budget_does_not_allow(serve: Serve, connect: Connect, time: FakeTime) -> None:
    stub = serve([Reply(429, b"slow down", {"Retry-After": "3600"})])
    with pytest.raises(UnavailableError, match="after 1 attempt"):
        connect(stub).get_secret("team-a", "db")
    assert time.slept == []


def asked(after: str, status: int = 429) -> Reply:
    return Reply(status, b"slow down", {"Retry-After": after})


def test_server_is_given_the_time_it_asks_for_beyond_the_budget_and_that_is_told(
    serve: Serve, connect: Connect, time: FakeTime
) -> None:
    told: list[str] = []
    stub = serve([asked("30"), OK])
    connect(stub, progress=told.append).get_secret("team-a", "db")
    assert 30 <= time.slept[0] < 36
    (line,) = told
    assert line.startswith(f"Cannot read Secret team-a/db in context 'test' ({stub.url}) yet: the server is overloaded")
    assert line.endswith("asks to be called again in 30 s; waiting")


@pytest.mark.parametrize("status", [429, 503])
def test_time_that_is_asked_for_again_and_again_has_an_end(
    serve: Serve, connect: Connect, time: FakeTime, status: int
) -> None:
    stub = serve([asked("40", status)])
    with pytest.raises(UnavailableError, match=r"after 3 attempts\..* and asks to be called again in 40 s; try again"):
        connect(stub).get_secret("team-a", "db")
    assert 80 <= sum(time.slept) <= 120


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("121", "121 s"),
        ("1800", "30 minutes"),
        ("7201", "2 hours"),
        ("9" * 400, "more than two days"),
    ],
)
def test_time_that_is_too_long_is_told_and_not_waited_for(
    serve: Serve, connect: Connect, time: FakeTime, after: str, words: str
) -> None:
    stub = serve([asked(after)])
    with pytest.raises(UnavailableError, match=f"asks to be called again in {words}; try again later"):
        connect(stub).get_secret("team-a", "db")
    assert (time.slept, len(stub.requests)) == ([], 1)


def test_a_point_in_time_is_waited_for_by_the_clock_of_the_server(
    serve: Serve, connect: Connect, time: FakeTime
) -> None:
    """The stub dates its answers by this machine's clock; the client's own clock is some years behind."""
    soon = datetime.now(UTC) + timedelta(seconds=20)
    stub = serve([asked(format_datetime(soon, usegmt=True)), OK])
    connect(stub).get_secret("team-a", "db")
    assert 18 <= time.slept[0] < 21


def test_a_point_in_time_hours_away_is_told(serve: Serve, connect: Connect, time: FakeTime) -> None:
    late = datetime.now(UTC) + timedelta(hours=3)
    with pytest.raises(UnavailableError, match="asks to be called again in 3 hours; try again later"):
        connect(serve([asked(format_datetime(late, usegmt=True))])).get_secret("team-a", "db")
    assert time.slept == []


@pytest.mark.parametrize(
    "after",
    ["", "-5", "1.5", "soon", "1e9", "0x10", "\u00b2", "Sat, 28 Nov 2026", "Sat, 99 Nov 2026 15:00:00 GMT", "1, 2"],
)
def test_a_time_that_says_nothing_is_passed_over(serve: Serve, connect: Connect, time: FakeTime, after: str) -> None:
    stub = serve([asked(after.encode("utf-8").decode("latin-1")), OK])
    connect(stub).get_secret("team-a", "db")
    assert time.slept[0] < 1


def test_failing_webhook_is_named_without_its_words(serve: Serve, connect: Connect) -> None:
    with pytest.raises(UnavailableError, match=r'HTTP 500, failed calling webhook "check.example.com" after') as caught:
        connect(serve([WEBHOOK])).get_secret("team-a", "db")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            "failed to convert new object (/n; /v1, Kind=Secret) to version: illegal base64 data at input byte 0",
            "illegal base64 data at input byte 0",
        ),
        (
            "failed to create typed patch object (/app; /v1, Kind=Secret): .dota: field not declared in schema",
            ".dota: field not declared in schema",
        ),
        (
            "failed to create typed patch object (/app; /v1, Kind=Secret): .data.p: expected string, got &{canary}",
            ".data.p: expected string",
        ),
    ],
)
def test_faults_of_the_request_are_not_tried_again_although_they_are_500(
    serve: Serve, connect: Connect, message: str, text: str
) -> None:
    stub = serve([refusal(500, "", message)])
    with pytest.raises(InvalidError) as caught:
        connect(stub).apply_secret("team-a", "db", {}, force=False)
    assert len(stub.requests) == 1
    assert text in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("answer", [Reply(302, b"", {"Location": "/login"}), Reply(404, b"404 page not found", {})])
def test_answers_of_something_else_are_not_tried_again(serve: Serve, connect: Connect, answer: Reply) -> None:
    stub = serve([answer])
    with pytest.raises(UnexpectedAnswerError, match="not a Kubernetes API"):
        connect(stub).get_secret("team-a", "db")
    assert len(stub.requests) == 1


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b'"x"', b'{"kind": "Secret"}'])
def test_a_success_that_is_no_kubernetes_object(serve: Serve, connect: Connect, body: bytes) -> None:
    with pytest.raises(UnexpectedAnswerError):
        connect(serve([Reply(200, body, {})])).get_secret_metadata("team-a", "db")


def test_server_that_is_down(connect: Connect, time: FakeTime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    connection = plain_connection(f"http://127.0.0.1:{port}")
    client = connect(connection)
    with pytest.raises(UnavailableError, match=r"no connection .*attempts.*VPN, proxy, firewall") as caught:
        client.get_secret("team-a", "db")
    assert caught.value.last_status is None
    assert caught.value.attempts > 5
    # The next Secret does not wait in vain as well ...
    waited = sum(time.slept)
    with pytest.raises(UnavailableError, match="not asked again") as caught:
        client.get_secret("team-a", "other")
    assert caught.value.attempts == 0
    assert sum(time.slept) == waited
    # ... but a little later the server gets another chance.
    time.sleep(11)
    with pytest.raises(UnavailableError) as caught:
        client.get_secret("team-a", "other")
    assert caught.value.attempts > 0


def test_server_that_comes_back_is_used_at_once(serve: Serve, connect: Connect, time: FakeTime) -> None:
    stub = serve([*[Reply(cut=True)] * 100])
    client = connect(stub)
    with pytest.raises(UnavailableError):
        client.get_secret("team-a", "db")
    stub.script = [OK]
    time.sleep(10)
    assert client.get_secret("team-a", "db") == json.loads(OK.body)


def test_name_that_cannot_be_resolved(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object) -> None:  # so that no name server is asked
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(UnavailableError, match="host name cannot be resolved"):
        connect(plain_connection("http://kubernetes.test:6443")).get_secret("team-a", "db")


@given(attempt=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True), asked=st.none() | st.floats(0, 3600))
def test_delays_grow_within_bounds(attempt: int, jitter: float, asked: float | None) -> None:
    policy = RetryPolicy(jitter=lambda: jitter)
    delay = policy.delay(attempt, asked)
    assert (asked or 0) <= delay <= (asked or 0) + policy.longest_delay
    assert delay > 0 or jitter == 0


@pytest.mark.parametrize(
    ("header", "seconds"), [("5", 5.0), (None, None), ("", None), ("-1", None), ("Tue, 24 Nov", None), ("²", None)]
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header) == seconds


@given(header=st.text(max_size=40), date=st.text(max_size=40))
def test_any_retry_after(header: str, date: str) -> None:
    assert (parse_retry_after(header, date) or 0) >= 0
