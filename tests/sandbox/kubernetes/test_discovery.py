"""What a client reads before it asks for objects, and that there is less of it than in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/ping"])
def test_health_is_ok(client: Client, path: str) -> None:
    assert client.get(path).raw == b"ok"


def test_the_resources_are_listed(client: Client) -> None:
    assert client.get("/version").json["gitVersion"].startswith("v1.")
    assert client.get("/api").json["versions"] == ["v1"]
    groups = [group["name"] for group in client.get("/apis").json["groups"]]
    assert groups == ["apps", "rbac.authorization.k8s.io", "authorization.k8s.io"]
    core = {one["name"]: one for one in client.get("/api/v1").json["resources"]}
    assert set(core) == {"configmaps", "namespaces", "secrets", "serviceaccounts", "serviceaccounts/token"}
    for name, one in core.items():
        if "/" not in name:
            assert client.get(f"/api/v1/{name}").json["kind"] == f"{one['kind']}List"


def test_every_document_that_discovery_names_is_there(client: Client) -> None:
    for group in client.get("/apis").json["groups"]:
        for version in group["versions"]:
            found = client.get(f"/apis/{version['groupVersion']}").json
            assert found["groupVersion"] == version["groupVersion"]
    (path,) = (one["serverRelativeURL"] for one in client.get("/openapi/v3").json["paths"].values())
    patches = [item["patch"] for item in client.get(path).json["paths"].values()]
    assert all(patch["parameters"][0]["name"] == "fieldValidation" for patch in patches)


def test_head_answers_without_a_body(client: Client) -> None:
    answer = client.send("HEAD", "/readyz")
    assert (answer.status, answer.raw) == (200, b"")
    assert client.get("/readyz").raw == b"ok"


def test_a_watch_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/secrets?watch=true")
    assert (answer.status, answer.json["reason"]) == (405, "MethodNotAllowed")
    assert answer.json["message"] == 'watch is not supported on resources of kind "secrets"'
