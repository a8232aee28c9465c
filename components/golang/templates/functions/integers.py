"""Sprig's functions on whole numbers; nearly all of them take anything for a number, and nonsense for 0."""

import math
import re
from functools import reduce

from ..function import Family
from ..go_values import GoList, Int64, Value, wrap_int
from ..limits import check_items
from ..printing import print_value
from ..runes import decode
from ..template_errors import FunctionError
from ..unquote import parse_float, parse_integer

NUMBERS = Family()

_LEAST, _END = -(1 << 63), 1 << 63
_DECIMAL = re.compile(r"([-+]?[0-9]*)\.[0-9]*")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"[-+]?[0-7]+")
_SPECIAL = re.compile(r"([-+]?)inf(?:inity)?|(nan)", re.IGNORECASE)
_MANY_DIGITS = 400


def to_integer(value: Value) -> int:
    """What sprig takes a value for where it wants a whole number."""
    match value:
        case bool() | int():
            return int(value)
        case float():
            return int(value) if math.isfinite(value) and _LEAST <= int(value) < _END else _LEAST
        case bytes():
            text = decode(value)
            decimal = _DECIMAL.fullmatch(text)
            if decimal:
                text = decimal[1] if decimal[1].strip("+-") else decimal[1] + "0"
            number = parse_integer(text)
            return number if number is not None and _LEAST <= number < _END else 0
    return 0


def to_float(value: Value) -> float:
    """What sprig takes a value for where it wants a float."""
    match value:
        case bool() | int() | float():
            return float(value)
        case bytes():
            text = decode(value)
            special = _SPECIAL.fullmatch(text)
            if special:
                return math.nan if special[2] else -math.inf if special[1] == "-" else math.inf
            number = parse_float(text)
            return 0.0 if number is None else number
    return 0.0


@NUMBERS.add("atoi")
def atoi(text: bytes) -> int:
    """Go's strconv.Atoi: the nearest int where the number is too large, 0 where it is none."""
    digits = decode(text)
    if not _INTEGER.fullmatch(digits):
        return 0
    if len(digits) >= _MANY_DIGITS:
        return _LEAST if digits[0] == "-" else _END - 1
    return max(_LEAST, min(int(digits), _END - 1))


@NUMBERS.add("toDecimal")
def _to_decimal(value: Value) -> Int64:
    digits = decode(print_value(value))
    number = int(digits, 8) if _OCTAL.fullmatch(digits) and len(digits) < _MANY_DIGITS else 0
    return Int64(number if _LEAST <= number < _END else 0)


def _int64_of(number: int) -> Int64:
    return Int64(wrap_int(number))


@NUMBERS.add("mod")
def _mod(left: Value, right: Value) -> Int64:
    dividend, divisor = to_integer(left), to_integer(right)
    return Int64(dividend - divisor * _divided(dividend, divisor))


def _divided(dividend: int, divisor: int) -> int:
    """Division as Go does it, towards zero."""
    if divisor == 0:
        raise FunctionError("division by zero")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _steps(start: int, stop: int, step: int) -> range:
    goes_there = step < 0 if stop < start else step > 0
    if not goes_there:
        return range(0)
    check_items(abs(stop - start) // abs(step))
    return range(start, stop, step)


def _integers(numbers: range) -> GoList:
    return GoList(list(numbers), "int")


@NUMBERS.add("seq")
def _seq(*numbers: int) -> bytes:
    match numbers:
        case (end,):
            start, step = 1, 1 if end >= 1 else -1
        case (start, end):
            step = 1 if end >= start else -1
        case (start, step, end):
            if end < start and step > 0:
                return b""
        case _:
            return b""
    return b" ".join(b"%d" % number for number in _steps(start, end + (1 if end >= start else -1), step))


NUMBERS.table(
    {
        "int(any)": to_integer,
        "int64(any)": lambda value: Int64(to_integer(value)),
        "float64(any)": to_float,
        "add1(any)": lambda value: _int64_of(to_integer(value) + 1),
        "add(...any)": lambda *values: _int64_of(sum(map(to_integer, values))),
        "sub(any, any)": lambda left, right: _int64_of(to_integer(left) - to_integer(right)),
        "mul(any, ...any)": lambda first, *others: Int64(
            reduce(lambda product, value: wrap_int(product * to_integer(value)), others, to_integer(first))
        ),
        "div(any, any)": lambda left, right: _int64_of(_divided(to_integer(left), to_integer(right))),
        "max|biggest(any, ...any)": lambda first, *others: Int64(max(map(to_integer, (first, *others)))),
        "min(any, ...any)": lambda first, *others: Int64(min(map(to_integer, (first, *others)))),
        "until(int)": lambda count: _integers(_steps(0, count, -1 if count < 0 else 1)),
        "untilStep(int, int, int)": lambda start, stop, step: _integers(_steps(start, stop, step)),
    }
)
