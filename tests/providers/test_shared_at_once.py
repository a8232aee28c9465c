"""Two programs that write one shared Secret in the same moment."""

from typing import Any

import pytest

from components.clients.kubernetes.metadata import SecretMetadata
from components.providers.operation import process
from components.providers.secret import apply as applying
from sandbox.aws.api import AwsApi
from sandbox.environment import Kubernetes
from tests.providers.support import Stack, cluster, values

MERGE = {"creationPolicy": "Merge"}


@pytest.fixture(autouse=True)
def _given(aws: AwsApi, kubernetes: Kubernetes) -> None:  # noqa: ARG001 - the cluster has to be there
    """Two parameters, and somebody's Secret."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")
    somebodys = {"metadata": {"name": "db", "namespace": "team-a"}, "data": {"own": "eA=="}}
    cluster("kubectl").apply_secret("team-a", "db", somebodys, force=True)


def stack(program: str, **data: str) -> Stack:
    """A program's stack, with keys of the Secret and their parameters."""
    made = Stack({key: {"key": name} for key, name in data.items()}, target=MERGE)
    made.owner = f"{program}/dev/db"
    return made


def meanwhile(monkeypatch: pytest.MonkeyPatch, other: Stack) -> list[str]:
    """Have another program run to its end right before the next write, in a process of its own; what it came to."""
    real = applying._apply
    came_to: list[str] = []

    def hooked(*args: Any, **named: Any) -> SecretMetadata:
        if not came_to:
            came_to.append("running")
            ours, process._memory = process._memory, None
            came_to[0] = other.up().change
            process._memory = ours
        return real(*args, **named)

    monkeypatch.setattr(applying, "_apply", hooked)
    return came_to


def test_the_one_that_comes_second_takes_no_key_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    second, first = stack("two", k="/b"), stack("one", k="/a")
    came_to = meanwhile(monkeypatch, first)
    (failure,) = second.up().failures
    assert came_to == ["create"]
    assert "key 'k' is written by another ExternalSecret, one/dev/db, so it is not touched" in failure
    assert values() == {"own": "x", "k": "1"}
    assert first.up().change == "same"


def test_neither_does_one_that_wants_a_key_more(monkeypatch: pytest.MonkeyPatch) -> None:
    second, first = stack("two", k="/b"), stack("one", j="/a")
    second.up()
    first.up()
    second.data["n"], first.data["n"] = {"key": "/b"}, {"key": "/a"}
    came_to = meanwhile(monkeypatch, first)
    (failure,) = second.up().failures
    assert came_to == ["update"]
    assert "key 'n' is written by another ExternalSecret, one/dev/db" in failure
    assert values() == {"own": "x", "k": "2", "j": "1", "n": "1"}


def test_keys_of_their_own_are_written_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    second, first = stack("two", k="/b", own="/b"), stack("one", j="/a")
    came_to = meanwhile(monkeypatch, first)
    assert second.up().change == "create"
    assert came_to == ["create"]
    assert values() == {"own": "2", "k": "2", "j": "1"}
