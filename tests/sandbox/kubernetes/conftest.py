"""A server with the namespace `prove`, and an administrator's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.kubernetes import KubernetesApi
from tests.sandbox.kubernetes_api.support import Client, Clock, connected

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> Iterator[KubernetesApi]:
    with KubernetesApi(namespaces=["prove"], now=clock) as server:
        yield server


@pytest.fixture
def client(api: KubernetesApi) -> Iterator[Client]:
    with connected(api) as found:
        yield found
