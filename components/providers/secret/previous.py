"""What the last update of a Secret left in its resource's inputs, for the next operation to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.spec.specs import SecretSpec
from ..operation.results import changed_keys, whole
from .source_versions import Reading

WRITTEN_TO = "writtenTo"
CLUSTER_ID = "clusterId"
THERE = "__there"
IDENTITY = ("namespace", "secretName")
SHOWN = ("keys", "sources")
OUTCOME = ("__keys", "__keyCount", "__nothing")
REVISION = "revision"
FIRST_REVISION = "0"
"""The revision of a Secret whose state does not say one, as an earlier version wrote it."""
KEPT = (*OUTCOME, "__syncedAt", WRITTEN_TO, CLUSTER_ID, REVISION)


@dataclass(frozen=True)
class Previous:
    """What the last update of this very Secret left in the inputs.

    Attributes:
        spec: what was declared.
        reading: what it was made of.
        keys: the keys that it got; how many where their names are not kept, see `find_drift`.
        nothing: nothing was written: the Secret was deleted, retained as it was, or is somebody else's to make.
        synced_at: when its sources were read last; None where it is not kept.
        drift: what was said of drift.
        revision: the revision of what it wrote.
        rest: what is carried over where nothing is read.
    """

    spec: SecretSpec
    reading: Reading
    keys: frozenset[str] | int
    nothing: bool = False
    synced_at: str | None = None
    drift: tuple[str, ...] = ()
    revision: str = FIRST_REVISION
    rest: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def wrote(self) -> bool:
        """Whether it left a Secret of its own."""
        return not self.nothing and self.spec.target.creation_policy != "None"

    @property
    def known_keys(self) -> frozenset[str]:
        """The keys that it got, as far as their names are kept."""
        return frozenset() if isinstance(self.keys, int) else self.keys

    @property
    def outcome(self) -> dict[str, Any]:
        """What is recorded of its keys."""
        return {key: self.rest[key] for key in OUTCOME if key in self.rest}

    @classmethod
    def of(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Previous | None:
        """The last update; None where this is another Secret, or the first update."""
        if not olds or changed_keys(olds, news, IDENTITY):
            return None
        spec = SecretSpec.from_bag(whole(olds, "owner"))
        keys = frozenset(olds["__keys"]) if "__keys" in olds else spec.plain_keys or frozenset()
        return cls(
            spec=spec,
            reading=Reading.from_bag(olds),
            keys=int(olds["__keyCount"]) if "__keyCount" in olds else keys,
            nothing=bool(olds.get("__nothing")),
            synced_at=olds.get("__syncedAt"),
            drift=tuple(olds.get("drift") or ()),
            revision=olds.get(REVISION) or FIRST_REVISION,
            rest={key: olds[key] for key in (*SHOWN, *KEPT) if key in olds},
        )
