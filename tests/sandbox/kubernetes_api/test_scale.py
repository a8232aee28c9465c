"""Thousands of Secrets in one namespace, and many writers of one Secret."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from components.clients.kubernetes.cluster_errors import ConflictError
from components.clients.kubernetes.managed_fields import data_keys_applied_by
from components.core.secret.kubernetes_secret import FIELD_MANAGER
from tests.sandbox.kubernetes_api.cluster import Cluster, body

SECRETS = 5_000
OURS = SECRETS // 2
WRITERS = 8


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads


@pytest.mark.slow
def test_a_list_by_label_finds_each_of_thousands_once(cluster: Cluster, threads: ThreadPoolExecutor) -> None:
    def apply(number: int) -> None:
        label = {"team": "a" if number < OURS else "b"}
        cluster.client.apply_secret(cluster.namespace, f"s-{number:04}", body(label, key="v"), force=False)

    list(threads.map(apply, range(SECRETS)))
    found = cluster.client.list_secret_metadata(cluster.namespace, "team=a")
    assert [secret.name for secret in found] == [f"s-{number:04}" for number in range(OURS)]
    assert all(data_keys_applied_by(secret.managed_fields, FIELD_MANAGER) == {"key"} for secret in found)
    assert len(cluster.client.list_secret_metadata(cluster.namespace, "")) == SECRETS


def test_of_many_writers_that_saw_the_same_version_one_wins(cluster: Cluster, threads: ThreadPoolExecutor) -> None:
    version = cluster.client.apply_secret(cluster.namespace, "db", body(key="first"), force=False).resource_version

    def overwrite(number: int) -> int | None:
        secret = body(key=str(number))
        secret["metadata"]["resourceVersion"] = version
        try:
            cluster.client.apply_secret(cluster.namespace, "db", secret, force=False)
        except ConflictError:
            return None
        return number

    (winner,) = [number for number in threads.map(overwrite, range(WRITERS)) if number is not None]
    assert cluster.values("db") == {"key": str(winner)}


def test_writers_that_name_no_version_all_come_through(cluster: Cluster, threads: ThreadPoolExecutor) -> None:
    def apply(number: int) -> str:
        return cluster.client.apply_secret(cluster.namespace, "db", body(key=str(number)), force=False).uid

    assert len(set(threads.map(apply, range(4 * WRITERS)))) == 1
    assert int(cluster.values("db")["key"]) < 4 * WRITERS
