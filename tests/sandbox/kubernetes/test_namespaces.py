"""Namespaces: what they start with, how they end, and what a terminating one refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.kubernetes import KubernetesApi
from tests.sandbox.kubernetes_api.support import SECRETS, connected, secret

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client

PROVE = "/api/v1/namespaces/prove"


def test_a_cluster_starts_with_namespaces_and_their_accounts(client: Client) -> None:
    found = [item["metadata"]["name"] for item in client.get("/api/v1/namespaces").json["items"]]
    assert found == ["default", "kube-system", "prove"]
    for name in found:
        assert client.get(f"/api/v1/namespaces/{name}/serviceaccounts/default").status == 200


def test_a_terminating_namespace_takes_nothing_new(api: KubernetesApi, client: Client) -> None:
    client.apply(secret(data={"a": "1"}))
    api.terminate("prove")
    assert client.get(PROVE).json["status"]["phase"] == "Terminating"
    for late in (client.apply(secret("late")), client.send("POST", SECRETS, secret("late"))):
        assert (late.status, late.json["reason"]) == (403, "Forbidden")
        assert late.json["message"] == (
            'secrets "late" is forbidden: unable to create new content in namespace prove '
            "because it is being terminated"
        )
        assert late.json["details"]["causes"] == [
            {
                "reason": "NamespaceTerminating",
                "message": "namespace prove is being terminated",
                "field": "metadata.namespace",
            }
        ]
    assert client.apply(secret(data={"a": "2"})).data == {"a": "2"}


def test_a_deleted_namespace_takes_its_contents_along(client: Client) -> None:
    client.apply(secret())
    assert client.send("DELETE", PROVE).json["status"]["phase"] == "Terminating"
    assert client.get(PROVE).status == 404
    assert client.get(f"{SECRETS}/app").status == 404
    client.send("POST", "/api/v1/namespaces", {"metadata": {"name": "prove"}})
    assert client.get(SECRETS).json["items"] == []


def test_a_finalizer_keeps_the_namespace_until_it_is_gone(client: Client) -> None:
    client.apply(secret(metadata={"finalizers": ["example.com/hold"]}))
    client.send("DELETE", PROVE)
    assert client.get(PROVE).json["status"]["phase"] == "Terminating"
    assert client.get(f"{SECRETS}/app").json["metadata"]["deletionTimestamp"]
    client.merge("app", {"metadata": {"finalizers": None}})
    assert client.get(f"{SECRETS}/app").status == 404
    assert client.get(PROVE).status == 404


def test_without_a_controller_a_namespace_stays_terminating() -> None:
    with KubernetesApi(namespaces=["prove"], namespace_controller=False) as api, connected(api) as client:
        client.apply(secret())
        client.send("DELETE", PROVE)
        assert client.get(PROVE).json["status"]["phase"] == "Terminating"
        assert client.get(f"{SECRETS}/app").status == 200


def test_a_dry_run_deletes_nothing(client: Client) -> None:
    client.apply(secret())
    assert client.send("DELETE", f"{PROVE}?dryRun=All").status == 200
    assert client.get(PROVE).json["status"]["phase"] == "Active"
    assert client.get(f"{SECRETS}/app").status == 200


def test_a_name_is_taken_until_its_holder_is_gone(client: Client) -> None:
    client.apply(secret(metadata={"finalizers": ["example.com/hold"]}))
    client.send("DELETE", f"{SECRETS}/app")
    taken = client.send("POST", SECRETS, secret())
    assert (taken.status, taken.json["reason"]) == (409, "AlreadyExists")
    assert taken.json["message"] == 'object is being deleted: secrets "app" already exists'
