"""Which cluster a Secret is in: recorded in the state, compared, and gone back to when the Secret goes."""

import base64
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from components.clients.kubernetes.backoff import RetryPolicy
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.errors import ClusterError
from components.providers.operation.process import forget
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack
from tests.support.two_clusters import merged

pytestmark = pytest.mark.usefixtures("kubeconfig")
DATA = {"a": {"key": "/a"}}


@pytest.fixture
def other(aws: AwsApi) -> Iterator[KubernetesApi]:
    """A second cluster; the context `a` is the first, `b` this one."""
    aws.put_parameter("/a", "1")
    with KubernetesApi(namespaces=[NAMESPACE]) as api:
        yield api
    forget()


@pytest.fixture
def kubeconfig(
    tmp_path: Path, kubernetes: KubernetesApi, other: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> Path:
    path = merged(tmp_path / "both", "a", a=kubernetes.kubeconfig_text(), b=other.kubeconfig_text())
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def current(path: Path, context: str) -> None:
    path.write_text(path.read_text().replace("current-context: a", f"current-context: {context}"))


def uid(context: str, name: str = "db") -> str | None:
    client = KubernetesClient(load_cluster(None, context, os.environ))
    live = client.get_secret_metadata(NAMESPACE, name)
    return live.uid if live else None


def configure(**settings: str) -> None:
    SyncProvider().configure(ConfigureRequest(Config({f"kubernetes:{k}": v for k, v in settings.items()}, "shop")))


def test_the_state_records_where_a_secret_was_written(kubeconfig: Path, kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    assert stack.sync["writtenTo"] == {"context": "a", "server": kubernetes.url}
    assert str(kubeconfig) not in str(stack.sync), "no path of this machine"
    assert stack.preview().change == "same"


def test_another_current_context_replaces_and_removes_the_old_secret(kubeconfig: Path, other: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    current(kubeconfig, "b")
    preview = stack.preview()
    assert preview.change == "replace"
    assert preview.inputs["writtenTo"] == {"context": "b", "server": other.url}
    assert stack.up().change == "replace"
    assert (uid("a"), uid("b") is not None) == (None, True)
    assert stack.preview().change == "same"
    stack.destroy()
    assert uid("b") is None


def test_destroy_and_refresh_go_to_the_recorded_cluster(kubeconfig: Path) -> None:
    stack = Stack(DATA)
    stack.up()
    current(kubeconfig, "b")
    assert stack.refresh() is not None
    stack.destroy()
    assert uid("a") is None


def test_a_leftover_with_our_mark_in_the_new_cluster_is_not_taken_for_the_old_secret() -> None:
    stack = Stack(DATA)
    stack.cluster = {"context": "b"}
    stack.up()
    first = Stack(DATA)
    first.up()
    first.cluster = {"context": "b"}
    assert first.preview().change == "replace"
    assert first.up().change == "replace"
    assert (uid("a"), uid("b") is not None) == (None, True)


def test_another_url_of_the_same_cluster_is_the_same_cluster(kubeconfig: Path, kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    before = uid("a")
    url = kubernetes.url.replace("127.0.0.1", "localhost")
    kubeconfig.write_text(kubeconfig.read_text().replace(kubernetes.url, url))
    assert stack.preview().change == "update"
    assert stack.up().change == "update"
    assert stack.sync["writtenTo"] == {"context": "a", "server": url}
    assert (uid("a"), stack.preview().change) == (before, "same")


def test_destroy_by_another_url_of_the_same_cluster(kubeconfig: Path, kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    url = kubernetes.url.replace("127.0.0.1", "localhost")
    kubeconfig.write_text(kubeconfig.read_text().replace(kubernetes.url, url))
    stack.destroy()
    assert uid("a") is None


def test_a_renamed_context_is_the_same_cluster(kubeconfig: Path) -> None:
    stack = Stack(DATA)
    stack.up()
    before = uid("a")
    kubeconfig.write_text(kubeconfig.read_text().replace("name: a", "name: c").replace("-context: a", "-context: c"))
    kubeconfig.write_text(kubeconfig.read_text().replace("cluster: a", "cluster: c").replace("user: a", "user: c"))
    assert stack.preview().change == "same"
    assert uid("c") == before
    current(kubeconfig, "b")
    stack.destroy()
    assert uid("c") is None


def test_the_context_of_the_record_may_lead_elsewhere_by_now(
    kubeconfig: Path, kubernetes: KubernetesApi, other: KubernetesApi
) -> None:
    stack = Stack(DATA)
    stack.up()
    merged(kubeconfig, "a", a=other.kubeconfig_text(), b=kubernetes.kubeconfig_text())
    stack.destroy()
    assert uid("b") is None, "the server that was recorded is behind `b` now"


def test_contents_of_a_kubeconfig_and_its_cluster_by_name(
    kubeconfig: Path, other: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = kubeconfig.read_text()
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", "/nowhere")
    stack = Stack(DATA)
    stack.cluster = {"kubeconfig": text, "context": "b"}
    stack.up()
    assert stack.sync["writtenTo"]["server"] == other.url
    assert stack.sync["cluster"] == stack.cluster, "under the same key, so that the engine marks it secret again"
    stack.destroy()


def test_a_cluster_that_is_gone_is_told_at_once_with_a_way_out(kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    kubernetes.__exit__(None, None, None)
    began = time.monotonic()
    with pytest.raises(ClusterError) as caught:
        stack.destroy()
    assert time.monotonic() - began < 10
    text = str(caught.value)
    assert f"the cluster that it was written to (context 'a', {kubernetes.url}) cannot be reached" in text
    for way in ("PULUMI_K8S_DELETE_UNREACHABLE=true", "kubernetes:deleteUnreachable", "retain_on_delete"):
        assert way in text


@pytest.mark.parametrize("how", ["variable", "setting", "provider"])
def test_what_is_in_a_cluster_that_is_gone_is_dropped_on_request(
    kubernetes: KubernetesApi,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
) -> None:
    monkeypatch.setattr("components.providers.operation.clients.FIRST_CONTACT", 0.1)
    stack = Stack(DATA)
    if how == "provider":
        stack.cluster = {"deleteUnreachable": "true"}
    stack.up()
    if how == "variable":
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    configure(**({"deleteUnreachable": "true"} if how == "setting" else {}))
    kubernetes.__exit__(None, None, None)
    stack.destroy()
    said = capsys.readouterr().err
    assert said.startswith(f"warning: Secret {NAMESPACE}/db: the cluster that it was written to (context 'a', ")
    assert "it is dropped from the state" in said
    assert said.count("\n") == 1
    assert stack.refresh() is None
    configure()


@pytest.mark.parametrize(
    ("provider", "setting", "variable", "advice"),
    [
        ("false", None, "true", "remove the resource by `pulumi state delete`"),
        ("false", "true", None, "remove the resource by `pulumi state delete`"),
        (False, "true", "true", "remove the resource by `pulumi state delete`"),
        (None, "false", "true", "change the setting kubernetes:deleteUnreachable to true"),
        (None, "yes", "1", "change the setting kubernetes:deleteUnreachable to true"),
        (None, "", "true", "change the setting kubernetes:deleteUnreachable to true"),
        (None, None, "yes", "set PULUMI_K8S_DELETE_UNREACHABLE=true"),
        ("true", "false", "false", None),
        (True, None, None, None),
        (None, "true", "false", None),
        (None, None, "T", None),
    ],
)
def test_the_first_that_says_something_of_a_cluster_that_is_gone_decides(
    kubernetes: KubernetesApi,
    monkeypatch: pytest.MonkeyPatch,
    provider: object,
    setting: str | None,
    variable: str | None,
    advice: str | None,
) -> None:
    """The provider, the setting, the environment, as for pulumi-kubernetes; any of them alone was enough."""
    monkeypatch.setattr("components.providers.operation.clients.FIRST_CONTACT", 0.1)
    stack = Stack(DATA)
    stack.cluster = {} if provider is None else {"deleteUnreachable": provider}
    stack.up()
    if variable is not None:
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", variable)
    configure(**({} if setting is None else {"deleteUnreachable": setting}))
    kubernetes.__exit__(None, None, None)
    try:
        if advice is None:
            stack.destroy()
        else:
            with pytest.raises(ClusterError) as caught:
                stack.destroy()
            assert f"if the cluster is gone for good, {advice}" in str(caught.value)
    finally:
        configure()


@pytest.mark.parametrize(
    ("drops", "end"),
    [
        (False, "Until then `pulumi up` fails when it deletes the Secret there\n"),
        (True, "; `pulumi up` drops it from the state, as deleteUnreachable says, and leaves it there\n"),
    ],
)
def test_the_preview_of_a_move_says_that_the_old_cluster_does_not_answer(
    kubeconfig: Path,
    kubernetes: KubernetesApi,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    end: str,
    *,
    drops: bool,
) -> None:
    monkeypatch.setattr("components.providers.operation.clients.FIRST_CONTACT", 0.1)
    stack, more = Stack(DATA), Stack(DATA, "more")
    for each in (stack, more):
        each.up()
    current(kubeconfig, "b")
    assert stack.preview().change == "replace"
    assert capsys.readouterr().err == ""
    kubernetes.__exit__(None, None, None)
    if drops:
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    assert [each.change for each in stack.previewed_with(more)] == ["replace", "replace"]
    said = capsys.readouterr().err
    begin = (
        f"warning: Secret {NAMESPACE}/db: the cluster that it was written to (context 'a', {kubernetes.url}) cannot be"
    )
    assert said.startswith(begin)
    assert said.endswith(end)
    assert said.count("\n") == 1
    assert ("PULUMI_K8S_DELETE_UNREACHABLE=true" in said) is not drops


def test_the_preview_of_a_move_away_from_a_cluster_that_refuses_us(
    kubeconfig: Path, kubernetes: KubernetesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Stack(DATA)
    stack.up()
    current(kubeconfig, "b")
    kubeconfig.write_text(kubeconfig.read_text().replace(kubernetes.token, "expired"))
    assert stack.preview().change == "replace"
    assert "`pulumi up` fails when it deletes the Secret there" in capsys.readouterr().err


def test_a_preview_without_a_move_asks_no_other_cluster(
    other: KubernetesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Stack(DATA)
    stack.up()
    other.__exit__(None, None, None)
    stack.remove()
    assert stack.preview().change == "update"
    assert capsys.readouterr().err == ""


def test_a_setting_holds_though_another_provider_was_at_work_before_it_was_told(
    kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("components.clients.kubernetes.backoff.RetryPolicy", partial(RetryPolicy, budget=0.5))
    stack = Stack(DATA)
    stack.up()
    kubernetes.__exit__(None, None, None)
    configure(deleteUnreachable="true")
    stack.destroy(fresh=False)
    assert "it is dropped from the state" in capsys.readouterr().err
    configure()


def test_a_server_that_does_not_know_us_is_not_gone(
    kubeconfig: Path, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(DATA)
    stack.up()
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    kubeconfig.write_text(kubeconfig.read_text().replace(kubernetes.token, "expired"))
    with pytest.raises(ClusterError, match=r"401|Unauthorized|credentials"):
        stack.destroy()
    with pytest.raises(ClusterError):
        stack.refresh()


def test_a_context_that_was_removed_is_an_error_that_says_what_to_do(kubeconfig: Path, other: KubernetesApi) -> None:
    stack = Stack(DATA)
    stack.up()
    merged(kubeconfig, "b", b=other.kubeconfig_text())
    assert stack.preview().change == "replace"
    outcome = stack.up()
    assert outcome.change == "failed"
    assert "(context 'a', " in outcome.failures[0]
    assert "PULUMI_K8S_DELETE_UNREACHABLE=true" in outcome.failures[0]
    assert uid("b") is not None, "the new Secret is there"


def old_state(stack: Stack) -> None:
    """What 3296be3 recorded: no cluster, no account."""
    for bag in (stack.sync, stack.sync_inputs):
        bag.pop("writtenTo", None)
        bag.pop("__accounts", None)
    for bag in (stack.snapshot, stack.snapshot_inputs):
        bag.pop("account", None)


def test_older_state_goes_on() -> None:
    stack = Stack(DATA)
    stack.up()
    before = uid("a")
    old_state(stack)
    assert stack.preview().change == "same"
    stack.up()
    assert (uid("a"), stack.preview().change) == (before, "same")
    stack.cluster = {"context": "a"}
    assert stack.preview().change == "update", "the same cluster, said in another way"
    stack.up()
    assert uid("a") == before


def test_older_state_with_another_choice_is_replaced() -> None:
    stack = Stack(DATA)
    stack.cluster = {"context": "a"}
    stack.up()
    old_state(stack)
    stack.cluster = {"context": "b"}
    assert stack.preview().change == "replace"
    stack.up()
    assert (uid("a"), uid("b") is not None) == (None, True)


def test_renewed_credentials_in_contents_are_recorded_without_a_replacement(kubernetes: KubernetesApi) -> None:
    text = kubernetes.kubeconfig_text()
    stack = Stack(DATA)
    stack.cluster = {"kubeconfig": text}
    stack.up()
    before = uid("a")
    stack.cluster = {"kubeconfig": text.replace("kind: Config", "kind: Config\npreferences: {}")}
    assert stack.preview().change == "update"
    stack.up()
    assert (stack.sync["cluster"], uid("a")) == (stack.cluster, before)


def secret_texts() -> list[tuple[str, str]]:
    json_text = '{"apiVersion":"v1","kind":"Config","users":[{"name":"u","user":{"token":"TOPSECRET"}}]}'
    yaml_text = "apiVersion: v1\nkind: Config\nusers:\n- name: u\n  user: {token: TOPSECRET}\n"
    return [
        ("json", json_text),
        ("yaml", yaml_text),
        ("long", yaml_text + f"# {'x' * 1500}"),
        ("one line", "users: [{name: u, user: {token: TOPSECRET}}]"),
        ("base64", base64.b64encode(yaml_text.encode() * 9).decode()),
        ("a token", "TOPSECRET"),
        ("crlf", yaml_text.replace("\n", "\r\n")),
        ("broken", yaml_text + "  - [TOPSECRET"),
        ("null byte", "TOPSECRET\0"),
    ]


@pytest.mark.parametrize(("name", "text"), secret_texts())
def test_no_error_prints_a_kubeconfig(name: str, text: str) -> None:
    stack = Stack(DATA)
    stack.cluster = {"kubeconfig": text}
    outcome = stack.preview()
    assert outcome.change == "failed", name
    assert "TOPSECRET" not in outcome.failures[0]
    assert text[:20] not in outcome.failures[0]
    assert "\n" not in outcome.failures[0]


def test_a_path_that_does_not_exist_is_named() -> None:
    stack = Stack(DATA)
    stack.cluster = {"kubeconfig": "/nowhere/kubeconfig"}
    assert stack.preview().failures == ["The kubeconfig /nowhere/kubeconfig does not exist."]


def test_a_cluster_name_that_does_not_exist_is_named() -> None:
    stack = Stack(DATA)
    stack.cluster = {"cluster": "c"}
    (failure,) = stack.preview().failures
    assert failure.startswith("There is no cluster 'c' in the kubeconfig ")
