"""Makes up templates and values for them."""

import inspect
import random
from collections.abc import Sequence

from components.errors import ParameterStoreError
from components.golang.templates import parse
from components.golang.templates.functions import FUNCTIONS
from components.golang.templates.go_values import GoMap
from tools.fuzz.cases import CANARY, Case, Fault

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


def make(chance: random.Random) -> Case:
    """A template, rendered with values."""
    maker = Maker(chance, sorted(FUNCTIONS))
    return case(maker.template(), maker.values())


def case(template: str, values: dict[str, bytes]) -> Case:
    """A template with its values; an error has to name its place."""

    def run() -> object:
        try:
            return parse(template, "case").render(values)
        except ParameterStoreError as error:
            if "please report it" in str(error) or not str(error).startswith("template case, line "):
                raise Fault(f"an error without a place: {error}") from None
            raise

    return Case(repr(template), run)
