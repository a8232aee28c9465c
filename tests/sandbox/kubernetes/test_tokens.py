"""ServiceAccount tokens: what they say, who can prove it, and when they stop to work."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.kubernetes import KubernetesApi, Rule
from sandbox.kubernetes.tokens import DEFAULT_ISSUER
from tests.sandbox.kubernetes_api.support import SECRETS, Client, Clock, connected, secret

ACCOUNTS = "/api/v1/namespaces/prove/serviceaccounts"


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(decoded(token.split(".")[1]))
    return claims


@pytest.fixture
def account(client: Client) -> dict[str, Any]:
    created: dict[str, Any] = client.send("POST", ACCOUNTS, {"metadata": {"name": "app"}}).json
    return created


def token(client: Client, **spec: Any) -> str:
    answer = client.send("POST", f"{ACCOUNTS}/app/token", {"spec": spec})
    assert answer.status == 201
    return str(answer.json["status"]["token"])


def status_with(api: KubernetesApi, bearer: str) -> int:
    with connected(api, bearer) as client:
        return client.get(SECRETS).status


@pytest.mark.usefixtures("account")
def test_the_published_key_proves_a_token(client: Client) -> None:
    signed, _, signature = token(client).rpartition(".")
    discovery = client.get("/.well-known/openid-configuration").json
    (key,) = client.get(discovery["jwks_uri"].removeprefix(discovery["jwks_uri"].split("/openid")[0]), "*/*").json[
        "keys"
    ]
    header = json.loads(decoded(signed.split(".")[0]))
    assert header == {"alg": "RS256", "kid": key["kid"]}
    number, exponent = (int.from_bytes(decoded(key[part]), "big") for part in ("n", "e"))
    public = rsa.RSAPublicNumbers(exponent, number).public_key()
    public.verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(decoded(signature), signed.encode() + b"x", padding.PKCS1v15(), hashes.SHA256())


def test_a_token_says_who_for_whom_and_how_long(client: Client, account: dict[str, Any], clock: Clock) -> None:
    now = int(clock().timestamp())
    claims = claims_of(token(client, audiences=["sts.amazonaws.com"], expirationSeconds=900))
    assert claims.pop("jti")
    assert claims == {
        "aud": ["sts.amazonaws.com"],
        "exp": now + 900,
        "iat": now,
        "nbf": now,
        "iss": DEFAULT_ISSUER,
        "kubernetes.io": {
            "namespace": "prove",
            "serviceaccount": {"name": "app", "uid": account["metadata"]["uid"]},
        },
        "sub": "system:serviceaccount:prove:app",
    }
    default = claims_of(token(client))
    assert (default["aud"], default["exp"] - now) == ([DEFAULT_ISSUER], 3600)


@pytest.mark.usefixtures("account")
def test_a_token_works_here_until_it_expires(api: KubernetesApi, client: Client, clock: Clock) -> None:
    bearer = token(client)
    assert status_with(api, bearer) == 403
    api.rules.append(Rule("system:serviceaccount:prove:app", ("list",), ("secrets",), "prove"))
    assert status_with(api, bearer) == 200
    clock.forward(3600)
    assert status_with(api, bearer) == 401


@pytest.mark.usefixtures("account")
def test_a_token_for_others_is_not_for_this_server(api: KubernetesApi, client: Client) -> None:
    assert status_with(api, token(client, audiences=["sts.amazonaws.com"])) == 401


@pytest.mark.usefixtures("account")
def test_a_forged_token_is_nobodys(api: KubernetesApi, client: Client) -> None:
    head, _, signature = token(client).split(".")
    claims = claims_of(token(client)) | {"sub": "system:serviceaccount:kube-system:default"}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert status_with(api, f"{head}.{forged}.{signature}") == 401


@pytest.mark.usefixtures("account")
def test_a_token_dies_with_its_account_even_when_that_is_made_again(api: KubernetesApi, client: Client) -> None:
    bearer = token(client)
    client.send("DELETE", f"{ACCOUNTS}/app")
    client.send("POST", ACCOUNTS, {"metadata": {"name": "app"}})
    assert status_with(api, bearer) == 401


@pytest.mark.usefixtures("account")
def test_a_token_dies_with_the_secret_that_it_is_bound_to(api: KubernetesApi, client: Client) -> None:
    client.apply(secret("binding"))
    bearer = token(client, boundObjectRef={"apiVersion": "v1", "kind": "Secret", "name": "binding"})
    assert claims_of(bearer)["kubernetes.io"]["secret"]["name"] == "binding"
    assert status_with(api, bearer) == 403
    client.send("DELETE", f"{SECRETS}/binding")
    assert status_with(api, bearer) == 401


def test_what_is_missing_says_its_kind(client: Client) -> None:
    for path, kind in (
        (f"{ACCOUNTS}/app/token", "serviceaccounts"),
        (ACCOUNTS.replace("prove", "no") + "/a/token", "namespaces"),
    ):
        answer = client.send("POST", path, {"spec": {}})
        assert (answer.status, answer.json["details"]["kind"]) == (404, kind)


def test_an_account_may_read_the_keys_and_others_may_not(
    api: KubernetesApi, client: Client, account: dict[str, Any]
) -> None:
    assert account
    with connected(api, token(client)) as held, connected(api, None) as anonymous:
        assert held.get("/openid/v1/jwks", "*/*").status == 200
        assert anonymous.get("/openid/v1/jwks", "*/*").status == 403
