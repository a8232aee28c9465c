"""What kubeconfigs in public repositories hold beside the usual: texts around PEM blocks, servers without TLS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import KubeconfigError
from tests.unit.kubernetes_client.support import Authority, Stub, b64, load

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

NAMES = ("# Főtanúsítvány\n".encode(), "# AC Raíz\n".encode("latin-1"))
"""Names as they stand above the certificates of a system's bundle, such as Red Hat's and Mozilla's."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["certificate-authority", "certificate-authority-data"])
def test_an_authority_below_a_name(
    tmp_path: Path, serve: Serve, connect: Connect, authority: Authority, name: bytes, field: str
) -> None:
    data = name + authority.pem.encode()
    (tmp_path / "ca.pem").write_bytes(data)
    cluster = {field: b64(data) if field.endswith("data") else "ca.pem"}
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1"))

    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_client_certificate_below_a_name(
    tmp_path: Path, serve: Serve, connect: Connect, authority: Authority, name: bytes
) -> None:
    issued = authority.issue("alice")
    user = {
        f"client-{part}-data": b64(name + pem.encode())
        for part, pem in (("certificate", issued.chain), ("key", issued.key))
    }
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1", client_certificates=True))
    cluster = {"certificate-authority-data": b64(authority.pem)}

    connect(load(tmp_path, stub.url, cluster=cluster, user=user)).get_secret_metadata("team-a", "db")

    assert stub.requests[0].peer_certificate == "alice"


@pytest.mark.parametrize("server", ["http://api.example.com", "http://10.0.0.1:8080", "http://[2001:db8::1]/k8s"])
@pytest.mark.parametrize("user", [{"token": "canary"}, {"tokenFile": "canary"}])
def test_credentials_are_not_sent_over_a_network_in_plain_text(
    tmp_path: Path, server: str, user: dict[str, Any]
) -> None:
    with pytest.raises(
        KubeconfigError, match="an http:// URL, to which no credentials are sent; write https"
    ) as caught:
        load(tmp_path, server, user=user)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("server", ["http://127.0.0.1:8001", "http://localhost:8080", "http://[::1]:1"])
def test_what_stays_on_this_machine_is_no_network(tmp_path: Path, server: str) -> None:
    assert load(tmp_path, server, user={"token": "t0ken"}).server == server


def test_without_credentials_plain_text_is_taken(tmp_path: Path) -> None:
    assert load(tmp_path, "http://api.example.com").server == "http://api.example.com"


@pytest.mark.parametrize("server", ["https://api.example.com/?cluster=a", "https://api.example.com/#a"])
def test_a_part_of_the_server_s_url_that_cannot_be_sent(tmp_path: Path, server: str) -> None:
    with pytest.raises(KubeconfigError, match="must be an https:// URL"):
        load(tmp_path, server)
