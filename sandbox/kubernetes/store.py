"""The objects themselves: versions, namespaces, and the one way in which every write ends.

Objects are never changed in place: a write puts a new one, so that readers need the lock only to find it.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from . import kinds, managed_fields, validation
from .apply import apply, update
from .decoding import DecodeError, decoded, typed_errors
from .managed_fields import Manager, Managers
from .status import (
    MODIFIED,
    Conflicts,
    StatusError,
    already_exists,
    bad_request,
    conflict,
    details_of,
    internal,
    not_found,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import Kind

Object = dict[str, Any]
_IMMORTAL: Final = {"default", "kube-system"}
_NAME_CHARACTERS: Final = "bcdfghjklmnpqrstvwxz2456789"


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


@dataclass(frozen=True)
class Write:
    """How a write is to be done.

    Attributes:
        manager: Name of the field manager.
        dry_run: Answer as if, and store nothing.
        force: Server-side apply takes fields from other owners.
    """

    manager: str
    dry_run: bool = False
    force: bool = False


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Store:
    """All objects of the cluster.

    Args:
        now: The clock.
        namespace_controller: Whether a deleted namespace empties and goes at once, as in a cluster with a controller
            manager. Without it a deleted namespace stays Terminating.
    """

    def __init__(self, now: Callable[[], datetime], *, namespace_controller: bool = True) -> None:
        self._now = now
        self._namespace_controller = namespace_controller
        self._lock = threading.RLock()
        self._version = 0
        self._objects: dict[str, dict[tuple[str, str], Stored]] = {kind.plural: {} for kind in kinds.KINDS}
        for name in ("default", "kube-system"):
            self.create(kinds.NAMESPACE, "", {"metadata": {"name": name}}, Write("kube-apiserver"))

    @property
    def version(self) -> str:
        """The newest resourceVersion."""
        return str(self._version)

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
        with self._lock:
            found, version = list(self._objects[kind.plural].values()), self.version
        if namespace:
            found = [one for one in found if one.key[0] == namespace]
        return sorted(found, key=lambda one: one.key), version

    def create(self, kind: Kind, namespace: str, new: Object, write: Write) -> Stored:
        """POST.

        Raises:
            StatusError: 403, 404, 409, 422 and 500 as the real server answers.
        """
        with self._lock:
            metadata = dict(new.get("metadata", {}))
            managers = managed_fields.decode_or_none(metadata.pop("managedFields", None))
            if metadata.pop("resourceVersion", ""):
                raise internal("resourceVersion should not be set on objects to be created")
            if not metadata.get("name") and metadata.get("generateName"):
                ending = "".join(secrets.choice(_NAME_CHARACTERS) for _ in range(5))
                metadata["name"] = metadata["generateName"][:58] + ending
            for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid", "creationTimestamp"):
                metadata.pop(name, None)
            self._own_namespace(kind, namespace, metadata)
            value = new | {"metadata": metadata}
            owned = update(
                kind.schema,
                {},
                _defaulted(kind, value),
                managers,
                Manager("Update", write.manager),
                now=self.timestamp(),
            )
            return self._add(kind, namespace, value, owned, write)

    def _own_namespace(self, kind: Kind, namespace: str, metadata: Object) -> None:
        if not kind.namespaced:
            metadata.pop("namespace", None)
        elif metadata.setdefault("namespace", namespace) != namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")

    def _add(self, kind: Kind, namespace: str, value: Object, managers: Managers, write: Write) -> Stored:
        name = value["metadata"].get("name", "")
        self._admit(kind, namespace, name)
        value = _defaulted(kind, value)
        metadata = value["metadata"] | {"uid": str(uuid.uuid4()), "creationTimestamp": self.timestamp()}
        if kind is kinds.NAMESPACE:
            metadata["labels"] = metadata.get("labels", {}) | {"kubernetes.io/metadata.name": name}
            value |= {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
        value = {part: value[part] for part in value if part not in {"kind", "apiVersion"}} | {"metadata": metadata}
        validation.validate_create(kind, value)
        if self.find(kind, namespace, name) is not None:
            raise already_exists(kind, name)
        stored = self._put(kind, value, managers, write)
        if kind is kinds.NAMESPACE and not write.dry_run:
            account = {"metadata": {"name": "default"}}
            self.create(kinds.SERVICE_ACCOUNT, name, account, Write("kube-controller-manager"))
        return stored

    def _admit(self, kind: Kind, namespace: str, name: str) -> None:
        """Refuse new content in a namespace that is missing or going."""
        if not kind.namespaced:
            return
        home = self.get(kinds.NAMESPACE, "", namespace)
        if home.value["status"]["phase"] == "Terminating":
            subject = f'{kind.qualified} "{name}"' if name else kind.qualified
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
                "field": "metadata.namespace",
            }
            raise StatusError(
                403,
                "Forbidden",
                f"{subject} is forbidden: unable to create new content in namespace {namespace} "
                "because it is being terminated",
                details=details_of(kind, name) | {"causes": [cause]},
            )

    def replace(self, kind: Kind, namespace: str, name: str, new: Object, write: Write) -> Stored:
        """PUT, and the end of every patch that is not an apply.

        Raises:
            StatusError: 400, 404, 409 and 422 as the real server answers.
        """
        with self._lock:
            old = self.get(kind, namespace, name)
            metadata = dict(new.get("metadata", {}))
            _same_name(metadata, name)
            self._own_namespace(kind, namespace, metadata)
            sent = metadata.pop("managedFields", None)
            managers = managed_fields.decode_or_none(sent) or old.managers
            value = _defaulted(kind, new | {"metadata": metadata})
            if sent in ([], [{}]) or not managers:
                managers = {}
            else:
                typed = {"apiVersion": kind.api_version, "kind": kind.name} | value
                manager = Manager("Update", write.manager)
                managers = update(kind.schema, old.typed(), typed, managers, manager, now=self.timestamp())
            return self._change(old, value, managers, write)

    def patch(self, kind: Kind, namespace: str, name: str, change: Callable[[Object], Object], write: Write) -> Stored:
        """Replace an object by what `change` makes of it (with kind, apiVersion and managedFields).

        Raises:
            StatusError: As `replace`, and what `change` raises.
        """
        with self._lock:
            old = self.get(kind, namespace, name)
            new = change({"kind": kind.name, "apiVersion": kind.api_version} | json.loads(old.item))
            return self.replace(kind, namespace, name, new, write)

    def apply(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        config: Object,
        write: Write,
        authorize_create: Callable[[], None],
    ) -> tuple[Stored, bool]:
        """Server-side apply; answers with the object and whether it was created.

        Raises:
            StatusError: As `create` and `replace`; 409 with causes when others own what would change; 500 when the
                configuration is not of this kind or its base64 is wrong, as the real server answers.
        """
        with self._lock:
            old = self.find(kind, namespace, name)
            metadata = config.get("metadata") or {}
            if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
                raise bad_request("metadata.managedFields must be nil")
            shown = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {kind.full_kind}"
            mistakes = typed_errors(kind, config)
            if mistakes:
                text = mistakes[0] if len(mistakes) == 1 else "errors:\n" + "\n".join(f"  {one}" for one in mistakes)
                raise internal(f"failed to create typed patch object ({shown}): {text}")
            result = apply(
                kind.schema,
                old.typed() if old else {},
                config,
                old.managers if old else {},
                Manager("Apply", write.manager),
                force=write.force,
                now=self.timestamp(),
            )
            if isinstance(result, Conflicts):
                raise result.status()
            try:
                value, _ = decoded(kind, result.value or {})
            except DecodeError as mistake:
                raise internal(
                    f"failed to convert new object ({shown}) to proper version: unable to convert unstructured object"
                    f" to {kind.full_kind}: error decoding from json: {mistake}"
                ) from None
            sent = value.setdefault("metadata", {})
            if old is not None:
                self._own_namespace(kind, namespace, sent)
                _same_name(sent, name)
                return self._change(old, _defaulted(kind, value), result.managers, write), False
            if sent.get("uid"):
                why = f"uid mismatch: the provided object specified uid {sent['uid']}, and no existing object was found"
                raise conflict(kind, name, why)
            self._own_namespace(kind, namespace, sent)
            _same_name(sent, name)
            self._admit(kind, namespace, name)
            authorize_create()
            for part in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
                sent.pop(part, None)
            return self._add(kind, namespace, value, result.managers, write), True

    def _change(self, old: Stored, new: Object, managers: Managers, write: Write) -> Stored:
        """The end of every update: versions, what a client may not change, rules, and nothing when nothing changed."""
        kind, before, after = old.kind, old.metadata, new["metadata"]
        name = before["name"]
        if after.get("resourceVersion", before["resourceVersion"]) != before["resourceVersion"]:
            raise conflict(kind, name, MODIFIED)
        after = dict(after)
        after.setdefault("uid", before["uid"])
        for part in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"):
            after.pop(part, None)
            if part in before:
                after[part] = before[part]
        value = {part: new[part] for part in new if part not in {"kind", "apiVersion"}} | {"metadata": after}
        if kind is kinds.NAMESPACE:
            value |= {"spec": old.value["spec"], "status": old.value["status"]}
            after["labels"] = after.get("labels", {}) | {"kubernetes.io/metadata.name": name}
        validation.validate_update(kind, value, old.value)
        after.pop("resourceVersion", None)
        if _unchanged(old, value, managers):
            return old
        if before.get("deletionTimestamp") and not after.get("finalizers") and kind is not kinds.NAMESPACE:
            return self._finish_delete(old, value, managers, write)
        return self._put(kind, value, managers, write)

    def _finish_delete(self, old: Stored, value: Object, managers: Managers, write: Write) -> Stored:
        last = self._put(old.kind, value, managers, Write(write.manager, dry_run=True))
        if not write.dry_run:
            self._remove(old)
        return last

    def _put(self, kind: Kind, value: Object, managers: Managers, write: Write) -> Stored:
        metadata = dict(value["metadata"])
        if not write.dry_run:
            self._version += 1
            metadata["resourceVersion"] = str(self._version)
        elif old := self.find(kind, metadata.get("namespace", ""), metadata["name"]):
            metadata["resourceVersion"] = old.metadata["resourceVersion"]
        if managers:
            metadata["managedFields"] = managed_fields.encode(managers)
        stored = Stored(kind, value | {"metadata": metadata})
        if not write.dry_run:
            self._objects[kind.plural][stored.key] = stored
        return stored

    def delete(
        self, kind: Kind, namespace: str, name: str, preconditions: Object, *, dry_run: bool
    ) -> tuple[Stored, bool]:
        """DELETE; answers with the last version and whether it is gone (else it waits for finalizers).

        Raises:
            StatusError: 403 for a namespace that may not go, 404, 409 when a precondition does not hold.
        """
        with self._lock:
            if kind is kinds.NAMESPACE and name in _IMMORTAL:
                message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
                raise StatusError(403, "Forbidden", message, details=details_of(kind, name))
            old = self.get(kind, namespace, name)
            _hold(old, preconditions)
            if kind is not kinds.NAMESPACE and not old.metadata.get("finalizers"):
                if not dry_run:
                    self._remove(old)
                return old, True
            going = self._terminating(old, dry_run=dry_run)
            if kind is kinds.NAMESPACE and self._namespace_controller and not dry_run:
                for one in self._contents(name):
                    self.delete(one.kind, name, one.key[1], {}, dry_run=False)
                self._sweep(name)
            return going, False

    def terminate(self, namespace: str) -> None:
        """Mark a namespace Terminating and leave it so, contents and all.

        Raises:
            StatusError: 404.
        """
        with self._lock:
            self._terminating(self.get(kinds.NAMESPACE, "", namespace), dry_run=False)

    def _terminating(self, old: Stored, *, dry_run: bool) -> Stored:
        if old.metadata.get("deletionTimestamp"):
            return old
        metadata = {part: old.metadata[part] for part in old.metadata if part != "managedFields"}
        metadata["deletionTimestamp"] = self.timestamp()
        if old.kind is not kinds.NAMESPACE:
            metadata["deletionGracePeriodSeconds"] = 0
        value = old.value | {"metadata": metadata}
        if old.kind is kinds.NAMESPACE:
            value["status"] = old.value["status"] | {"phase": "Terminating"}
        return self._put(old.kind, value, old.managers, Write("kube-apiserver", dry_run=dry_run))

    def _contents(self, namespace: str) -> list[Stored]:
        return [one for kind in kinds.KINDS if kind.namespaced for one in self.all(kind, namespace)[0]]

    def _remove(self, old: Stored) -> None:
        self._version += 1
        self._objects[old.kind.plural].pop(old.key, None)
        if old.kind.namespaced and self._namespace_controller:
            self._sweep(old.key[0])

    def _sweep(self, namespace: str) -> None:
        """Let a namespace go that was deleted and is empty."""
        home = self.find(kinds.NAMESPACE, "", namespace)
        if home and home.metadata.get("deletionTimestamp") and not self._contents(namespace):
            self._version += 1
            del self._objects[kinds.NAMESPACE.plural][home.key]


def _same_name(metadata: Object, name: str) -> None:
    if not metadata.get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if metadata["name"] != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")


def _defaulted(kind: Kind, value: Object) -> Object:
    return {"type": "Opaque"} | value if kind is kinds.SECRET else value


def _unchanged(old: Stored, value: Object, managers: Managers) -> bool:
    """Whether nothing but managers' times would change."""
    skipped = ("managedFields", "resourceVersion")
    before = {part: old.metadata[part] for part in old.metadata if part not in skipped}
    if old.value | {"metadata": before} != value:
        return False
    return {manager: owned.fields for manager, owned in old.managers.items()} == {
        manager: owned.fields for manager, owned in managers.items()
    }


def _hold(old: Stored, preconditions: Object) -> None:
    for part, name, hint in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        wanted, found = preconditions.get(part), old.metadata[part]
        if wanted is not None and wanted != found:
            why = (
                f"the {name} in the precondition ({wanted}) does not match the {name} in record ({found}). "
                f"The object might have been {hint}"
            )
            raise conflict(old.kind, old.key[1], why, shown_kind=old.kind.name)
