"""Reads and formats floats as Go's strconv does."""

import math
import re
import struct
from decimal import Decimal

_DIGITS = r"[0-9]++(?:_[0-9]++)*+"
_HEX = r"[0-9a-fA-F]++(?:_[0-9a-fA-F]++)*+"
_DECIMAL = re.compile(rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_HEXADECIMAL = re.compile(rf"[+-]?0[xX](?:_?{_HEX}(?:\.(?:{_HEX})?)?|\.{_HEX})[pP][+-]?{_DIGITS}")
_EXPONENT_BELOW, _EXPONENT_FROM = -4, 6
_FLOAT32_DIGITS = 9
_JSON_BELOW, _JSON_FROM = 1e-6, 1e21


def parse_float(text: str) -> float | None:
    """A number, decimal or hexadecimal, infinite where it is too large; None where it is none. Words are none."""
    plain = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        return float(plain)
    if not _HEXADECIMAL.fullmatch(text):
        return None
    try:
        return float.fromhex(plain)
    except OverflowError:
        return -math.inf if text.startswith("-") else math.inf


def format_float(number: float, verb: str = "g", precision: int | None = None) -> str:
    """A float by one of Go's verbs: e, E, f, g or G.

    The precision is digits after the point (with g: all digits); None for as few as tell it from any other float.
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if precision is not None:
        return f"{number:.{precision}{verb}}"
    if verb == "f":
        return f"{Decimal(repr(number)):f}".removesuffix(".0")
    sign, digits, exponent = _shortest(number)
    if verb in "gG" and _EXPONENT_BELOW <= exponent < _EXPONENT_FROM:
        return format_float(number, "f")
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}{'E' if verb in 'EG' else 'e'}{exponent:+03d}"


def format_float32(number: float) -> str:
    """A float in as few digits as tell it from any other of Go's float32."""
    try:
        nearest = _as_float32(number)
    except OverflowError:
        return format_float(math.copysign(math.inf, number))
    if not math.isfinite(nearest):
        return format_float(nearest)
    digits = (f"{nearest:.{precision}e}" for precision in range(_FLOAT32_DIGITS))
    return format_float(next(float(text) for text in digits if _as_float32(float(text)) == nearest))


def _as_float32(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


def _shortest(number: float) -> tuple[str, str, int]:
    """Sign, digits without trailing zeros, and the exponent of the first digit."""
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text:
        return "-" if sign else "", "0", 0
    return "-" if sign else "", text.rstrip("0"), int(exponent) + len(text) - 1


def json_float(number: float) -> str:
    """A float as Go's encoding/json writes it, which is how JavaScript does."""
    if number and not _JSON_BELOW <= abs(number) < _JSON_FROM:
        return format_float(number, "e").replace("e-0", "e-")
    return format_float(number, "f")
