"""Whatever is declared and whatever was read: a Secret or one of our errors, the same each time, and no value shown."""

import random
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.secret.extraction import Assembled, Got, assemble
from components.core.secret.kubernetes_secret import secret_key_problem
from components.core.secret.target_templates import Rendered, check_templates, render_target
from components.core.secret_value import Secret
from components.core.spec.specs import SecretSpec
from components.core.spec.target_specs import Target
from components.errors import ExtractError, ParameterStoreError
from tests.support.template_texts import wanted_texts

CANARY = "canary-4711"

NAMES = ["/a", "/a/b", "b.c", "tls.crt"]
PROPERTIES = st.none() | st.sampled_from(["a", "a.b", "#", "@this", "@keys", "x.#(a==1)", '{"a"', "nope", "é\ud800"])
STRATEGIES = st.fixed_dictionaries(
    {},
    optional={
        "decodingStrategy": st.sampled_from(["None", "Base64", "Base64URL", "Auto"]),
        "nullBytePolicy": st.sampled_from(["Ignore", "Fail"]),
        "conversionStrategy": st.sampled_from(["Default", "Unicode"]),
    },
)
REFS = st.tuples(
    st.fixed_dictionaries(
        {"key": st.sampled_from(NAMES), "property": PROPERTIES, "metadataPolicy": st.sampled_from(["None", "Fetch"])}
    ),
    STRATEGIES,
).map(lambda parts: {**parts[0], **parts[1]})
FINDS = STRATEGIES.map(lambda bag: {"name": {"regexp": "."}, **bag})
REWRITES = st.one_of(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["/", "^/a/?", "(.)", "", r"\B", "[a-z]+$", "(?P<n>.*)"]),
            "target": st.sampled_from(["", "-", "$1", "${n}x", "$0$0", "/", "é"]),
        }
    ).map(lambda bag: {"regexp": bag}),
    st.sampled_from(["{{ .value | base }}", "{{ .value | b64enc }}", "x", "{{ .nope }}", '{{ fail "no" }}']).map(
        lambda text: {"transform": {"template": text}}
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "strategy": st.sampled_from(["Extract", "JSON"]),
            "conflictPolicy": st.sampled_from(["Error", "Ignore"]),
            "priority": st.lists(st.sampled_from(NAMES), max_size=2),
            "priorityPolicy": st.sampled_from(["Strict", "IgnoreNotFound"]),
        },
    ).map(lambda bag: {"merge": {**bag, "into": "all"}}),
)
DATA_FROM = st.lists(
    st.tuples(
        REFS.map(lambda ref: {"extract": ref}) | FINDS.map(lambda find: {"find": find}), st.lists(REWRITES, max_size=3)
    ).map(lambda parts: {**parts[0], "rewrite": parts[1]}),
    max_size=3,
)
VALUES = st.one_of(
    st.sampled_from(
        ["{}", "null", '{"a": {"b": "%s"}}', '{"/x y": "%s", "a": null}', "[1]", "YWJj", "\ud800%s", "\0%s"]
    ),
    st.text(max_size=20).map(lambda text: text.replace("%", "") + "%s"),
    st.dictionaries(st.sampled_from(["a", "b", "é", "", ".."]), st.just('"%s"'), max_size=3).map(
        lambda members: "{" + ", ".join(f'"{key}": {value}' for key, value in members.items()) + "}"
    ),
).map(lambda text: Secret(text.replace("%s", CANARY)))


GOTS = st.builds(
    Got,
    values=st.fixed_dictionaries({(None, name): VALUES for name in NAMES}),
    tags=st.fixed_dictionaries(
        {(None, f"tags of {name}"): st.sampled_from([{}, {"a": "b"}, {"é<": "1", "a": ""}]) for name in NAMES}
    ),
    listings=st.fixed_dictionaries(
        {(None, 'find {"name": {"regexp": "."}}'): st.dictionaries(st.sampled_from(NAMES), VALUES)}
    ),
    missing=st.frozensets(st.sampled_from([(None, name) for name in NAMES]), max_size=1),
)


def shuffled(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    items = list(mapping.items())
    random.Random(7).shuffle(items)  # noqa: S311 - any other order will do
    return {key: shuffled(value) if isinstance(value, Mapping) else value for key, value in items}


def failure_or(make: Any) -> Any:
    """What is made, or the text of the error, which is one of ours and shows no value."""
    try:
        return make()
    except ParameterStoreError as error:
        failure = error
    assert CANARY not in str(failure).lower()
    assert failure.__suppress_context__ or failure.__context__ is None
    return str(failure)


@settings(max_examples=120)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "tls.key"]), REFS), DATA_FROM, GOTS, st.sampled_from(["Retain", "Merge"])
)
def test_assembling(data: dict[str, Any], data_from: list[Any], got: Got, policy: str) -> None:
    bag: dict[str, Any] = {"namespace": "n", "secretName": "s", "owner": "o", "data": data, "dataFrom": data_from}
    bag["target"] = {"deletionPolicy": policy}
    spec = SecretSpec.from_bag(bag)
    result = failure_or(lambda: assemble(spec, got))
    other = Got(shuffled(got.values), shuffled(got.tags), shuffled(got.listings), got.missing)
    assert failure_or(lambda: assemble(SecretSpec.from_bag(shuffled(bag)), other)) == result
    if isinstance(result, Assembled):
        assert all(secret_key_problem(key) is None for key in result.data)
        assert CANARY not in repr(result)
        assert policy == "Merge" or not result.skipped


TEXTS = st.one_of(
    st.sampled_from(
        [
            "{{ .a }}", "{{ .b }}", "{{ .absent }}", "k: {{ .a }}", "{{ .a }}: v", "{{ toYaml . }}",
            "{{ .a | b64dec }}",
            "{{ fail .a }}", "{{ nope }}", "{{", "{{ range . }}{{ . }}\n{{ end }}", "x: [1]", "a: b\nc: d", "v-1", "",
            "{{ index . .a }}", "{{ .a.b }}", "{{ fromJson .a }}", "{{ .a | upper }}: {{ .b }}", "{}",
        ]
    ),
    st.text(alphabet="{}. abk:-|\n\"'é", max_size=20),
)  # fmt: skip
LITERALS = st.fixed_dictionaries(
    {"literal": TEXTS},
    optional={
        "target": st.sampled_from(["Data", "Labels", "Annotations"]),
        "valuesDecodingStrategy": st.sampled_from(["None", "Base64", "Auto"]),
    },
)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {"key": st.sampled_from(["x", "y"]), "templateAs": st.sampled_from(["Values", "KeysAndValues"])}
    ),
    min_size=1,
    max_size=2,
)
OBJECTS = st.fixed_dictionaries({"name": st.just("o"), "items": ITEMS})
FROM = LITERALS | st.tuples(LITERALS, OBJECTS, st.sampled_from(["configMap", "secret"])).map(
    lambda parts: {**parts[0], parts[2]: parts[1]}
)
TEMPLATES = st.fixed_dictionaries(
    {},
    optional={
        "data": st.dictionaries(st.sampled_from(["a", "b", "c", "bad/key"]), TEXTS, max_size=3),
        "templateFrom": st.lists(FROM, max_size=2),
        "mergePolicy": st.sampled_from(["Merge", "Replace"]),
        "type": st.sampled_from(["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "x"]),
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "labels": st.dictionaries(st.sampled_from(["l", "e.com/l", "bad l"]), TEXTS, max_size=2),
                "annotations": st.dictionaries(st.sampled_from(["n", "e.com/n"]), TEXTS, max_size=2),
            },
        ),
    },
)
PROVIDED = st.dictionaries(
    st.sampled_from(["a", "b", "c", "k-1"]),
    st.sampled_from(["", "%s", "%s: x", "{%s", "a: %s\nb: [1]", "v", "YWI="]).map(
        lambda text: text.replace("%s", CANARY).encode()
    )
    | st.binary(max_size=10),
)


@settings(max_examples=120)
@given(st.none() | TEMPLATES, PROVIDED, TEXTS, st.sampled_from(["Owner", "Merge"]))
def test_rendering(template: Any, provided: dict[str, bytes], text: str, policy: str) -> None:
    bag = {"template": template, "creationPolicy": policy, "labels": {"own": "x"}}
    target: Target[str] = Target.from_bag(bag)
    texts = dict.fromkeys(wanted_texts(target), text.encode())
    failure_or(lambda: check_templates(target))
    result = failure_or(lambda: render_target(target, provided, texts))
    again = failure_or(lambda: render_target(Target.from_bag(shuffled(bag)), shuffled(provided), shuffled(texts)))
    assert again == result
    if isinstance(result, Rendered):
        assert CANARY not in repr(result)
        assert result.labels["own"] == "x"
        assert all(secret_key_problem(key) is None for key in result.data if key not in provided)


def test_a_canary_in_a_value_would_be_found_in_an_error() -> None:
    try:
        failure_or(lambda: (_ for _ in ()).throw(ExtractError(CANARY)))
    except AssertionError:
        return
    raise AssertionError
