"""Labels that nothing can have are refused wherever a selector stands: it would choose nothing, without a word."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components import (
    ClusterExternalSecret,
    ClusterPushSecret,
    ClusterSecretStore,
    InvalidArgumentsError,
    LabelRequirement,
    PushData,
    PushSecret,
    SecretStore,
    StoreCondition,
    load_manifests,
)
from components.core.spec.store_conditions import refuse_contradiction
from components.errors import SpecError
from components.settings.stack_settings import read_cluster_external_secrets
from tests.components.support import declare

IN_X, IN_Y, NOT_X = (LabelRequirement("a", each[0], each[1:]) for each in (["In", "x"], ["In", "y"], ["NotIn", "x"]))
EXISTS, MISSING = LabelRequirement("a", "Exists"), LabelRequirement("a", "DoesNotExist")
WHY = "nothing can meet all that is required of label 'a'; take some of it away"


@pytest.mark.parametrize(
    "selector",
    [
        *([IN_X, IN_Y], [IN_X, NOT_X], [IN_X, MISSING], [EXISTS, MISSING], [NOT_X, EXISTS, MISSING]),
        [
            LabelRequirement("a", "In", ["x", "y"]),
            NOT_X,
            LabelRequirement("b", "Exists"),
            LabelRequirement("a", "In", ["x", "z"]),
        ],
        [LabelRequirement("a", "In", [""]), MISSING],
    ],
)
def test_what_nothing_can_meet_is_told(selector: list[LabelRequirement]) -> None:
    with pytest.raises(SpecError, match=f"^here: {WHY}$"):
        refuse_contradiction("here", selector)


@pytest.mark.parametrize(
    "selector",
    [
        *([], [IN_X], [IN_X, EXISTS], [NOT_X], [NOT_X, MISSING], [NOT_X, EXISTS], [MISSING]),
        [IN_X, LabelRequirement("b", "DoesNotExist")],
        [LabelRequirement("a", "In", ["x", "y"]), NOT_X, LabelRequirement("a", "In", ["y", "z"])],
    ],
)
def test_what_something_can_meet_passes(selector: list[LabelRequirement]) -> None:
    refuse_contradiction("here", selector)


def shared(**given: Any) -> ClusterSecretStore:
    return ClusterSecretStore("all", region="eu-central-1", **given)


@pytest.mark.parametrize(
    ("program", "place"),
    [
        (
            lambda: ClusterExternalSecret("w", store=shared(), data={"u": "/a"}, namespace_selectors=[[IN_X, IN_Y]]),
            r"ClusterExternalSecret 'w': namespace_selectors\[0\]",
        ),
        (
            lambda: ClusterPushSecret(
                "w",
                stores=[shared()],
                secret="s",
                data=[PushData("/a", "u")],
                namespace_selectors=[[EXISTS], [IN_X, NOT_X]],
            ),
            r"ClusterPushSecret 'w': namespace_selectors\[1\]",
        ),
        (
            lambda: PushSecret(
                "p",
                stores=[SecretStore("s", namespace="team-a", region="eu-central-1")],
                selector=[EXISTS, MISSING],
                data=[PushData("/a", "u")],
            ),
            "PushSecret 'p': selector",
        ),
        (
            lambda: shared(conditions=[StoreCondition(["b"]), StoreCondition(selector=[IN_X, MISSING])]),
            r"ClusterSecretStore 'all': conditions\[1\].selector",
        ),
    ],
)
def test_a_program_is_told_where(program: Callable[[], object], place: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=f"^{place}: {WHY}$"):
        declare(program)


SELECTOR = {"matchLabels": {"a": "x"}, "matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]}
CHILD = {"secretStoreRef": {"name": "all", "kind": "ClusterSecretStore"}, "data": []}
PUSHED = {
    "secretStoreRefs": [{"labelSelector": SELECTOR, "kind": "SecretStore"}],
    "selector": {"secret": {"name": "s"}},
    "data": [{"match": {"secretKey": "u", "remoteRef": {"remoteKey": "/a"}}}],
}
AWS = {"aws": {"service": "ParameterStore", "region": "eu-central-1"}}


@pytest.mark.parametrize(
    ("kind", "spec", "place"),
    [
        (
            "ClusterExternalSecret",
            {"namespaceSelectors": [SELECTOR], "externalSecretSpec": CHILD},
            "namespaceSelectors[0]",
        ),
        ("ClusterExternalSecret", {"namespaceSelector": SELECTOR, "externalSecretSpec": CHILD}, "namespaceSelector"),
        (
            "ClusterSecretStore",
            {"provider": AWS, "conditions": [{"namespaceSelector": SELECTOR}]},
            "conditions[0].namespaceSelector",
        ),
        ("PushSecret", PUSHED, "secretStoreRefs[0].labelSelector"),
        ("PushSecret", {**PUSHED, "selector": {"secret": {"selector": SELECTOR}}}, "selector.secret.selector"),
    ],
)
def test_a_manifest_is_told_where(tmp_path: Path, kind: str, spec: dict[str, Any], place: str) -> None:
    version = "v1alpha1" if kind == "PushSecret" else "v1"
    if place.startswith("selector"):
        spec = {**spec, "secretStoreRefs": [{"name": "s"}]}
    metadata = {"name": "w", "namespace": "team-a"}
    manifest = {"apiVersion": f"external-secrets.io/{version}", "kind": kind, "metadata": metadata, "spec": spec}
    (tmp_path / "eso.yaml").write_text(json.dumps(manifest))
    with pytest.raises(SpecError) as caught:
        load_manifests(tmp_path / "eso.yaml")
    assert str(caught.value).endswith(f"spec.{place}: {WHY}")


def test_a_setting_is_told_where() -> None:
    with pytest.raises(SpecError) as caught:
        read_cluster_external_secrets([{"name": "w", "namespaceSelectors": [SELECTOR], "externalSecretSpec": CHILD}])
    assert str(caught.value).endswith(f"clusterExternalSecrets[0].namespaceSelectors[0]: {WHY}")


def test_a_wrong_operator_in_a_push_secret_is_told_where(tmp_path: Path) -> None:
    wrong = {"matchExpressions": [{"key": "a", "operator": "in", "values": ["x"]}]}
    spec = {**PUSHED, "secretStoreRefs": [{"name": "s"}], "selector": {"secret": {"selector": wrong}}}
    metadata = {"name": "w", "namespace": "team-a"}
    manifest = {"apiVersion": "external-secrets.io/v1alpha1", "kind": "PushSecret", "metadata": metadata, "spec": spec}
    (tmp_path / "eso.yaml").write_text(json.dumps(manifest))
    with pytest.raises(SpecError, match=r"secret\.selector: the requirement on label .a. has the operator"):
        load_manifests(tmp_path / "eso.yaml")
