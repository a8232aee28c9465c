"""Pipes and devices where a kubeconfig, or a file that it names, is expected: an error at once, never a wait."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.clients.small_files import LARGEST
from components.errors import ClusterError
from sandbox.kubernetes.certificates import CertificateAuthority
from sandbox.kubernetes.server import KubernetesApi

WAIT = 20.0
"""Seconds: far more than it takes, as a wait for a pipe has no end."""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def in_time(work: Callable[[], Any]) -> Any:
    """The result of some work, or its error."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except ClusterError as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT)
    assert outcome, "it waits"
    return outcome[0]


def look(api: KubernetesApi, folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Any:
    """Look at a Secret by a kubeconfig of which entries are changed."""
    document = yaml.safe_load(api.kubeconfig_text())
    for kind, change in (("cluster", cluster), ("user", user)):
        entry = document[f"{kind}s"][0][kind]
        entry.update(change)
        document[f"{kind}s"][0][kind] = {name: value for name, value in entry.items() if value is not None}
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return in_time(lambda: KubernetesClient(load_cluster(str(path), None, {})).get_secret("default", "x"))


def files(path: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        ({"certificate-authority": path, "certificate-authority-data": None}, {}),
        ({}, {"tokenFile": path, "token": None}),
        ({}, {"client-certificate": path, "client-key": path}),
    ]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("unusual", ["pipe", "/dev/zero", "folder"])
def test_files_that_a_kubeconfig_names(tmp_path: Path, pipe: Path, unusual: str, number: int) -> None:
    path = {"pipe": str(pipe), "folder": str(tmp_path)}.get(unusual, unusual)
    with KubernetesApi(tls=True) as api:
        error = look(api, tmp_path, *files(path)[number])
    assert str(error).endswith(": it is a folder, pipe or device, not a file.")


@pytest.mark.parametrize("number", range(2))
def test_a_file_that_is_too_large(tmp_path: Path, number: int) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with KubernetesApi(tls=True) as api:
        assert str(look(api, tmp_path, *files(str(large))[number])).endswith(": it is larger than 1 MiB.")


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    with KubernetesApi(tls=True) as api:
        (tmp_path / "..data").write_text(api.token)
        (tmp_path / "token").symlink_to("..data")
        assert look(api, tmp_path, *files(str(tmp_path / "token"))[1]) is None


@pytest.mark.parametrize(
    ("unusual", "what"), [("pipe", "a pipe"), ("/dev/zero", "a device or socket"), ("folder", "a folder")]
)
def test_a_kubeconfig_of_the_environment_is_not_passed_over_for_the_pods_cluster(
    tmp_path: Path, pipe: Path, unusual: str, what: str
) -> None:
    path = {"pipe": str(pipe), "folder": str(tmp_path)}.get(unusual, unusual)
    pod = tmp_path / "pod"
    pod.mkdir()
    (pod / "token").write_text("token")
    (pod / "ca.crt").write_text(CertificateAuthority().pem)
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    found = in_time(lambda: load_cluster(None, None, {**environ, "KUBECONFIG": path}, service_account=pod))
    assert str(found) == f"The kubeconfig {path} is {what}, not a file; write it to a file."
    for nothing in (os.devnull, str(tmp_path / "missing")):
        found = load_cluster(None, None, {**environ, "KUBECONFIG": nothing}, service_account=pod)
        assert found.server == "https://10.0.0.1:443"


def test_a_kubeconfig_that_is_given_and_is_a_pipe(pipe: Path) -> None:
    found = in_time(lambda: load_cluster(str(pipe), None, {}))
    assert str(found) == f"The kubeconfig {pipe} is a pipe, not a file; write it to a file."
