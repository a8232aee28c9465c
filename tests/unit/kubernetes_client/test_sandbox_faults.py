"""The client while the sandbox's API server misbehaves or denies rights."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import ConflictError, ForbiddenError, UnavailableError
from components.clients.kubernetes.connection import load_cluster
from sandbox.kubernetes import Fault, KubernetesApi, Rule, User
from tests.sandbox.kubernetes_api.cluster import body
from tests.unit.kubernetes_client.support import FakeTime

Connect = Callable[..., KubernetesClient]


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    rules = [Rule("writer", ("patch",), ("secrets",), "team-a")]
    with KubernetesApi(namespaces=["team-a"], users={"writer-token": User("writer")}, rules=rules) as api:
        yield api


@pytest.fixture
def client(api: KubernetesApi, connect: Connect, tmp_path: Path) -> KubernetesClient:
    return connect(load_cluster(str(api.kubeconfig(tmp_path / "admin")), None, {}), read_timeout=0.5)


@pytest.mark.parametrize("answer", [409, 429, 500, 503, "reset", "hang"])
def test_trouble_that_passes(api: KubernetesApi, client: KubernetesClient, time: FakeTime, answer: int | str) -> None:
    api.faults.add(Fault(answer, times=2))
    assert client.apply_secret("team-a", "db", body(password="p"), force=False).name == "db"
    assert len(time.slept) >= 2  # a busy machine may need a third


def test_trouble_that_stays(api: KubernetesApi, client: KubernetesClient) -> None:
    api.faults.add(Fault(503, seconds=600))
    with pytest.raises(UnavailableError, match="HTTP 503") as caught:
        client.delete_secret("team-a", "db", uid="u")
    assert caught.value.last_status == 503
    assert caught.value.attempts > 5


def test_a_writer_that_is_always_faster_is_named_as_a_conflict(api: KubernetesApi, client: KubernetesClient) -> None:
    api.faults.add(Fault(409, seconds=600))
    with pytest.raises(ConflictError, match="changed or created by somebody else meanwhile"):
        client.apply_secret("team-a", "db", body(password="p"), force=False)


def test_new_secret_needs_two_rights(
    api: KubernetesApi, client: KubernetesClient, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "writer").write_text(api.kubeconfig_text("writer-token"))
    writer = connect(load_cluster(str(tmp_path / "writer"), None, {}))
    with pytest.raises(
        ForbiddenError, match="user 'writer' may not create secrets in the namespace 'team-a'"
    ) as caught:
        writer.apply_secret("team-a", "db", body(password="p"), force=False)
    assert (caught.value.user, caught.value.verb) == ("writer", "create")
    client.apply_secret("team-a", "db", body(user="u"), force=False)
    writer.apply_secret("team-a", "db", body(user="u", password="p"), force=False)
    with pytest.raises(ForbiddenError, match="may not get secrets"):
        writer.get_secret_metadata("team-a", "db")
