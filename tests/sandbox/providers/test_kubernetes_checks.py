"""Inputs of Kubernetes objects: names, namespaces, what is refused, and what needs a new object. No cluster needed."""

import re
from typing import Any

import pytest

from sandbox.engine.values import UNKNOWN, Secret
from sandbox.providers.kubernetes import objects
from sandbox.providers.kubernetes.kinds import KINDS
from sandbox.providers.provider import Checked

SECRET = KINDS["kubernetes:core/v1:Secret"]
CONFIG_MAP = KINDS["kubernetes:core/v1:ConfigMap"]
ACCOUNT = KINDS["kubernetes:core/v1:ServiceAccount"]
NAMESPACE = KINDS["kubernetes:core/v1:Namespace"]


def check(news: dict[str, Any], olds: dict[str, Any] | None = None, kind: Any = SECRET) -> Checked:
    return objects.checked(kind, "it", olds or {}, news, b"", lambda: "from-kubeconfig")


def test_name_is_made_up_marked_and_kept() -> None:
    first = check({}).inputs
    assert re.fullmatch(r"it-[0-9a-f]{8}", first["metadata"]["name"])
    assert first["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert first["metadata"]["namespace"] == "from-kubeconfig"
    assert check({"metadata": {"labels": {"a": "b"}}}, first).inputs["metadata"]["name"] == first["metadata"]["name"]
    assert check({"metadata": {"name": "mine"}}, first).inputs["metadata"] == {
        "name": "mine",
        "namespace": "from-kubeconfig",
    }


def test_given_namespace_needs_no_kubeconfig() -> None:
    def fail() -> str:
        raise AssertionError

    assert objects.checked(SECRET, "it", {}, {"metadata": {"namespace": "a"}}, b"", fail).failures == []
    assert "namespace" not in objects.checked(NAMESPACE, "it", {}, {}, b"", fail).inputs["metadata"]


@pytest.mark.parametrize(
    ("news", "where"),
    [
        ({"spec": {}}, "spec"),
        ({"kind": "ConfigMap"}, "kind"),
        ({"apiVersion": "v2"}, "apiVersion"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"generateName": "x-"}}, "metadata.generateName"),
    ],
)
def test_refused_inputs(news: dict[str, Any], where: str) -> None:
    assert [failure[0] for failure in check(news).failures] == [where]


def test_unknown_and_secret_metadata_pass() -> None:
    assert check({"metadata": UNKNOWN}).failures == []
    inputs = check({"metadata": Secret({"name": "a"})}).inputs
    assert isinstance(inputs["metadata"], Secret)
    assert objects.identity(inputs) == ("from-kubeconfig", "a")


NAMED = {"metadata": {"name": "a", "namespace": "n"}}


@pytest.mark.parametrize(
    ("kind", "old", "new", "replaces", "delete_first"),
    [
        (ACCOUNT, NAMED, {"metadata": {"name": "b", "namespace": "n"}}, ["metadata.name"], False),
        (ACCOUNT, NAMED, {"metadata": {"name": "a", "namespace": "m"}}, ["metadata.namespace"], False),
        (ACCOUNT, NAMED, {"metadata": {**NAMED["metadata"], "labels": {"a": "b"}}}, [], False),
        (SECRET, {**NAMED, "data": {"a": "x"}}, {**NAMED, "data": {"a": "y"}}, ["data"], True),
        (SECRET, {**NAMED, "type": "Opaque"}, {**NAMED, "type": "kubernetes.io/tls"}, ["type"], True),
        (SECRET, {"data": {"a": "x"}}, {"data": {"a": "y"}}, ["data"], False),
        (CONFIG_MAP, {**NAMED, "data": {"a": "x"}}, {**NAMED, "data": {"a": "y"}}, ["data.a"], True),
    ],
)
def test_replacement(
    kind: Any, old: dict[str, Any], new: dict[str, Any], replaces: list[str], *, delete_first: bool
) -> None:
    olds = check(old, kind=kind).inputs
    changes = objects.diff(kind, olds, check(new, olds, kind).inputs, mutable=False)
    assert sorted(changes.replaces) == replaces
    assert changes.delete_first is delete_first


def test_mutable_data_changes_in_place_unless_the_object_is_immutable() -> None:
    old, new = ({**NAMED, "data": {"a": value}} for value in ("x", "y"))
    assert not objects.diff(SECRET, check(old).inputs, check(new).inputs, mutable=True).replaces
    sealed = check({**old, "immutable": True}).inputs
    changes = objects.diff(SECRET, sealed, check({**new, "immutable": True}).inputs, mutable=True)
    assert changes.replaces == {"data"}
