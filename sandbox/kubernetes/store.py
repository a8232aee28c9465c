"""The objects themselves: one lock, one counter of versions, lists.

Objects are never changed in place: a write puts a new one, so that readers need the lock only to find it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import kinds, managed_fields
from .status import not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import Kind
    from .managed_fields import Managers

Object = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """One version of an object, without its `kind` and `apiVersion`; its JSON is made once."""

    kind: Kind
    value: Object

    @property
    def metadata(self) -> Object:
        """`metadata` as it goes over the wire."""
        metadata: Object = self.value["metadata"]
        return metadata

    @property
    def key(self) -> tuple[str, str]:
        """Namespace (empty for a cluster's objects) and name."""
        return self.metadata.get("namespace", ""), self.metadata["name"]

    @cached_property
    def item(self) -> bytes:
        """JSON as it stands in a list."""
        return _json(self.value)

    @cached_property
    def metadata_item(self) -> bytes:
        """JSON of the metadata alone."""
        return _json({"metadata": self.metadata})

    @cached_property
    def managers(self) -> Managers:
        """Who owns which field."""
        return managed_fields.decode_or_none(self.metadata.get("managedFields"))

    def typed(self) -> Object:
        """The whole object without managedFields, as ownership sees it."""
        metadata = {name: part for name, part in self.metadata.items() if name != "managedFields"}
        return {"apiVersion": self.kind.api_version, "kind": self.kind.name} | self.value | {"metadata": metadata}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Store:
    """All objects of the cluster.

    Args:
        now: The clock.

    Attributes:
        lock: Held by callers that read in order to write.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lock = threading.RLock()
        self._version = 0
        self._objects: dict[str, dict[tuple[str, str], Stored]] = {kind.plural: {} for kind in kinds.KINDS}

    def timestamp(self) -> str:
        """Now, as the API writes times."""
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def find(self, kind: Kind, namespace: str, name: str) -> Stored | None:
        """An object, or None."""
        return self._objects[kind.plural].get((namespace, name))

    def get(self, kind: Kind, namespace: str, name: str) -> Stored:
        """An object.

        Raises:
            StatusError: 404.
        """
        found = self.find(kind, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def all(self, kind: Kind, namespace: str = "") -> tuple[list[Stored], str]:
        """All objects of a kind by namespace and name, and the resourceVersion at which that is so."""
        with self.lock:
            found, version = list(self._objects[kind.plural].values()), str(self._version)
        if namespace:
            found = [one for one in found if one.key[0] == namespace]
        return sorted(found, key=lambda one: one.key), version

    def contents(self, namespace: str) -> list[Stored]:
        """All objects in a namespace."""
        return [one for kind in kinds.KINDS if kind.namespaced for one in self.all(kind, namespace)[0]]

    def put(self, kind: Kind, value: Object, managers: Managers, *, dry_run: bool) -> Stored:
        """Store a new version of an object; a dry run answers as if and keeps the old resourceVersion."""
        metadata = dict(value["metadata"])
        with self.lock:
            if not dry_run:
                self._version += 1
                metadata["resourceVersion"] = str(self._version)
            elif old := self.find(kind, metadata.get("namespace", ""), metadata["name"]):
                metadata["resourceVersion"] = old.metadata["resourceVersion"]
            if managers:
                metadata["managedFields"] = managed_fields.encode(managers)
            stored = Stored(kind, value | {"metadata": metadata})
            if not dry_run:
                self._objects[kind.plural][stored.key] = stored
        return stored

    def remove(self, gone: Stored) -> Stored:
        """Forget an object; answers with it at the version of its removal."""
        with self.lock:
            self._version += 1
            self._objects[gone.kind.plural].pop(gone.key, None)
            metadata = gone.metadata | {"resourceVersion": str(self._version)}
        return Stored(gone.kind, gone.value | {"metadata": metadata})
