"""What values were found not to give what is wanted of them: found by `up`, which reads them, and kept for preview.

An ExternalSecret that fails leaves no state, so its store's snapshot keeps it, without anything of a value: `preview`,
which decrypts nothing, and `status` say what the last `up` found, as long as the version is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from ...core.secret.parts import Part, unusable_parts
from ...core.spec.specs import Operation
from ...core.versions import from_kept, to_kept
from ...errors import ParameterStoreError
from .clients import tell
from .progress import along

if TYPE_CHECKING:
    from ...core.secret_value import Secret
    from ...core.service import Service
    from .memory import StoreMemory

UNUSABLE = "__unusable"
PARTS = "__parts"


@dataclass(frozen=True)
class Finding:
    """What one value cannot give.

    Attributes:
        version: the version that was read.
        written: when that version was written, in milliseconds; None where it is not known.
        parts: label of a part -> why.
    """

    version: str
    written: int | None
    parts: Mapping[str, str]

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The finding out of a property bag."""
        written = bag.get("written")
        return cls(from_kept(bag["version"]), None if written is None else int(written), dict(bag.get("parts") or {}))

    def to_bag(self) -> dict[str, Any]:
        """The finding as it is stored."""
        written = {} if self.written is None else {"written": self.written}
        return {"version": to_kept(self.version), **written, "parts": dict(sorted(self.parts.items()))}


@dataclass(frozen=True)
class Findings:
    """What is known of a store's values, by source: what one cannot give, and labels of the parts looked at, if any."""

    unusable: Mapping[str, Finding] = field(default_factory=dict)
    parts: Mapping[str, Collection[str]] | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """What a snapshot has stored."""
        parts = bag.get(PARTS)
        return cls(
            {source: Finding.from_bag(each) for source, each in (bag.get(UNUSABLE) or {}).items()},
            None if parts is None else {source: tuple(labels) for source, labels in parts.items()},
        )

    def to_bag(self) -> dict[str, Any]:
        """What a snapshot stores, under keys that Pulumi does not show."""
        bag: dict[str, Any] = {}
        if self.parts is not None:
            bag[PARTS] = {source: sorted(labels) for source, labels in sorted(self.parts.items())}
        if self.unusable:
            bag[UNUSABLE] = {source: each.to_bag() for source, each in sorted(self.unusable.items())}
        return bag

    def problems(self, service: Service) -> dict[str, str]:
        """What is shown: source and part -> why."""
        return {
            f"{source}, {part}": f"{service.described(source, each.version)}: {why}"
            for source, each in self.unusable.items()
            for part, why in each.parts.items()
        }

    def kept(self, memory: StoreMemory) -> Findings:
        """What holds after a look at versions alone."""
        return Findings({s: each for s, each in self.unusable.items() if _holds(each, s, memory)}, self.parts)


def find_unusable(memory: StoreMemory, before: Findings, moved: Collection[str], operation: Operation) -> Findings:
    """What the store's values cannot give, as far as it is known.

    Where values may be decrypted, those are looked at that moved, of which another part is wanted than before, or
    that could not give something; their ExternalSecrets decrypt them anyway.
    """
    wanted = {source: [Part.from_bag(bag) for bag in bags] for source, bags in operation.parts.items()}
    labels = {source: {part.label for part in parts} for source, parts in wanted.items()}
    looked_at = labels if before.parts is None else before.parts
    seen = {source for source in wanted if source in memory.seen.versions}
    again = {
        source
        for source in seen
        if source in moved or source in before.unusable or labels[source] - set(looked_at.get(source, ()))
    }
    values = _values(memory, again) if operation.decrypt else {}
    unusable: dict[str, Finding] = {}
    for source, parts in wanted.items():
        old = before.unusable.get(source)
        if source in values:
            version, written = memory.seen.versions[source], _written(memory, source)
            looked = along(parts, "looked for", f"properties of {memory.service.noun} {source}", tell)
            found = Finding(version, written, unusable_parts(values[source], looked))
        elif old is not None and (source not in seen or _holds(old, source, memory)):
            still = {part: why for part, why in old.parts.items() if part in labels[source]}
            found = Finding(old.version, old.written, still)
        else:
            continue
        if found.parts:
            unusable[source] = found
    if not operation.decrypt:
        return Findings(unusable, before.parts)
    unread = again - values.keys() | labels.keys() - seen
    return Findings(unusable, {s: looked_at.get(s, ()) if s in unread else labels[s] for s in labels})


def _holds(finding: Finding, source: str, memory: StoreMemory) -> bool:
    """Whether what is there is still what was found unusable."""
    if memory.seen.versions.get(source) != finding.version:
        return False
    written = _written(memory, source)
    return written is None or finding.written is None or written == finding.written


def _written(memory: StoreMemory, source: str) -> int | None:
    return memory.seen.written.get(source, {}).get(source)


def _values(memory: StoreMemory, sources: Collection[str]) -> dict[str, Secret]:
    """The values; without those that cannot be read, of which the ExternalSecrets that want them tell."""
    wanted = {source: memory.seen.versions[source] for source in sorted(sources)}
    try:
        return memory.values(wanted)
    except ParameterStoreError:
        return {source: value for source in wanted for value in _value(memory, source, wanted[source])}


def _value(memory: StoreMemory, source: str, version: str) -> list[Secret]:
    try:
        return [memory.values({source: version})[source]]
    except ParameterStoreError:
        return []
