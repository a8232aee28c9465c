"""HTTPS with an authority of its own, client certificates, and the kubeconfig that says so."""

from __future__ import annotations

import base64
import http.client
import ssl
from typing import TYPE_CHECKING

import pytest
import yaml

from sandbox.kubernetes import KubernetesApi, Rule
from tests.sandbox.kubernetes_api.support import SECRETS, connected, secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    with KubernetesApi(tls=True, namespaces=["prove"]) as server:
        yield server


def test_the_kubeconfig_leads_to_the_server(api: KubernetesApi, tmp_path: Path) -> None:
    path = api.kubeconfig(tmp_path / "kubeconfig")
    assert path.stat().st_mode & 0o777 == 0o600
    config = yaml.safe_load(path.read_text())
    assert config["current-context"] == "sandbox"
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    assert cluster["server"] == api.url
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    with connected(api, user["token"], ssl.create_default_context(cadata=authority)) as client:
        assert client.apply(secret()).status == 201
        assert client.get("/.well-known/openid-configuration").json["jwks_uri"] == f"{api.url}/openid/v1/jwks"


def test_others_do_not_trust_the_server(api: KubernetesApi) -> None:
    with connected(api, context=ssl.create_default_context()) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.get("/readyz")


def test_a_client_certificate_is_a_user(api: KubernetesApi, tmp_path: Path) -> None:
    context = ssl.create_default_context(cadata=api.ca_pem)
    chain = tmp_path / "client.pem"
    chain.write_text("".join(api.client_certificate("deployer", ["secret-writers"])))
    context.load_cert_chain(chain)
    with connected(api, None, context) as client:
        assert 'User "deployer" cannot list' in client.get(SECRETS).json["message"]
        api.rules.append(Rule("secret-writers", ("list",), ("secrets",)))
        assert client.get(SECRETS).status == 200
    assert api.calls[-1].user == "deployer"


def test_a_certificate_of_another_authority_is_refused(api: KubernetesApi, tmp_path: Path) -> None:
    with KubernetesApi(tls=True) as other:
        chain = tmp_path / "client.pem"
        chain.write_text("".join(other.client_certificate("admin", ["system:masters"])))
    context = ssl.create_default_context(cadata=api.ca_pem)
    context.load_cert_chain(chain)
    with connected(api, None, context) as client, pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        client.get(SECRETS)


def test_without_tls_there_are_no_certificates() -> None:
    with KubernetesApi() as api:
        assert api.ca_pem == ""
        with pytest.raises(ValueError, match="client certificates need tls=True"):
            api.client_certificate("deployer")
