"""TLS: whom we trust, as whom we come, and that private keys do not stay on disk."""

import datetime as dt
import socket
import ssl
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import CredentialsError, KubeconfigError, UnavailableError
from tests.unit.kubernetes_client.support import Authority, Stub, b64, load

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]


@pytest.fixture
def stub(serve: Serve, authority: Authority, tmp_path: Path) -> Stub:
    return serve(context=authority.server_context(tmp_path, "127.0.0.1"))


def test_authority_as_data(tmp_path: Path, stub: Stub, authority: Authority, connect: Connect) -> None:
    cluster = {"certificate-authority-data": b64(authority.pem)}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


def test_data_may_be_wrapped(tmp_path: Path, stub: Stub, authority: Authority, connect: Connect) -> None:
    cluster = {"certificate-authority-data": "\n".join(textwrap.wrap(b64(authority.pem), 64))}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


def test_authority_as_file(tmp_path: Path, stub: Stub, authority: Authority, connect: Connect) -> None:
    (tmp_path / "ca.pem").write_text(authority.pem)
    cluster = {"certificate-authority": "ca.pem"}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


def test_data_wins_over_the_file(tmp_path: Path, stub: Stub, authority: Authority, connect: Connect) -> None:
    cluster = {"certificate-authority": "missing.pem", "certificate-authority-data": b64(authority.pem)}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


def test_skip_verify(tmp_path: Path, stub: Stub, connect: Connect) -> None:
    cluster = {"insecure-skip-tls-verify": True}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret_metadata("team-a", "db") is not None


@pytest.mark.parametrize("cluster", [{}, {"certificate-authority-data": b64(Authority().pem)}])
def test_server_of_another_authority_is_refused_at_once(
    tmp_path: Path, stub: Stub, connect: Connect, cluster: dict[str, Any]
) -> None:
    with pytest.raises(UnavailableError, match=r"TLS certificate is not trusted.*certificate-authority") as caught:
        connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db")
    assert caught.value.attempts == 1
    assert stub.requests == []


def test_server_whose_certificate_has_expired_is_refused_at_once(
    tmp_path: Path, serve: Serve, authority: Authority, connect: Connect
) -> None:
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1", until=-dt.timedelta(minutes=1)))
    cluster = {"certificate-authority-data": b64(authority.pem)}
    with pytest.raises(UnavailableError, match="certificate has expired") as caught:
        connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db")
    assert caught.value.attempts == 1


def test_server_name(tmp_path: Path, serve: Serve, authority: Authority, connect: Connect) -> None:
    stub = serve(context=authority.server_context(tmp_path, "kubernetes.internal"))
    cluster = {"certificate-authority-data": b64(authority.pem)}
    with pytest.raises(UnavailableError, match="not trusted"):
        connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db")
    cluster["tls-server-name"] = "kubernetes.internal"
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db") is not None
    cluster["tls-server-name"] = "elsewhere.internal"
    with pytest.raises(UnavailableError, match="not trusted"):
        connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db")


def test_authority_without_key_identifiers_under_the_strictness_of_python_3_13(
    tmp_path: Path, serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ssl.create_default_context

    def strict(**options: Any) -> ssl.SSLContext:
        context = original(**options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    old = Authority(key_identifiers=False)
    stub = serve(context=old.server_context(tmp_path, "127.0.0.1"))
    with pytest.raises(ssl.SSLCertVerificationError), _handshake(stub, strict(cadata=old.pem)):
        pass  # the strict context really does refuse it
    monkeypatch.setattr(ssl, "create_default_context", strict)
    cluster = {"certificate-authority-data": b64(old.pem)}
    assert connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db") is not None
    # Chain and host name are verified all the same.
    cluster = {"certificate-authority-data": b64(Authority(key_identifiers=False).pem)}
    with pytest.raises(UnavailableError, match="not trusted"):
        connect(load(tmp_path, stub.url, cluster=cluster)).get_secret("team-a", "db")


def _handshake(stub: Stub, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(("127.0.0.1", stub.port)), server_hostname="127.0.0.1")


@pytest.mark.parametrize("as_files", [False, True])
def test_client_certificate_and_its_key_leave_nothing_on_disk(
    tmp_path: Path,
    serve: Serve,
    authority: Authority,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    *,
    as_files: bool,
) -> None:
    context = authority.server_context(tmp_path, "127.0.0.1", client_certificates=True)
    stub = serve(context=context)
    issued = authority.issue("jane")
    if as_files:
        (tmp_path / "jane.pem").write_text(issued.chain)
        (tmp_path / "jane.key").write_text(issued.key)
        user = {"client-certificate": "jane.pem", "client-key": "jane.key"}
    else:
        user = {"client-certificate-data": b64(issued.chain), "client-key-data": b64(issued.key)}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    client = connect(load(tmp_path, stub.url, cluster={"certificate-authority-data": b64(authority.pem)}, user=user))
    client.get_secret("team-a", "db")
    assert [request.peer_certificate for request in stub.requests] == ["jane"]
    assert list(scratch.iterdir()) == []


def test_key_in_passing_is_readable_by_nobody_else(
    tmp_path: Path, authority: Authority, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    original = ssl.SSLContext.load_cert_chain

    def look(self: ssl.SSLContext, chain: Path, key: Path, **options: Any) -> None:
        seen.append((key.parent.stat().st_mode & 0o777, key.stat().st_mode & 0o777))
        original(self, chain, key, **options)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", look)
    issued = authority.issue("jane")
    user = {"client-certificate-data": b64(issued.chain), "client-key-data": b64(issued.key)}
    with pytest.raises(UnavailableError):
        connect(load(tmp_path, "https://127.0.0.1:1", user=user)).get_secret("team-a", "db")
    assert seen[0] == (0o700, 0o600)


def test_missing_client_certificate(tmp_path: Path, serve: Serve, authority: Authority, connect: Connect) -> None:
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1", client_certificates=True))
    with pytest.raises(UnavailableError) as caught:
        connect(load(tmp_path, stub.url, cluster={"certificate-authority-data": b64(authority.pem)})).get_secret(
            "a", "b"
        )
    assert stub.requests == []
    assert "TLS failed" in str(caught.value)


def test_certificate_and_key_of_different_people(tmp_path: Path, authority: Authority, connect: Connect) -> None:
    user = {
        "client-certificate-data": b64(authority.issue("jane").chain),
        "client-key-data": b64(authority.issue("joe").key),
    }
    with pytest.raises(CredentialsError, match="do not belong together"):
        connect(load(tmp_path, "https://127.0.0.1:1", user=user)).get_secret("team-a", "db")


def test_unreadable_client_certificate_file(tmp_path: Path, connect: Connect) -> None:
    user = {"client-certificate": "gone.pem", "client-key": "gone.key"}
    with pytest.raises(CredentialsError, match="No such file"):
        connect(load(tmp_path, "https://127.0.0.1:1", user=user)).get_secret("team-a", "db")


def test_broken_authority(tmp_path: Path, connect: Connect) -> None:
    with pytest.raises(KubeconfigError, match="not a PEM certificate"):
        connect(
            load(tmp_path, "https://127.0.0.1:1", cluster={"certificate-authority-data": b64("nonsense")})
        ).get_secret("team-a", "db")
