"""Go's regular expressions (RE2 syntax): time in proportion to the text, whatever the pattern, and Go's way to replace.

Go's strings are UTF-8, so patterns and texts are bytes here.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import takewhile
from typing import Any

from .late_imports import RE2, load

MAX_PATTERN = 4_000
"""Bytes of a pattern: RE2 compiles it in one go, which cannot be interrupted, in time that grows with its square."""
MAX_PROGRAM = 2 * 1024 * 1024
"""Bytes of memory that RE2 may take for a pattern: it makes a very long program of a short one such as `\\pL{300}`."""
MAX_RESULT = 4 * 1024 * 1024
"""Bytes that a text may have after replacing."""
MAX_MATCHES = 100_000
"""Matches that one search may give."""
MAX_SEARCHED = 2_000_000_000
"""What all searches in one text may cost: each match begins one that may go to the end, in steps for each byte and each
instruction of the pattern's program. The first search is free: RE2 bounds it."""
MAX_GROUPS = 100
"""Groups of one pattern; RE2 needs time and memory for the square of them."""

_ANY_BYTE = re.compile(rb"(?<!\\)(?:\\\\)*\\C")
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_LARGEST_GROUP = 9
_SHOWN = 100
_WIDTHS = ((0xF0, 4), (0xE0, 3), (0xC0, 2), (0, 1))


class PatternError(ValueError):
    """Go would not compile the pattern either, or the search would need more than is allowed; no text is quoted."""


class PatternLimitError(PatternError):
    """The pattern is larger than is allowed; Go may take it."""


@lru_cache(maxsize=32)
def compile_pattern(pattern: bytes) -> Any:
    """A compiled pattern, which searches bytes.

    Raises:
        PatternLimitError: it is too large.
        PatternError: it is none.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternLimitError(
            f"the regular expression is too large: it has {len(pattern):,} bytes, and may have {MAX_PATTERN:,}"
        )
    load(RE2)
    import re2  # noqa: PLC0415 - a binary module, which programs without regular expressions do without

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_PROGRAM
    try:
        # RE2 knows \C, any byte, which Go does not.
        compiled = None if _ANY_BYTE.search(pattern) else re2.compile(pattern.decode().encode(), options)
    except UnicodeDecodeError:
        compiled = None
    except re2.error as error:
        if b"too large" in error.args[0]:
            raise PatternLimitError("the regular expression is too large") from None
        compiled = None
    if compiled is None:
        raise PatternError("the regular expression is not valid (Go's syntax is RE2)")
    if compiled.groups > MAX_GROUPS:
        raise PatternLimitError(f"the regular expression has more than {MAX_GROUPS} groups")
    return compiled


def check_pattern(pattern: str) -> None:
    """Check a pattern of a declaration.

    Raises:
        PatternLimitError: it is too large.
        PatternError: it is none.
    """
    compile_pattern(pattern.encode())


def shown_pattern(pattern: str) -> str:
    """A pattern as errors quote it: the beginning of a long one."""
    return repr(pattern) if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]!r}..."


def is_match(pattern: bytes, text: bytes) -> bool:
    """Whether the pattern is anywhere in the text.

    Raises:
        PatternError: the pattern is not valid, or the text is not UTF-8.
    """
    return compile_pattern(pattern).search(_checked(text)) is not None


def find_all(pattern: bytes, text: bytes, count: int = -1) -> list[tuple[int, int]]:
    """Where the pattern is: at most so many places, all of them where the count is negative.

    Raises:
        PatternError: the pattern is not valid, the text is not UTF-8, or there are too many matches.
    """
    found: list[tuple[int, int]] = []
    for match in _matches(compile_pattern(pattern), _checked(text)):
        if len(found) == count:
            break
        found.append(match.span())
    return found


def replace_all(pattern: bytes, text: bytes, replacement: Callable[[Any], bytes]) -> bytes:
    """The text with a replacement for each match (Go: ReplaceAllStringFunc).

    Raises:
        PatternError: the pattern is not valid, the text is not UTF-8, or the result is too long.
    """
    parts: list[bytes] = []
    size = last = 0
    for match in _matches(compile_pattern(pattern), _checked(text)):
        start, end = match.span()
        parts += (text[last:start], replacement(match))
        size += len(parts[-2]) + len(parts[-1])
        if size > MAX_RESULT:
            raise PatternError(f"the result would be longer than {MAX_RESULT // 1024 // 1024} MiB")
        last = end
    return b"".join((*parts, text[last:]))


def replace_expanded(pattern: bytes, text: bytes, template: bytes) -> bytes:
    """The text with a template in place of each match (Go: ReplaceAllString).

    In the template `$1` and `${name}` are groups, `$1x` is group `1x`, `$$` is `$`; a group that is not there is empty.

    Raises:
        PatternError: the pattern is not valid, the text is not UTF-8, or the result is too long.
    """
    return replace_all(pattern, text, _expansion(template, compile_pattern(pattern).groupindex))


def _matches(compiled: Any, text: bytes) -> Iterator[Any]:
    """All matches that Go's functions for all of them see: no empty one right behind another."""
    position, previous, left, allowed = 0, -1, MAX_SEARCHED, MAX_MATCHES
    while position <= len(text):
        if left < 0:
            raise PatternError("the regular expression takes more work on the string than is allowed")
        left -= (len(text) - position) * int(compiled.programsize)
        match = compiled.search(text, position)
        if match is None:
            return
        start, end = match.span()
        if start < len(text) and text[start] & 0xC0 == 0x80:  # noqa: PLR2004 - the mark of a byte inside a character
            # RE2 finds `\B` there; Go looks between characters only.
            position = start + 1
            continue
        if end > start or start != previous:
            allowed -= 1
            if allowed < 0:
                raise PatternError(f"the regular expression matches the string more than {MAX_MATCHES:,} times")
            yield match
        position = end if end > position else position + _width(text, position)
        previous = end


def _width(text: bytes, at: int) -> int:
    return next(width for first, width in _WIDTHS if text[at] >= first) if at < len(text) else 1


def _checked(text: bytes) -> bytes:
    try:
        text.decode()
    except UnicodeDecodeError:
        # The exception would quote the text.
        raise PatternError("the string is not UTF-8, in which regular expressions cannot search") from None
    return text


def _expansion(template: bytes, names: dict[bytes, int]) -> Callable[[Any], bytes]:
    text = template.decode("utf-8", "surrogateescape")

    def expand(match: Any) -> bytes:
        def group(found: re.Match[str]) -> str:
            if found[1]:
                return "$"
            name = "".join(takewhile(_is_of_name, found[2] or found[3]))
            rest = (found[2] or found[3])[len(name) :]
            if not name or (rest and found[2]):
                return found[0]
            number = names.get(name.encode(), -1)
            if name.isascii() and name.isdigit():
                number = int(name) if len(name) <= _LARGEST_GROUP and (name == "0" or name[0] != "0") else -1
            value = (match.group(number) or b"").decode() if 0 <= number <= match.re.groups else ""
            return value + rest

        return _REFERENCE.sub(group, text).encode("utf-8", "surrogateescape")

    return expand


def _is_of_name(character: str) -> bool:
    """Whether Go takes it for a part of a group's name; Python calls more a word, such as `²`."""
    return character == "_" or character.isalpha() or character.isdecimal()
