"""What providers answer to checks and diffs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi.runtime.proto import provider_pb2

from sandbox.engine.values import PropertyMap

_REPLACING_KINDS: Final = (
    provider_pb2.PropertyDiff.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE,
)


@dataclass(frozen=True)
class Diff:
    """A provider's answer to what a change of inputs means.

    Attributes:
        changes: Whether something changes; nothing when the provider cannot say.
        replaces: Keys that force a replacement.
        changed: Keys that differ.
        detailed: Property paths that differ; nothing when the provider gives none.
        delete_before_replace: The old resource must go first.
        unavailable: Why the provider could not be asked.
    """

    changes: bool | None
    replaces: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    detailed: tuple[str, ...] | None = None
    delete_before_replace: bool = False
    unavailable: str = ""


@dataclass(frozen=True)
class Check:
    """A provider's answer to inputs: what it makes of them, or what is wrong with them (property, reason)."""

    inputs: PropertyMap
    failures: tuple[tuple[str, str], ...] = ()


def read_diff(response: provider_pb2.DiffResponse) -> Diff:
    """Read a provider's answer from the wire."""
    changes = {
        provider_pb2.DiffResponse.DIFF_NONE: False,
        provider_pb2.DiffResponse.DIFF_SOME: True,
    }.get(response.changes)
    detailed = tuple(response.detailedDiff) if response.hasDetailedDiff or response.detailedDiff else None
    replacing = tuple(path for path, item in response.detailedDiff.items() if item.kind in _REPLACING_KINDS)
    return Diff(
        changes=changes,
        replaces=(*response.replaces, *(path for path in replacing if path not in response.replaces)),
        changed=tuple(response.diffs),
        detailed=detailed,
        delete_before_replace=response.deleteBeforeReplace,
    )
