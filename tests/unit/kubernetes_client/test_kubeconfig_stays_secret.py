"""Whatever is wrong with a kubeconfig, no error repeats a credential in it, and none is a traceback."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.backoff import Clock
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import KubeconfigError, UnavailableError
from components.clients.kubernetes.connection import connection_of, load_cluster
from components.clients.kubernetes.kubeconfig import parse_kubeconfig, why_none
from components.errors import ClusterError
from tests.unit.kubernetes_client.support import FakeTime, Stub, kubeconfig_text, load

CANARY = "eyJhbGciOiJcanary" + "S3cretPart0123456789"
WITH_TOKEN = json.dumps({"apiVersion": "v1", "kind": "Config", "users": [{"name": "u", "user": {"token": CANARY}}]})
LONG = kubeconfig_text(
    "https://a.test:6443", cluster={"certificate-authority-data": "QUJD" * 500}, user={"token": CANARY}
)


def text_of(error: BaseException) -> str:
    """An error's text, which is one line, with the names of its causes' kinds."""
    assert error.__cause__ is None
    assert "\n" not in str(error)
    return f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize(
    "contents",
    [
        WITH_TOKEN,
        yaml.safe_dump(json.loads(WITH_TOKEN)),
        base64.b64encode(WITH_TOKEN.encode()).decode(),
        CANARY,
        f"token: {CANARY}",
        f"-----BEGIN PRIVATE KEY----- {CANARY}",
        f"{CANARY}\0",
        f"https://me:{CANARY}@example.com/kubeconfig",
    ],
)
def test_contents_that_stand_where_a_path_belongs_are_not_shown(contents: str) -> None:
    with pytest.raises(ClusterError) as caught:
        load_cluster(contents, None, {}).credentials.current()
    assert CANARY not in text_of(caught.value)


@pytest.mark.parametrize(
    "token", ["x.y", "abcdef.0123456789abcdef", "v1.q7", "a.b.c", "token.secret", "prod.k8s", "sha256.aaaa", "my.key"]
)
def test_words_with_dots_that_may_be_a_token_are_not_shown(token: str) -> None:
    with pytest.raises(ClusterError) as caught:
        load_cluster(token, None, {})
    assert token not in text_of(caught.value)
    assert "it can hold credentials" in why_none({"KUBECONFIG": token})
    assert token not in why_none({"KUBECONFIG": token})


def test_a_path_that_does_not_exist_is_shown(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match=r"The kubeconfig .*/no-such-file does not exist"):
        load_cluster(str(tmp_path / "no-such-file"), None, {})


@pytest.mark.parametrize("contents", [WITH_TOKEN, LONG, CANARY])
def test_contents_in_the_variable_are_not_shown(contents: str) -> None:
    with pytest.raises(ClusterError) as caught:
        load_cluster(None, None, {"KUBECONFIG": contents}, service_account=Path("/nowhere"))
    assert CANARY not in text_of(caught.value)


@pytest.mark.parametrize("context", [CANARY, WITH_TOKEN, "a\x1b[31m\u202eb"])
def test_a_context_that_is_not_there_is_one_harmless_line(tmp_path: Path, context: str) -> None:
    (tmp_path / "config").write_text(kubeconfig_text("https://a.test:6443"))
    with pytest.raises(KubeconfigError, match="There is no context") as caught:
        load_cluster(str(tmp_path / "config"), context, {})
    assert CANARY not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({"server": f"https://me:{CANARY}@a.test:6443"}, {}),
        ({"server": f"https://{CANARY}@a.test:6443"}, {}),
        ({"server": f"https://me:{CANARY}/x@a.test:6443"}, {}),
        ({"server": f"https://[{CANARY}"}, {}),
        ({"server": f"me:{CANARY}@a.test"}, {}),
        ({"proxy-url": f"socks5://me:{CANARY}@proxy:1080"}, {}),
        ({"proxy-url": f"http://me:{CANARY}/x@proxy:3128"}, {}),
        ({"proxy-url": f"me:{CANARY}@proxy:3128"}, {}),
        ({"proxy-url": f"{CANARY}://proxy:3128"}, {}),
        ({"proxy-url": f"http://[{CANARY}"}, {}),
        ({"certificate-authority": CANARY}, {}),
        ({"certificate-authority": f"-----BEGIN CERTIFICATE-----\n{CANARY}"}, {}),
        ({"certificate-authority-data": CANARY + "!"}, {}),
        ({"tls-server-name": [CANARY]}, {}),
        ({}, {"tokenFile": CANARY}),
        ({}, {"tokenFile": f"{CANARY}\0"}),
        ({}, {"token": f"{CANARY} {CANARY}"}),
        ({}, {"token": {"value": CANARY}}),
        ({}, {"client-certificate": CANARY, "client-key": CANARY}),
        ({}, {"client-certificate-data": CANARY, "client-key-data": CANARY}),
        ({}, {"client-key-data": CANARY}),
        ({}, {"username": "me", "password": CANARY}),
        ({}, {"auth-provider": {"config": {"access-token": CANARY}}}),
        ({}, {"exec": CANARY}),
        ({}, {"exec": {"apiVersion": CANARY, "command": "x"}}),
        ({}, {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": f"login --password {CANARY}"}}),
        ({}, {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x", "env": [{"name": CANARY}]}}),
        ({}, {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x", "args": CANARY}}),
    ],
)
def test_what_is_wrong_in_an_entry_is_said_without_the_entry(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], connect: Callable[..., KubernetesClient]
) -> None:
    server = cluster.pop("server", "https://127.0.0.1:1")
    with pytest.raises(ClusterError) as caught:
        connect(load(tmp_path, server, cluster=cluster, user=user)).get_secret("team-a", "db")
    assert CANARY not in text_of(caught.value)
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("proxy", [f"http://me:{CANARY}/x@proxy:1", f"socks5://me:{CANARY}@p:1", f"me:{CANARY}@p:x"])
def test_a_proxy_of_the_environment_is_not_shown(tmp_path: Path, name: str, proxy: str) -> None:
    with pytest.raises(KubeconfigError, match="HTTPS_PROXY") as caught:
        load(tmp_path, "https://a.test:6443", environ={name: proxy})
    assert CANARY not in text_of(caught.value)


def test_the_label_of_a_connection_holds_no_password(tmp_path: Path, time: FakeTime) -> None:
    environ = {"HTTPS_PROXY": f"http://me:{CANARY}@127.0.0.1:1"}
    connection = load(tmp_path, "https://a.test:6443/prefix", user={"token": CANARY}, environ=environ, clock=time.clock)
    with pytest.raises(UnavailableError) as caught:
        KubernetesClient(connection, clock=time.clock).get_secret("team-a", "db")
    assert "https://a.test:6443/prefix" in str(caught.value)
    assert CANARY not in text_of(caught.value)
    assert CANARY not in repr(connection)


broken = st.recursive(
    st.sampled_from([CANARY, f"x\n{CANARY}", f"https://u:{CANARY}@h", None, True, 7, 1.5]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "token", CANARY]), inner),
    max_leaves=4,
)
FIELDS = (
    ("clusters", "cluster", ("server", "proxy-url", "certificate-authority", "tls-server-name", "extensions")),
    ("users", "user", ("token", "tokenFile", "client-certificate-data", "client-key-data", "exec", "as")),
    ("contexts", "context", ("cluster", "user", "namespace")),
)


@given(data=st.data())
def test_any_field_at_all_may_be_wrong(data: st.DataObject) -> None:
    document: dict[str, Any] = yaml.safe_load(kubeconfig_text("https://a.test:6443", user={"token": CANARY}))
    section, kind, fields = data.draw(st.sampled_from(FIELDS))
    document[section][0][kind][data.draw(st.sampled_from(fields))] = data.draw(broken)
    try:
        config = parse_kubeconfig(json.dumps(document), Path("/nowhere/config"))
        connection_of(config, None, {}, Clock()).credentials.current()
    except ClusterError as error:
        told = text_of(error)
    else:
        told = ""
    assert CANARY not in told


def test_a_plugin_s_output_is_not_shown(tmp_path: Path, serve: Callable[..., Stub]) -> None:
    plugin = tmp_path / "plugin"
    for script in (
        f"echo 'login failed for me:{CANARY}' >&2; exit 1",
        f"echo '{CANARY}'; exit 1",
        f"echo '{CANARY}'",
        f"""echo '{{"apiVersion": "{CANARY}", "status": {{"token": "{CANARY}"}}}}'""",
        f"""echo '{{"apiVersion": "client.authentication.k8s.io/v1", "status": {{"token": "{CANARY} x"}}}}'""",
        f"""echo '{{"apiVersion": ["{CANARY}"], "status": {{"token": "{CANARY}"}}}}'""",
        f"""echo '{{"apiVersion": "client.authentication.k8s.io/v1", "status": {{"token": ["{CANARY}"]}}}}'""",
        f"""echo '{{"apiVersion": "client.authentication.k8s.io/v1", "status": "{CANARY}"}}'""",
    ):
        plugin.write_text(f"#!/bin/sh\n{script}\n")
        plugin.chmod(0o700)
        block: Mapping[str, Any] = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}
        block = {**block, "interactiveMode": "Never", "args": [CANARY]}
        with pytest.raises(ClusterError) as caught:
            load(tmp_path, serve().url, user={"exec": block}).credentials.current()
        assert CANARY not in text_of(caught.value), script
        assert "exec plugin" in str(caught.value)
