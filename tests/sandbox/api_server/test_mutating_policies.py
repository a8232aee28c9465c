"""What a real API server answers where a policy changes a Secret that is applied; the sandbox does as it does."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import ConflictError
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.managed_fields import data_keys_applied_by
from components.clients.kubernetes.metadata import SecretMetadata
from components.core.secret.kubernetes_secret import FIELD_MANAGER
from tools.api_server.cluster import clean
from tools.api_server.server import ApiServer

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
SECRETS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"], "operations": ["CREATE", "UPDATE"]}
CHANGE = (
    '[JSONPatch{op: "replace", path: "/data/a", value: "b3RoZXI="}, JSONPatch{op: "add", path: "/data/x", value: ""}]'
)
POLICY: dict[str, Any] = {
    "matchConstraints": {"resourceRules": [SECRETS]},
    "matchConditions": [{"name": "ours", "expression": "request.namespace == 'mutated' && 'a' in object.data"}],
    "reinvocationPolicy": "Never",
    "failurePolicy": "Fail",
    "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": CHANGE}}],
}
SENT = {"metadata": {"labels": {"team": "a"}}, "data": {"a": "eA==", "b": "", "c": "eA=="}, "type": "Opaque"}


@pytest.fixture
def client(api_server: ApiServer, tmp_path: Path) -> Iterator[KubernetesClient]:
    """A client of a server with a policy, which is in force."""
    file = tmp_path / "kubeconfig"
    file.write_text(api_server.kubeconfig_text())
    client = KubernetesClient(load_cluster(str(file), None, {}))
    api_server.send("POST", "/api/v1/namespaces", {"metadata": {"name": "mutated"}})
    name = {"metadata": {"name": "mutates"}}
    api_server.send("POST", f"{ADMISSION}/mutatingadmissionpolicies", {**name, "spec": POLICY})
    binding = {**name, "spec": {"policyName": "mutates"}}
    api_server.send("POST", f"{ADMISSION}/mutatingadmissionpolicybindings", binding)
    until = time.monotonic() + 30
    while not applied(client, f"probe-{time.monotonic_ns()}").altered and time.monotonic() < until:
        pass
    yield client
    client.close()
    for kind in ("mutatingadmissionpolicybindings", "mutatingadmissionpolicies"):
        api_server.send("DELETE", f"{ADMISSION}/{kind}/mutates")
    clean(api_server)


def applied(client: KubernetesClient, name: str) -> SecretMetadata:
    return client.apply_secret("mutated", name, SENT, force=False)


def test_the_answer_alone_tells_what_a_policy_changed(client: KubernetesClient) -> None:
    written = applied(client, "db")

    assert written.altered == {("data", "a"), ("data", "x")}
    seen = client.get_secret_metadata("mutated", "db")
    assert seen is not None
    assert data_keys_applied_by(seen.managed_fields, FIELD_MANAGER) == {"a", "b", "c"}, "metadata shows nothing of it"


def test_a_dry_run_of_a_creation_is_refused_for_the_live_one_alone(client: KubernetesClient) -> None:
    client.try_create_secret("mutated", "db", SENT, field_manager="probe")
    assert client.get_secret_metadata("mutated", "db") is None
    applied(client, "db")
    with pytest.raises(ConflictError):
        client.try_create_secret("mutated", "db", SENT, field_manager="probe")
