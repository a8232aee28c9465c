"""Errors name the place, the function and the reason, are found as early as can be, and never hold a value."""

import pytest

from components.errors import ExtractError, SpecError
from components.golang.templates import TemplateRenderError, TemplateSyntaxError, parse
from components.golang.templates.functions import FUNCTIONS
from components.golang.templates.known_elsewhere import ELSEWHERE
from components.golang.templates.template_errors import CONFIDENTIAL
from tests.unit.templates.support import WHERE, render

SECRET = "s3cr3t-Value"


def syntax_error(template: str) -> str:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(template, WHERE)
    assert isinstance(caught.value, SpecError)
    return str(caught.value)


def render_error(template: str) -> str:
    parsed = parse(template, WHERE)
    with pytest.raises(TemplateRenderError) as caught:
        parsed.render({"password": SECRET.encode(), "json": b'{"k": "s3cr3t-Value"}', "bin": b"\xff" + SECRET.encode()})
    assert isinstance(caught.value, ExtractError)
    assert caught.value.__cause__ is None
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_an_unknown_function_is_found_before_any_value_is_read() -> None:
    assert syntax_error("a\nb {{ if true }}{{ .x | sha3sum }}{{ end }}") == (
        f"template {WHERE}, line 2, column 24: there is no function 'sha3sum' here"
        "; near it are sha1sum, sha512sum, sha256sum"
    )


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("base64", "; write b64enc or b64dec"),
        ("base64_encode", "; write b64enc"),
        ("b64encode", "; write b64enc"),
        ("b46enc", "; write b64enc"),
        ("toJSON", "; write toJson"),
        ("tojosn", "; write toJson"),
        ("jsonencode", "; write toJson"),
        ("parseJson", "; write fromJson"),
        ("toUpper", "; write upper"),
        ("sha256", "; write sha256sum"),
        ("defualt", "; write default"),
        ("trim_space", "; write trim"),
        ("frobnicate", ""),
    ],
)
def test_what_to_write_in_place_of_an_unknown_function(name: str, advice: str) -> None:
    assert syntax_error(f"{{{{ .x | {name} }}}}").endswith(f"there is no function '{name}' here{advice}")


def test_what_is_advised_exists() -> None:
    named = {word for text in ELSEWHERE.values() for word in text.replace(" or ", ", ").split(", ")}
    assert named <= FUNCTIONS.keys()
    assert not ELSEWHERE.keys() & FUNCTIONS.keys()


@pytest.mark.parametrize("name", ["base64", "b46enc"])
def test_nothing_is_advised_for_a_name_that_is_not_shown(name: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(f"{{{{ .x | {name} }}}}", WHERE, confidential=True)
    assert str(caught.value).endswith(f"there is no function {CONFIDENTIAL} here")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ env `HOME` }}", "ESO removed it"),
        ("{{ genCA `x` 1 }}", "makes a new key with every apply"),
        ("{{ include `x` . }}", "function of Helm"),
        ("{{ semverCompare `1` `2` }}", "versions are not supported"),
        ("{{ call .x }}", "no values here that are functions"),
    ],
)
def test_a_function_that_people_know_from_elsewhere_is_refused_with_the_reason(template: str, reason: str) -> None:
    assert reason in syntax_error(template)


@pytest.mark.parametrize(
    ("template", "place", "reason"),
    [
        ("{{ .user", "line 1, column 1", "not closed with }}"),
        ("x\n  {{ if .a }}", "line 2, column 6", "this 'if' has no 'end'"),
        ("{{ end }}", "line 1, column 4", "no block that this 'end' belongs to"),
        ("{{ $x }}", "line 1, column 4", "no variable '$x'"),
        ("{{ (.a }}", "line 1, column 1", "a parenthesis is not closed"),
        ("{{ .a ) }}", "line 1, column 7", "no parenthesis to close"),
        ('{{ "a }}', "line 1, column 4", 'starts with " is not closed'),
        ("{{ `a }}", "line 1, column 4", "starts with ` is not closed"),
        ("{{/* a }}", "line 1, column 1", "comment is not closed"),
        ('{{ define "x" }}{{ end }}', "line 1, column 4", "'define' is not supported"),
        ("{{ break }}", "line 1, column 4", "outside of a range"),
        ("{{ .a, .b }}", "line 1, column 6", "',' cannot stand here"),
        ("{{ 1 | 2 }}", "line 1, column 8", "only a function"),
        ("{{ }}", "line 1, column 4", "a value is missing"),
        ('{{ "\\z" }}', "line 1, column 4", "an escape"),
        ("{{ 99999999999999999999 }}", "line 1, column 4", "no number that Go can hold"),
    ],
)
def test_wrong_syntax_is_named_with_its_place(template: str, place: str, reason: str) -> None:
    message = syntax_error(template)
    assert message.startswith(f"template {WHERE}, {place}: ")
    assert reason in message


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ .user }}", "there is no key 'user'"),
        ("{{ .password.x }}", "a string has no field 'x'"),
        ("{{ (fromJson .json).none }}", "there is no key 'none'"),
        ("{{ (fromJson .password).k }}", "what has no value has no field 'k'"),
        ("{{ upper 1 }}", "the constant is not of type string"),
        ("{{ trunc .password 1 }}", "trunc: takes a int, not a string"),
        ("{{ upper }}", "upper: takes 1 argument, not 0"),
        ("{{ range .password }}{{ end }}", "range cannot go through a string"),
        ("{{ index .password 99 }}", "index: the index is out of range"),
        ("{{ mustFromJson .password }}", "mustFromJson: the string is not valid JSON"),
        ("{{ div 1 0 }}", "div: division by zero"),
        ("{{ regexFind .password `x` | fail }}", "fail: the template gives up"),
        ("{{ printf `bad %s` .password | fail }}", "fail: the template gives up"),
        ("{{ fail .password }}", "fail: the template gives up"),
        ('{{ fail "no host given" }}', "fail: no host given"),
        ("{{ regexFind `(` .password }}", "regexFind: the regular expression is not valid"),
        ("{{ regexFind `a` .bin }}", "the string is not UTF-8"),
        ("{{ urlParse (print `http://h:` .password) }}", "urlParse: the string is no URL: the port is not a number"),
        ("{{ mustToDate `2006` .password }}", "mustToDate: the string is not a time in this layout"),
        ("{{ date `2006` .password }}", "date: takes a time or its Unix seconds, not a string; use toDate"),
        ("{{ eq 1 .password }}", "eq: a int and a string cannot be compared"),
        ("{{ pkcs12key .password }}", "not a PKCS #12 archive, or the password is wrong"),
        ("{{ jwkPublicKeyPem .json }}", "not a JSON Web Key"),
        ("{{ filterPEM `X` .password }}", "not PEM"),
        ("{{ rsaDecrypt `RSA-OAEP` `SHA1` `x` .password }}", "the private key is not PEM"),
        ("{{ urlJoin (dict `host` 1) }}", "the key host is a int instead of a string"),
    ],
)
def test_a_failing_template_says_why_and_shows_no_value(template: str, reason: str) -> None:
    message = render_error(template)
    assert message.startswith(f"template {WHERE}, line 1, column ")
    assert reason in message


def test_a_branch_that_is_not_taken_cannot_fail() -> None:
    assert render('{{ if false }}{{ fail "x" }}{{ .missing }}{{ end }}ok') == "ok"


def test_neither_template_nor_renderer_shows_its_text() -> None:
    assert "pass" not in repr(parse("pass {{ .x }}", "here"))


def test_a_template_from_a_secret_may_be_any_bytes() -> None:
    template = parse(b"\xff{{ .a }}{{ `\xfe` }}", "a Secret")
    assert template.render({"a": b"\xfd"}) == b"\xff\xfd\xfe"
    with pytest.raises(TemplateSyntaxError):
        parse(b"{{ \xff }}", "a Secret")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ (toDate `2006` `2020`).Weekday }}", "the method 'Weekday' of a time is not supported"),
        ("{{ (toDate `2006` `2020`).Format }}", "Format: takes 1 argument, not 0"),
        ("{{ printf `%w` (toDate `2006` `2020`) }}", "%w is not supported for a time"),
        ("{{ eq (toDate `2006` `2020`) (toDate `2006` `2020`) }}", "compare their Unix"),
        ("{{ deepEqual (toDate `2006` `2020`) (toDate `2006Z07` `2020Z`) }}", "compare their Unix"),
        ("{{ uniq (list (toDate `2006` `2020`) (toDate `2006Z07` `2020Z`)) }}", "compare their Unix"),
        ("{{ round 1.5 23 }}", "cannot round to more than 22 places"),
    ],
)
def test_what_go_would_answer_in_its_own_way_is_refused(template: str, reason: str) -> None:
    assert reason in render_error(template)


def test_times_are_compared_where_the_answer_is_certain() -> None:
    times = "{{ $t := toDate `2006` `2020` }}{{ $u := toDate `2006` `2021` }}"
    assert render(times + "{{ eq $t $t }} {{ eq $t $u }} {{ has $t (list $u $t) }}") == "true false true"


@pytest.mark.parametrize(
    ("template", "advice"),
    [
        ("{{ .my-secret }}", 'for the key my-secret write index . "my-secret"'),
        ("{{.a-b}}", 'for the key a-b write index . "a-b"'),
        ('{{ printf "%s" .my-key | b64enc }}', 'for the key my-key write index . "my-key"'),
        ("{{ $.my-secret }}", 'for the key my-secret write index $ "my-secret"'),
        ("{{ $x := . }}{{ $x.my-key }}", 'for the key my-key write index $x "my-key"'),
        (
            "{{ .tls.my-key }}",
            'write index . "tls.my-key" for a key of that name, index (fromJson .tls) "my-key" for one',
        ),
        ("{{ (fromJson .a).my-b }}", 'for the key my-b write index (...) "my-b"'),
        ("{{ .a/b }}", 'for the key a/b write index . "a/b"'),
        ("{{ .a-}}", "write a blank before '-}}'"),
    ],
)
def test_a_key_with_a_dash_is_written_with_index(template: str, advice: str) -> None:
    assert f"is followed by a character that cannot stand there; {advice}" in syntax_error(template)
