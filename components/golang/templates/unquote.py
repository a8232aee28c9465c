"""Reads the constants of a template as Go's strconv does: strings, characters and numbers."""

import math
import re

from .. import floats
from .runes import encode, utf8
from .syntax_tree import Number

_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\'\"])|x(?P<byte>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))|(?P<plain>[^\\])",
    re.DOTALL,
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_INTEGER = re.compile(r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|(?:0|[1-9](?:_?[0-9])*))")
_HEX_INTEGER = re.compile(r"0[xX][^pP]*\Z")
_HAS_POINT = re.compile(r"[.eEpP]")
_BYTE, _LARGEST_RUNE = 0xFF, 0x10FFFF
_INT_END = 1 << 63
_MOST_DIGITS = 64
_SURROGATES = range(0xD800, 0xE000)


def unquote(text: str) -> bytes | None:
    """The value of a string in double quotes; None where an escape is wrong."""
    body, value, position = text[1:-1], bytearray(), 0
    while position < len(body):
        found = _ESCAPE.match(body, position)
        piece = _escaped(found, '"') if found else None
        if not found or piece is None:
            return None
        value += piece
        position = found.end()
    return bytes(value)


def unquote_raw(text: str) -> bytes:
    """The value of a string in backquotes."""
    return encode(text[1:-1].replace("\r", ""))


def unquote_character(text: str) -> int | None:
    """The number of a character in single quotes; None where it is not exactly one."""
    found = _ESCAPE.fullmatch(text[1:-1])
    if not found:
        return None
    if found["byte"]:
        return int(found["byte"], 16)
    if found["octal"]:
        number = int(found["octal"], 8)
        return number if number <= _BYTE else None
    piece = _escaped(found, "'")
    return None if piece is None else ord(piece.decode())


def _escaped(found: re.Match[str], quote: str) -> bytes | None:
    """The bytes of one character or escape."""
    if found["plain"]:
        # A byte that is no UTF-8 (a lone surrogate here) becomes U+FFFD.
        return utf8(found["plain"])
    if found["simple"]:
        if found["simple"] in "'\"" and found["simple"] != quote:
            return None
        return _SIMPLE.get(found["simple"], found["simple"]).encode()
    if found["byte"]:
        return bytes([int(found["byte"], 16)])
    if found["octal"]:
        number = int(found["octal"], 8)
        return bytes([number]) if number <= _BYTE else None
    number = int(found["short"] or found["long"], 16)
    return None if number > _LARGEST_RUNE or number in _SURROGATES else chr(number).encode()


def parse_integer(text: str) -> int | None:
    """An integer in any of Go's bases; None where it is none, and any that is too large where it is too large."""
    if not _INTEGER.fullmatch(text):
        return None
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits.startswith("0") else 10)
    digits = digits[2:] if digits[:2] in {"0x", "0b", "0o"} else digits
    significant = digits.lstrip("0")
    # Python refuses to read thousands of digits; any number of more than 64 is too large for Go.
    size = int(significant or "0", base) if len(significant) <= _MOST_DIGITS else 1 << _MOST_DIGITS
    return -size if text.startswith("-") else size


def parse_float(text: str) -> float | None:
    """A float, decimal or hexadecimal; None where it is none or too large."""
    number = floats.parse_float(text)
    return None if number is None or math.isinf(number) else number


def number(at: int, text: str) -> Number | None:
    """The node of a number; None where it is none, or larger than Go can hold."""
    looks_real = bool(_HAS_POINT.search(text))
    integer, signed = parse_integer(text), text[0] in "+-"
    if integer is not None:
        if not -_INT_END <= integer < (_INT_END if signed else 2 * _INT_END):
            return None
        # Go takes the letters of a hexadecimal number for an exponent where a sign stands before it.
        looks_real = looks_real and not _HEX_INTEGER.match(text)
        real = float(integer)
    else:
        found = parse_float(text)
        if found is None or not looks_real:
            return None
        real, signed = found, found < 0
        integer = int(real) if real.is_integer() and -_INT_END <= real < 2 * _INT_END else None
    whole = integer if integer is not None and integer < _INT_END else None
    return Number(at, real if looks_real else whole, whole, None if signed and integer else integer, real)


def character(at: int, text: str) -> Number | None:
    """The node of a character constant; None where it is not exactly one character."""
    value = unquote_character(text)
    return None if value is None else Number(at, value, value, value, float(value))
