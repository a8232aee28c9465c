"""Sprig's functions on lists."""

import math
from collections.abc import Sequence

from ..function import Family
from ..go_values import ANY, GoList, GoMap, Value, kind_name, type_name
from ..limits import check_items
from ..template_errors import FunctionError
from ..times import Time
from .integers import to_integer
from .reflection import deep_equal, is_empty

LISTS = Family()

_MANY = 100


def _items(value: Value) -> list[Value]:
    if isinstance(value, GoList):
        return value.items
    raise FunctionError(f"takes a list, not a {kind_name(value)}")


def _listed(items: Sequence[Value]) -> GoList:
    check_items(len(items))
    return GoList(list(items))


@LISTS.add("concat")
def _concat(*values: Value) -> GoList:
    found = _listed([item for value in values for item in _items(value)])
    found.is_nil = not found.items
    return found


@LISTS.add("rest", "mustRest")
def _rest(elements: Value) -> GoList:
    items = _items(elements)
    return GoList(items[1:], is_nil=not items)


@LISTS.add("initial", "mustInitial")
def _initial(elements: Value) -> GoList:
    items = _items(elements)
    return GoList(items[:-1], is_nil=not items)


class _Seen:
    """Values to compare others with; lists, maps and times take a comparison each, so there may be few of them."""

    def __init__(self) -> None:
        self._plain: set[tuple[str, Value]] = set()
        self._nested: list[Value] = []

    def add(self, value: Value) -> bool:
        """Remember a value; False where it is known already."""
        if value in self:
            return False
        if isinstance(value, GoMap | GoList | Time):
            if len(self._nested) == _MANY:
                raise FunctionError(f"compares with at most {_MANY} lists, maps and times")
            self._nested.append(value)
        else:
            self._plain.add((type_name(value), value))
        return True

    def __contains__(self, value: Value) -> bool:
        if isinstance(value, GoMap | GoList | Time):
            return any(deep_equal(known, value) for known in self._nested)
        return (type_name(value), value) in self._plain


@LISTS.add("uniq", "mustUniq")
def _uniq(elements: Value) -> GoList:
    seen = _Seen()
    return GoList([item for item in _items(elements) if seen.add(item)])


@LISTS.add("without", "mustWithout")
def _without(elements: Value, *omitted: Value) -> GoList:
    seen = _Seen()
    for value in omitted:
        seen.add(value)
    return GoList([item for item in _items(elements) if item not in seen])


@LISTS.add("slice", "mustSlice")
def _slice(elements: Value, *indexes: Value) -> Value:
    items = _items(elements)
    if not items or not isinstance(elements, GoList):
        return None
    start = to_integer(indexes[0]) if indexes else 0
    end = to_integer(indexes[1]) if len(indexes) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise FunctionError("the positions are outside of the list")
    return GoList(items[start:end], elements.element)


@LISTS.add("chunk", "mustChunk")
def _chunk(size: int, elements: Value) -> GoList:
    items = _items(elements)
    if size < 1:
        raise FunctionError("the size of a chunk is at least 1")
    count = math.ceil(len(items) / size)
    return GoList([GoList(items[size * at : size * (at + 1)]) for at in range(count)], f"[]{ANY}")


LISTS.table(
    {
        "list|tuple(...any)": lambda *values: _listed(values),
        "append|push|mustAppend|mustPush(any, any)": lambda elements, value: _listed([*_items(elements), value]),
        "prepend|mustPrepend(any, any)": lambda elements, value: _listed([value, *_items(elements)]),
        "first|mustFirst(any)": lambda elements: next(iter(_items(elements)), None),
        "last|mustLast(any)": lambda elements: next(reversed(_items(elements)), None),
        "reverse|mustReverse(any)": lambda elements: GoList(_items(elements)[::-1]),
        "compact|mustCompact(any)": lambda elements: GoList([item for item in _items(elements) if not is_empty(item)]),
        "has|mustHas(any, any)": lambda needle, elements: (
            elements is not None and any(deep_equal(item, needle) for item in _items(elements))
        ),
    }
)
