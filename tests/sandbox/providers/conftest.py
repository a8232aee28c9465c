"""A cluster and the two plugins, started once for each test module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi
from tests.sandbox.providers.support import Plugin


@pytest.fixture(scope="module")
def aws_plugin(running_aws: AwsApi) -> Iterator[Plugin]:
    with Plugin("aws", running_aws.environment()) as plugin:
        plugin.configure()
        yield plugin


@pytest.fixture(scope="module")
def cluster() -> Iterator[KubernetesApi]:
    with KubernetesApi(namespaces=("team-a", "team-b")) as api:
        yield api


@pytest.fixture(scope="module")
def kubeconfig(cluster: KubernetesApi, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cluster") / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(cluster.kubeconfig_text())
    return path


@pytest.fixture(scope="module")
def kubernetes_plugin(kubeconfig: Path) -> Iterator[Plugin]:
    with Plugin("kubernetes", {"KUBECONFIG": str(kubeconfig)}) as plugin:
        plugin.configure()
        yield plugin
