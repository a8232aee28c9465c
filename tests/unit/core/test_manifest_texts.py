"""What manifests' texts mean, and what is said of texts that are none, or are meant for another tool."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from components.errors import SpecError
from components.manifests import load_manifests, read_manifests
from components.settings.manifest.objects import read_documents
from components.settings.manifest.parsing import manifest_text, parse_manifests
from components.settings.manifest.stages import stage_of_text

HEAD = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: a}\n"
SPEC = (
    "spec: {secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: /x}}], target: {template: {data: %s}}}\n"
)
VERSION = HEAD + "spec: {secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: /x, version: %s}}]}\n"


def template_data(data: str) -> Any:
    (read,) = read_manifests(HEAD + SPEC % data).secrets
    assert read.target.template is not None
    return read.target.template.data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        # YAML 1.1 has numbers to the base 60; Go has not.
        ("{a: 22:30}", {"a": "22:30"}),
        ("{a: 190:20:30}", {"a": "190:20:30"}),
        ("{a: 10:20:30.5}", {"a": "10:20:30.5"}),
        # What looks like a number, and is none.
        ("{a: 0x_}", {"a": "0x_"}),
        ("{a: 0b}", {"a": "0b"}),
        ("{a: 1e400}", {"a": "1e400"}),
        ("{a: 2001-13-01}", {"a": "2001-13-01"}),
        # Tabs where Go allows them.
        ("{a: b\t}", {"a": "b"}),
        ("{a:\tb,\tc: d}\t", {"a": "b", "c": "d"}),
        # Words as keys.
        ("{NO: a, on: b}", {"false": "a", "true": "b"}),
        ("{'NO': a, 'on': b}", {"NO": "a", "on": "b"}),
        ("{1: a, 1.50: b}", {"1": "a", "1.5": "b"}),
        ('{a: "it\\\'s"}', {"a": "it's"}),
        ("{a: !!binary aGk=}", {"a": "hi"}),
        ("{? " + "k" * 200 + ": a}", {"k" * 200: "a"}),
    ],
)
def test_values_are_those_that_kubectl_gets(data: str, expected: dict[str, str]) -> None:
    assert template_data(data) == expected


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("{on: x, yes: y}", f"column {1 + SPEC.index('%s') + 8}: it is not YAML that can be read: the field 'true' is"),
        ("{~: x}", "a key is empty or null; quote it if it is a word"),
        ("{1: x, '1': y}", "the field '1' is written twice; quote what is meant as a word"),
        ('{a: "\\uD800"}', "half of a pair (a lone surrogate)"),
        ("{a: .inf}", "knows no infinity"),
        ("{a: b\x0b}", "it holds the character U+000B, which YAML does not allow"),
        ("{a: b\x00}", "it holds the character U+0000, which YAML does not allow"),
        ("{a: b?c}", "a ? in brackets or braces starts a key for kubectl; quote the value"),
        ("{a: !!int b}", "the value is not what its tag !!int says"),
        ("{a: *b}", "an alias names an anchor that is not there"),
        ("&x {a: *x}", "an alias stands within what its anchor names"),
        ("{a: @b}", "no value can begin with this character; quote the value"),
        ("{a: 'b}", "a quote is never closed"),
    ],
)
def test_what_kubectl_refuses_or_loses_is_one_line_with_its_place(data: str, problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_manifests(HEAD + SPEC % data, "eso/es.yaml")
    assert str(caught.value).startswith("eso/es.yaml, line ")
    assert ", column " in str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "version",
    [
        "!!int abc",
        "!!bool abc",
        "!!float abc",
        "!!timestamp abc",
        "!!int ''",
        "!!map [a]",
        "1" * 5000,
        "[" * 900 + "]" * 900,
    ],
)
def test_no_text_ends_in_a_traceback(version: str) -> None:
    try:
        read_manifests(VERSION % version)
    except Exception as error:  # noqa: BLE001 - any other error is the fault looked for
        assert "\n" not in str(error)  # noqa: PT017
        assert type(error).__name__ == "InvalidArgumentsError"  # noqa: PT017


def test_a_list_that_holds_itself_is_refused() -> None:
    with pytest.raises(SpecError, match=r"line 4, column 39: .* an alias stands within what its anchor names"):
        parse_manifests("apiVersion: v1\nkind: List\nitems: &x\n- {apiVersion: v1, kind: List, items: *x}\n", "m")


def test_lists_of_lists_and_merges_end_soon() -> None:
    head = "apiVersion: v1\nkind: List\nmetadata:\n  l0: &l0 {apiVersion: v1, kind: List, items: []}\n"
    lists = "".join(
        f"  l{i}: &l{i} {{apiVersion: v1, kind: List, items: [{','.join([f'*l{i - 1}'] * 10)}]}}\n"
        for i in range(1, 10)
    )
    merges = "x:\n  m0: &m0 {a: b}\n" + "".join(
        f"  m{i}: &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 10)}]}}\n" for i in range(1, 9)
    )
    began = time.process_time()
    for text in (head + lists + "items: [*l9]\n", merges):
        with pytest.raises(SpecError, match="nearly all of the document is aliases"):
            read_manifests(text)
    assert time.process_time() - began < 20


def test_json_is_read_as_json() -> None:
    escaped = json.dumps({"kind": "x", "apiVersion": "v1", "a": "\U0001f600", "b": "a/b"}).replace("/", "\\/")
    assert "\\ud83d\\ude00" in escaped
    assert parse_manifests(escaped, "m")[0][1]["a"] == "\U0001f600"
    assert parse_manifests(escaped, "m")[0][1]["b"] == "a/b"
    several = (
        '{"kind": "A", "apiVersion": "v1"}\n{"kind": "B", "apiVersion": "v1"}\n{"kind": "C", "apiVersion": "v1"}\n'
    )
    assert [value["kind"] for _, value in parse_manifests(several, "m")] == ["A", "B", "C"]
    tabs = '{\n\t"kind": "A",\n\t"apiVersion":\t"v1"\n}'
    assert parse_manifests(tabs, "m") == [("m", {"kind": "A", "apiVersion": "v1"})]
    long = json.dumps({"kind": "A", "apiVersion": "v1", "k" * 3000: 1})
    assert parse_manifests(long, "m")[0][1]["k" * 3000] == 1


@pytest.mark.parametrize("escape", ["\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00", "a\\uDBFFb"])
def test_half_a_surrogate_pair_in_json_is_refused(escape: str) -> None:
    with pytest.raises(SpecError, match=r"m, line 2, column \d+: .* half of a pair"):
        parse_manifests(f'{{"kind": "A", "apiVersion": "v1",\n"a": "{escape}"}}', "m")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_files_with_a_byte_order_mark_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "es.yaml"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    file.write_bytes((mark + HEAD + SPEC % "{a: é}").encode(encoding))
    (read,) = load_manifests(file).secrets
    assert read.target.template is not None
    assert read.target.template.data == {"a": "é"}


def test_a_byte_order_mark_may_begin_later_documents_too() -> None:
    text = "\ufeff" + HEAD + "---\n\ufeff" + HEAD + '---\n\ufeff{"kind": "A", "apiVersion": "v1"}\n'
    assert [value["kind"] for _, value in parse_manifests(text, "m")] == ["ExternalSecret", "ExternalSecret", "A"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("kind: A".encode("utf-16-le"), "m: it is written in UTF-16 without a byte order mark; save it as UTF-8"),
        ("kind: A".encode("utf-16-be"), "m: it is written in UTF-16 without a byte order mark; save it as UTF-8"),
        ("kind: A".encode("utf-32"), "m: it is written in UTF-32; save it as UTF-8"),
        ("a: b\nc: é".encode("latin-1"), "m, line 2, column 4: it is not UTF-8 here; save it as UTF-8"),
        (b"\xff\xfea\x00\x00", "m, line 1, column 3: it is not UTF-16 here; save it as UTF-8"),
    ],
)
def test_other_encodings_are_named(data: bytes, problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        manifest_text(data, "m")
    assert str(caught.value) == problem


HELM = "apiVersion: v1\nkind: A\nmetadata:\n  name: {{ .Release.Name }}\n"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (
            "es.yaml",
            HELM,
            "es.yaml, line 4, column 10: it is a template, with {{ ... }} that was not rendered; render it",
        ),
        ("es.yaml", "{{- if .Values.x }}\nkind: A\n{{- end }}\n", "es.yaml, line 1, column 2: it is a template"),
        ("es.yaml", 'kind: A\nmetadata:\n  labels:\n    {{- include "x" . | nindent 4 }}\n', "it is a template"),
        ("es.yaml", "kind: A\n{{- range .Values.x }}\n- a\n{{- end }}\n", "it is a template"),
        ("es.yaml", "kind: A\nname: {{ .x }}-db\n", "it is a template"),
        ("es.yaml", 'name: "{{ .Values.x }}\nkind: A\na: b\nc: d\n', "it is a template, with {{ ... }} that was not"),
        ("es.yaml", 'name: x-{{ .Release.Name | default "a: b" }}\n', "it is a template, with {{ ... }} that was not"),
        ("es.yaml", "metadata: {name: {{ .Chart.Name }}\na: 1\nb: 2\nc: 3\n", "it is a template"),
        (
            "es.yaml",
            "metadata: {name: {{ .name }}\na: 1\nb: 2\nc: 3\n",
            "is not YAML that can be read: a key is a list or a map. It holds {{ ... }}: if Helm is to fill that in,",
        ),
        ("es.yaml", "{% raw %}\nkind: A\n{% endraw %}\n", "it is a template, with {% ... %}"),
        (
            "es.yaml",
            "kind: A\n<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> x\n",
            "the marks of a merge conflict",
        ),
        (
            "es.yaml",
            'apiVersion: v1\nkind: A\nmetadata: {name: "{{ .x }}"}',
            "metadata.name holds a placeholder",
        ),
        (
            "es.yaml",
            "apiVersion: v1\nkind: A\nmetadata: {namespace: '${NS}'}",
            "metadata.namespace holds a placeholder",
        ),
        ("es.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a$(X)}", "name holds a placeholder"),
        (
            "kustomization.yaml",
            "resources: [es.yaml]\nnamespace: a\n",
            "it is a kustomization, not an object",
        ),
        ("kustomization.yml", "namespace: a\n", "it is a kustomization"),
        ("a.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "it is a kustomization"),
        ("a.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", "it is a kustomization"),
        ("a.yaml", "patches: [{path: a.yaml}]\n", "it is a kustomization"),
        (
            "patch.yaml",
            "- {op: replace, path: /spec/x, value: y}\n",
            "patch.yaml: it is a JSON patch of Kustomize",
        ),
        ("patch.yaml", "apiVersion: v1\nkind: A\n$patch: delete\n", "it is a patch of Kustomize ($patch)"),
        ("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n", "it is the Chart.yaml of a Helm chart"),
        (
            "values.yaml",
            "image: {tag: 1}\n",
            "these are the values of a Helm chart, not an object; run",
        ),
        ("values-prod.yaml", "resources: [a]\n", "these are the values of a Helm chart"),
        ("a.yaml", "services: {db: {image: x}}\n", "a.yaml: it has neither apiVersion nor kind, so it is no manifest"),
        ("a.json", '{"op": "replace"}', "a.json: it has neither apiVersion nor kind, so it is no manifest"),
    ],
)
def test_files_of_another_stage_are_named_with_what_to_do(file: str, text: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_documents(parse_manifests(text, file), file, skip=False)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_templates_for_up_are_no_templates_of_helm() -> None:
    data = "\n      a: '{{ .a }}'\n      b: |\n        {{ range .x }}\n        {{ . }}{{ end }}\n"
    text = HEAD + "spec:\n  secretStoreRef: {name: s}\n  target:\n   template:\n    data:" + data
    assert len(parse_manifests(text, "m")) == 1
    with pytest.raises(SpecError, match="it is not YAML that can be read"):
        parse_manifests(text + "  x: [\n  y\n\n\n", "m")


@pytest.mark.parametrize(
    "line",
    ["- " * 200_000, "- - " * 100_000 + "x", " " * 400_000, "-" + " " * 400_000, "a: " * 130_000, "- a:" * 100_000],
)
def test_a_long_line_near_an_error_takes_no_long_time(line: str) -> None:
    begun = time.monotonic()
    assert stage_of_text(f"a: 1\n{line}\n\tb: [", 3) is None
    with pytest.raises(SpecError):
        parse_manifests(f"{line[:60_000]}\n\tb: [", "m")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("line", ["- - {{ x }}", "  - a b: {{ x }}", "{{- if .x }}", "-  a::  {{ x }}", "- \t- {{"])
def test_a_template_in_a_list_is_still_told(line: str) -> None:
    assert "it is a template, with {{ ... }} that was not rendered" in (stage_of_text(line, 1) or "")


@pytest.mark.parametrize("text", ["a: \ud800", "a: 'x\udfff'", '{"a": "\ud800"}'])
def test_a_string_with_a_lone_surrogate_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match=r"m, line 1, column \d: .*half of a surrogate pair"):
        parse_manifests(text, "m")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            {"metadata": {"name": "db", "annotations": {"x": "\ud800"}}},
            r"annotations.x: character 1 is U\+D800",
        ),
        (
            {"metadata": {"name": "db", "labels": {"\udc00": "x"}}},
            r"labels: the name of a field: character 1 is",
        ),
        ({"metadata": {"name": "d\ud800"}}, r"metadata.name: character 2 is U\+D800, half of a surrogate pair"),
        ({"spec": {"target": {"template": {"data": {"x": "a\udfff"}}}}}, r"data.x: character 2 is U\+DFFF"),
        ({"spec": {"data": [{"secretKey": "\ud800", "remoteRef": {"key": "x"}}]}}, r"secretKey: character 1 is"),
        ({"spec": {"target": {"template": {"metadata": {"finalizers": ["\ud800"]}}}}}, r"finalizers\[0\]: character 1"),
    ],
)
def test_objects_with_lone_surrogates_are_refused(change: dict[str, Any], place: str) -> None:
    spec = {"secretStoreRef": {"name": "s"}, "data": [{"secretKey": "a", "remoteRef": {"key": "x"}}]}
    manifest = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "db"},
        **change,
        "spec": {**spec, **change.get("spec", {})},
    }
    with pytest.raises(SpecError, match=place):
        read_manifests(manifest)
