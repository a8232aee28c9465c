"""The API server that the command line names, and a namespace in it for each test."""

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import ClusterConnection, load_cluster
from components.errors import ParameterStoreError
from sandbox.environment import Kubernetes
from sandbox.kubernetes import KubernetesApi
from tests.sandbox.kubernetes_api.cluster import Api, Cluster
from tests.sandbox.kubernetes_api.support import Client, connected
from tools.api_server.cluster import clean


@pytest.fixture(scope="module")
def any_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API server that the command line names, over TLS and without a controller manager."""
    if request.config.getoption("api") == "server":
        server = request.getfixturevalue("api_server")
        yield server
        clean(server)
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


@pytest.fixture
def api(kubernetes: Kubernetes) -> Iterator[Kubernetes]:
    """That API without TLS, with a controller manager's work done, and with the namespace `prove`."""
    with kubernetes as api:
        api.create_namespace("prove")
        yield api


@pytest.fixture
def client(api: Kubernetes) -> Iterator[Client]:
    """An administrator's plain HTTP client of `api`."""
    with connected(api) as found:
        yield found
