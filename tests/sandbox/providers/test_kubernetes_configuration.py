"""Which cluster the provider talks to, as whom, and what it says when that is not clear."""

from pathlib import Path

import pytest

from sandbox.kubernetes import KubernetesApi
from tests.sandbox.providers.support import Plugin, failure_of

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


@pytest.mark.parametrize("as_content", [False, True], ids=["path", "content"])
def test_kubeconfig_by_path_or_content_over_tls(tmp_path: Path, *, as_content: bool) -> None:
    with KubernetesApi(tls=True) as api:
        text = api.kubeconfig_text()
        path = tmp_path / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(text)
        with Plugin("kubernetes", {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}) as plugin:
            plugin.configure(kubeconfig=text if as_content else str(path), context="sandbox")
            made = plugin.make(CONFIG_MAP, "it", {"data": {"a": "b"}})
            assert made.id.startswith("default/it-")
    assert list(tmp_path.iterdir()) == [path], "credentials do not stay behind"


def test_content_that_is_no_kubeconfig_is_refused_without_quoting_it(kubernetes_plugin: Plugin) -> None:
    kubernetes_plugin.configure(kubeconfig="users:\n- token: hunter2\n  : {")
    refusal = failure_of(kubernetes_plugin.check, CONFIG_MAP, "it", {})
    assert "not valid YAML (line 3, column 3)" in refusal
    assert "hunter2" not in refusal


@pytest.mark.parametrize("metadata", [{"name": ".."}, {"name": "."}, {"name": "a", "namespace": ".."}])
def test_a_name_that_would_lead_elsewhere_is_not_sent(kubernetes_plugin: Plugin, metadata: dict[str, str]) -> None:
    kubernetes_plugin.configure()
    inputs = kubernetes_plugin.checked(CONFIG_MAP, "it", {"metadata": metadata})
    assert "cannot be a name" in failure_of(kubernetes_plugin.create, CONFIG_MAP, "it", inputs)


@pytest.mark.slow
@pytest.mark.parametrize("said", ["", "variable"])
def test_an_object_of_a_cluster_that_is_gone(tmp_path: Path, said: str) -> None:
    variables = {"PULUMI_K8S_DELETE_UNREACHABLE": "true"} if said else {}
    api = KubernetesApi()
    with Plugin("kubernetes", {"KUBECONFIG": str(api.kubeconfig(tmp_path / "kubeconfig")), **variables}) as plugin:
        plugin.configure()
        with api:
            made = plugin.make(CONFIG_MAP, "it", {"data": {"a": "b"}})
        if said:
            plugin.delete(made)
        else:
            assert "cannot" in failure_of(plugin.delete, made).lower()


def test_option_namespace_is_the_default(kubeconfig: Path) -> None:
    with Plugin("kubernetes", {"KUBECONFIG": str(kubeconfig)}) as plugin:
        plugin.configure(namespace="team-b")
        assert plugin.checked(CONFIG_MAP, "it", {})["metadata"]["namespace"] == "team-b"
        assert plugin.checked(CONFIG_MAP, "it", {"metadata": {"namespace": "a"}})["metadata"]["namespace"] == "a"


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        ({"renderYamlToDirectory": "x"}, "does not know the option renderYamlToDirectory"),
        ({"enableServerSideApply": "false"}, "server-side apply only"),
    ],
)
def test_options_that_it_cannot_follow(kubernetes_plugin: Plugin, configuration: dict[str, str], text: str) -> None:
    assert text in failure_of(lambda: kubernetes_plugin.configure(**configuration))


def test_no_cluster_and_wrong_context_are_named(kubeconfig: Path, tmp_path: Path) -> None:
    with Plugin("kubernetes", {"HOME": str(tmp_path)}) as plugin:
        plugin.configure()
        assert "No Kubernetes cluster is configured" in failure_of(plugin.check, CONFIG_MAP, "it", {})
        plugin.configure(kubeconfig=str(kubeconfig), context="other")
        assert "There is no context 'other'" in failure_of(plugin.check, CONFIG_MAP, "it", {})


def test_mutable_secrets_by_variable(kubeconfig: Path) -> None:
    token = "kubernetes:core/v1:Secret"
    environment = {"KUBECONFIG": str(kubeconfig), "PULUMI_K8S_ENABLE_SECRET_MUTABLE": "true"}
    with Plugin("kubernetes", environment) as plugin:
        plugin.configure()
        made = plugin.make(token, "it", {"stringData": {"a": "one"}})
        news = plugin.checked(token, "it", {"stringData": {"a": "two"}}, made.inputs)
        assert not plugin.diff(made, news).replaces
        changed = plugin.update(made, news)
        assert changed.outputs["metadata"]["uid"] == made.outputs["metadata"]["uid"]
