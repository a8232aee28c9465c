"""Many clients at once: no write is lost, no version is given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.sandbox.kubernetes_api.support import SECRETS, connected, secret

if TYPE_CHECKING:
    from sandbox.environment import Kubernetes
    from tests.sandbox.kubernetes_api.support import Client

THREADS = 8


def test_every_apply_gets_its_own_version(api: Kubernetes) -> None:
    def work(number: int) -> list[str]:
        with connected(api) as client:
            return [client.apply(secret(f"s{number}-{turn}", data={"a": "1"})).version for turn in range(10)]

    with ThreadPoolExecutor(THREADS) as pool:
        versions = [version for found in pool.map(work, range(THREADS)) for version in found]
    assert len(set(versions)) == THREADS * 10


def test_managers_do_not_lose_each_others_keys(api: Kubernetes, client: Client) -> None:
    def work(number: int) -> int:
        with connected(api) as own:
            return own.apply(secret(data={f"k{number}": "1"}), f"m{number}").status

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = sorted(pool.map(work, range(THREADS)))
    assert statuses == [200] * (THREADS - 1) + [201]
    assert set(client.get(f"{SECRETS}/app").data) == {f"k{number}" for number in range(THREADS)}


def test_one_of_many_updates_from_the_same_version_wins(api: Kubernetes, client: Client) -> None:
    version = client.apply(secret(data={"a": "1"})).version

    def work(number: int) -> int:
        changed = secret(metadata={"resourceVersion": version}, data={"a": f"of {number}"})
        with connected(api) as own:
            return own.send("PUT", f"{SECRETS}/app", changed).status

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = sorted(pool.map(work, range(THREADS)))
    assert statuses == [200] + [409] * (THREADS - 1)
