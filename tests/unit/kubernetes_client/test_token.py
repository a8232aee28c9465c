"""Bearer tokens: fixed, from a file that is rotated, and the ServiceAccount of a pod."""

from collections.abc import Callable
from pathlib import Path

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import CredentialsError, KubeconfigError, UnauthorizedError
from components.clients.kubernetes.connection import load_cluster
from tests.unit.kubernetes_client.support import OK, Authority, Received, Reply, Stub, load, refusal

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

UNAUTHORIZED = refusal(401, "Unauthorized", "Unauthorized")


def tokens(stub: Stub) -> list[str | None]:
    return [request.headers.get("Authorization") for request in stub.requests]


def accepting(token: str) -> Callable[[Received], Reply]:
    return lambda request: OK if request.headers.get("Authorization") == f"Bearer {token}" else UNAUTHORIZED


def test_fixed_token(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    stub = serve()
    connect(load(tmp_path, stub.url, user={"token": "abc"})).get_secret("team-a", "db")
    assert tokens(stub) == ["Bearer abc"]


def test_rejected_fixed_token_is_tried_once(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    stub = serve([UNAUTHORIZED])
    with pytest.raises(UnauthorizedError, match=r"Cannot read Secret team-a/db in context 'test'.*Renew them"):
        connect(load(tmp_path, stub.url, user={"token": "abc"})).get_secret("team-a", "db")
    assert len(stub.requests) == 1


def test_user_without_credentials_sends_none(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    stub = serve()
    connect(load(tmp_path, stub.url)).get_secret("team-a", "db")
    assert tokens(stub) == [None]


def test_token_file_is_read_for_every_request(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    stub = serve()
    file = tmp_path / "token"
    file.write_text("one\n")
    client = connect(load(tmp_path, stub.url, user={"tokenFile": "token", "token": "fallback"}))
    client.get_secret("team-a", "db")
    file.write_text("two\n")
    client.get_secret("team-a", "db")
    file.unlink()
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["Bearer one", "Bearer two", "Bearer fallback"]


def test_token_file_rotated_while_a_request_is_under_way(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    file = tmp_path / "token"
    file.write_text("old")

    def rotate(request: Received) -> Reply:
        file.write_text("new")
        return accepting("new")(request)

    stub = serve(rotate)
    connect(load(tmp_path, stub.url, user={"tokenFile": "token"})).get_secret("team-a", "db")
    assert tokens(stub) == ["Bearer old", "Bearer new"]


def test_unchanged_token_file_is_not_tried_again(tmp_path: Path, serve: Serve, connect: Connect) -> None:
    (tmp_path / "token").write_text("old")
    stub = serve([UNAUTHORIZED])
    with pytest.raises(UnauthorizedError):
        connect(load(tmp_path, stub.url, user={"tokenFile": "token"})).get_secret("team-a", "db")
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("content", "text"), [(None, "No such file"), ("", "no token"), ("can\nary", "is not a token")]
)
def test_useless_token_file_is_an_error_and_not_anonymous(
    tmp_path: Path, serve: Serve, connect: Connect, content: str | None, text: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    stub = serve()
    with pytest.raises(CredentialsError, match=text) as caught:
        connect(load(tmp_path, stub.url, user={"tokenFile": "token"})).get_secret("team-a", "db")
    assert stub.requests == []
    assert "ary" not in str(caught.value)


def test_pod(tmp_path: Path, serve: Serve, connect: Connect, authority: Authority) -> None:
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1"))
    (tmp_path / "token").write_text("pod-1")
    (tmp_path / "ca.crt").write_text(authority.pem)
    (tmp_path / "namespace").write_text("team-a")
    environ = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(stub.port),
        "HOME": str(tmp_path),
    }
    connection = load_cluster(None, None, environ, service_account=tmp_path)
    assert connection.namespace == "team-a"
    client = connect(connection)
    client.get_secret("team-a", "db")
    (tmp_path / "token").write_text("pod-2")
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["Bearer pod-1", "Bearer pod-2"]


def test_pod_without_its_authority(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pod-1")
    environ = {"KUBERNETES_SERVICE_HOST": "::1", "KUBERNETES_SERVICE_PORT": "443"}
    with pytest.raises(KubeconfigError, match="ServiceAccount files"):
        load_cluster(None, None, environ, service_account=tmp_path)
