"""Says whether a text is valid JSON, as Go's gjson and encoding/json both mean it, at any depth."""

import re

from .scan import end_of

_SCALAR = re.compile(
    r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
    r'|"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
)
_KEY = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"[ \t\r\n]*+:[ \t\r\n]*+')
_BLANKS = re.compile(r"[ \t\r\n]*+")


def is_valid(text: str) -> bool:
    """Whether the text is exactly one JSON value with blanks around it."""
    return depth_of_valid(text) is not None


def depth_of_valid(text: str) -> int | None:
    """How deep a valid JSON text is nested (a scalar: 0); None where the text is not valid."""
    open_brackets: list[str] = []
    deepest = 0
    position = end_of(_BLANKS, text, 0)
    while True:
        bracket = text[position : position + 1]
        if bracket in {"{", "["}:
            open_brackets.append(bracket)
            deepest = max(deepest, len(open_brackets))
            position = end_of(_BLANKS, text, position + 1)
            if not text.startswith(_closing(bracket), position):
                if bracket == "{" and (position := _after_key(text, position)) < 0:
                    return None
                continue
        else:
            scalar = _SCALAR.match(text, position)
            if scalar is None:
                return None
            position = end_of(_BLANKS, text, scalar.end())
        position = _close(text, position, open_brackets)
        if position < 0:
            return None
        if not open_brackets:
            return deepest if position == len(text) else None


def _close(text: str, position: int, open_brackets: list[str]) -> int:
    """Past all closing brackets after a value, and the comma (and key) after them; negative where none can stand."""
    while open_brackets:
        if text.startswith(",", position):
            position = end_of(_BLANKS, text, position + 1)
            return _after_key(text, position) if open_brackets[-1] == "{" else position
        if not text.startswith(_closing(open_brackets[-1]), position):
            return -1
        open_brackets.pop()
        position = end_of(_BLANKS, text, position + 1)
    return position


def _after_key(text: str, position: int) -> int:
    found = _KEY.match(text, position)
    return found.end() if found else -1


def _closing(bracket: str) -> str:
    return "}" if bracket == "{" else "]"
