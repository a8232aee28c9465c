"""Who owns what in a Secret: `metadata.managedFields` parsed, and the questions that drift detection asks of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FieldPath = tuple[str, ...]

APPLY = "Apply"
UPDATE = "Update"


@dataclass(frozen=True)
class ManagedField:
    """One entry of `metadata.managedFields`.

    Attributes:
        manager: The field manager's name.
        operation: `Apply` (server-side apply) or `Update` (everything else). The same name with the other operation is
            another owner.
        time: When this manager last changed its set of fields or their values.
        data_keys: The keys under `data` that it owns.
        fields: All that it owns, as paths such as `("metadata", "labels", "app")`.
    """

    manager: str
    operation: str
    time: datetime | None
    data_keys: frozenset[str]
    fields: frozenset[FieldPath]


def parse_managed_fields(entries: Iterable[Mapping[str, Any]]) -> tuple[ManagedField, ...]:
    """Parse the list as the API sends it (FieldsV1); raises as `parse_secret_metadata` does."""
    return tuple(_parse_entry(entry) for entry in entries)


def data_keys_applied_by(managed_fields: Iterable[ManagedField], manager: str) -> frozenset[str]:
    """Data keys that `manager` owns by server-side apply, alone or shared with others."""
    return frozenset().union(
        *(entry.data_keys for entry in managed_fields if (entry.manager, entry.operation) == (manager, APPLY))
    )


def fields_applied_by(managed_fields: Iterable[ManagedField], manager: str) -> frozenset[FieldPath]:
    """All that `manager` owns by server-side apply, alone or shared with others."""
    return frozenset().union(
        *(entry.fields for entry in managed_fields if (entry.manager, entry.operation) == (manager, APPLY))
    )


def owners_of_data_key(managed_fields: Iterable[ManagedField], key: str) -> tuple[ManagedField, ...]:
    """Every entry that owns `key` under `data`, in the server's order; empty when nobody does."""
    return tuple(entry for entry in managed_fields if key in entry.data_keys)


def parse_time(text: str | None) -> datetime | None:
    """Parse an RFC 3339 time of the API; None stays None. One without a time zone is UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_entry(entry: Mapping[str, Any]) -> ManagedField:
    fields = frozenset(_owned_paths(entry.get("fieldsV1") or {}, ()))
    manager, operation = entry.get("manager", ""), entry.get("operation", "")
    if not isinstance(manager, str) or not isinstance(operation, str):
        raise TypeError
    return ManagedField(
        manager=manager,
        operation=operation,
        time=parse_time(entry.get("time")),
        data_keys=frozenset(path[1] for path in fields if len(path) > 1 and path[0] == "data"),
        fields=fields,
    )


def _owned_paths(node: Mapping[str, Any], path: FieldPath) -> Iterator[FieldPath]:
    """A node is owned when it is a leaf or holds "." (itself); `f:` is cut off, `k:` and `v:` are kept."""
    if path and (not node or "." in node):
        yield path
    for step, below in node.items():
        if step != ".":
            yield from _owned_paths(below, (*path, step.removeprefix("f:")))
