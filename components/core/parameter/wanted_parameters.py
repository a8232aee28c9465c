"""The parameters of a PushSecret: entries that name one parameter come together in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ...errors import SpecError
from ...golang.gjson import property_steps
from ..service import Writing
from ..spec.push_specs import PushData, PushMetadata


@dataclass(frozen=True)
class Part:
    """One value of a parameter.

    Attributes:
        secret_key: key of the Secret that it comes from; None for the whole Secret.
        property: the property of the parameter's JSON that it is written to; None where it is the whole value.
    """

    secret_key: str | None = None
    property: str | None = None

    def __str__(self) -> str:
        source = "the whole Secret" if self.secret_key is None else f"key {self.secret_key!r}"
        return source if self.property is None else f"{source}, property {self.property!r}"


@dataclass(frozen=True)
class WantedParameter:
    """One parameter as it is to be.

    Attributes:
        name: its full name.
        parts: what its value is made of: one part without a property, or several with distinct ones.
        metadata: what it is like.
    """

    name: str
    parts: tuple[Part, ...]
    metadata: PushMetadata[str]

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that are written; none where the whole value is."""
        return tuple(part.property for part in self.parts if part.property is not None)

    def to_bag(self) -> dict[str, Any]:
        """How it is recorded: names and metadata, never a value."""
        parts = [{"secretKey": each.secret_key, "property": each.property} for each in self.parts]
        told = [{name: value for name, value in part.items() if value is not None} for part in parts]
        return {"parts": told, "metadata": self.metadata.to_bag()}

    @classmethod
    def from_bag(cls, name: str, bag: Mapping[str, Any]) -> Self:
        """The parameter as an earlier operation recorded it."""
        parts = tuple(Part(each.get("secretKey"), each.get("property")) for each in bag["parts"])
        return cls(name, parts, PushMetadata.unchecked(bag.get("metadata") or {}))


def wanted_parameters(data: Iterable[PushData[str]], prefix: str, writing: Writing) -> dict[str, WantedParameter]:
    """The parameters of one store, by name, sorted.

    Args:
        data: the entries.
        prefix: what stands before their names.
        writing: what the service says of names.

    Raises:
        SpecError: a name cannot be a parameter's, or two entries write the same.
    """
    found: dict[str, list[PushData[str]]] = {}
    names: dict[str, str] = {}
    for entry in data:
        name = prefix + entry.remote_key
        writing.check_name(name)
        if entry.property is not None:
            property_steps(entry.property)
        found.setdefault(names.setdefault(writing.identity(name), name), []).append(entry)
    return {name: _joined(name, entries) for name, entries in sorted(found.items())}


def _joined(name: str, entries: list[PushData[str]]) -> WantedParameter:
    parts = [Part(entry.secret_key, entry.property) for entry in entries]
    for at, part in enumerate(parts):
        for other in parts[:at]:
            if overlap(part.property, other.property):
                raise SpecError(
                    f"duplicate remote key {name!r}: {other} and {part} both write the same of it; give one of them "
                    "another remote key or property"
                )
    if any(entry.metadata != entries[0].metadata for entry in entries):
        raise SpecError(f"remote key {name!r}: its entries have different metadata; give all of them the same")
    return WantedParameter(name, tuple(parts), entries[0].metadata)


def overlap(one: str | None, other: str | None) -> bool:
    """Whether two properties of a parameter, None for its whole value, cannot be written side by side."""
    if one is None or other is None:
        return True
    first, second = ([step.key for step in property_steps(each)] for each in (one, other))
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]
