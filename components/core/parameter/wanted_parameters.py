"""The parameters of a PushSecret: entries that name one parameter come together in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ...errors import SpecError
from ...golang.gjson import property_steps
from ..service_writing import Writing
from ..spec.push_specs import PushData, PushMetadata


@dataclass(frozen=True)
class Part:
    """One value of a parameter.

    Attributes:
        secret_key: key of the Secret that it comes from; None for the whole Secret.
        property: the property of the parameter's JSON that it is written to; None where it is the whole value.
        keys: of the whole Secret these keys alone; None for all.
        secret: name of the Secret, where several are pushed; None for the only one.
        converted: the keys are those that ReverseUnicode makes.
    """

    secret_key: str | None = None
    property: str | None = None
    keys: tuple[str, ...] | None = None
    secret: str | None = None
    converted: bool = False

    def __str__(self) -> str:
        source = f"key {self.secret_key!r}" if self.secret_key is not None else "the whole Secret"
        if self.keys is not None:
            source = f"{len(self.keys)} keys"
        source += f" of Secret {self.secret}" if self.secret is not None else ""
        return source if self.property is None else f"{source}, property {self.property!r}"

    def to_bag(self) -> dict[str, Any]:
        """How it is recorded."""
        bag = {
            "secretKey": self.secret_key,
            "property": self.property,
            "keys": None if self.keys is None else list(self.keys),
            "secret": self.secret,
            "converted": self.converted or None,
        }
        return {name: value for name, value in bag.items() if value is not None}

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The part as an earlier operation recorded it."""
        keys = None if bag.get("keys") is None else tuple(bag["keys"])
        return cls(bag.get("secretKey"), bag.get("property"), keys, bag.get("secret"), bool(bag.get("converted")))


@dataclass(frozen=True)
class Entry:
    """One value that goes to one parameter.

    Attributes:
        remote_key: the parameter's name, without the store's prefix.
        part: where it comes from.
        metadata: what the parameter is like.
    """

    remote_key: str
    part: Part
    metadata: PushMetadata[str]


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
        return {"parts": [each.to_bag() for each in self.parts], "metadata": self.metadata.to_bag()}

    @classmethod
    def from_bag(cls, name: str, bag: Mapping[str, Any]) -> Self:
        """The parameter as an earlier operation recorded it."""
        return cls(name, tuple(map(Part.from_bag, bag["parts"])), PushMetadata.unchecked(bag.get("metadata") or {}))


def entries_of(data: Iterable[PushData[str]], secret: str | None = None) -> list[Entry]:
    """The entries of `data`, for one Secret.

    Args:
        data: ESO: `data`.
        secret: the Secret's name, where several are pushed.
    """
    return [
        Entry(
            each.remote_key,
            Part(each.secret_key, each.property, secret=secret, converted=each.conversion_strategy != "None"),
            each.metadata,
        )
        for each in data
    ]


def wanted_parameters(entries: Iterable[Entry], prefix: str, writing: Writing) -> dict[str, WantedParameter]:
    """The parameters of one store, by name, sorted.

    Args:
        entries: what goes where.
        prefix: what stands before their names.
        writing: what the service says of names.

    Raises:
        SpecError: a name cannot be a parameter's, or two entries write the same.
    """
    found: dict[str, list[Entry]] = {}
    names: dict[str, str] = {}
    for entry in entries:
        name = prefix + entry.remote_key
        writing.check_name(name)
        if entry.part.property is not None:
            property_steps(entry.part.property)
        found.setdefault(names.setdefault(writing.identity(name), name), []).append(entry)
    return {name: _joined(name, entries) for name, entries in sorted(found.items())}


def _joined(name: str, entries: list[Entry]) -> WantedParameter:
    parts = [entry.part for entry in entries]
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
