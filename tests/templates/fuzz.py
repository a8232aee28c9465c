"""Throws made-up templates and values at the engine: `python -m tests.templates.fuzz --cases 10000`.

A case is well where it renders or fails with one of the engine's own errors, in bounded time, and shows no value.
"""

import argparse
import inspect
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence

from components.core.templates import TemplateRenderError, TemplateSyntaxError, parse
from components.core.templates.functions import FUNCTIONS
from components.core.templates.values import GoMap

SECONDS = 5.0
"""How long the slowest case may take on a slow machine; nearly all take a few milliseconds."""
CANARY = "Zq7canary"
"""Is part of every value, and must not be part of any error."""

_STRINGS = (
    '"a"', '"ab,c d"', '""', '"é😀\\n"', "`r\\a`", '"[a-z]+"', '"(a)(b)?"', '"2006-01-02"', '"%v %5d %q|%-3s"', '"1.5"',
    '"a: [1, {b: c}]\\n"', '"{\\"a\\":[1,null]}"', '"1h30m"', '"http://u:p@h:1/p?q#f"', '"YWJj"', '"CERTIFICATE"',
    '"FooBar9_x"', ".a", ".b", ".c", "$.a",
)  # fmt: skip
_NUMBERS = ("1", "0", "-3", "3", "'x'", "0x1F", "7")
_OTHERS = (
    "true",
    "false",
    "nil",
    "2.5",
    "1e3",
    ".",
    "$",
    "$x",
    "$y",
    "99999999",
    "(int64 3)",
    '(toDate "2006" "2020")',
)
_MAPS = (
    '(dict "a" .a "b" 1)',
    "(dict)",
    '(fromJson "{\\"a\\":{\\"b\\":null,\\"c\\":2.5}}")',
    '(fromYaml "a: {b: yes}")',
)
_LISTS = (
    '(list 1 "a" nil)',
    '(splitList "," .b)',
    "(until 3)",
    "(list)",
    '(list "b" "a" "b")',
    '(list (list 1) (dict "x" .c))',
)
_BY_TYPE = {
    "string": _STRINGS,
    "int": _NUMBERS,
    "uint32": _NUMBERS,
    "int64": ("(int64 5)",),
    "float64": ("0.5", "2"),
    "bool": ("true", "false", "(empty .a)"),
    "map[string]interface {}": _MAPS,
    "time.Time": ('(toDate "2006-01-02" "2024-02-29")', "now"),
    "sprig.HashAlgorithm": ('"sha"',),
    "": (*_STRINGS, *_NUMBERS, *_OTHERS, *_MAPS, *_LISTS, *_LISTS),
}
_RESULTS = {"string": bytes, "int": int, "bool": bool, "map[string]interface {}": GoMap, "float64": float}
_BROKEN = ("{{", "}}", "{{-", "-}}", "|", "(", ")", '"', "`", "$", ".", ":=", "=", ",", "end", "else", "\x00", "\ud800")


class Maker:
    """Makes up templates.

    Args:
        chance: where every choice comes from.
        functions: what may be called.
    """

    def __init__(self, chance: random.Random, functions: Sequence[str]) -> None:
        self._chance = chance
        self._functions = functions
        self._returns = {name: inspect.signature(FUNCTIONS[name].run).return_annotation for name in functions}

    def template(self) -> str:
        """A template; a fifth of them is broken somewhere."""
        text = "{{ $x := .a }}{{ $y := 1 }}" + self._body(2)
        if self._chance.random() < 1 / 5:
            for _ in range(self._chance.randint(1, 3)):
                at = self._chance.randrange(len(text))
                text = text[:at] + self._chance.choice((*_BROKEN, "")) + text[at + self._chance.randint(0, 3) :]
        return text

    def values(self) -> dict[str, bytes]:
        """Values for it."""
        pieces = (b"", b"\xff\x00", b'{"k":"v"}', b"a,b\nc", b"1.5", "é".encode(), b"<&>'\"", b"x" * 2000)
        return {name: CANARY.encode() + self._chance.choice(pieces) for name in "abc"}

    def _body(self, depth: int) -> str:
        return "".join(self._statement(depth) for _ in range(self._chance.choice((1, 1, 1, 2, 3))))

    def _statement(self, depth: int) -> str:
        kind = self._chance.randrange(10 if depth else 5)
        pipe = self._pipe(2)
        if kind < 4:
            return f"{{{{ {pipe} }}}}"
        if kind == 4:
            return f" text {{{{- $x {self._chance.choice(('=', ':='))} {pipe} -}}}}\n"
        block = self._chance.choice(("if", "with", "range", "range $i, $x :="))
        otherwise = f"{{{{ else }}}}{self._body(depth - 1)}" if self._chance.random() < 1 / 3 else ""
        leave = "{{ if $y }}{{ break }}{{ end }}" if block.startswith("range") and self._chance.random() < 1 / 4 else ""
        return f"{{{{ {block} {pipe} }}}}{self._body(depth - 1)}{leave}{otherwise}{{{{ end }}}}"

    def _pipe(self, depth: int, wanted: str = "") -> str:
        """A pipeline, of which the last function may give what is wanted."""
        if self._chance.random() < 1 / 3:
            return f"{self._operand(depth, '')} | {self._call(0, wanted, piped=True)}"
        return self._call(depth, wanted) if depth and self._chance.random() < 3 / 4 else self._operand(depth, wanted)

    def _call(self, depth: int, wanted: str, *, piped: bool = False) -> str:
        results = _RESULTS.get(wanted)
        names = [name for name in self._functions if results in {None, self._returns[name]}]
        name = self._chance.choice(names)
        function = FUNCTIONS[name]
        count = len(function.parameters) + (self._chance.randint(0, 3) if function.rest is not None else 0) - piped
        operands = [self._operand(depth, function.parameter(position)) for position in range(count)]
        return " ".join([name, *operands])

    def _operand(self, depth: int, wanted: str) -> str:
        if depth and self._chance.random() < 1 / 3:
            return f"({self._pipe(depth - 1, wanted)})"
        surprise = self._chance.random() < 1 / 30
        return self._chance.choice(_BY_TYPE["" if surprise else wanted])


def outcome(template: str, values: dict[str, bytes]) -> str:
    """What becomes of a case: rendered, refused or failed; anything else is a fault of the engine."""
    try:
        parsed = parse(template, "case")
    except TemplateSyntaxError as error:
        return _checked("refused", error)
    try:
        parsed.render(values)
    except TemplateRenderError as error:
        return _checked("failed", error)
    return "rendered"


def _checked(name: str, error: Exception) -> str:
    text = str(error)
    if CANARY in text:
        return "an error shows a value"
    if "please report it" in text or not text.startswith("template case, line "):
        return f"an error without a place: {text}"
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer.

    Returns:
        The exit code: 0 where every case is well.
    """
    parser = argparse.ArgumentParser(description="Throw made-up templates at the template engine.")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parsed = parser.parse_args(arguments)
    maker = Maker(random.Random(parsed.seed), sorted(FUNCTIONS))  # noqa: S311 - a case has to come again
    counts: Counter[str] = Counter()
    slowest, faults = 0.0, 0
    for number in range(parsed.cases):
        template, values = maker.template(), maker.values()
        start = time.monotonic()
        name = outcome(template, values)
        seconds = time.monotonic() - start
        slowest = max(slowest, seconds)
        counts[name] += 1
        if name not in {"rendered", "failed", "refused"} or seconds > SECONDS:
            faults += 1
            sys.stdout.write(f"case {number} of seed {parsed.seed}: {name}, {seconds:.2f} s: {template!r}\n")
    for name, count in counts.most_common():
        sys.stdout.write(f"{name:10} {count} of {parsed.cases}\n")
    sys.stdout.write(f"slowest    {slowest:.2f} s\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
