"""Who can read Secrets, from the roles of a real server; the sandbox stores roles and binds nobody."""

from pathlib import Path

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.role_lists import list_roles
from components.core.access.cluster_readers import cluster_readers
from sandbox.environment import Kubernetes

ROLE = {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]}


def test_roles_and_bindings_are_listed(api: Kubernetes, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(api.kubeconfig_text(api.token))
    client = KubernetesClient(load_cluster(str(path), None, {}))
    try:
        if request.config.getoption("api") == "sandbox":
            assert list_roles(client) == []
            return
        api.grant("ann", ROLE, "prove")
        found = cluster_readers(list_roles(client), [("prove", "db"), ("other", "db")], "")
    finally:
        client.close()
    readers = {(each.subject, each.namespace, each.verbs) for each in found}
    assert ("User ann", "prove", ("get", "list")) in readers
    assert ("User ann", "other", ("get", "list")) not in readers
    assert ("ServiceAccount kube-system/generic-garbage-collector", "prove", ("get", "list", "watch")) in readers
