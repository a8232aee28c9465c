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


REFLECTION.table(
    {
        "typeOf(any)": lambda value: type_name(value).encode(),
        "typeIs(string, any)": lambda name, value: name == type_name(value).encode(),
        "typeIsLike(string, any)": lambda name, value: type_name(value).encode() in {name, b"*" + name},
        "kindOf(any)": lambda value: kind_name(value).encode(),
        "kindIs(string, any)": lambda name, value: name == kind_name(value).encode(),
        "deepEqual(any, any)": deep_equal,
        "default(any, ...any)": lambda fallback, *given: fallback if not given or is_empty(given[0]) else given[0],
        "empty(any)": is_empty,
        "coalesce(...any)": lambda *values: next((value for value in values if not is_empty(value)), None),
        "all(...any)": lambda *values: not any(map(is_empty, values)),
        "any(...any)": lambda *values: not all(map(is_empty, values)),
        "ternary(any, any, bool)": lambda yes, no, condition: yes if condition else no,
    }
)
