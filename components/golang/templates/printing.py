"""Prints values as Go's fmt does without a format: `{{ value }}`, `print` and `println`."""

from collections.abc import Iterable

from ..floats import format_float
from .date_format import DEFAULT_LAYOUT, format_time
from .go_values import GoList, GoMap, Value
from .times import Time


def print_value(value: Value) -> bytes:  # noqa: PLR0911 - one case for each type
    """What `%v` makes of a value."""
    match value:
        case None:
            return b"<nil>"
        case bool():
            return b"true" if value else b"false"
        case bytes():
            return value
        case float():
            return format_float(value).encode()
        case int():
            return b"%d" % value
        case GoMap():
            return b"map[" + b" ".join(key + b":" + print_value(item) for key, item in value.sorted()) + b"]"
        case GoList():
            return b"[" + b" ".join(map(print_value, value.items)) + b"]"
        case Time():
            return format_time(DEFAULT_LAYOUT, value).encode()


def sprint(values: Iterable[Value]) -> bytes:
    """fmt.Sprint: a blank between two values of which neither is a string."""
    printed: list[bytes] = []
    after_string = True
    for value in values:
        is_string = isinstance(value, bytes)
        if not is_string and not after_string:
            printed.append(b" ")
        printed.append(print_value(value))
        after_string = is_string
    return b"".join(printed)


def to_string(value: Value) -> bytes:
    """Sprig's toString, which is what most functions make of an argument that is no string."""
    return value if isinstance(value, bytes) else print_value(value)
