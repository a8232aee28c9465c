"""The merge patch: it removes what others left, for one version of the object, and its refusals show no value."""

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import ConflictError, NotFoundError, RefusedError
from components.clients.kubernetes.lookups import get_config_map
from tests.sandbox.kubernetes_api.cluster import Cluster, body

CANARY = "Zq7canary"


def test_it_removes_keys_marks_and_owners_of_others(cluster: Cluster) -> None:
    owner = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "name": "es",
        "uid": "u",
        "controller": True,
    }
    theirs = body({"theirs": "yes"}, ours="old", extra="x")
    theirs["metadata"]["ownerReferences"] = [owner]
    helm = KubernetesClient(cluster.connection, field_manager="helm")
    created = helm.apply_secret(cluster.namespace, "db", theirs, force=False)
    helm.close()
    assert [(each.kind, each.name, each.controller) for each in created.owners] == [("ExternalSecret", "es", True)]
    written = cluster.client.apply_secret(cluster.namespace, "db", body(ours="new"), force=True)
    patch = {"metadata": {"ownerReferences": None, "labels": {"theirs": None}}, "data": {"extra": None}}
    patched = cluster.client.patch_secret(cluster.namespace, "db", patch, resource_version=written.resource_version)
    assert (patched.uid, patched.owners, dict(patched.labels)) == (created.uid, (), {})
    assert cluster.values("db") == {"ours": "new"}


def test_another_version_is_not_patched(cluster: Cluster) -> None:
    first = cluster.client.apply_secret(cluster.namespace, "db", body(a="1"), force=False)
    cluster.client.apply_secret(cluster.namespace, "db", body(a="2"), force=False)
    with pytest.raises(ConflictError):
        cluster.client.patch_secret(
            cluster.namespace, "db", {"data": {"a": None}}, resource_version=first.resource_version
        )
    assert cluster.values("db") == {"a": "2"}


def test_one_that_is_gone_is_not_made(cluster: Cluster) -> None:
    with pytest.raises(NotFoundError):
        cluster.client.patch_secret(cluster.namespace, "db", {"data": {"a": None}}, resource_version="1")


@pytest.mark.parametrize("patch", [{"data": {"b": "***"}}, {"data": ["b"]}, {"type": "other"}])
def test_a_refusal_shows_no_value(cluster: Cluster, patch: dict[str, object]) -> None:
    """The API server itself quotes the whole Secret when it refuses a merge patch."""
    written = cluster.client.apply_secret(cluster.namespace, "db", body(a=CANARY), force=False)
    with pytest.raises(RefusedError) as caught:
        cluster.client.patch_secret(cluster.namespace, "db", patch, resource_version=written.resource_version)
    encoded = (cluster.client.get_secret(cluster.namespace, "db") or {})["data"]["a"]
    assert CANARY not in str(caught.value)
    assert encoded not in str(caught.value)


def test_a_config_map_is_read_and_may_be_missing(cluster: Cluster) -> None:
    assert get_config_map(cluster.client, cluster.namespace, "tpl") is None
    path = f"/api/v1/namespaces/{cluster.namespace}/configmaps"
    cluster.send(
        "POST", path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tpl"}, "data": {"k": "v"}}
    )
    found = get_config_map(cluster.client, cluster.namespace, "tpl")
    assert found is not None
    assert found["data"] == {"k": "v"}
