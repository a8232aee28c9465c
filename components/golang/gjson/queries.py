"""Decides whether an array element meets a query, with gjson's rules for comparing values of different types."""

import operator
from collections.abc import Callable

from .json_values import NOTHING, Value
from .numbers import parse_float
from .paths import Query
from .scan import Kind
from .wildcards import matches

_TRUE_WORDS, _FALSE_WORDS = frozenset({"1", "t", "true"}), frozenset({"0", "f", "false"})
_ORDER: dict[str, Callable[[float | str, float | str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def meets(query: Query, value: Value) -> bool:
    """Whether the value that a query's path found meets its condition."""
    wanted = query.value
    if wanted.startswith("~"):
        value, wanted = _truth(value, wanted[1:])
    if not value.exists:
        return False
    if not query.operator:
        return True
    match value.kind:
        case Kind.STRING:
            return _string_meets(value.text, query.operator, wanted)
        case Kind.NUMBER:
            compare = _ORDER.get(query.operator)
            return compare is not None and compare(value.number, parse_float(wanted))
        case Kind.TRUE | Kind.FALSE:
            return _bool_meets(value.kind is Kind.TRUE, query.operator, wanted)
    return False


def _string_meets(text: str, comparison: str, wanted: str) -> bool:
    if comparison in {"%", "!%"}:
        return matches(text, wanted) == (comparison == "%")
    compare = _ORDER.get(comparison)
    return compare is not None and compare(text, wanted)


def _bool_meets(value: bool, comparison: str, wanted: str) -> bool:  # noqa: FBT001 - the value itself, not a flag
    """Whether true or false meets a condition; `>=` on true and `<=` on false hold against any word."""
    same, opposite = ("true", "false") if value else ("false", "true")
    conditions = {
        "=": wanted == same,
        "!=": wanted != same,
        ">": value and wanted == opposite,
        ">=": value,
        "<": not value and wanted == opposite,
        "<=": not value,
    }
    return conditions.get(comparison, False)


def _truth(value: Value, word: str) -> tuple[Value, str]:
    """Value and wanted text for `~word`: the answer to "is it so?" is compared with true."""
    match word:
        case "*":
            answer = value.exists
        case "null":
            answer = value.kind is Kind.NULL
        case "true":
            answer = is_true(value)
        case "false":
            answer = is_false(value)
        case _:
            return NOTHING, ""
    return Value(Kind.TRUE if answer else Kind.FALSE, "true" if answer else "false"), "true"


def is_true(value: Value) -> bool:
    """Whether gjson takes the value for true: `1`, `t` and `true` in strings, numbers other than 0."""
    if value.kind is Kind.STRING:
        return value.text.lower() in _TRUE_WORDS
    return value.kind is Kind.TRUE or (value.kind is Kind.NUMBER and value.number != 0)


def is_false(value: Value) -> bool:
    """Whether gjson takes the value for false: null, `0`, `f` and `false` in strings, the number 0."""
    if value.kind is Kind.STRING:
        return value.text.lower() in _FALSE_WORDS
    return value.kind in {Kind.FALSE, Kind.NULL} or (value.kind is Kind.NUMBER and value.number == 0)
