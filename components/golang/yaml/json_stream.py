"""Reads JSON documents that follow each other, as Go's json.Decoder and Kubernetes' rules for numbers have them."""

import json
import math
import re
from typing import Any, NoReturn

from .yaml_errors import ProblemError
from .yaml_limits import MAX_DEPTH

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)|-?[0-9][0-9.eE+-]*|[{}\[\],]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_LEAST, _END = -(1 << 63), 1 << 63
_MOST_DIGITS = 19


class NotJsonError(ProblemError):
    """A text is not JSON; it may be YAML."""


def read_json(text: str, start: int, *, unique_keys: bool) -> tuple[Any, int, int] | None:
    """The next document of a text, where it begins, and the index behind it; None at the end of the text.

    Raises:
        NotJsonError: what follows is not JSON.
        ProblemError: it is JSON, but cannot be taken.
    """
    begin = _space_end(text, start)
    if begin == len(text):
        return None
    doubts = _Doubts(unique_keys=unique_keys)
    try:
        value, end = doubts.decoder.raw_decode(text, begin)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"as JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.pos) from None
    except RecursionError:
        value, end = None, len(text)
        doubts.any = True
    brackets = text.count("{", begin, end) + text.count("[", begin, end)
    if doubts.any or brackets > MAX_DEPTH or _SURROGATE.search(text, begin, end):
        _examine(text, begin, end, unique_keys=unique_keys)
    return value, begin, end


def _space_end(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return match.end() if match else start


class _Doubts:
    """Decodes, and remembers whether something has to be looked at whose place the decoder does not say."""

    def __init__(self, *, unique_keys: bool) -> None:
        self.any = False
        self._unique = unique_keys
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._pairs, parse_int=self._whole, parse_float=self._float, parse_constant=self._constant
        )

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        self.any |= self._unique and len(made) < len(pairs)
        return made

    def _whole(self, digits: str) -> float:
        """An integer where Go's int64 has room for it."""
        if len(digits) <= _MOST_DIGITS + 1 and _LEAST <= (number := int(digits)) < _END:
            return number
        return self._float(digits)

    def _float(self, digits: str) -> float:
        number = float(digits)
        self.any |= math.isinf(number)
        return number

    def _constant(self, _: str) -> None:
        self.any = True


def _examine(text: str, begin: int, end: int, *, unique_keys: bool) -> None:
    """Refuse what the decoder takes and Go does not, or what would be changed or lost without a word."""
    keys: list[set[str] | None] = []  # for each open object its keys so far; None for a list
    at_key = False
    for token in _TOKEN.finditer(text, begin, end):
        first, index = token[0][0], token.start()
        if first == '"':
            _refuse_surrogates(text, index, token.end())
            if at_key and keys and (known := keys[-1]) is not None:
                key = json.loads(token[0], strict=False)
                if unique_keys and key in known:
                    raise ProblemError(f"the field {key!r} is written twice", index)
                known.add(key)
        elif first in "{[":
            keys.append(set() if first == "{" else None)
            if len(keys) > MAX_DEPTH:
                raise ProblemError(f"it is nested deeper than {MAX_DEPTH} levels", index)
        elif first in "}]":
            del keys[-1:]
        elif first != ",":
            _refuse_number(token[0], index)
        at_key = first in "{,"


def _refuse_number(written: str, index: int) -> None:
    if written.lstrip("-")[0] in "NI":
        raise NotJsonError("as JSON: there is no NaN and no Infinity", index)
    if math.isinf(float(written)):
        raise ProblemError("a number is too large", index)


def _refuse_surrogates(text: str, begin: int, end: int) -> None:
    """Refuse half of a surrogate pair: it is no character, and kubectl puts U+FFFD in its place."""
    high_end = -1  # where the escape of a first half ended
    for escape in _ESCAPE.finditer(text, begin, end):
        code = int(escape[1], 16) if escape[1] else 0
        if high_end >= 0 and (escape.start() != high_end or code not in _LOW):
            _lone(high_end)
        if high_end < 0 and code in _LOW:
            _lone(escape.end())
        high_end = escape.end() if high_end < 0 and code in _HIGH else -1
    if high_end >= 0:
        _lone(high_end)


def _lone(end: int) -> NoReturn:
    raise ProblemError(r"a \u escape is half of a pair (a lone surrogate), which is no character", end - 6)
