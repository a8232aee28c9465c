"""Sprig's functions on types and emptiness, and its deep comparison."""

from ..function import Family
from ..go_values import GoList, GoMap, Value, kind_name, type_name
from ..times import Time, same_time

REFLECTION = Family()


def is_empty(value: Value) -> bool:
    """Whether sprig takes a value for empty: nil, false, 0, and what has no length."""
    if isinstance(value, GoMap | GoList):
        return not value.items
    return not isinstance(value, Time) and not value


def deep_equal(left: Value, right: Value) -> bool:
    """Go's reflect.DeepEqual: types count, and so does the difference between nil and empty."""
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, GoMap) and isinstance(right, GoMap):
        return (
            left.is_nil == right.is_nil
            and left.items.keys() == right.items.keys()
            and all(deep_equal(item, right.items[key]) for key, item in left.items.items())
        )
    if isinstance(left, GoList) and isinstance(right, GoList):
        return (
            left.is_nil == right.is_nil
            and len(left.items) == len(right.items)
            and all(map(deep_equal, left.items, right.items))
        )
    return same_time(left, right) if isinstance(left, Time) and isinstance(right, Time) else left == right


@REFLECTION.add("typeOf")
def _type_of(value: Value) -> bytes:
    return type_name(value).encode()


@REFLECTION.add("typeIs")
def _type_is(name: bytes, value: Value) -> bool:
    return name == type_name(value).encode()


@REFLECTION.add("typeIsLike")
def _type_is_like(name: bytes, value: Value) -> bool:
    return type_name(value).encode() in {name, b"*" + name}


@REFLECTION.add("kindOf")
def _kind_of(value: Value) -> bytes:
    return kind_name(value).encode()


@REFLECTION.add("kindIs")
def _kind_is(name: bytes, value: Value) -> bool:
    return name == kind_name(value).encode()


@REFLECTION.add("deepEqual")
def _deep_equal(left: Value, right: Value) -> bool:
    return deep_equal(left, right)


@REFLECTION.add("default")
def _default(fallback: Value, *given: Value) -> Value:
    return fallback if not given or is_empty(given[0]) else given[0]


@REFLECTION.add("empty")
def _empty(value: Value) -> bool:
    return is_empty(value)


@REFLECTION.add("coalesce")
def _coalesce(*values: Value) -> Value:
    return next((value for value in values if not is_empty(value)), None)


@REFLECTION.add("all")
def _all(*values: Value) -> bool:
    return not any(map(is_empty, values))


@REFLECTION.add("any")
def _any(*values: Value) -> bool:
    return not all(map(is_empty, values))


@REFLECTION.add("ternary")
def _ternary(yes: Value, no: Value, condition: bool) -> Value:  # noqa: FBT001 - sprig's order
    return yes if condition else no
