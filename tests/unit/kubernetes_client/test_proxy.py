"""Proxies: `proxy-url` of the kubeconfig, HTTPS_PROXY and NO_PROXY, by kubectl's rules."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import KubeconfigError, UnavailableError
from components.clients.kubernetes.proxy import choose_proxy, proxy_login
from tests.unit.kubernetes_client.support import Authority, ConnectProxy, FakeTime, Stub, b64, load

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

SERVER = "https://kubernetes.test:6443"
PROXY = "http://proxy.test:3128"


@pytest.fixture
def stub(serve: Serve, authority: Authority, tmp_path: Path) -> Stub:
    return serve(context=authority.server_context(tmp_path, "kubernetes.test"))


@pytest.fixture
def proxy(stub: Stub) -> Iterator[ConnectProxy]:
    with ConnectProxy(stub.port) as proxy:
        yield proxy


def test_proxy_of_the_kubeconfig(
    tmp_path: Path, stub: Stub, proxy: ConnectProxy, authority: Authority, connect: Connect
) -> None:
    cluster = {"certificate-authority-data": b64(authority.pem), "proxy-url": proxy.url}
    client = connect(load(tmp_path, SERVER, cluster=cluster, environ={"NO_PROXY": "kubernetes.test"}))
    assert client.get_secret("team-a", "db") is not None
    assert proxy.asked == ["kubernetes.test:6443"]
    assert len(stub.requests) == 1
    client.close()


def test_proxy_of_the_environment(tmp_path: Path, proxy: ConnectProxy, authority: Authority, connect: Connect) -> None:
    cluster = {"certificate-authority-data": b64(authority.pem)}
    client = connect(load(tmp_path, SERVER, cluster=cluster, environ={"https_proxy": proxy.url}))
    assert client.get_secret("team-a", "db") is not None
    assert proxy.asked == ["kubernetes.test:6443"]
    client.close()


def test_proxy_with_a_password(tmp_path: Path, proxy: ConnectProxy, authority: Authority, connect: Connect) -> None:
    url = proxy.url.replace("http://", "http://me:p%40ss@")
    cluster = {"certificate-authority-data": b64(authority.pem), "proxy-url": url}
    client = connect(load(tmp_path, SERVER, cluster=cluster))
    client.get_secret("team-a", "db")
    assert proxy.authorizations == ["Basic " + b64("me:p@ss")]
    client.close()


def test_proxy_that_refuses_is_named_as_the_culprit(tmp_path: Path, connect: Connect, time: FakeTime) -> None:
    with ConnectProxy(0, refuse=b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        url = proxy.url.replace("http://", "http://me:canary@")
        with pytest.raises(UnavailableError, match=r"the proxy: .*407 Proxy Authentication Required") as caught:
            connect(load(tmp_path, SERVER, cluster={"proxy-url": url})).get_secret("team-a", "db")
    assert "canary" not in str(caught.value)
    assert time.slept


def test_proxy_that_is_down(tmp_path: Path, connect: Connect) -> None:
    with pytest.raises(UnavailableError, match="the proxy: no connection"):
        connect(load(tmp_path, SERVER, cluster={"proxy-url": "http://127.0.0.1:1"})).get_secret("team-a", "db")


@pytest.mark.parametrize(
    ("server", "no_proxy", "proxied"),
    [
        (SERVER, "", True),
        (SERVER, "*", False),
        (SERVER, "kubernetes.test", False),
        (SERVER, " other.test , KUBERNETES.test", False),
        (SERVER, "kubernetes.test:6443", False),
        (SERVER, "kubernetes.test:443", True),
        (SERVER, "test", False),
        (SERVER, "bernetes.test", True),
        (SERVER, ".kubernetes.test", True),
        ("https://a.kubernetes.test", ".kubernetes.test", False),
        ("https://a.kubernetes.test", "*.kubernetes.test", False),
        ("https://a.kubernetes.test", "a.kubernetes.test:443", False),
        ("https://10.1.2.3:6443", "10.0.0.0/8", False),
        ("https://10.1.2.3:6443", "10.1.2.3", False),
        ("https://10.1.2.3:6443", "10.1.2.3:6443", False),
        ("https://10.1.2.3:6443", "10.1.2.3:443", True),
        ("https://10.1.2.3:6443", "192.168.0.0/16,nonsense/99", True),
        ("https://[fd00::1]:6443", "fd00::/8", False),
        ("https://[fd00::1]:6443", "fd00::2", True),
        ("https://localhost:6443", "", False),
        ("https://127.0.0.1:6443", "", False),
        ("https://[::1]:6443", "", False),
    ],
)
def test_exemptions(server: str, no_proxy: str, *, proxied: bool) -> None:
    chosen = choose_proxy(server, None, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert chosen == (PROXY if proxied else None)


def test_proxy_without_a_scheme_is_an_http_proxy() -> None:
    assert choose_proxy(SERVER, None, {"HTTPS_PROXY": "proxy.test:3128"}) == PROXY


def test_plain_http_servers_have_their_own_variable() -> None:
    assert choose_proxy("http://kubernetes.test", None, {"HTTPS_PROXY": PROXY}) is None
    assert choose_proxy("http://kubernetes.test", None, {"HTTP_PROXY": PROXY}) == PROXY


UNUSABLE = {
    "a line break": "http://me:canary@p.test:1\n",
    "a tab": "http://me:canary@p.test:1\t",
    "a control character": "http://me:canary@p\x1b.test:1",
    "a backslash in the password": "http://me:canary\\@p.test:1",
    "a backslash in the host": "http://canary\\p.test:1",
    "a quote": 'http://me:canary"@p.test:1',
    "a host that is too long": "http://me:canary@" + "я" * 70 + ":1",
    "a host with an escape": "http://me:canary@p%41.test:1",
}


@pytest.mark.parametrize("url", UNUSABLE.values(), ids=UNUSABLE)
def test_a_proxy_that_is_no_url_is_told_without_its_text(tmp_path: Path, url: str) -> None:
    for given in ({"cluster": {"proxy-url": url}}, {"environ": {"HTTPS_PROXY": url}}):
        with pytest.raises(KubeconfigError, match="is not a URL: write http") as caught:
            load(tmp_path, SERVER, **given)  # type: ignore[arg-type]
        assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("url", ["https://a\\b:1", "https://p%41.test:1", "https://p\t:1", "https://p:1\n", "https://"])
def test_a_server_that_would_be_another_host_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(KubeconfigError, match="must be an https:// URL"):
        load(tmp_path, url)


@pytest.mark.parametrize(
    "url", ["https://[fd00::1]:6443", "https://A.Test", "https://x_y.test/k8s", "https://я.test:1"]
)
def test_a_server_that_kubectl_takes(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, url).server == url


@pytest.mark.parametrize("name", [".a.test", "a..test", "a" * 300, "a\0.test", "a.test\n"])
def test_a_name_of_the_certificate_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        KubeconfigError, match=r"'tls-server-name' of cluster 'test' in the kubeconfig is not a host name"
    ):
        load(tmp_path, SERVER, cluster={"tls-server-name": name})


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("me:пароль", "me:пароль"),
        ("me:h%C3%BCh", "me:hüh"),
        (":token", ":token"),
        ("token", "token:"),
        ("me:a@b", "me:a@b"),
    ],
)
def test_whose_password_a_proxy_gets(login: str, sent: str) -> None:
    assert proxy_login(f"http://{login}@proxy.test:3128") == b64(sent)
