"""Reads and writes numbers as Go does: `ParseFloat` without its errors, and the shortest text without exponent."""

import math
import re
from decimal import Decimal

_DIGITS = r"[0-9]++(?:_[0-9]++)*+"
_HEX_DIGITS = r"[0-9a-fA-F]++(?:_[0-9a-fA-F]++)*+"
_DECIMAL = re.compile(rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_HEXADECIMAL = re.compile(rf"[+-]?0[xX]_?(?:{_HEX_DIGITS}(?:\.(?:{_HEX_DIGITS})?)?|\.{_HEX_DIGITS})[pP][+-]?{_DIGITS}")
_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE | re.ASCII)
_UNSIGNED = re.compile(r"[0-9]+")
_INT64_MAX = 2**63 - 1
_UINT64_DIGITS = 20


def parse_float(text: str) -> float:
    """The number that Go's ParseFloat returns, errors ignored: 0 for no number, infinity where it is too large."""
    if _DECIMAL.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text.replace("_", ""))
    if _HEXADECIMAL.fullmatch(text):
        try:
            return float.fromhex(text.replace("_", ""))
        except OverflowError:
            return -math.inf if text.startswith("-") else math.inf
    return 0.0


def format_float(number: float) -> str:
    """The shortest text that reads back as this number, without exponent (Go: `FormatFloat(n, 'f', -1, 64)`)."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def array_index(text: str) -> int | None:
    """The array index that a path segment stands for, leading zeros allowed; None where it is none."""
    if not _UNSIGNED.fullmatch(text):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) < _UINT64_DIGITS else None


def to_int(number: float) -> int:
    """A float cut to a 64-bit integer."""
    if math.isnan(number):
        return 0
    return int(max(-_INT64_MAX - 1.0, min(number, float(_INT64_MAX))))
