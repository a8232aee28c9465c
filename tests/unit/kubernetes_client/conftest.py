"""Fixtures for the tests of the Kubernetes client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import ClusterConnection
from tests.unit.kubernetes_client.support import Authority, FakeTime, Stub, make_client, plain_connection

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
