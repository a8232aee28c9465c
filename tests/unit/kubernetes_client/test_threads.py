"""One client for many threads: bounded connections that are used again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from components.clients.kubernetes.client import KubernetesClient
from tests.unit.kubernetes_client.support import Received, Reply, Stub, reply


def named(request: Received) -> Reply:
    name = request.path.rpartition("/")[2]
    return reply(200, {"metadata": {"namespace": "team-a", "name": name, "uid": f"uid-{name}"}})


def test_sixteen_threads_share_eight_connections_and_get_their_own_answers(
    serve: Callable[..., Stub], connect: Callable[..., KubernetesClient]
) -> None:
    stub = serve(named)
    client = connect(stub)

    def apply(number: int) -> str:
        return client.apply_secret("team-a", f"s-{number}", {}, force=False).uid

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(apply, range(200))) == [f"uid-s-{number}" for number in range(200)]
    assert len(stub.requests) == 200
    assert stub.connections <= 8


def test_connection_is_kept_between_calls(serve: Callable[..., Stub], connect: Callable[..., KubernetesClient]) -> None:
    stub = serve(named)
    client = connect(stub)
    for _ in range(5):
        client.get_secret_metadata("team-a", "db")
    assert stub.connections == 1
