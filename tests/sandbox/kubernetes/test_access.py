"""Who may do what: tokens, groups, rules, and the words of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.kubernetes import KubernetesApi, Rule, User
from tests.sandbox.kubernetes_api.support import SECRETS, Client, connected, secret

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITER = "writer-token"


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    users = {WRITER: User("writer", frozenset({"secret-writers"}))}
    with KubernetesApi(users=users, namespaces=["prove", "other"]) as server:
        yield server


@pytest.fixture
def writer(api: KubernetesApi) -> Iterator[Client]:
    with connected(api, WRITER) as found:
        yield found


def test_without_rules_nothing_is_allowed(writer: Client) -> None:
    refused = writer.apply(secret("w1"))
    assert (refused.status, refused.json["reason"]) == (403, "Forbidden")
    assert refused.json["message"] == (
        'secrets "w1" is forbidden: User "writer" cannot patch resource "secrets" in API group "" '
        'in the namespace "prove"'
    )
    assert refused.json["details"] == {"name": "w1", "kind": "secrets"}


def test_an_apply_that_creates_needs_create_too(api: KubernetesApi, writer: Client) -> None:
    api.rules.append(Rule("secret-writers", ("patch",), ("secrets",), "prove"))
    refused = writer.apply(secret("w1"))
    assert refused.json["message"] == (
        'secrets "w1" is forbidden: User "writer" cannot create resource "secrets" in API group "" '
        'in the namespace "prove"'
    )
    api.rules.append(Rule("writer", ("create",), ("secrets",), "prove"))
    assert writer.apply(secret("w1")).status == 201
    assert writer.apply(secret("w1"), namespace="other").status == 403
    assert writer.get(f"{SECRETS}/w1").status == 403


def test_names_limit_objects_and_never_allow_lists_or_posts(api: KubernetesApi, writer: Client) -> None:
    api.rules.append(Rule("writer", ("*",), ("secrets",), "prove", ("mine",)))
    assert writer.apply(secret("mine")).status == 201
    assert writer.apply(secret("theirs")).status == 403
    assert writer.get(SECRETS).status == 403
    assert writer.send("POST", SECRETS, secret("mine")).status == 403
    assert writer.send("DELETE", f"{SECRETS}/mine").status == 200


def test_a_subresource_is_a_right_of_its_own(api: KubernetesApi, writer: Client) -> None:
    path = "/api/v1/namespaces/prove/serviceaccounts/default/token"
    api.rules.append(Rule("writer", ("create",), ("serviceaccounts",), "prove"))
    assert 'cannot create resource "serviceaccounts/token"' in writer.send("POST", path, {"spec": {}}).json["message"]
    api.rules.append(Rule("writer", ("create",), ("serviceaccounts/token",), "prove", ("default",)))
    assert writer.send("POST", path, {"spec": {}}).status == 201


def test_a_wrong_token_is_unauthorized(api: KubernetesApi) -> None:
    with connected(api, "wrong") as client:
        answer = client.get(SECRETS)
    assert (answer.status, answer.json["reason"], answer.json["message"]) == (401, "Unauthorized", "Unauthorized")
    assert api.calls[-1].user == ""


def test_no_token_is_anonymous(api: KubernetesApi) -> None:
    with connected(api, None) as client:
        answer = client.get(SECRETS)
        assert client.get("/readyz").status == 200
    assert answer.status == 403
    assert 'User "system:anonymous" cannot list resource "secrets"' in answer.json["message"]


def test_a_review_says_what_the_rules_say(api: KubernetesApi, writer: Client) -> None:
    def review(verb: str) -> bool:
        spec = {"resourceAttributes": {"namespace": "prove", "verb": verb, "resource": "secrets"}}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return bool(writer.send("POST", path, {"spec": spec}).json["status"]["allowed"])

    assert not review("get")
    api.rules.append(Rule("writer", ("get",), ("secrets",), "prove"))
    assert review("get")
    assert not review("delete")


def test_the_administrators_token_is_new_for_every_server(api: KubernetesApi) -> None:
    with KubernetesApi() as other:
        assert other.token != api.token
