"""What this client leaves out is refused with a clear text, never half done."""

from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.cluster_errors import CredentialsError, KubeconfigError
from tests.unit.kubernetes_client.support import load

SERVER = "https://a.test:6443"


def exec_block(**changes: Any) -> dict[str, Any]:
    return {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x", "interactiveMode": "Never"} | changes
    }


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ({"auth-provider": {"name": "oidc"}}, "auth-provider.*not supported"),
        ({"username": "me", "password": "canary"}, "basic authentication.*not supported"),
        ({"token": "t", "as": "admin"}, "impersonation.*not supported"),
        (exec_block(apiVersion="client.authentication.k8s.io/v1alpha1"), "v1alpha1.*not supported.*update-kubeconfig"),
        (exec_block(command=""), "malformed"),
        (exec_block(env=[{"name": "A"}]), "malformed"),
        ({"exec": "x"}, "malformed"),
    ],
)
def test_users(tmp_path: Path, user: dict[str, Any], text: str) -> None:
    with pytest.raises(KubeconfigError, match=text) as caught:
        load(tmp_path, SERVER, user=user)
    assert "canary" not in str(caught.value)


def test_plugin_that_needs_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="wants a terminal"):
        load(tmp_path, SERVER, user=exec_block(interactiveMode="Always"))


def test_socks_proxy_in_the_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="'socks5' is not supported \\(proxy-url"):
        load(tmp_path, SERVER, cluster={"proxy-url": "socks5://me:canary@localhost:1080"})


def test_socks_proxy_in_the_environment(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="'socks5h' is not supported \\(the environment variable HTTPS_PROXY"):
        load(tmp_path, SERVER, environ={"HTTPS_PROXY": "socks5h://localhost:1080"})


def test_skipping_verification_beside_an_authority_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="sets both"):
        load(tmp_path, SERVER, cluster={"insecure-skip-tls-verify": True, "certificate-authority-data": "QQ=="})
