"""What templates do with Go's regular expressions: find, split and replace in texts; see core/regexps.py."""

import re
from collections.abc import Callable
from typing import Any

from .. import regexps
from .errors import FunctionError
from .limits import check_items, check_string
from .runes import INVALID, decode, encode

_WIDTHS = ((0xF0, 4), (0xE0, 3), (0xC0, 2), (0, 1))
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_LARGEST_GROUP = 9


def compile_pattern(pattern: bytes) -> Any:
    """A compiled pattern.

    Raises:
        FunctionError: Go would not compile it either.
    """
    if INVALID.search(decode(pattern)):
        raise FunctionError("the regular expression is not valid")
    try:
        return regexps.compile_pattern(pattern)
    except regexps.PatternError as error:
        raise FunctionError(str(error)) from None


def _searchable(text: bytes) -> bytes:
    if INVALID.search(decode(text)):
        raise FunctionError("the text is not UTF-8, in which regular expressions cannot search")
    return text


def is_match(pattern: bytes, text: bytes) -> bool:
    """Whether the pattern is anywhere in the text.

    Raises:
        FunctionError: the pattern is not valid, or the text is not UTF-8.
    """
    return compile_pattern(pattern).search(_searchable(text)) is not None


def find_all(pattern: bytes, text: bytes, count: int) -> list[tuple[int, int]]:
    """Where the pattern is: at most so many places, all of them where the count is negative.

    Raises:
        FunctionError: the pattern is not valid, or the text is not UTF-8.
    """
    found: list[tuple[int, int]] = []
    position, previous = 0, -1
    compiled = compile_pattern(pattern)
    _searchable(text)
    while len(found) != count and position <= len(text):
        match = compiled.search(text, position)
        if match is None:
            break
        start, end = match.span()
        # An empty match right behind another match does not count.
        accepted = end != position or start != previous
        position = end if end != position else position + _width(text, position)
        previous = end
        if accepted:
            found.append((start, end))
            check_items(len(found))
    return found


def replace_all(pattern: bytes, text: bytes, replacement: Callable[[Any], bytes]) -> bytes:
    """The text with a replacement for each match.

    Raises:
        FunctionError: the pattern is not valid, the text is not UTF-8, or the result is too long.
    """
    compiled = compile_pattern(pattern)
    _searchable(text)
    result = bytearray()
    last = position = 0
    while position <= len(text):
        match = compiled.search(text, position)
        if match is None:
            break
        start, end = match.span()
        result += text[last:start]
        if end > last or start == 0:
            result += replacement(match)
            check_string(len(result))
        last = end
        position = max(end, position + _width(text, position))
    return bytes(result) + text[last:]


def _width(text: bytes, at: int) -> int:
    return next(width for first, width in _WIDTHS if text[at] >= first) if at < len(text) else 1


def expansion(template: bytes, names: dict[bytes, int]) -> Callable[[Any], bytes]:
    """What `$1`, `${name}` and `$$` in a replacement stand for in each match.

    Args:
        template: the replacement.
        names: the pattern's named groups.
    """
    text = decode(template)

    def expand(match: Any) -> bytes:
        def group(found: re.Match[str]) -> str:
            if found[1]:
                return "$"
            name = found[2] or found[3]
            number = names.get(encode(name), -1)
            if name.isascii() and name.isdigit():
                number = int(name) if len(name) <= _LARGEST_GROUP and (name == "0" or name[0] != "0") else -1
            return decode(match.group(number) or b"") if 0 <= number <= match.re.groups else ""

        return encode(_REFERENCE.sub(group, text))

    return expand
