"""The shape of an object's fields, as far as server-side apply must know it: what is one value, what is a collection.

A value's children are named by the path elements of FieldsV1 (`f:name`, `k:{"uid":"1"}`, `v:"a"`), so that everything
that walks an object (ownership, merging, pruning) is written once for maps and lists alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str, ...]


@dataclass(frozen=True)
class Scalar:
    """One value: `string`, `boolean`, `integer`, or `bytes` (base64 text)."""

    of: str


@dataclass(frozen=True)
class Atomic:
    """A list that is owned and replaced as a whole; with `of_any`, any value, which is stored as it is sent."""

    of_any: bool = False


@dataclass(frozen=True)
class Struct:
    """A message with known fields; an atomic one is owned and replaced as a whole."""

    fields: Mapping[str, FieldType]
    atomic: bool = False


@dataclass(frozen=True)
class MapOf:
    """A map with free keys, each owned by itself."""

    element: Scalar


@dataclass(frozen=True)
class SetOf:
    """A list of distinct scalars, each owned by itself."""

    element: Scalar


@dataclass(frozen=True)
class ListMap:
    """A list of messages that are told apart by one key field."""

    key: str
    element: Struct


FieldType = Scalar | Atomic | Struct | MapOf | SetOf | ListMap

STRING: Final = Scalar("string")
BOOLEAN: Final = Scalar("boolean")
INTEGER: Final = Scalar("integer")
BYTES: Final = Scalar("bytes")


def is_leaf(kind: FieldType) -> bool:
    """Whether a value of this type is owned as one."""
    return isinstance(kind, Scalar | Atomic) or (isinstance(kind, Struct) and kind.atomic)


def is_of(kind: Scalar, value: Any) -> bool:
    """Whether a decoded JSON value has a scalar's type."""
    if kind is INTEGER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind is BOOLEAN else str)


def children(kind: FieldType, value: Any) -> dict[str, tuple[FieldType, Any]]:
    """A collection's parts by path element; unknown struct fields are left out. None counts as empty."""
    if not value:
        return {}
    if isinstance(kind, Struct):
        return {f"f:{name}": (kind.fields[name], part) for name, part in value.items() if name in kind.fields}
    if isinstance(kind, MapOf):
        return {f"f:{name}": (kind.element, part) for name, part in value.items()}
    if isinstance(kind, SetOf):
        return {f"v:{_compact(part)}": (kind.element, part) for part in value}
    if isinstance(kind, ListMap):
        return {f"k:{_compact({kind.key: part.get(kind.key)})}": (kind.element, part) for part in value}
    return {}


def assembled(kind: FieldType, parts: dict[str, Any]) -> Any:
    """The opposite of `children`: a collection from its parts, or None when nothing is left."""
    if not parts:
        return None
    if isinstance(kind, SetOf | ListMap):
        return list(parts.values())
    return {element[2:]: part for element, part in parts.items()}


def child_type(kind: FieldType, element: str) -> FieldType | None:
    """The type of the child at a path element, or None when the schema has no such field."""
    if isinstance(kind, Struct):
        return kind.fields.get(element[2:])
    return None if isinstance(kind, Scalar | Atomic) else kind.element


def dotted(path: Path) -> str:
    """A path as messages print it: `.data.password`, `.metadata.ownerReferences[uid="1"].name`."""
    return "".join(_dotted(element) for element in path)


def _dotted(element: str) -> str:
    mark, text = element[:1], element[2:]
    if mark == "f":
        return f".{text}"
    if mark == "k":
        return "[" + ",".join(f"{name}={json.dumps(value)}" for name, value in json.loads(text).items()) + "]"
    return f"[={text}]"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
