"""Who owns which field: `metadata.managedFields` in memory and on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .status import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .schema import Path

FieldSet = frozenset["Path"]
NOTHING: FieldSet = frozenset()


@dataclass(frozen=True, order=True)
class Manager:
    """An owner. The same name with `Apply` and with `Update` are two owners."""

    operation: str
    name: str
    api_version: str = "v1"
    subresource: str = ""

    def __str__(self) -> str:
        """The owner as a conflict's message prints it."""
        within = f" with subresource {quoted(self.subresource)}" if self.subresource else ""
        using = f" using {self.api_version}" if self.operation == "Update" else ""
        return quoted(self.name) + within + using


@dataclass(frozen=True)
class Owned:
    """The fields of one owner and when it last changed them or their set (RFC 3339, seconds, UTC)."""

    fields: FieldSet
    time: str | None = None

    def without(self, fields: FieldSet) -> Owned:
        """The rest after some fields were lost; the time stays, because the owner did nothing."""
        left = self.fields - fields
        return self if left == self.fields else replace(self, fields=left)


Managers = dict[Manager, Owned]


class MalformedManagedFieldsError(ValueError):
    """`metadata.managedFields` that cannot be decoded; the server then goes on as if there were none."""


def decode(entries: list[Any] | None) -> Managers:
    """Read `metadata.managedFields`.

    Raises:
        MalformedManagedFieldsError: An entry without operation, version or fields of type FieldsV1.
    """
    managers: Managers = {}
    for entry in entries or []:
        if (
            not isinstance(entry, dict)
            or entry.get("operation") not in {"Apply", "Update"}
            or not entry.get("apiVersion")
            or entry.get("fieldsType") != "FieldsV1"
        ):
            raise MalformedManagedFieldsError
        manager = Manager(
            entry["operation"], entry.get("manager", ""), entry["apiVersion"], entry.get("subresource", "")
        )
        managers[manager] = Owned(frozenset(_paths(entry.get("fieldsV1") or {})), entry.get("time"))
    return managers


def decode_or_none(entries: list[Any] | None) -> Managers:
    """Owners as recorded, or none when the record is malformed (the server goes on without)."""
    try:
        return decode(entries)
    except MalformedManagedFieldsError:
        return {}


def _paths(tree: Mapping[str, Any], above: Path = ()) -> list[Path]:
    found: list[Path] = []
    for element, below in tree.items():
        if element == ".":
            found.append(above)
            continue
        path = (*above, element)
        found.extend(_paths(below, path) if below else [path])
    return found


def encode(managers: Managers) -> list[dict[str, Any]]:
    """Write `metadata.managedFields` in the server's order: operation, time, manager."""
    order = sorted(managers.items(), key=lambda pair: (pair[0].operation, pair[1].time or "", pair[0]))
    return [_entry(manager, owned) for manager, owned in order]


def _entry(manager: Manager, owned: Owned) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.api_version,
    }
    if owned.time is not None:
        entry["time"] = owned.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": fields_v1(owned.fields)}
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def fields_v1(fields: FieldSet) -> dict[str, Any]:
    """A set of paths as a FieldsV1 tree; `.` marks a collection that is owned besides its parts."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for element in path[:-1]:
            if element not in node:
                node[element] = {}
            elif not node[element]:
                node[element]["."] = {}
            node = node[element]
        node.setdefault(path[-1], {})
    return tree


def name_from(field_manager: str, user_agent: str) -> str:
    """The manager of a write without an explicit name: the User-Agent up to the slash, printable, at most 128 bytes."""
    if field_manager:
        return field_manager
    product = re.sub(r"[^\x20-\x7e]", "", user_agent.split("/", 1)[0])
    return product[:128] or "unknown"
