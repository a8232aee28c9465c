"""The log at the wire: one record a request, and nothing in it that is secret."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sandbox.kubernetes import Call
from tests.sandbox.kubernetes_api.support import APPLY, PARTIAL_LIST, SECRETS, connected, secret

if TYPE_CHECKING:
    from sandbox.kubernetes import KubernetesApi
    from tests.sandbox.kubernetes_api.support import Client


def test_every_request_is_recorded(api: KubernetesApi, client: Client) -> None:
    client.send(
        "PATCH", f"{SECRETS}/app?fieldManager=ours&dryRun=All", secret(), Content_Type=APPLY, User_Agent="writer/2.0"
    )
    client.get(SECRETS, PARTIAL_LIST)
    client.get(f"{SECRETS}/missing")
    applied, listed, missing = api.calls
    assert applied == Call(
        method="PATCH",
        path=f"{SECRETS}/app",
        verb="patch",
        resource="secrets",
        namespace="prove",
        name="app",
        dry_run=True,
        manager="ours",
        status=201,
        user="admin",
        user_agent="writer/2.0",
        apply=True,
    )
    assert (listed.verb, listed.status, listed.metadata_only) == ("list", 200, True)
    assert (missing.verb, missing.name, missing.status, missing.metadata_only) == ("get", "missing", 404, False)


def test_a_post_has_the_name_from_its_body(api: KubernetesApi, client: Client) -> None:
    client.send("POST", SECRETS, secret("posted"))
    assert (api.calls[-1].verb, api.calls[-1].name) == ("create", "posted")


def test_token_requests_and_namespaces_have_their_names(api: KubernetesApi, client: Client) -> None:
    client.send("POST", "/api/v1/namespaces/prove/serviceaccounts/default/token", {})
    client.get("/api/v1/namespaces/prove")
    token, namespace = api.calls
    assert (token.verb, token.resource, token.name, token.status) == ("create", "serviceaccounts/token", "default", 201)
    assert (namespace.resource, namespace.namespace, namespace.name) == ("namespaces", "prove", "prove")


def test_no_value_and_no_token_is_recorded(api: KubernetesApi, client: Client) -> None:
    value = "canary-of-calls"
    client.apply(secret(data={"a": value}))
    client.merge("app", {"stringData": {"a": value}})
    client.send("POST", SECRETS, secret(data={"a": value}))
    shown = repr(api.calls)
    for hidden in (value, base64.b64encode(value.encode()).decode(), api.token):
        assert hidden not in shown


def test_the_log_is_read_and_cleared_over_http(api: KubernetesApi, client: Client) -> None:
    client.get(SECRETS)
    (call,) = client.get("/sandbox/calls").json["calls"]
    assert (call["verb"], call["resource"], call["status"]) == ("list", "secrets", 200)
    assert client.send("DELETE", "/sandbox/calls").json == {"calls": []}
    assert api.calls == []
    client.get(SECRETS)
    api.clear_calls()
    assert api.calls == []
    with connected(api, None) as anonymous:
        assert anonymous.get("/sandbox/calls").status == 403
