"""Sprig's functions with regular expressions."""

from collections.abc import Iterator
from contextlib import contextmanager

from ... import regexp as regexps
from ..function import Family
from ..go_values import GoList, Value, strings
from ..template_errors import FunctionError

REGEXPS = Family()

_WEIGHT = 16
_META = frozenset(rb"\.+*?()|[]{}^$")


@contextmanager
def _reported() -> Iterator[None]:
    """Say what is wrong with a pattern as functions do."""
    try:
        yield
    except regexps.PatternError as error:
        raise FunctionError(str(error)) from None


def _compiling(pattern: bytes, *_: Value) -> int:
    """What it costs to compile a pattern, which a few bytes make large: an instruction takes about 2 microseconds."""
    try:
        return int(regexps.compile_pattern(pattern).programsize)
    except regexps.PatternLimitError as error:
        raise FunctionError(str(error)) from None
    except regexps.PatternError:
        return 0


@REGEXPS.add("regexMatch", steps=_compiling, weight=_WEIGHT)
@_reported()
def _match(pattern: bytes, text: bytes) -> bool:
    try:
        regexps.compile_pattern(pattern)
    except regexps.PatternError:
        return False
    return regexps.is_match(pattern, text)


@REGEXPS.add("mustRegexMatch", steps=_compiling, weight=_WEIGHT)
@_reported()
def _must_match(pattern: bytes, text: bytes) -> bool:
    return regexps.is_match(pattern, text)


@REGEXPS.add("regexFind", "mustRegexFind", steps=_compiling, weight=_WEIGHT)
@_reported()
def _find(pattern: bytes, text: bytes) -> bytes:
    return next((text[start:end] for start, end in regexps.find_all(pattern, text, 1)), b"")


@REGEXPS.add("regexFindAll", "mustRegexFindAll", steps=_compiling, weight=_WEIGHT)
@_reported()
def _find_all(pattern: bytes, text: bytes, count: int) -> GoList:
    found = strings(text[start:end] for start, end in regexps.find_all(pattern, text, count))
    found.is_nil = not found.items
    return found


@REGEXPS.add("regexReplaceAll", "mustRegexReplaceAll", steps=_compiling, weight=_WEIGHT)
@_reported()
def _replace_all(pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    return regexps.replace_expanded(pattern, text, replacement)


@REGEXPS.add("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral", steps=_compiling, weight=_WEIGHT)
@_reported()
def _replace_all_literal(pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    return regexps.replace_all(pattern, text, lambda _: replacement)


@REGEXPS.add("regexSplit", "mustRegexSplit", steps=_compiling, weight=_WEIGHT)
@_reported()
def _split(pattern: bytes, text: bytes, count: int) -> GoList:
    matches = regexps.find_all(pattern, text, count)
    if count == 0:
        return GoList([], "string", is_nil=True)
    if pattern and not text:
        return strings([b""])
    parts: list[bytes] = []
    start = end = 0
    for first, last in matches:
        if len(parts) == count - 1:
            break
        end = first
        if last:
            parts.append(text[start:end])
        start = last
    return strings(parts if end == len(text) else [*parts, text[start:]])


@REGEXPS.add("regexQuoteMeta")
def _quote_meta(text: bytes) -> bytes:
    return b"".join(b"\\%c" % byte if byte in _META else b"%c" % byte for byte in text)
