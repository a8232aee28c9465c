"""Makes up texts: manifests, kubeconfigs and nonsense, the same for the same seed.

Some come out of a grammar that joins awkward pieces, some are mutations of what people write.
"""

# ruff: noqa: E501 - tables of texts

import json
import random
from collections.abc import Callable

SCALARS = (
    "a", "b c", "x:y", "http://a.test/?q=1#f", "yes", "No", "on", "OFF", "y", "n", "true", "FALSE", "null", "~", "Null", "''",
    '""', "0", "-0", "+1", "1_000", "0x1F", "0x_", "0b101", "0b_1", "0b-1", "0o17", "017", "08", "1e3", "1.", ".5", "-.5", "1.5e-7",
    "1e400", "12345678901234567890", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
    "0x8000000000000000", "0xFFFFFFFFFFFFFFFFF", "1" * 30, "22:30", "190:20:30", "10:20:30.5", "2001-01-01", "2001-12-14t21:59:43.10-05:00",
    ".inf", "-.Inf", ".NaN", "+.inf", "1e21", "1e20", "123456789.0", "4611686018427387904.0", "0.1", "1e-7", "<<", "=", "-", "?", "- a", "-a",
    "?a", ":a", ":", "@a", "`a", "%a", "!a", "&a", "*a", "|", ">", "#a", "a#b", "a #b", "[a", "a]", "{a", "a}", "a,b", ",", "'a", '"a', "a'b",
    "'it''s'", '"tab\\there"', '"\\u00e9\\x41"', '"\\ud83d\\ude00"', '"\\uD800"', '"\\/"', "\"it\\'s\"", "'\\'", '"a\\\n  b"', '"\\q"',
    "é", "\U0001f600", "\u2028x", "a\tb", "\ta", "a\t", "a\t# c", "!!int 5", "!!int abc", "!!str 5", "!!str", "!!float 1", "!!bool yes",
    "!!bool maybe", "!!null ''", "!!null x", "!!binary aGk=", "!!binary a", "!!timestamp 2001-01-01", "!!timestamp abc", "!foo 5", "! 5",
    "!!map [a]", "!!seq {a: b}", "!<tag:yaml.org,2002:int> 5", "!e!x 5", "&x 5", "&x", "*x", "*y", "|\n    a\n    b", "|-\n    a\n\n     b\n",
    ">\n    a\n    b\n\n    c", "|2\n    a", "|+\n    a\n\n", "|\n  a\n b", "|\n\ta", "{{ .Values.x }}", "{{- if .x }}", "${X}", "$(X)", "...", "---",
)  # fmt: skip
KEYS = ("a", "b", "kind", "metadata", "yes", "on", "NO", "~", "1", "1.5", "0x10", "'1'", '"a"', "? a", "<<", "'<<'", "2001-01-01", ".inf",
        "!!str 1", "!!binary aGk=", "*x", "&x a", "[a]", "{a: b}", "a b", "", "k" * 1100, '"' + "k" * 1100 + '"')  # fmt: skip
LINES = ("---", "--- ", "--- # c", "---\t", "--- a", "----", "...", "# c", "", "  # c", "\t", "%YAML 1.1", "%YAML 1.2", "%TAG !e! tag:e.test,2000:",
         "\ufeff---", "\ufeffa: b")  # fmt: skip
PIECES = (*SCALARS, *KEYS, ":", ": ", "- ", "? ", "\n", "\r\n", "\r", "  ", "\t", "[", "]", "{", "}", ", ", ",", "'", '"', "\\", "#", " #", "&", "*", "!", "|",
          ">", "\ufeff", "\x0b", "\x00", "\x85", "\u2028", "\xa0", "\ufffe", "\n---\n", "\n...\n", "}{", "} {", "null", "<<: ")  # fmt: skip


class Maker:
    """Makes texts out of one stream of random numbers."""

    def __init__(self, seed: int, manifests: tuple[str, ...]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same texts each time
        self._manifests = manifests

    def text(self) -> str:
        """Any text."""
        makers: tuple[Callable[[], str], ...] = (
            self._yaml,
            self._yaml,
            self._mutated,
            self._json,
            self._mutated_json,
            self._soup,
        )
        text = self._random.choice(makers)()
        kind = self._random.random()
        if kind < 0.05:
            text = text.replace("\n", "\r\n")
        elif kind < 0.08:
            text = "\ufeff" + text
        return text

    def _yaml(self) -> str:
        documents = [self._block(0, self._random.randint(0, 3)) for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
        text = f"\n{self._random.choice(LINES) if self._chance(0.3) else '---'}\n".join(documents)
        return text + self._random.choice(("", "\n", "\n\n"))

    def _block(self, indent: int, depth: int) -> str:
        space = " " * indent
        if depth == 0:
            return space + self._inline(2)
        lines = []
        shape = self._random.random()
        for _ in range(self._random.randint(1, 3)):
            if self._chance(0.06):
                lines.append(self._random.choice(LINES))
            properties = self._random.choice(("", "", "", "", " &x", " !!map", " &y"))
            if shape < 0.75:
                key = self._random.choice(KEYS) if self._chance(0.4) else self._random.choice("abcdefgh")
                colon = self._random.choice((":", ":", ":", ":", " :", ":\t"))
                lines.append(f"{space}{key}{colon}" + self._value(indent, depth, properties))
            else:
                lines.append(f"{space}-" + self._value(indent, depth, properties))
        return "\n".join(lines)

    def _value(self, indent: int, depth: int, properties: str) -> str:
        if self._chance(0.5):
            tail = self._random.choice(("", "", "", " ", "\t", " # c", "#c"))
            return f"{properties} {self._inline(2)}{tail}"
        deeper = indent + self._random.choice((0, 1, 2, 2, 2, 4))
        return f"{properties}\n" + self._block(deeper, depth - 1)

    def _inline(self, depth: int) -> str:
        shape = self._random.random()
        if depth == 0 or shape < 0.6:
            return self._random.choice(SCALARS) if self._chance(0.6) else self._random.choice("abcdefgh")
        items = [self._inline(depth - 1) for _ in range(self._random.randint(0, 3))]
        comma = self._random.choice((", ", ", ", ",", " , ", ",\n   ", ",\t"))
        if shape < 0.8:
            return "[" + comma.join(items) + self._random.choice(("", "", ",")) + "]"
        colon = self._random.choice((": ", ": ", ":", " : "))
        keys = [self._random.choice(KEYS) if self._chance(0.3) else self._random.choice("abcd") for _ in items]
        return "{" + comma.join(f"{key}{colon}{item}" for key, item in zip(keys, items, strict=True)) + "}"

    def _mutated(self) -> str:
        return self._mutate(self._random.choice(self._manifests))

    def _json(self) -> str:
        dumped = [
            json.dumps(
                self._object(3), ensure_ascii=self._chance(0.5), indent=self._random.choice((None, None, 1, "\t"))
            )
            for _ in range(self._random.choice((1, 1, 2, 3)))
        ]
        return self._random.choice(("", "\n", " ", "\n---\n", "\n\n", "\n# c\n")).join(dumped) + self._random.choice(
            ("", "\n")
        )

    def _mutated_json(self) -> str:
        return self._mutate(self._json())

    def _object(self, depth: int) -> object:
        shape = self._random.random() if depth else 1.0
        if depth == 3 or shape < 0.3:
            return {
                self._random.choice(("a", "b", "kind", "yes", "1", "é", "k" * 1100, "")): self._object(depth - 1)
                for _ in range(3)
            }
        if shape < 0.5:
            return [self._object(depth - 1) for _ in range(2)]
        return self._random.choice(
            (
                None,
                True,
                1,
                -0.0,
                1.0,
                1.5,
                1e300,
                1 << 63,
                -(1 << 63),
                "",
                "a/b",
                "\U0001f600",
                "{{ .x }}",
                "yes",
                "a\tb",
                "\x7f",
                1e21,
            )
        )

    def _mutate(self, text: str) -> str:
        for _ in range(self._random.choice((1, 1, 2, 3, 5))):
            start = self._random.randint(0, len(text))
            end = min(len(text), start + self._random.choice((0, 0, 1, 1, 2, 5, 20)))
            middle = (
                self._random.choice(PIECES) if self._chance(0.7) else text[start:end] * 2 if self._chance(0.3) else ""
            )
            text = text[:start] + middle + text[end:]
        return text

    def _soup(self) -> str:
        return "".join(self._random.choice(PIECES) for _ in range(self._random.randint(1, 12)))

    def _chance(self, of: float) -> bool:
        return self._random.random() < of
