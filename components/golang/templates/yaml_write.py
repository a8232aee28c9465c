"""Writes values as YAML in the style of Go's yaml.v2, which ESO's toYaml uses."""

import math
import re
from collections.abc import Callable
from functools import cmp_to_key

from ..floats import format_float, json_float
from .date_format import RFC3339_NANO, format_time
from .go_values import GoList, GoMap, Value
from .runes import decode_valid
from .template_errors import FunctionError
from .times import Time
from .yaml_scalars import needs_quotes, resolve

_REFUSED = re.compile("[\x85\u2028\u2029]")
_UNREADABLE = re.compile("[\x7f-\x9f\ufffe\uffff]")
"""What ESO's way over JSON cannot read back."""
_UNPRINTABLE = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ESCAPED = re.compile(r"[^ !#-\[\]-~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ANYTHING = re.compile(r".", re.DOTALL)
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\",
}  # fmt: skip
_INDICATORS = frozenset("#,[]{}&*!|>'\"%@`")
_NOT_PLAIN = re.compile(r"---|\.\.\.|[?:-](?:[ \t]|\Z)|.*(?::(?:[ \t]|\Z)| #)")
_SIMPLE_KEY = 128
_WIDTH = 80
_BREAK = re.compile(r"[\r\n]")
_NUMBER = re.compile(r"\d*")


class _UnwritableError(Exception):
    """Go fails to write the value."""


def write_yaml(value: Value) -> str:
    """A value as YAML without the last line end; "" where Go fails, which ESO hides.

    Raises:
        FunctionError: a string holds a rare kind of line end.
    """
    try:
        return _root(value)
    except _UnwritableError:
        return ""


def _root(value: Value) -> str:
    match value:
        case GoMap(items=items) if items:
            return "\n".join(_map_lines(value, ""))
        case GoList(items=elements) if elements:
            return "\n".join(_list_lines(value, ""))
    return _scalar(value, "", 0)


def _map_lines(mapping: GoMap, indent: str) -> list[str]:
    lines: list[str] = []
    entries = [(decode_valid(key), item) for key, item in mapping.items.items()]
    for key, item in sorted(entries, key=cmp_to_key(_compare)):
        if len(key.encode()) > _SIMPLE_KEY or _BREAK.search(key):
            nested = _item_lines(item, indent)
            written = _string(key, indent, len(indent) + 2)
            lines += [f"{indent}? {written}", f"{indent}: {nested[0]}", *nested[1:]]
            continue
        start = f"{indent}{_string(key, indent, None)}:"
        match item:
            case GoMap(items=items) if items:
                lines += [start, *_map_lines(item, indent + "  ")]
            case GoList(items=elements) if elements:
                lines += [start, *_list_lines(item, indent)]
            case _:
                lines.append(f"{start} {_scalar(item, indent, len(start) + 1)}")
    return lines


def _list_lines(elements: GoList, indent: str) -> list[str]:
    lines: list[str] = []
    for item in elements.items:
        nested = _item_lines(item, indent)
        lines += [f"{indent}- {nested[0]}", *nested[1:]]
    return lines


def _item_lines(item: Value, indent: str) -> list[str]:
    """A value behind `- ` or `: `, which take the place of the first line's indentation."""
    inner = indent + "  "
    match item:
        case GoMap(items=items) if items:
            lines = _map_lines(item, inner)
        case GoList(items=elements) if elements:
            lines = _list_lines(item, inner)
        case _:
            return [_scalar(item, indent, len(inner))]
    return [lines[0][len(inner) :], *lines[1:]]


def _scalar(value: Value, indent: str, column: int) -> str:  # noqa: C901, PLR0911 - one case for each type
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case bytes():
            return _string(decode_valid(value), indent, column)
        case float() if not math.isfinite(value):
            raise _UnwritableError
        case float():
            number = resolve(json_float(value))
            return format_float(number) if isinstance(number, float) else str(number)
        case int():
            return str(int(value))
        case Time():
            return _string(format_time(RFC3339_NANO, value), indent, column)
        case GoMap() | GoList() if value.is_nil:
            return "null"
        case GoMap():
            return "{}"
        case GoList():
            return "[]"


def _string(text: str, indent: str, column: int | None) -> str:
    """A string that starts in a column; None where it cannot go on in another line."""
    if _REFUSED.search(text):
        raise FunctionError("a string with U+0085, U+2028 or U+2029 is not supported in YAML")
    if _UNREADABLE.search(text):
        raise _UnwritableError
    special = bool(_UNPRINTABLE.search(text)) or " \n" in text
    if "\n" in text and not special and not text.endswith(" "):
        return _literal(text, indent + "  ")
    if "\n" in text or special or needs_quotes(text):
        # Behind a byte order mark at the start Go escapes everything.
        pattern = _ANYTHING if text.startswith("\ufeff") else _ESCAPED
        return _folded('"', text, lambda character: pattern.sub(_escape, character), indent, column)
    if text[0] in _INDICATORS or _NOT_PLAIN.match(text) or text[0] == " " or text[-1] == " ":
        return _folded("'", text, lambda character: character.replace("'", "''"), indent, column)
    return _folded("", text, str, indent, column)


def _folded(mark: str, text: str, write: Callable[[str], str], indent: str, column: int | None) -> str:
    """A string between marks, with a line end in place of the first single blank behind column 80.

    With double quotes it may be the first of several blanks, since a backslash can stand before the others.
    """
    if column is None:
        return mark + "".join(map(write, text)) + mark
    parts: list[str] = []
    column += len(mark)
    after_blank = False
    for position, character in enumerate(text):
        piece = write(character)
        if piece == " " and column > _WIDTH and not after_blank and 0 < position < len(text) - 1:
            following = text[position + 1]
            if following != " " or mark == '"':
                column = 0
                piece = f"\n{indent}  " + "\\" * (following == " ")
        parts.append(piece)
        column += len(piece.removeprefix("\n"))
        after_blank = character == " "
    return mark + "".join(parts) + mark


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return "\\" + _ESCAPES[character]
    code = ord(character)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004


def _literal(text: str, indent: str) -> str:
    hint = "2" if text[0] in " \n" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text == "\n" or text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([f"|{hint}{chomp}", *(indent + line if line else "" for line in lines)])


def _compare(left: tuple[str, Value], right: tuple[str, Value]) -> int:
    return -1 if _comes_first(left[0], right[0]) else 1


def _comes_first(left: str, right: str) -> bool:
    """The order of yaml.v2's keys: numbers in them by value, letters behind everything else."""
    at = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return len(left) < len(right)
    if left[at].isalpha() or right[at].isalpha():
        return left[at] < right[at] if left[at].isalpha() and right[at].isalpha() else right[at].isalpha()
    # A zero behind other digits is part of their number.
    lead = "1" if "0" in {left[at], right[at]} and _digits_before(left, at).strip("0") else ""
    first, second = (lead + _digits(text, at) for text in (left, right))
    if int(first or "0") != int(second or "0"):
        return int(first or "0") < int(second or "0")
    return len(first) < len(second) if len(first) != len(second) else left[at] < right[at]


def _digits(text: str, at: int) -> str:
    found = _NUMBER.match(text, at)
    return found[0] if found else ""


def _digits_before(text: str, at: int) -> str:
    return text[len(text[:at].rstrip("0123456789")) : at]
