"""Every Kubernetes kind through its life: foretold, created, read back, updated, found gone, deleted twice."""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.values import Secret, Unknown, equal, unwrap
from sandbox.kubernetes import KubernetesApi
from sandbox.providers.kubernetes.kinds import KINDS
from tests.sandbox.providers.support import Plugin, Resource, failure_of, is_unchanged

IN_TEAM_A = {"namespace": "team-a"}


@dataclass(frozen=True)
class Case:
    """A kind, what it is made with and what then changes in place."""

    token: str
    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("kubernetes:core/v1:Namespace", {}, {"metadata": {"labels": {"team": "a"}}}),
    Case(
        "kubernetes:core/v1:ServiceAccount",
        {"metadata": {**IN_TEAM_A, "annotations": {"eks.amazonaws.com/role-arn": "arn:one"}}},
        {
            "metadata": {**IN_TEAM_A, "annotations": {"eks.amazonaws.com/role-arn": "arn:two"}},
            "automountServiceAccountToken": False,
        },
    ),
    Case(
        "kubernetes:apps/v1:Deployment",
        {"metadata": IN_TEAM_A, "spec": {"replicas": 1, "template": {"metadata": {"annotations": {"revision": "a"}}}}},
        {"spec": {"replicas": 1, "template": {"metadata": {"annotations": {"revision": "b"}}}}, "metadata": IN_TEAM_A},
    ),
    Case(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]},
        {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]},
    ),
    Case(
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        {
            "metadata": IN_TEAM_A,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "ci"}],
        },
        {
            "metadata": IN_TEAM_A,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "other"}],
        },
    ),
    Case("kubernetes:core/v1:ConfigMap", {"metadata": IN_TEAM_A, "data": {"a": "1"}}),
    Case(
        "kubernetes:core/v1:Secret",
        {"metadata": IN_TEAM_A, "data": Secret({"a": base64.b64encode(b"one").decode()}), "type": "Opaque"},
        {"metadata": {**IN_TEAM_A, "labels": {"team": "a"}}},
    ),
]
each_kind = pytest.mark.parametrize("case", CASES, ids=lambda case: case.token.rpartition(":")[2])


def test_every_kind_has_a_case() -> None:
    assert {case.token for case in CASES} == set(KINDS)


@each_kind
def test_life(kubernetes_plugin: Plugin, case: Case) -> None:
    plugin = kubernetes_plugin
    made = plugin.make(case.token, "it", case.inputs)
    name = made.inputs["metadata"]["name"]
    assert made.id == (f"team-a/{name}" if KINDS[case.token].namespaced else name)
    read = plugin.read(made)
    assert read is not None
    assert equal(read.inputs, made.inputs)
    assert equal(read.outputs, made.outputs)
    assert is_unchanged(plugin.diff(made, plugin.checked(made.token, "it", case.inputs, made.inputs)))
    if case.change:
        news = plugin.checked(made.token, "it", {**case.inputs, **case.change}, made.inputs)
        assert not plugin.diff(made, news).replaces
        foretold = plugin.update(made, news, preview=True).outputs
        assert isinstance(foretold["metadata"]["resourceVersion"], Unknown)
        changed = plugin.update(made, news)
        assert foretold["metadata"]["uid"] == changed.outputs["metadata"]["uid"] == made.outputs["metadata"]["uid"]
        again = plugin.read(changed)
        assert again is not None
        assert is_unchanged(plugin.diff(again, news))
    plugin.delete(made)
    assert plugin.read(made) is None
    plugin.delete(made)


@each_kind
def test_preview_writes_nothing_and_knows_no_uid(kubernetes_plugin: Plugin, cluster: KubernetesApi, case: Case) -> None:
    inputs = kubernetes_plugin.checked(case.token, "it", case.inputs)
    cluster.clear_calls()
    foretold = kubernetes_plugin.foretell(case.token, "it", inputs)
    assert cluster.calls == []
    assert isinstance(foretold["metadata"]["uid"], Unknown)
    assert foretold["metadata"]["name"] == inputs["metadata"]["name"]


@each_kind
def test_import_finds_inputs_that_need_no_change(kubernetes_plugin: Plugin, case: Case) -> None:
    made = kubernetes_plugin.make(case.token, "it", case.inputs)
    imported = kubernetes_plugin.read(Resource(case.token, "it", made.id, {}))
    assert imported is not None
    assert is_unchanged(kubernetes_plugin.diff(imported, made.inputs))


def test_secret_data_is_secret_in_inputs_and_outputs(kubernetes_plugin: Plugin) -> None:
    token = "kubernetes:core/v1:Secret"
    inputs = kubernetes_plugin.checked(token, "it", {"metadata": IN_TEAM_A, "stringData": {"a": "canary"}})
    assert isinstance(inputs["stringData"], Secret)
    made = kubernetes_plugin.create(token, "it", inputs)
    assert unwrap(made.outputs["data"]) == {"a": base64.b64encode(b"canary").decode()}
    assert isinstance(made.outputs["data"], Secret)
    assert "canary" not in repr(made)


def test_drift_shows_where_we_spoke_and_nowhere_else(kubernetes_plugin: Plugin, kubeconfig: Path) -> None:
    token = "kubernetes:core/v1:Secret"
    given = {"metadata": {**IN_TEAM_A, "name": "drift"}, "stringData": {"a": "one", "b": "two"}}
    made = kubernetes_plugin.make(token, "it", given)
    with Plugin("kubernetes", {"KUBECONFIG": str(kubeconfig)}) as other:
        other.configure(enableSecretMutable="true", upsertExistingObjects=True)
        theirs = {"metadata": {**IN_TEAM_A, "name": "drift", "labels": {"x": "y"}}, "stringData": {"c": "theirs"}}
        other.make(token, "theirs", theirs)
    read = kubernetes_plugin.read(made)
    assert read is not None
    assert is_unchanged(kubernetes_plugin.diff(read, made.inputs)), "another manager's key and label are not ours"
    assert set(unwrap(read.outputs["data"])) == {"a", "b", "c"}
    kubernetes_plugin.delete(made)


def test_conflict_names_the_owner_of_the_field(kubernetes_plugin: Plugin, kubeconfig: Path) -> None:
    token = "kubernetes:core/v1:ConfigMap"
    metadata = {**IN_TEAM_A, "name": "contested"}
    made = kubernetes_plugin.make(token, "it", {"metadata": metadata, "data": {"a": "ours"}})
    with Plugin("kubernetes", {"KUBECONFIG": str(kubeconfig)}) as other:
        other.configure(upsertExistingObjects=True)
        contested = {"metadata": metadata, "data": {"a": "theirs"}}
        text = failure_of(other.make, token, "theirs", contested)
        assert f".data.a (owned by '{made.outputs['__fieldManager']}')" in text
        forced = {**contested, "metadata": {**metadata, "annotations": {"pulumi.com/patchForce": "true"}}}
        assert other.make(token, "theirs", forced).outputs["data"] == {"a": "theirs"}
    read = kubernetes_plugin.read(made)
    assert read is not None
    assert list(kubernetes_plugin.diff(read, made.inputs).detailedDiff) == ["data.a"]
    kubernetes_plugin.delete(made)


def test_what_exists_already_is_left_alone(kubernetes_plugin: Plugin, cluster: KubernetesApi) -> None:
    token = "kubernetes:core/v1:Secret"
    given = {"metadata": {**IN_TEAM_A, "name": "theirs"}, "stringData": {"a": "one"}}
    made = kubernetes_plugin.make(token, "it", given)
    cluster.clear_calls()
    text = failure_of(kubernetes_plugin.make, token, "again", given)
    assert text.startswith("Secret team-a/theirs exists already")
    assert [call.verb for call in cluster.calls] == ["get"]
    kubernetes_plugin.delete(made)


def test_missing_namespace_is_named(kubernetes_plugin: Plugin) -> None:
    given = {"metadata": {"namespace": "nowhere"}, "stringData": {"a": "canary-value"}}
    text = failure_of(kubernetes_plugin.make, "kubernetes:core/v1:Secret", "it", given)
    assert "there is no namespace 'nowhere'" in text
    assert "canary" not in text


def test_refusal_quotes_no_value(kubernetes_plugin: Plugin) -> None:
    given = {"metadata": IN_TEAM_A, "data": Secret({"a": "canary: not base64!"})}
    text = failure_of(kubernetes_plugin.make, "kubernetes:core/v1:Secret", "it", given)
    assert text.startswith("Cannot apply Secret team-a/it-")
    assert "canary" not in text
