"""The values of Go that a template can hold, and what Go calls their types and kinds.

A Go string is bytes and stands here as `bytes`; `int`, `float`, `bool` and None are Go's int, float64, bool and nil.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import TypeAlias

from .runes import utf8
from .times import Time


class Int64(int):
    """Go's int64: another type than int, so that a parameter of type int does not take it."""

    __slots__ = ()


class Uint8(int):
    """Go's uint8: what `index` takes out of a string."""

    __slots__ = ()


ANY = "interface {}"


@dataclass(slots=True, eq=False)
class GoMap:
    """A Go map with string keys; like Go's it is one object, which `set` changes for all who hold it.

    `element` is Go's name for the type of the values; JSON shows Go's nil map as null.
    """

    items: "dict[bytes, Value]" = field(default_factory=dict, repr=False)
    element: str = ANY
    is_nil: bool = False

    def sorted(self) -> "list[tuple[bytes, Value]]":
        """The entries in the order in which Go prints and ranges over them."""
        return sorted(self.items.items(), key=lambda item: item[0])


@dataclass(slots=True, eq=False)
class GoList:
    """A Go slice; `element` is Go's name for the type of the elements, and JSON shows Go's nil slice as null."""

    items: "list[Value]" = field(repr=False)
    element: str = ANY
    is_nil: bool = False


Value: TypeAlias = bool | int | float | bytes | GoMap | GoList | Time | None


def strings(items: Iterable[bytes]) -> GoList:
    """A Go []string."""
    return GoList(list(items), "string")


def string_map(items: Mapping[str, bytes]) -> GoMap:
    """A Go map[string]string."""
    return GoMap({utf8(key): value for key, value in items.items()}, "string")


TYPE_NAMES: Mapping[type, str] = {
    NoneType: "<nil>",
    bool: "bool",
    Int64: "int64",
    Uint8: "uint8",
    int: "int",
    float: "float64",
    bytes: "string",
    Time: "time.Time",
}
"""What Go calls the types that have one name."""
_KINDS = {NoneType: "invalid", GoMap: "map", GoList: "slice", Time: "struct"}


def type_name(value: Value) -> str:
    """What `%T` prints."""
    match value:
        case GoMap():
            return f"map[string]{value.element}"
        case GoList():
            return f"[]{value.element}"
    return TYPE_NAMES[type(value)]


def kind_name(value: Value) -> str:
    """What Go's reflection calls the kind of a value."""
    return _KINDS.get(type(value)) or TYPE_NAMES[type(value)]


def is_true(value: Value) -> bool:
    """Whether a value is true for `if`, `with`, `and`, `or` and `not`: not the zero of its type."""
    if isinstance(value, GoMap | GoList):
        return bool(value.items)
    return isinstance(value, Time) or bool(value)


def wrap_int(number: int) -> int:
    """A number as Go's 64 bits hold it."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)
