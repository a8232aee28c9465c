"""Failures on demand, in process and over HTTP."""

from __future__ import annotations

import http.client
import threading

import pytest

from sandbox.kubernetes import Call, Fault, KubernetesApi
from sandbox.kubernetes.faults import FaultError, Faults
from tests.sandbox.kubernetes_api.support import SECRETS, Client, connected, secret


@pytest.fixture
def stored(client: Client) -> Client:
    client.apply(secret(data={"a": "1"}))
    return client


def test_429_is_plain_text_with_a_time_to_wait(api: KubernetesApi, stored: Client) -> None:
    api.faults.add(Fault(429, verb="patch", times=2, retry_after=3))
    for _ in range(2):
        answer = stored.apply(secret(data={"a": "2"}))
        assert (answer.status, answer.headers["retry-after"]) == (429, "3")
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.raw == b"Too many requests, please try again later.\n"
    assert stored.get(f"{SECRETS}/app").data == {"a": "1"}
    assert stored.apply(secret(data={"a": "2"})).data == {"a": "2"}


@pytest.mark.parametrize(("status", "reason"), [(409, "Conflict"), (500, "InternalError"), (503, "ServiceUnavailable")])
def test_other_statuses_are_status_objects(api: KubernetesApi, stored: Client, status: int, reason: str) -> None:
    api.faults.add(Fault(status))
    answer = stored.get(f"{SECRETS}/app")
    assert (answer.status, answer.json["kind"], answer.json["reason"]) == (status, "Status", reason)
    assert stored.get(f"{SECRETS}/app").status == 200


@pytest.mark.parametrize(
    "pattern",
    [{"verb": "list"}, {"resource": "configmaps"}, {"namespace": "other"}, {"name": "other"}],
    ids=lambda pattern: next(iter(pattern)),
)
def test_a_fault_befalls_only_what_it_names(api: KubernetesApi, stored: Client, pattern: dict[str, str]) -> None:
    api.faults.add(Fault(500, **pattern))  # type: ignore[arg-type]  # the values are all strings
    assert stored.get(f"{SECRETS}/app").status == 200
    assert api.faults.active()[0].times == 1


def test_a_reset_cuts_the_connection_before_anything_is_done(api: KubernetesApi, stored: Client) -> None:
    api.faults.add(Fault("reset", verb="patch"))
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        stored.apply(secret(data={"a": "2"}))
    stored.connection.close()
    assert stored.get(f"{SECRETS}/app").data == {"a": "1"}
    assert [call.status for call in api.calls if call.verb == "patch"] == [201, 0]


def test_a_held_request_is_cut_off_after_its_time(api: KubernetesApi, stored: Client) -> None:
    api.faults.add(Fault("hang", verb="get", hold=0.05))
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        stored.get(f"{SECRETS}/app")


def test_stopping_lets_a_held_request_go() -> None:
    ended = threading.Event()
    with KubernetesApi(namespaces=["prove"]) as api, connected(api) as client:
        api.faults.add(Fault("hang"))

        def ask() -> None:
            with pytest.raises((OSError, http.client.HTTPException)):
                client.get(SECRETS)
            ended.set()

        thread = threading.Thread(target=ask)
        thread.start()
        while api.faults.active():
            ended.wait(0.005)
        assert not ended.is_set()
    thread.join(10)
    assert ended.is_set()


def test_a_fault_may_last_for_a_time() -> None:
    now = [0.0]
    faults = Faults(lambda: now[0])
    faults.add(Fault(429, seconds=5))
    call = Call("GET", "/")
    assert [faults.take(call) is not None for _ in range(3)] == [True] * 3
    now[0] = 5.0
    assert faults.take(call) is None


def test_faults_come_in_their_order(api: KubernetesApi, stored: Client) -> None:
    api.faults.add(Fault(500))
    api.faults.add(Fault(503))
    assert [stored.get(SECRETS).status for _ in range(3)] == [500, 503, 200]


def test_an_odd_fault_is_refused() -> None:
    with pytest.raises(FaultError, match="one of 409, 429, 500, 503, hang, reset, not 418"):
        Fault(418)


def test_faults_are_set_over_http(api: KubernetesApi, stored: Client) -> None:
    added = stored.send("POST", "/sandbox/faults", [{"answer": 503, "verb": "get", "times": 2}, {"answer": 500}])
    assert [fault["answer"] for fault in added.json["faults"]] == [503, 500]
    assert stored.get(SECRETS).status == 500
    assert stored.get(f"{SECRETS}/app").status == 503
    assert [fault["times"] for fault in stored.get("/sandbox/faults").json["faults"]] == [1]
    assert stored.send("DELETE", "/sandbox/faults").json == {"faults": []}
    assert stored.get(f"{SECRETS}/app").status == 200
    assert stored.send("POST", "/sandbox/faults", {"answer": 500, "colour": "red"}).status == 400
    assert not any(call.path.startswith("/sandbox") for call in api.calls)


def test_faults_over_http_are_for_the_administrator(api: KubernetesApi) -> None:
    with connected(api, None) as anonymous:
        assert anonymous.send("POST", "/sandbox/faults", {"answer": 500}).status == 403
    assert api.faults.active() == []
