"""Two clusters behind one URL, as by tunnels and proxies: no Secret goes to the wrong one, or stays behind unsaid."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.errors import ClusterError, WriteError
from components.providers.operation.process import forget
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.access import Rule, User
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.group_support import RecordedGroup
from tests.providers.support import NAMESPACE, Stack
from tests.support.two_clusters import document
from tests.unit.kubernetes_client.support import ConnectProxy

DATA = {"password": {"key": "/prod/db"}}
URL = "https://127.0.0.1:6443"
RUNNER = Rule("runner", ("*",), ("secrets",))


@dataclass
class Clusters:
    """Two clusters with one URL, each behind a proxy of its own.

    Attributes:
        apis: the clusters by name.
        proxies: their proxies.
        path: the kubeconfig of the environment.
    """

    apis: dict[str, KubernetesApi]
    proxies: dict[str, ConnectProxy]
    path: Path
    tokens: dict[str, str]

    def lead(self, current: str, *, insecure: bool = False, **contexts: str) -> None:
        """Write the kubeconfig: which context leads to which cluster."""
        texts = {context: self.apis[name].kubeconfig_text() for context, name in contexts.items()}
        made = document(current, **texts)
        for entry, user in zip(made["clusters"], made["users"], strict=True):
            name = contexts[entry["name"]]
            entry["cluster"] |= {"server": URL, "proxy-url": self.proxies[name].url}
            if insecure:
                del entry["cluster"]["certificate-authority-data"]
                entry["cluster"]["insecure-skip-tls-verify"] = True
            if name in self.tokens:
                user["user"] = {"token": self.tokens[name]}
        self.path.write_text(yaml.safe_dump(made))

    def client(self, name: str) -> KubernetesClient:
        """A client of its own, as the administrator."""
        return KubernetesClient(load_cluster(self.apis[name].kubeconfig_text(), None, {}))

    def uid(self, name: str) -> str | None:
        """The uid of the Secret in a cluster."""
        live = self.client(name).get_secret_metadata(NAMESPACE, "db")
        return live.uid if live else None

    def copy(self) -> None:
        """Copy the Secret from `a` to `b` with all its marks, as a restored backup has them."""
        secret = self.client("a").get_secret(NAMESPACE, "db") or {}
        metadata = {kind: secret["metadata"].get(kind, {}) for kind in ("annotations", "labels")}
        body: dict[str, Any] = {"data": secret["data"], "metadata": metadata}
        self.client("b").apply_secret(NAMESPACE, "db", body, force=True, field_manager="velero")


def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: dict[str, str]) -> Iterator[Clusters]:
    users = {token: User("runner") for token in tokens.values()}
    a, b = (KubernetesApi(namespaces=[NAMESPACE], tls=True, users=users, rules=[RUNNER]) for _ in range(2))
    # The clusters end first, and with them what the proxies wait for.
    with ConnectProxy(urlsplit(a.url).port or 0) as to_a, ConnectProxy(urlsplit(b.url).port or 0) as to_b, a, b:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        yield Clusters({"a": a, "b": b}, {"a": to_a, "b": to_b}, tmp_path / "kubeconfig", tokens)
        forget()


@pytest.fixture
def clusters(aws: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """The clusters, seen by somebody who may see all."""
    aws.put_parameter("/prod/db", "canary-4711")
    yield from serve(tmp_path, monkeypatch, {})


@pytest.fixture
def narrow(aws: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """The clusters, seen by somebody who may see Secrets alone."""
    aws.put_parameter("/prod/db", "canary-4711")
    yield from serve(tmp_path, monkeypatch, {"a": "runner-of-a", "b": "runner-of-b"})


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("insecure", [False, True])
def test_another_current_context_replaces(clusters: Clusters, *, copied: bool, insecure: bool) -> None:
    clusters.lead("first", first="a", second="b", insecure=insecure)
    stack = Stack(DATA)
    stack.up()
    if copied:
        clusters.copy()
    clusters.lead("second", first="a", second="b", insecure=insecure)
    preview = stack.preview()
    assert preview.change == "replace"
    assert "Secret deleted" not in preview.drift
    assert stack.up().change == "replace"
    assert (clusters.uid("a"), clusters.uid("b") is not None) == (None, True)
    assert stack.preview().change == "same"
    stack.destroy()
    assert clusters.uid("b") is None


def test_a_tunnel_that_leads_elsewhere_today(clusters: Clusters) -> None:
    clusters.lead("tunnel", tunnel="a", insecure=True)
    stack = Stack(DATA)
    stack.up()
    clusters.lead("tunnel", tunnel="b", older="a", insecure=True)
    preview = stack.preview()
    assert (preview.change, preview.drift) == ("replace", [])
    assert stack.up().change == "replace"
    assert (clusters.uid("a"), clusters.uid("b") is not None) == (None, True)
    assert stack.preview().change == "same"


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("operation", [Stack.refresh, Stack.destroy])
def test_nothing_is_dropped_or_deleted_where_the_tunnel_leads_elsewhere(
    clusters: Clusters, operation: Callable[[Stack], Any], *, copied: bool
) -> None:
    clusters.lead("tunnel", tunnel="a", insecure=True)
    stack = Stack(DATA)
    stack.up()
    if copied:
        clusters.copy()
    before = clusters.uid("a"), clusters.uid("b")
    clusters.lead("tunnel", tunnel="b", insecure=True)
    with pytest.raises(ClusterError) as caught:
        operation(stack)
    text = str(caught.value)
    assert f"(context 'tunnel', {URL}) cannot be reached: another cluster answers at that URL by now" in text
    assert "PULUMI_K8S_DELETE_UNREACHABLE=true" in text
    assert "\n" not in text
    assert (clusters.uid("a"), clusters.uid("b")) == before


def test_the_other_cluster_is_left_alone_where_the_old_one_is_given_up(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clusters.lead("tunnel", tunnel="a", insecure=True)
    stack = Stack(DATA)
    stack.up()
    clusters.copy()
    before = clusters.uid("b")
    clusters.lead("tunnel", tunnel="b", insecure=True)
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    stack.destroy()
    assert clusters.uid("b") == before
    assert capsys.readouterr().err.count("it is dropped from the state") == 1


def test_without_a_way_back_the_new_secret_is_written_and_the_old_one_is_named(clusters: Clusters) -> None:
    clusters.lead("tunnel", tunnel="a", insecure=True)
    stack = Stack(DATA)
    stack.up()
    clusters.lead("tunnel", tunnel="b", insecure=True)
    outcome = stack.up()
    assert outcome.change == "failed"
    assert "another cluster answers at that URL by now" in outcome.failures[0]
    assert None not in (clusters.uid("a"), clusters.uid("b"))


def test_the_recorded_context_is_the_way_back(clusters: Clusters) -> None:
    clusters.lead("first", first="a", second="b")
    stack = Stack(DATA)
    stack.up()
    clusters.copy()
    copied = clusters.uid("b")
    clusters.lead("second", first="a", second="b")
    assert stack.refresh() is not None
    stack.destroy()
    assert (clusters.uid("a"), clusters.uid("b")) == (None, copied)


@pytest.mark.parametrize("gone", [False, True])
def test_another_url_of_the_same_cluster_by_its_id(clusters: Clusters, *, gone: bool) -> None:
    clusters.lead("first", first="a")
    stack = Stack(DATA)
    stack.up()
    if gone:
        clusters.client("a").delete_secret(NAMESPACE, "db", uid=str(clusters.uid("a")))
    clusters.path.write_text(clusters.apis["a"].kubeconfig_text())
    assert stack.preview().change == "update"
    assert stack.up().change == "update"
    assert stack.sync["writtenTo"]["server"] == clusters.apis["a"].url
    assert clusters.uid("a") is not None
    assert stack.preview().change == "same"


def test_without_the_right_to_see_it_the_authority_tells_the_clusters_apart(narrow: Clusters) -> None:
    narrow.lead("first", first="a", second="b")
    stack = Stack(DATA)
    stack.up()
    assert stack.sync["clusterId"].startswith("ca:")
    narrow.lead("second", first="a", second="b")
    assert stack.preview().change == "replace"
    assert stack.up().change == "replace"
    assert (narrow.uid("a"), narrow.uid("b") is not None) == (None, True)
    assert stack.preview().change == "same"


def test_without_the_right_destroy_goes_by_the_authority(narrow: Clusters) -> None:
    narrow.lead("first", first="a")
    stack = Stack(DATA)
    stack.up()
    narrow.copy()
    before = narrow.uid("a"), narrow.uid("b")
    narrow.lead("first", first="b")
    with pytest.raises(ClusterError, match="another cluster answers at that URL by now"):
        stack.destroy()
    assert (narrow.uid("a"), narrow.uid("b")) == before


def test_a_right_that_comes_later_changes_nothing(narrow: Clusters) -> None:
    narrow.lead("first", first="a")
    stack = Stack(DATA)
    stack.up()
    narrow.tokens.clear()
    narrow.lead("first", first="a")
    assert stack.preview().change == "same"
    assert stack.refresh() is not None
    narrow.client("a").delete_secret(NAMESPACE, "db", uid=str(narrow.uid("a")))
    assert stack.up().change == "update"
    assert stack.preview().change == "same"
    assert not stack.sync["clusterId"].startswith("ca:")
    stack.destroy()
    assert narrow.uid("a") is None


def test_state_without_an_id_goes_on(clusters: Clusters) -> None:
    clusters.lead("first", first="a")
    stack = Stack(DATA)
    stack.up()
    for bag in (stack.sync, stack.sync_inputs):
        del bag["clusterId"]
    assert stack.preview().change == "same"
    stack.up()
    assert stack.refresh() is not None
    stack.destroy()
    assert clusters.uid("a") is None


def test_without_an_id_the_recorded_context_goes_before_the_current_one(narrow: Clusters) -> None:
    narrow.lead("first", first="a", second="b", insecure=True)
    stack = Stack(DATA)
    stack.up()
    assert "clusterId" not in stack.sync
    narrow.copy()
    copied = narrow.uid("b")
    narrow.lead("second", first="a", second="b", insecure=True)
    stack.destroy()
    assert (narrow.uid("a"), narrow.uid("b")) == (None, copied)


@pytest.mark.parametrize("policy", ["None", "Merge", "Orphan"])
def test_another_policy_at_the_same_time_leaves_no_mark_behind(clusters: Clusters, policy: str) -> None:
    clusters.lead("first", first="a", second="b")
    stack = Stack(DATA)
    stack.up()
    clusters.lead("second", first="a", second="b")
    stack.more = {"target": {"creationPolicy": policy}}
    assert stack.up().change == ("update" if policy == "None" else "replace")
    live = clusters.client("a").get_secret_metadata(NAMESPACE, "db")
    if policy == "None":
        assert live is not None
        assert not any("owner" in name for name in live.annotations), "it was let go"
    else:
        assert live is None, "nobody of the new cluster claims it"


@pytest.mark.parametrize("seen", ["clusters", "narrow"])
def test_a_cluster_that_comes_back_gets_what_was_declared_meanwhile(
    seen: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Secret bears our mark and our versions, so that it looked like the other cluster's, and stayed as it was."""
    both: Clusters = request.getfixturevalue(seen)
    both.lead("tunnel", tunnel="a")
    stack = Stack(DATA)
    stack.up()
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    both.lead("tunnel", tunnel="b")
    stack.more = {"target": {"template": {"data": {"password": "later {{ .password }}"}}}}
    assert stack.up().change == "replace"
    both.lead("tunnel", tunnel="a")
    assert stack.preview().change == "replace"
    assert stack.up().change == "replace"
    data = (both.client("a").get_secret(NAMESPACE, "db") or {})["data"]
    assert base64.b64decode(data["password"]) == b"later canary-4711"
    assert stack.preview().change == "same"
    stack.destroy()
    assert both.uid("a") is None


def test_a_group_goes_on_where_what_is_left_in_the_other_cluster_cannot_be_reached(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could neither be previewed nor brought up again, not even where the other cluster was given up."""
    group = RecordedGroup(lambda _: DATA)
    group.record(monkeypatch)
    clusters.lead("tunnel", tunnel="a")
    group.up("db")
    clusters.lead("tunnel", tunnel="b")
    for _ in range(2):
        forget()
        with pytest.raises(WriteError, match="1 of 1 ExternalSecrets failed, and the rest is done"):
            group.up("db")
        assert "another cluster answers at that URL by now" in group.reasons[0]
        forget()
        assert not group.is_settled("db")
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    forget()
    assert group.up("db")
    monkeypatch.delenv("PULUMI_K8S_DELETE_UNREACHABLE")
    forget()
    assert group.is_settled("db")
    assert None not in (clusters.uid("a"), clusters.uid("b"))
