"""What is wrong with JSON, in the words of Go's decoder: they name a character and never a value."""

from __future__ import annotations

import json
from typing import Final

_LITERALS: Final = {"n": "null", "t": "true", "f": "false"}
_PLACES: Final = {
    "property name": "looking for beginning of object key string",
    "':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "',' delimiter": "after object key:value pair",
}


class DecodeError(ValueError):
    """A body of the wrong shape; the text is the real server's."""


def syntax_mistake(raw: bytes) -> str:
    """The first mistake, or empty when `raw` is JSON."""
    try:
        json.loads(raw)
    except UnicodeDecodeError:
        return "invalid character in string literal"
    except json.JSONDecodeError as mistake:
        return _worded(mistake.doc, mistake.pos, mistake.msg)
    return ""


def _worded(text: str, position: int, message: str) -> str:
    if position >= len(text):
        return "unexpected end of JSON input"
    literal = _LITERALS.get(text[position], "") if "Expecting value" in message else ""
    for offset, expected in enumerate(literal):
        if position + offset >= len(text):
            return "unexpected end of JSON input"
        if text[position + offset] != expected:
            return f"invalid character '{text[position + offset]}' in literal {literal} (expecting '{expected}')"
    place = next((place for start, place in _PLACES.items() if start in message), "looking for beginning of value")
    return f"invalid character '{text[position]}' {place}"


def type_name(value: object) -> str:
    """A JSON value's type as Go's decoder calls it."""
    names: dict[type, str] = {
        str: "string",
        bool: "bool",
        int: "number",
        float: "number",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "null")
