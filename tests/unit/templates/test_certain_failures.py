"""What surely fails for every value is found before any value is read, and nothing that may work is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.errors import ParameterStoreError
from components.golang.templates import parse

KEYS = ("a", "tls.crt")
FAILS = {
    "{{ .b }}": "there is no key 'b', only a, tls.crt; correct the name, or declare the key",
    "x{{ if .b }}y{{ end }}": "line 1, column 8: there is no key 'b', only a, tls.crt; correct",
    '{{ .b | default "x" }}': 'for one that may be missing write index . "b"',
    "{{ .b | empty }}": "there is no key 'b'",
    '{{ printf "%s" .b }}': "there is no key 'b'",
    "{{ (.b) }}": "there is no key 'b'",
    "{{ with .b }}{{ end }}": "there is no key 'b'",
    "{{ with . }}{{ .b }}{{ end }}": "there is no key 'b'",
    "{{ range .b }}{{ end }}": "there is no key 'b'",
    "{{ range . }}{{ $.b }}{{ end }}": 'write index $ "b"',
    "{{ range $k, $v := . }}{{ $.b }}{{ end }}": "there is no key 'b'",
    "{{ $x := . }}{{ $x.b }}": 'write index $x "b"',
    '{{ $x := "" }}{{ $x = . }}{{ $x.b }}': "there is no key 'b'",
    "{{ if true }}{{ .b }}{{ end }}": "there is no key 'b'",
    "{{ if .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}": "there is no key 'b'",
    "{{ if .a }}{{ .a }}{{ else }}{{ end }}{{ .b }}": "there is no key 'b'",
    "{{ and . .b }}": "there is no key 'b'",
    "{{ and .b .a }}": "there is no key 'b'",
    '{{ or "" .b }}': "there is no key 'b'",
    "{{ (fromJson .b).c }}": "there is no key 'b'",
    "{{ $y := .b }}": "there is no key 'b'",
    "{{ range until 3 }}{{ break }}{{ $.c }}{{ end }}{{ .b }}": "there is no key 'b'",
    "{{ .a.b }}": "a string has no field 'b'; for a member of the JSON in it write (fromJson .a).b",
    "{{ $.a.b.c }}": "write (fromJson $.a).b",
    "{{ .tls.crt }}": "there is no key 'tls'; for the key tls.crt write index . \"tls.crt\"",
    "{{ $.tls.crt }}": 'write index $ "tls.crt"',
}
MAY_WORK = [
    "{{ .a }}",
    '{{ index . "b" }}',
    '{{ index . "tls.crt" }}',
    "{{ if .a }}{{ .b }}{{ end }}",
    "{{ if .a }}{{ else }}{{ .b }}{{ end }}",
    '{{ if .a }}{{ .b }}{{ else if eq .a "x" }}{{ .c }}{{ end }}',
    "{{ if false }}{{ .b }}{{ end }}",
    '{{ if index . "b" }}{{ .b }}{{ end }}',
    "{{ with .a }}{{ .b }}{{ end }}",
    "{{ with fromJson .a }}{{ .b }}{{ end }}",
    "{{ and .a .b }}",
    "{{ or .a .b }}",
    "{{ or . .b }}",
    '{{ and "" .b }}',
    "{{ (fromJson .a).b }}",
    "{{ $x := fromJson .a }}{{ $x.b }}",
    '{{ $x := "" }}{{ if .a }}{{ $x = . }}{{ end }}{{ with $x }}{{ end }}',
    "{{ range fromJson .a }}{{ .b }}{{ end }}",
    "{{ range . }}{{ break }}{{ $.b }}{{ end }}",
    "{{ range . }}{{ if . }}{{ break }}{{ end }}{{ $.b }}{{ end }}",
    "{{ range . }}{{ continue }}{{ $.b }}{{ end }}",
    '{{ $x := dict "b" 1 }}{{ $x.b }}',
    "{{/* .b */}}",
    '{{ "{{ .b }}" }}',
    "{{ $first := true }}{{ range . }}{{ if $first }}{{ $first = false }}{{ else }}{{ end }}{{ end }}",
]


def problem(template: str, keys: tuple[str, ...] = KEYS, *, all_there: bool = True) -> str | None:
    parsed = parse(template, "t")
    try:
        parsed.check(keys, all_there=all_there)
    except ParameterStoreError as error:
        return str(error)
    return None


def fails(template: str, value: bytes) -> bool:
    try:
        parse(template, "t").render(dict.fromkeys(KEYS, value))
    except ParameterStoreError:
        return True
    return False


@pytest.mark.parametrize("template", FAILS)
def test_what_fails_for_every_value_is_found(template: str) -> None:
    found = problem(template)
    assert found is not None
    assert FAILS[template] in found
    assert all(fails(template, value) for value in (b"", b"x", b'{"b": 1, "crt": 2}'))


@pytest.mark.parametrize("template", MAY_WORK)
def test_what_may_work_is_not_refused(template: str) -> None:
    assert problem(template) is None
    assert not all(fails(template, value) for value in (b"", b"x", b'{"b": 1}', b'[{"b": 1}]', b"[]"))


def test_a_range_over_keys_that_may_be_missing_may_not_run() -> None:
    assert problem("{{ range . }}{{ $.b }}{{ end }}", all_there=False) is None
    assert problem("{{ range . }}{{ else }}{{ .b }}{{ end }}{{ .c }}", all_there=False) is not None


def test_many_keys_are_cut_short() -> None:
    found = problem("{{ .b }}", tuple(f"k{number:02}" for number in range(30)))
    assert found is not None
    assert "k09, ...; correct" in found


def test_a_huge_template_ends_in_time() -> None:
    blocks = "".join(f"{{{{ $x{number} := 1 }}}}{{{{ if .a }}}}{{{{ end }}}}" for number in range(5000))
    assert problem(blocks + "{{ .b }}") is None


PLAIN = (".a", ".b", ".", "$", "$.a", "$.b", "$x", "$x.b", ".a.b", '""', '"x"', "true", "false")
CALLS = ("fromJson $.a).b", "and .a .b)", "or .a .b)", 'index . "b")', "not .a)", "empty .b)", "len .a)")
EXPRESSIONS = st.sampled_from([*PLAIN, *(f"({call}" for call in CALLS)])
BLOCKS = st.sampled_from(["if", "with", "range", "range $x :=", "range $k, $x :=", "with $x :="])


def block(keyword: str, value: str, body: str, otherwise: str) -> str:
    return f"{{{{ {keyword} {value} }}}}{body}{{{{ else }}}}{otherwise}{{{{ end }}}}"


def loop(value: str, before: str, after: str, leave: str) -> str:
    return f"{{{{ range {value} }}}}{before}{{{{ if . }}}}{{{{ {leave} }}}}{{{{ end }}}}{after}{{{{ end }}}}"


STATEMENTS = st.recursive(
    st.one_of(
        EXPRESSIONS.map(lambda value: f"{{{{ {value} }}}}"),
        EXPRESSIONS.map(lambda value: f"{{{{ $x = {value} }}}}"),
        EXPRESSIONS.map(lambda value: f"{{{{ $x := {value} }}}}"),
        st.just(""),
    ),
    lambda inner: st.one_of(
        st.builds(str.__add__, inner, inner),
        st.builds(block, BLOCKS, EXPRESSIONS, inner, inner),
        st.builds(loop, EXPRESSIONS, inner, inner, st.sampled_from(["break", "continue"])),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(body=STATEMENTS, value=st.sampled_from([b"", b"x", b"false", b'{"b": "y"}', b'{"b": {"b": ""}}', b"[]", b"[1]"]))
def test_whatever_is_found_fails_with_any_value(body: str, value: bytes) -> None:
    template = '{{ $x := "" }}' + body
    if problem(template) is not None:
        assert fails(template, value)
