"""AWS and Kubernetes at the wire, and the environment that makes the providers find them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.transport import Request
from components.providers.operation.process import forget
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster

Put = Callable[[str, str, dict[str, Any]], None]


@pytest.fixture
def aws(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> AwsApi:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return aws


@pytest.fixture(autouse=True)
def new_process() -> Iterator[None]:
    """The memory of a new process: clients of the last test lead to servers that are gone."""
    forget()
    yield
    forget()


@pytest.fixture(autouse=True)
def grouped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps the ExternalSecret of a `Stack`: a resource of its own, or with `--grouped` a group."""
    asked = bool(request.config.getoption("grouped"))
    if asked and (alone := request.node.get_closest_marker("alone")):
        pytest.skip(f"not for groups: {alone.args[0]}")
    monkeypatch.setattr(Stack, "grouped", asked)


@pytest.fixture
def kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    with KubernetesApi(namespaces=[NAMESPACE]) as api:
        monkeypatch.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path / "kubeconfig")))
        yield api


@pytest.fixture
def edit(kubernetes: KubernetesApi) -> Iterator[Any]:
    """Somebody else's merge patch on a Secret: `edit(patch)`; a deletion: `edit(None)`."""
    with urllib3.PoolManager() as http:

        def change(patch: dict[str, Any] | None, name: str = "db") -> None:
            url = f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/secrets/{name}?fieldManager=kubectl-edit"
            headers = {
                "Authorization": f"Bearer {kubernetes.token}",
                "Content-Type": "application/merge-patch+json",
            }
            method = "DELETE" if patch is None else "PATCH"
            answer = http.request(method, url, json=patch, headers=headers)
            assert answer.status == 200, answer.data

        yield change


@pytest.fixture
def put() -> Put:
    """Write an object with data into the namespace."""

    def put(kind: str, name: str, data: dict[str, Any]) -> None:
        plural = f"{kind.lower()}s"
        body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}
        cluster().send(
            Request(
                "PATCH",
                f"/api/v1/namespaces/{NAMESPACE}/{plural}/{name}",
                {"fieldManager": "kubectl", "force": "true"},
                content_type="application/apply-patch+yaml",
                body=json.dumps(body).encode(),
            ),
            Call("apply", name, "the test"),
        )

    return put
