"""Any parameters and any declaration: one line or a whole Secret, an empty second preview, and order means nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

NAMES = ("/p/a", "/p/b", "/q/c", "plain")
CANARY = "Zq7canary"

SOME_VALUES = st.one_of(
    st.just(CANARY),
    st.sampled_from(
        [f'{{"a": "{CANARY}", "b.c": 1.0, "n": null}}', '{"a/b": "x", "a_b": "y"}', "[1, 2]", "null", "b25l"]
    ),
    st.dictionaries(st.sampled_from(["a", "b", "c d", ""]), st.sampled_from([CANARY, "", 1, None, {"x": [1]}])).map(
        json.dumps
    ),
)
PROPERTIES = st.sampled_from([None, "a", "b.c", "nope", "a.#(", "@reverse", "a|@this"])
STRATEGIES = st.fixed_dictionaries(
    {},
    optional={
        "decodingStrategy": st.sampled_from(["None", "Base64", "Auto"]),
        "nullBytePolicy": st.sampled_from(["Ignore", "Fail"]),
    },
)


def without_none(bag: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in bag.items() if value is not None}


REFERENCES = st.builds(
    lambda key, prop, more: without_none({"key": key, "property": prop, **more}),
    st.sampled_from([*NAMES, "/gone"]),
    PROPERTIES,
    st.one_of(STRATEGIES, st.just({"metadataPolicy": "Fetch"}), st.just({"version": 1}), st.just({"version": 9})),
)
PLAIN = st.builds(lambda key: {"key": key}, st.sampled_from([*NAMES, "/gone"]))
REWRITES = st.lists(
    st.sampled_from(
        [
            {"regexp": {"source": "^/p/", "target": ""}},
            {"regexp": {"source": "[^a-z]", "target": "_"}},
            {"regexp": {"source": ".*", "target": "same"}},
            {"transform": {"template": "{{ .value | upper }}"}},
            {"merge": {}},
            {"merge": {"strategy": "JSON", "into": "all", "conflictPolicy": "Ignore"}},
        ]
    ),
    max_size=2,
)
ORIGINS = st.one_of(
    st.builds(lambda ref: {"extract": ref}, REFERENCES),
    st.builds(
        lambda path, name, more: {"find": {"path": path, "name": {"regexp": name}, **more}},
        st.sampled_from(["/", "/p", "/nothing"]),
        st.sampled_from([".", "a$", "^/q"]),
        STRATEGIES,
    ),
)
ENTRIES = st.builds(lambda origin, rewrite: {**origin, **({"rewrite": rewrite} if rewrite else {})}, ORIGINS, REWRITES)
TARGETS = st.fixed_dictionaries(
    {},
    optional={
        "creationPolicy": st.sampled_from(["Owner", "Orphan", "CreateOrMerge", "Merge", "None"]),
        "deletionPolicy": st.sampled_from(["Retain", "Merge", "Delete"]),
        "immutable": st.just(True),
        "replaceImmutable": st.just(True),
        "adopt": st.just(True),
        "labels": st.just({"team": "a"}),
        "template": st.sampled_from(
            [
                {"data": {"t": "{{ .k0 }}!"}},
                {"data": {"t": "x"}, "mergePolicy": "Merge"},
                {"metadata": {"annotations": {"n": "{{ len . }}"}}},
                {"templateFrom": [{"literal": "a: {{ .k0 | quote }}"}]},
                {"type": "kubernetes.io/tls"},
            ]
        ),
    },
)

A_FEW = settings(
    max_examples=16,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    database=None,
)

ANY_DECLARATION = given(
    parameters=st.lists(SOME_VALUES, min_size=len(NAMES), max_size=len(NAMES)),
    references=st.lists(REFERENCES, max_size=3),
    entries=st.lists(ENTRIES, max_size=2),
    target=TARGETS,
)


@pytest.fixture(scope="module")
def kubernetes_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesApi]:
    with KubernetesApi(namespaces=[NAMESPACE]) as api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path_factory.mktemp("cluster") / "kubeconfig")))
        yield api


@A_FEW
@ANY_DECLARATION
@pytest.mark.usefixtures("kubernetes_once")
def test_any(
    aws: AwsApi,
    parameters: list[str],
    references: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    target: dict[str, Any],
) -> None:
    aws.reset()
    for name, value in zip(NAMES, parameters, strict=True):
        aws.put_parameter(name, value)
    data = {f"k{index}": ref for index, ref in enumerate(references)}
    stack = Stack(data, dataFrom=entries, target=target)
    outcomes = [stack.preview(), stack.up()]
    if outcomes[1].change == "failed":
        assert not stack.sync
        assert values() is None, "never a partial Secret"
        assert len(outcomes[1].failures) == 1
    else:
        outcomes.append(stack.preview())
        assert outcomes[2].change == "same", outcomes[2]
        written = values()
        turned = Stack(dict(reversed(data.items())), dataFrom=entries, target=target)
        turned.sync, turned.sync_inputs = stack.sync, stack.sync_inputs
        turned.snapshot, turned.snapshot_inputs = stack.snapshot, stack.snapshot_inputs
        assert turned.preview().change == "same", "the order of keys means nothing"
        assert values() == written
    told = repr(([(each.failures, each.inputs) for each in outcomes], stack.sync, stack.snapshot))
    assert CANARY not in told
    assert "Traceback" not in told
    stack.remove()


@A_FEW
@given(
    parameters=st.lists(SOME_VALUES, min_size=len(NAMES), max_size=len(NAMES)),
    changed=st.lists(st.one_of(st.none(), st.just("gone"), SOME_VALUES), min_size=len(NAMES), max_size=len(NAMES)),
    data=st.tuples(*[st.dictionaries(st.sampled_from(["k0", "k1", "k2"]), PLAIN, min_size=1)] * 2),
    targets=st.tuples(TARGETS, TARGETS),
)
@pytest.mark.usefixtures("kubernetes_once")
def test_any_change(
    aws: AwsApi,
    parameters: list[str],
    changed: list[str | None],
    data: tuple[dict[str, Any], dict[str, Any]],
    targets: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """Of parameters and declaration between two `up`: it is made, or it is one line and the Secret is as before."""
    aws.reset()
    for name, value in zip(NAMES, parameters, strict=True):
        aws.put_parameter(name, value)
    stack = Stack(data[0], target=targets[0])
    try:
        assume(stack.up().change != "failed")
        before = values()
        for name, change in zip(NAMES, changed, strict=True):
            if change == "gone":
                aws.client("ssm").delete_parameter(Name=name)
            elif change is not None:
                aws.put_parameter(name, change)
        stack.data, stack.more["target"] = data[1], targets[1]
        preview, up = stack.preview(), stack.up()
        if up.change == "failed":
            assert len(up.failures) == 1
            assert values() == before
            assert stack.up().failures == up.failures, "it fails in the same way until something is changed"
        else:
            # Without the values preview cannot know that those of an immutable Secret stay as they are.
            assert all("would have to be deleted and created again" in failure for failure in preview.failures)
            assert preview.failures or preview.change in (up.change, "replace"), "no more is done than was said"
            assert stack.preview().change == "same"
        assert CANARY not in repr((preview, up, stack.sync, stack.sync_inputs))
    finally:
        stack.remove()


@settings(A_FEW, max_examples=10)
@ANY_DECLARATION
@pytest.mark.usefixtures("kubernetes_once")
def test_any_is_the_same_in_a_group(
    aws: AwsApi,
    parameters: list[str],
    references: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    target: dict[str, Any],
) -> None:
    """The same Secret with the same mark, or the same line."""
    aws.reset()
    for name, value in zip(NAMES, parameters, strict=True):
        aws.put_parameter(name, value)
    data = {f"k{index}": ref for index, ref in enumerate(references)}
    said = []
    for grouped in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Stack, "grouped", grouped)
            stack = Stack(data, dataFrom=entries, target=target)
            outcomes = stack.preview(), stack.up()
            kept = {key: value for key, value in stack.sync.items() if key not in CHANCE}
            said.append(([(each.change, each.failures) for each in outcomes], kept, secret()))
            stack.remove()
    assert said[0] == said[1]


CHANCE = ("uid", "revision", "refreshTime")


def secret() -> dict[str, Any] | None:
    """The live Secret, without what the API server itself sets, and without the random salts of our marks."""
    found = cluster().get_secret(NAMESPACE, "db")
    if found is None:
        return None
    metadata = {key: found["metadata"].get(key) for key in ("labels", "annotations", "ownerReferences")}
    metadata["annotations"] = {
        name: sorted(json.loads(text)) if '"salt"' in text else text for name, text in metadata["annotations"].items()
    }
    return {**found, "metadata": metadata}
