"""Shows a JSON value to gjson-py as mappings and sequences that keep their source text, decoded level by level."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from .json_values import Value, members


class DuplicateKeyError(Exception):
    """An object holds a key twice: Go tries the first and then the others, which a mapping cannot show."""


class ObjectNode(Mapping[str, object]):
    """A JSON object."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self._members: dict[str, object] = {}
        for key, member in members(value):
            if key.text in self._members:
                raise DuplicateKeyError
            self._members[key.text] = member

    def __getitem__(self, key: str) -> object:
        node = self._members[key] = node_of(self._members[key])
        return node

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class ArrayNode(Sequence[object]):
    """A JSON array."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self._elements: list[object] = [element for _, element in members(value)]

    @overload
    def __getitem__(self, index: int) -> object: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...
    def __getitem__(self, index: int | slice) -> object | Sequence[object]:
        if isinstance(index, slice):
            return [node_of(element) for element in self._elements[index]]
        node = self._elements[index] = node_of(self._elements[index])
        return node

    def __len__(self) -> int:
        return len(self._elements)


def node_of(value: object) -> object:
    """The node of a value; a scalar, and what is a node already, stands for itself."""
    if isinstance(value, Value) and value.is_object:
        return ObjectNode(value)
    if isinstance(value, Value) and value.is_array:
        return ArrayNode(value)
    return value


def value_of_node(node: object) -> Value:
    """The value of a node."""
    if isinstance(node, ObjectNode | ArrayNode):
        return node.value
    if isinstance(node, Value):
        return node
    raise TypeError("gjson-py made up a value of its own")
