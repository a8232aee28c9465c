"""Sprig's functions with regular expressions."""

from ..errors import FunctionError
from ..function import Family
from ..regexps import compile_pattern, expansion, find_all, is_match, replace_all
from ..values import GoList, strings

REGEXPS = Family()

_WEIGHT = 16
_META = frozenset(rb"\.+*?()|[]{}^$")


@REGEXPS.add("regexMatch", weight=_WEIGHT)
def _match(pattern: bytes, text: bytes) -> bool:
    try:
        compile_pattern(pattern)
    except FunctionError:
        return False
    return is_match(pattern, text)


@REGEXPS.add("mustRegexMatch", weight=_WEIGHT)
def _must_match(pattern: bytes, text: bytes) -> bool:
    return is_match(pattern, text)


@REGEXPS.add("regexFind", "mustRegexFind", weight=_WEIGHT)
def _find(pattern: bytes, text: bytes) -> bytes:
    return next((text[start:end] for start, end in find_all(pattern, text, 1)), b"")


@REGEXPS.add("regexFindAll", "mustRegexFindAll", weight=_WEIGHT)
def _find_all(pattern: bytes, text: bytes, count: int) -> GoList:
    found = strings(text[start:end] for start, end in find_all(pattern, text, count))
    found.is_nil = not found.items
    return found


@REGEXPS.add("regexReplaceAll", "mustRegexReplaceAll", weight=_WEIGHT)
def _replace_all(pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    return replace_all(pattern, text, expansion(replacement, compile_pattern(pattern).groupindex))


@REGEXPS.add("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral", weight=_WEIGHT)
def _replace_all_literal(pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    return replace_all(pattern, text, lambda _: replacement)


@REGEXPS.add("regexSplit", "mustRegexSplit", weight=_WEIGHT)
def _split(pattern: bytes, text: bytes, count: int) -> GoList:
    matches = find_all(pattern, text, count)
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
