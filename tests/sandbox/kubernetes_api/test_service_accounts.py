"""ServiceAccounts and ConfigMaps are written as Secrets are, and Namespaces keep what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client

ROLE = "eks.amazonaws.com/role-arn"


def account(annotations: dict[str, str], **fields: Any) -> dict[str, Any]:
    metadata = {"name": "app", "annotations": annotations}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata} | fields


def test_an_account_is_applied_changed_and_deleted(client: Client) -> None:
    assert client.apply(account({ROLE: "arn:1"})).status == 201
    changed = client.apply(account({ROLE: "arn:2"}, automountServiceAccountToken=False))
    assert changed.json["metadata"]["annotations"] == {ROLE: "arn:2"}
    assert changed.json["automountServiceAccountToken"] is False
    deleted = client.send("DELETE", "/api/v1/namespaces/prove/serviceaccounts/app")
    assert (deleted.status, deleted.json["kind"]) == (200, "ServiceAccount")


def test_a_config_map_has_text_and_bytes(client: Client) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "é"}}
    assert client.apply(config | {"binaryData": {"b": "AAE="}}).json["binaryData"] == {"b": "AAE="}
    assert client.apply(config).json["data"] == {"a": "é"}
    assert "binaryData" not in client.apply(config).json


def test_a_namespace_keeps_its_label_and_status(client: Client) -> None:
    path = "/api/v1/namespaces/prove"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prove", "labels": {"team": "a"}}}
    changed = client.send("PUT", path, namespace | {"status": {"phase": "Terminating"}})
    assert changed.json["metadata"]["labels"] == {"kubernetes.io/metadata.name": "prove", "team": "a"}
    assert changed.json["status"] == {"phase": "Active"}


def test_an_applied_list_gives_the_order_and_keeps_what_others_added(client: Client) -> None:
    def names(*wanted: str) -> list[dict[str, str]]:
        return [{"name": name} for name in wanted]

    path = "/api/v1/namespaces/prove/serviceaccounts"
    client.send("POST", path, {"metadata": {"name": "app"}, "secrets": names("c", "b", "theirs", "a")})
    applied = client.apply(account({}, secrets=names("new", "a", "b", "last")))
    assert applied.json["secrets"] == names("c", "theirs", "new", "a", "b", "last")
