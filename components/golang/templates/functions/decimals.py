"""Sprig's functions on numbers with fractions."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from ..function import Family
from ..go_values import Value
from ..template_errors import FunctionError
from .integers import to_float

DECIMALS = Family()

_MOST_PLACES = 22
"""Up to here a power of ten is exactly a float, so that Go's and any other computer's are the same."""
_DIVISION = 10**16


def _extreme(numbers: list[float], farthest: float) -> float:
    """The number that is nearest to an infinity; -0 is less than 0, and NaN beats all but that infinity."""
    if any(map(math.isnan, numbers)):
        return farthest if farthest in numbers else math.nan
    return (max if farthest > 0 else min)(numbers, key=lambda number: (number, math.copysign(1, number)))


def _whole(number: float, rounds: Callable[[float], int]) -> float:
    return math.copysign(rounds(number), number) if math.isfinite(number) else number


@DECIMALS.add("round")
def _round(value: Value, places: int, *turn: float) -> float:
    if abs(places) > _MOST_PLACES:
        raise FunctionError(f"cannot round to more than {_MOST_PLACES} places")
    power = 10.0**places if places >= 0 else 1 / 10.0**-places
    digit = power * to_float(value)
    if not math.isfinite(digit):
        return digit / power
    return _whole(digit, math.ceil if math.modf(digit)[0] >= (turn[0] if turn else 0.5) else math.floor) / power


def _exactly(first: Value, others: tuple[Value, ...], operation: Callable[[Fraction, Fraction], Fraction]) -> float:
    """Decimal arithmetic on the shortest decimals that stand for the floats."""
    result = reduce(operation, map(_fraction, others), _fraction(first))
    try:
        return float(result)
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def _fraction(value: Value) -> Fraction:
    number = to_float(value)
    if not math.isfinite(number):
        raise FunctionError("cannot calculate with infinity or NaN")
    return Fraction(repr(number))


def _quotient(left: Fraction, right: Fraction) -> Fraction:
    """To 16 places, halves away from zero."""
    if right == 0:
        raise FunctionError("division by zero")
    exact = abs(left / right) * _DIVISION
    rounded = Fraction(math.floor(exact + Fraction(1, 2)), _DIVISION)
    return rounded if (left < 0) == (right < 0) else -rounded


DECIMALS.table(
    {
        "maxf(any, ...any)": lambda first, *others: _extreme([*map(to_float, (first, *others))], math.inf),
        "minf(any, ...any)": lambda first, *others: _extreme([*map(to_float, (first, *others))], -math.inf),
        "floor(any)": lambda value: _whole(to_float(value), math.floor),
        "ceil(any)": lambda value: _whole(to_float(value), math.ceil),
        "add1f(any)": lambda value: _exactly(value, (1,), Fraction.__add__),
        "addf(...any)": lambda *values: _exactly(0, values, lambda left, right: left + right),
        "subf(any, ...any)": lambda first, *others: _exactly(first, others, lambda left, right: left - right),
        "mulf(any, ...any)": lambda first, *others: _exactly(first, others, lambda left, right: left * right),
        "divf(any, ...any)": lambda first, *others: _exactly(first, others, _quotient),
    }
)
