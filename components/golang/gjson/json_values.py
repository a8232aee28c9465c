"""A JSON value with its source text, and the ways in which gjson takes values out of a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..floats import format_float
from .numbers import parse_float
from .scan import STRING_REST, UNTERMINATED, VALUE_START, Kind, unescape, value_end

_INTEGER = re.compile(r"-?[0-9]*")
_NOT_BLANK = re.compile(r"[^\x00- ]")
_NOT_BETWEEN = re.compile(r"[^\x00- ,:]")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as gjson's Result holds it, in byte text; `raw` is empty only where nothing was found.

    Of a string, `text` is without quotes and escapes.
    """

    kind: Kind
    raw: str
    text: str = field(default="", repr=False)

    @property
    def exists(self) -> bool:
        """Whether anything was found: JSON null exists as well."""
        return self.kind is not Kind.NULL or self.raw != ""

    @property
    def is_array(self) -> bool:
        """Whether it is a JSON array."""
        return self.kind is Kind.JSON and self.raw.startswith("[")

    @property
    def is_object(self) -> bool:
        """Whether it is a JSON object."""
        return self.kind is Kind.JSON and self.raw.startswith("{")

    @property
    def number(self) -> float:
        """Of a number, its value."""
        return parse_float(self.raw)

    @property
    def string(self) -> str:
        """What Go's `Result.String()` gives and ESO writes into the Secret."""
        match self.kind:
            case Kind.NULL:
                return ""
            case Kind.STRING:
                return self.text
            case Kind.JSON:
                return self.raw
            case Kind.NUMBER:
                return self.raw if _INTEGER.fullmatch(self.raw) else format_float(self.number, "f")
        return self.kind.lower()


NOTHING = Value(Kind.NULL, "")


def value_of(kind: Kind, text: str, start: int, end: int) -> Value:
    """The value between two positions of a text, as `value_end` found them."""
    raw = text[start:end]
    return Value(kind, raw, _string_text(raw[1:-1]) if kind is Kind.STRING else "")


def _string_text(inner: str) -> str:
    return unescape(inner) if "\\" in inner else inner


def next_value(text: str, position: int) -> tuple[Value, int]:
    """The first value at or after a position and where it ends; `NOTHING` where there is none."""
    found = VALUE_START.search(text, position)
    if found is None:
        return NOTHING, len(text)
    kind, end = value_end(text, found.start())
    if end == UNTERMINATED:
        return NOTHING, len(text)
    return value_of(kind, text, found.start(), end), end


def whole_value(text: str) -> Value:
    """A text taken as one value; an object or array reaches to the end of the text, whatever follows it."""
    found = _NOT_BLANK.search(text)
    if found is None or not VALUE_START.match(text, found.start()):
        return NOTHING
    start = found.start()
    if text[start] in "{[":
        return Value(Kind.JSON, text[start:])
    kind, end = value_end(text, start)
    if end == UNTERMINATED:
        return Value(kind, text[start:], _string_text(text[start + 1 :]))
    return value_of(kind, text, start, end)


def members(value: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and values of an object, or `NOTHING` and elements of an array, or the value itself where it is neither."""
    if value.kind is not Kind.JSON:
        if value.exists:
            yield NOTHING, value
        return
    text, position, key = value.raw, 1, NOTHING
    while position < len(text):
        if value.is_object:
            start = text.find('"', position)
            found = STRING_REST.match(text, start + 1) if start >= 0 else None
            if found is None:
                return
            position = found.end()
            key = value_of(Kind.STRING, text, start, position)
        start_of_value = _NOT_BETWEEN.search(text, position)
        if start_of_value is None:
            return
        member, position = next_value(text, start_of_value.start())
        if not member.exists:
            return
        yield key, member
        position += 1
