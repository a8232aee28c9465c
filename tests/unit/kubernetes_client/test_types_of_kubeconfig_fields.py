"""A field of a kubeconfig that is not of its type is an error, as kubectl says it, and never read as something else."""

from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.cluster_errors import KubeconfigError
from tests.unit.kubernetes_client.support import load

SERVER = "https://127.0.0.1:6443"
PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws"}


@pytest.mark.parametrize("value", ["false", "no", "true", 0, 1, 2026, [False], {}])
def test_tls_is_never_switched_off_or_on_by_a_guess(tmp_path: Path, value: Any) -> None:
    with pytest.raises(KubeconfigError, match=r"'insecure-skip-tls-verify' of cluster 'test' .* must be true or false"):
        load(tmp_path, SERVER, cluster={"insecure-skip-tls-verify": value})


@pytest.mark.parametrize(
    "block",
    [
        [],
        "",
        {},
        {**PLUGIN, "args": ["-c", None]},
        {**PLUGIN, "args": [1]},
        {**PLUGIN, "env": [{"name": "A", "value": 5}]},
        {**PLUGIN, "env": [{"name": "A"}]},
        {**PLUGIN, "env": [None]},
        {**PLUGIN, "interactiveMode": "x"},
        {**PLUGIN, "interactiveMode": True},
        {**PLUGIN, "provideClusterInfo": "false"},
        {**PLUGIN, "installHint": 5},
    ],
)
def test_a_plugin_is_run_as_it_is_written_or_not_at_all(tmp_path: Path, block: Any) -> None:
    with pytest.raises(KubeconfigError, match="exec block of user 'test'"):
        load(tmp_path, SERVER, user={"exec": block})


@pytest.mark.parametrize("extensions", [5, "x", {"a": "b"}, True])
def test_extensions_that_are_no_list(tmp_path: Path, extensions: Any) -> None:
    with pytest.raises(KubeconfigError, match="'extensions' of cluster 'test' in the kubeconfig must be a list"):
        load(
            tmp_path, SERVER, cluster={"extensions": extensions}, user={"exec": {**PLUGIN, "provideClusterInfo": True}}
        )


def test_flags_that_are_flags(tmp_path: Path) -> None:
    assert not load(tmp_path, SERVER, cluster={"insecure-skip-tls-verify": True}).trust.verify
    assert load(tmp_path, SERVER, cluster={"insecure-skip-tls-verify": False}).trust.verify
