"""Fixtures for the tests of the Kubernetes client."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import ClusterConnection, load_cluster
from components.core.errors import ParameterStoreError
from sandbox.kubernetes import KubernetesApi
from tests.kubernetes_client.cluster import Api, Cluster
from tests.kubernetes_client.support import Authority, FakeTime, Stub, make_client, plain_connection

Connect = Callable[..., KubernetesClient]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def serve() -> Iterator[Callable[..., Stub]]:
    """Start stubs that stop with the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Stub(*args, **options))


@pytest.fixture
def connect(time: FakeTime) -> Iterator[Connect]:
    """Make clients, from a connection or for a stub, that close with the test."""
    with ExitStack() as stack:

        def connect(target: Stub | ClusterConnection, **options: Any) -> KubernetesClient:
            connection = plain_connection(target.url) if isinstance(target, Stub) else target
            client = make_client(connection, time, **options)
            stack.callback(client.close)
            return client

        yield connect


@pytest.fixture(scope="module")
def any_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API server that the command line names, over TLS and without a controller manager."""
    if request.config.getoption("api") == "server":
        yield request.getfixturevalue("api_server")
        return
    with KubernetesApi(tls=True, namespace_controller=False) as api:
        yield api


@pytest.fixture(scope="module")
def any_connection(any_api: Api, tmp_path_factory: pytest.TempPathFactory) -> ClusterConnection:
    """Its administrator's connection."""
    path = tmp_path_factory.mktemp("cluster") / "kubeconfig"
    path.write_text(any_api.kubeconfig_text())
    return load_cluster(str(path), None, {})


@pytest.fixture
def cluster(any_connection: ClusterConnection) -> Iterator[Cluster]:
    """A fresh namespace in that cluster."""
    client = KubernetesClient(any_connection)
    cluster = Cluster(any_connection, client, f"client-{uuid.uuid4().hex[:12]}")
    cluster.create_namespace()
    yield cluster
    with suppress(ParameterStoreError):  # gone already, or going
        cluster.delete_namespace()
    client.close()
