"""A process that is killed while it writes 200 Secrets of a group: none is partial, and the next `up` does the rest."""

import base64
import json
import multiprocessing
import random
import threading
import time
from typing import Any

import pytest
import urllib3

from components.providers.operation.process import forget
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.group_support import NAMESPACE, Grouped

pytestmark = pytest.mark.slow

NAMES = tuple(f"s{number:03}" for number in range(200))
KEYS = ("host", "user", "password")
PARAMETERS = 20
MOMENTS = 20
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.providers.group_support", "boto3", "components.clients.aws.session"])


def value(key: str, number: int, generation: int) -> str:
    return f"{key}-{number}-{generation}"


def reads(name: str) -> dict[str, dict[str, str]]:
    return {key: {"key": f"/app/{int(name[1:]) % PARAMETERS}", "property": key} for key in KEYS}


def rotate(aws: AwsApi, generation: int) -> None:
    for number in range(PARAMETERS):
        values = {key: value(key, number, generation) for key in KEYS}
        aws.put_parameter(f"/app/{number}", json.dumps(values))


def whole(name: str, generation: int) -> dict[str, str]:
    return {key: value(key, int(name[1:]) % PARAMETERS, generation) for key in KEYS}


def written(kubernetes: KubernetesApi) -> dict[str, dict[str, str]]:
    url = f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/secrets"
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {kubernetes.token}"}) as http:
        items: list[dict[str, Any]] = http.request("GET", url).json()["items"]
    return {
        each["metadata"]["name"]: {key: base64.b64decode(text).decode() for key, text in each["data"].items()}
        for each in items
    }


def up(made: Grouped) -> None:
    forget()
    made.up(*NAMES)


def killed_after(number: int, made: Grouped, aws: AwsApi, kubernetes: KubernetesApi) -> bool:
    """Have another process run an `up`, and kill it after so many reads and writes; whether it was at work."""
    aws.clear_calls()
    kubernetes.clear_calls()

    def done() -> int:
        return len(aws.calls) + sum(call.verb == "patch" and not call.dry_run for call in kubernetes.calls)

    process = PROCESSES.Process(target=up, args=(made,))
    process.start()
    ends = time.monotonic() + 60
    while process.is_alive() and done() < number and time.monotonic() < ends:
        threading.Event().wait(0.0005)
    process.kill()
    process.join()
    return process.exitcode != 0


@pytest.mark.timeout(900)  # 20 seconds of CPU, which a machine at full load makes many times as long
def test_killed_at_twenty_moments_a_group_has_no_partial_secret_and_goes_on(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    chance = random.Random(17)  # noqa: S311 - the same moments each time
    made = Grouped(reads)
    half_done = []
    for moment in range(MOMENTS):
        if moment % 4 == 0 and made.outs:
            forget()
            made.delete()
            made = Grouped(reads)
        elif moment % 4 == 2:  # all is there, but the state of what wrote it was never saved
            made = Grouped(reads)
        rotate(aws, moment)
        before = written(kubernetes)
        assert killed_after(chance.randrange(1, len(NAMES)), made, aws, kubernetes), "it was at work"
        found = written(kubernetes)
        assert found.keys() >= before.keys()
        assert [name for name, data in found.items() if data not in (before.get(name), whole(name, moment))] == []
        half_done.append(sum(data != before.get(name) for name, data in found.items()))
        up(made)
        assert written(kubernetes) == {name: whole(name, moment) for name in NAMES}
        forget()
        assert made.is_settled(*NAMES)
    assert len({number for number in half_done if 0 < number < len(NAMES)}) > MOMENTS / 4, half_done
