"""Who a client is to an API server: tokens, client certificates and exec plugins, good ones and expired ones."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import ForbiddenError, UnauthorizedError
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.lookups import request_token
from sandbox.aws.errors import AwsError
from sandbox.aws.iam.web_identity import OidcProvider, verify
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from sandbox.kubernetes.tokens import service_account_claims
from tests.sandbox.kubernetes_api.cluster import Api, Cluster, body
from tests.unit.kubernetes_client.support import b64

# An `aws` that prints what is in a file for each run.
AWS = """#!/bin/sh
echo "$@" >> "$0.calls"
cat "$0.$(wc -l < "$0.calls" | tr -d ' ').json"
"""
EKS = ["--region", "eu-central-1", "eks", "get-token", "--cluster-name", "eks-1", "--output", "json"]
WRITER = {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "patch", "get"]}]}


def client_of(api: Api, user: Mapping[str, Any], folder: Path, **environ: str) -> KubernetesClient:
    """A client by a kubeconfig with these credentials."""
    path = folder / "kubeconfig"
    path.write_text(kubeconfig_text(api.url, user, api.ca_pem))
    return KubernetesClient(load_cluster(str(path), None, environ))


@pytest.fixture
def account(cluster: Cluster, any_api: Api) -> dict[str, str]:
    """A ServiceAccount `runner` that may write Secrets."""
    path = f"/api/v1/namespaces/{cluster.namespace}/serviceaccounts"
    uid = cluster.send("POST", path, {"metadata": {"name": "runner"}})["metadata"]["uid"]
    any_api.grant(f"system:serviceaccount:{cluster.namespace}:runner", WRITER, cluster.namespace)
    return {"name": "runner", "uid": uid}


def token(api: Api, cluster: Cluster, account: dict[str, str], begin: int, seconds: int) -> str:
    """A ServiceAccount token as the server itself would have signed it some time ago."""
    issued = int(time.time()) + begin
    return api.signer.sign(
        service_account_claims(api.issuer, cluster.namespace, account, [api.issuer], issued, seconds)
    )


def test_a_service_account_may_what_it_was_granted(
    any_api: Api, cluster: Cluster, account: dict[str, str], tmp_path: Path
) -> None:
    client = client_of(any_api, {"token": token(any_api, cluster, account, 0, 600)}, tmp_path)
    assert client.apply_secret(cluster.namespace, "db", body(a="1"), force=False).name == "db"
    with pytest.raises(ForbiddenError) as caught:
        client.list_secret_metadata(cluster.namespace, "")
    assert (caught.value.user, caught.value.verb) == (f"system:serviceaccount:{cluster.namespace}:runner", "list")
    client.close()


def test_an_expired_token_is_refused(any_api: Api, cluster: Cluster, account: dict[str, str], tmp_path: Path) -> None:
    client = client_of(any_api, {"token": token(any_api, cluster, account, -7200, 3600)}, tmp_path)
    with pytest.raises(UnauthorizedError):
        client.get_secret(cluster.namespace, "db")
    client.close()


def test_a_kubeconfig_of_eks_gets_a_new_token_where_the_first_has_expired(
    any_api: Api, cluster: Cluster, account: dict[str, str], tmp_path: Path
) -> None:
    aws = tmp_path / "aws"
    aws.write_text(AWS)
    aws.chmod(0o755)
    until = (datetime.now(UTC) + timedelta(minutes=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for number, begin in enumerate([-7200, 0], 1):
        status = {"expirationTimestamp": until, "token": token(any_api, cluster, account, begin, 3600)}
        credential = {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "spec": {}}
        (tmp_path / f"aws.{number}.json").write_text(json.dumps({**credential, "status": status}))
    exec_block = {"apiVersion": "client.authentication.k8s.io/v1beta1", "args": EKS, "command": "aws"}
    client = client_of(any_api, {"exec": exec_block}, tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin")
    client.apply_secret(cluster.namespace, "db", body(a="1"), force=False)
    assert cluster.values("db") == {"a": "1"}
    client.get_secret(cluster.namespace, "db")
    assert (tmp_path / "aws.calls").read_text().splitlines() == [" ".join(EKS)] * 2
    client.close()


def test_a_client_certificate_is_a_user_until_it_expires(any_api: Api, cluster: Cluster, tmp_path: Path) -> None:
    for until in (timedelta(hours=1), timedelta(seconds=-1)):
        chain, key = any_api.client_certificate("jane", ["dev"], until=until)
        user = {"client-certificate-data": b64(chain), "client-key-data": b64(key)}
        client = client_of(any_api, user, tmp_path)
        if until > timedelta(0):
            with pytest.raises(ForbiddenError) as caught:
                client.get_secret(cluster.namespace, "db")
            assert caught.value.user == "jane"
        else:
            with pytest.raises(UnauthorizedError):
                client.get_secret(cluster.namespace, "db")
        client.close()


def test_sts_can_prove_a_token_by_the_published_keys(any_api: Api, cluster: Cluster, account: dict[str, str]) -> None:
    requested = request_token(cluster.client, cluster.namespace, account["name"], ["sts.amazonaws.com"]).reveal()
    keys = cluster.send("GET", "/openid/v1/jwks", accept="*/*")
    found = cluster.send("GET", "/.well-known/openid-configuration")
    assert found["issuer"] == any_api.issuer
    assert found["jwks_uri"].endswith("/openid/v1/jwks")
    issuer = any_api.issuer.removeprefix("https://")
    provider = OidcProvider("arn:aws:iam::123456789012:oidc-provider/x", issuer, frozenset({"sts.amazonaws.com"}))
    context = verify(requested, provider, keys, time.time())
    assert context[f"{issuer}:sub"] == [f"system:serviceaccount:{cluster.namespace}:runner"]
    head, _, signature = requested.split(".")
    with pytest.raises(AwsError):
        verify(f"{head}.{head}.{signature}", provider, keys, time.time())
