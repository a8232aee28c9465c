"""Condition blocks of policy statements (IAM user guide: "IAM JSON policy elements: Condition operators")."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .patterns import Context, filled_in, matches

Test = Callable[[str, str], bool]
_ARN_PARTS = 6


class UnknownOperatorError(ValueError):
    """A condition operator that the sandbox does not evaluate."""


def hold(block: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all conditions of a statement hold."""
    return all(
        _holds(operator, key.lower(), listed(values), context)
        for operator, keys in block.items()
        for key, values in keys.items()
    )


def listed(value: Any) -> list[str]:
    """One value or a list of them, as texts."""
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def _holds(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    qualifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    values = context.get(key)
    if base == "Null":
        return (values is None) == (wanted[0].lower() == "true")
    test, negated = _test(base)
    filled = [made for made in (filled_in(each, context) for each in wanted) if made is not None]
    if values is None:
        return name != base or negated or qualifier == "ForAllValues"

    def met(value: str) -> bool:
        return any(test(each, value) for each in filled) is not negated

    if qualifier == "ForAllValues":
        return all(map(met, values))
    if negated and qualifier != "ForAnyValue":
        return all(map(met, values))
    return any(map(met, values))


def _test(operator: str) -> tuple[Test, bool]:
    negated = "Not" in operator
    positive = operator.replace("Not", "")
    if positive not in _TESTS:
        raise UnknownOperatorError(f"the sandbox's authoriser does not evaluate the condition operator {operator!r}")
    return _TESTS[positive], negated


def _arn_like(pattern: str, text: str) -> bool:
    """Each of an ARN's six parts is matched by itself."""
    patterns, parts = pattern.split(":", _ARN_PARTS - 1), text.split(":", _ARN_PARTS - 1)
    return len(patterns) == len(parts) and all(map(matches, patterns, parts))


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, value: compare(float(value), float(wanted))


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    return lambda wanted, value: compare(datetime.fromisoformat(value), datetime.fromisoformat(wanted))


_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": matches,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": _number(lambda value, wanted: value == wanted),
    "NumericLessThan": _number(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": _number(lambda value, wanted: value <= wanted),
    "NumericGreaterThan": _number(lambda value, wanted: value > wanted),
    "NumericGreaterThanEquals": _number(lambda value, wanted: value >= wanted),
    "DateLessThan": _date(lambda value, wanted: value < wanted),
    "DateGreaterThan": _date(lambda value, wanted: value > wanted),
}
