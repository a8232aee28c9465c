"""No template and no value makes a rendering run away: what needs too much is refused."""

import inspect
import sys

import pytest

from components.golang.templates import TemplateRenderError, TemplateSyntaxError, parse
from components.golang.templates.limits import MAX_DEPTH, MAX_NESTING, MAX_OUTPUT
from tests.unit.templates.support import render

TWICE = "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}"
ENDLESS = "{{ $d := dict }}{{ $_ := set $d `d` $d }}"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ range 2000000000 }}{{ end }}", "more work than is allowed"),
        ("{{ range until 2000 }}{{ range until 2000 }}{{ end }}{{ end }}", "more work than is allowed"),
        ("{{ range until 2000 }}" + "a" * 600 + "{{ end }}", "1 MiB"),
        ('{{ repeat 2000000000 "a" }}', "longer than 4 MiB"),
        ('{{ repeat 3000000 "a" }}', "longer than the 1 MiB"),
        ('{{ indent 2000000000 "a" }}', "longer than 4 MiB"),
        ('{{ printf "%1000000d%1000000d%1000000d%1000000d%1000000d" 1 1 1 1 1 }}', "longer than 4 MiB"),
        ("{{ until 2000000000 }}", "more than 100000 elements"),
        ("{{ untilStep 0 2000000000 1 }}", "more than 100000 elements"),
        ("{{ seq 2000000000 }}", "more than 100000 elements"),
        ('{{ splitList "" (repeat 2000000 "a") }}', "more than 100000 elements"),
        ('{{ $x := "a" }}{{ range until 99 }}{{ $x = print $x $x }}{{ end }}', "more work than is allowed"),
        ('{{ $x := repeat 9999 "a" }}{{ $x = replace "a" $x $x }}', "longer than 4 MiB"),
        ('{{ $x := repeat 9999 "a" }}{{ $x = regexReplaceAll "a" $x $x }}', "longer than 4 MiB"),
        ("{{ randAlpha 2000000000 }}", "longer than 4 MiB"),
        ("{{ range until 200 }}{{ bcrypt `x` }}{{ end }}", "more work than is allowed"),
        ("{{ range until 9 }}{{ derivePassword 1 `pin` `p` `u` `s` }}{{ end }}", "more work than is allowed"),
        *((f"{TWICE}{{{{ {name} $x }}}}", "more work") for name in ("toJson", "toYaml", "print", "deepCopy", "first")),
        (f"{TWICE}{{{{ $x }}}}", "more work than is allowed"),
        (f"{TWICE}{{{{ deepEqual $x $x }}}}", "more work than is allowed"),
        *((f"{ENDLESS}{{{{ {name} $d }}}}", "deeper") for name in ("toJson", "toYaml", "print", "deepCopy")),
        (f"{ENDLESS}{{{{ merge $d $d }}}}", "deeper"),
        (f"{ENDLESS}{{{{ $d }}}}", "deeper"),
    ],
)
def test_what_takes_too_much_is_refused(template: str, reason: str) -> None:
    parsed = parse(template, "case")
    with pytest.raises(TemplateRenderError) as caught:
        parsed.render({})
    assert reason in str(caught.value)
    assert "please report" not in str(caught.value)


def test_aliases_of_yaml_cannot_multiply() -> None:
    bomb = "a: &a [1,1]\nb: &b [" + "*a," * 9000 + "]\nc: [" + "*b," * 9000 + "]"
    with pytest.raises(TemplateRenderError, match="fromYaml: the string holds more than 100000 values"):
        render("{{ fromYaml .bomb }}", {"bomb": bomb.encode()})


@pytest.mark.parametrize(
    "template",
    [
        "{{ if true }}" * (MAX_NESTING + 1) + "{{ end }}" * (MAX_NESTING + 1),
        "{{ " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1) + " }}",
        "{{ if false }}" + "{{ else if false }}" * (MAX_NESTING + 1) + "{{ end }}",
        "{{ if true }}{{ (" * (MAX_NESTING // 2 + 1) + "1",
    ],
)
def test_deep_nesting_is_refused(template: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"nested deeper than 50 levels|not closed"):
        parse(template, "case")


@pytest.mark.parametrize(
    "template",
    [
        "{{ int .n }} {{ float64 .n }} {{ atoi .n }} {{ toDecimal .n }} {{ add .n .n }}",
        "{{ fromJson .n }} {{ fromYaml (print `a: ` .n) }} {{ toYaml .n | len }}",
        "{{ toYaml (dict .n 1 (print .n `2`) 2) | len }}",
        "{{ duration .n }} {{ durationRound (print .n `h`) }} {{ durationRound (print `0.` .n `h`) }}",
        "{{ toDate `2006` .n }} {{ toDate `05` (print `05.` .n) }} {{ toDate `MST` (print `GMT+` .n) }}",
        "{{ printf (print `%` .n `d`) 1 }} {{ printf (print `%[` .n `]d`) 1 }}",
        "{{ regexMatch (print `a{` (trunc 3000 .n) `}`) .n }} {{ dateInZone `2006` 0 .n }}",
        "{{ urlParse (print `http://h:` .n) | len }}",
    ],
)
def test_numbers_of_very_many_digits_are_no_trouble(template: str) -> None:
    assert render(template, {"n": b"1" * 100_000})


@pytest.mark.parametrize(
    "template", ["{{ until -9223372036854775808 }}", "{{ (toDate `2006` `2020`).AddDate 99999999 0 99999999999 }}"]
)
def test_numbers_at_the_end_of_their_range_give_clear_errors(template: str) -> None:
    with pytest.raises(TemplateRenderError, match=r"line 1, column \d+: .*(elements|years)"):
        render(template)


def test_a_number_that_is_too_large_is_refused_while_parsing() -> None:
    with pytest.raises(TemplateSyntaxError, match="no number that Go can hold"):
        parse("{{ " + "1" * 100_000 + " }}", "case")


@pytest.mark.parametrize(
    ("name", "deep"),
    [
        ("fromJson", "[" * 50_000),
        ("fromJson", '{"a":' * 50_000),
        ("fromJson", "[" * 100 + "]" * 100),
        ("mustFromJson", "[" * 100 + "]" * 100),
        ("fromYaml", "[" * 50_000),
        ("fromYaml", "- " * 50_000),
        ("fromYaml", "{a: " * 50_000),
        ("fromYaml", "{a: " * 100 + "1" + "}" * 100),
    ],
)
def test_deep_documents_are_refused_and_not_taken_for_broken_ones(name: str, deep: str) -> None:
    with pytest.raises(TemplateRenderError, match=f"{name}: the string is nested deeper than {MAX_DEPTH} levels"):
        render(f"{{{{ {name} .a }}}}", {"a": deep.encode()})


@pytest.mark.parametrize("pattern", ["()" * 101, r"[\pL]{1000}"])
def test_a_pattern_that_is_too_large_here_is_refused_and_not_taken_for_a_broken_one(pattern: str) -> None:
    assert render("{{ regexMatch .p `a` }}", {"p": b"("}) == "false"
    with pytest.raises(TemplateRenderError, match="regexMatch: the regular expression "):
        render("{{ regexMatch .p `a` }}", {"p": pattern.encode()})


def test_the_deepest_template_that_is_allowed_stays_far_from_the_stack_limit() -> None:
    blocks = MAX_NESTING // 2
    inner = "toJson " + "(list " * (MAX_NESTING - blocks) + "$v" + ")" * (MAX_NESTING - blocks)
    template = "{{ $v := fromJson .a }}" + "{{ range list 1 }}" * blocks + "{{ " + inner + " }}" + "{{ end }}" * blocks
    parsed = parse(template, "case")
    depth = MAX_DEPTH - (MAX_NESTING - blocks) - 1
    data = {"a": b"[" * depth + b"]" * depth}
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 700)
    try:
        assert parsed.render(data).startswith(b"[[[")
    finally:
        sys.setrecursionlimit(limit)


def test_a_whole_secret_can_be_rendered() -> None:
    value = b"x" * (MAX_OUTPUT - 2)
    assert parse("a{{ .v }}b", "case").render({"v": value}) == b"a" + value + b"b"


def test_thousands_of_lines_are_little_work() -> None:
    lines = "\n".join(f"key{number}: value" for number in range(2000)).encode()
    template = '{{ range splitList "\\n" .v }}{{ . | upper | quote }}{{ end }}{{ fromYaml .v | toYaml | sha256sum }}'
    assert len(render(template, {"v": lines})) > 30_000
