"""Reads and writes numbers as Go does: `ParseFloat` without its errors, and the shortest text without exponent."""

import math
import re

from .. import floats

_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE | re.ASCII)
_UNSIGNED = re.compile(r"[0-9]+")
_INT64_MAX = 2**63 - 1
_UINT64_DIGITS = 20


def parse_float(text: str) -> float:
    """The number that Go's ParseFloat returns, errors ignored: 0 for no number, infinity where it is too large."""
    number = float(text) if _SPECIAL.fullmatch(text) else floats.parse_float(text)
    return 0.0 if number is None else number


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
