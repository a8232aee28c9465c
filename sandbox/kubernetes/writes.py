"""POST, PUT, PATCH and server-side apply: what each makes of an object, and the one way in which all of them end."""

from __future__ import annotations

import copy
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import kinds, managed_fields, validation
from .apply import apply, update
from .decoding import decoded
from .go_json import DecodeError
from .managed_fields import Manager, Managers
from .shape import at_home, content, defaulted, refuse_terminating, same_name, unchanged
from .status import (
    MODIFIED,
    Conflicts,
    already_exists,
    bad_request,
    conflict,
    internal,
)
from .typed import first_mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from .deletion import Deletion
    from .kinds import Kind
    from .store import Store, Stored

Object = dict[str, Any]
_NAME_CHARACTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_PREFIX: Final = 58
_WIPED: Final = ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid", "creationTimestamp")
_KEPT: Final = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")


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


class Writes:
    """All writes but DELETE.

    Args:
        store: The objects.
        deletion: Finishes an object whose last finalizer a write removes.

    Attributes:
        webhooks: Mutating admission: each may change an object of a kind before it is validated and stored. As in the
            real server, who owns which field is settled before, so what they change stays the writer's.
    """

    def __init__(self, store: Store, deletion: Deletion) -> None:
        self._store = store
        self._deletion = deletion
        self.webhooks: list[Callable[[Kind, Object], None]] = []

    def _mutated(self, kind: Kind, value: Object) -> Object:
        if self.webhooks:
            value = copy.deepcopy(value)
            for change in self.webhooks:
                change(kind, value)
        return value

    def create(self, kind: Kind, namespace: str, new: Object, write: Write) -> Stored:
        """POST.

        Raises:
            StatusError: 400, 403, 404, 409, 422 and 500 as the real server answers.
        """
        metadata = dict(new.get("metadata", {}))
        managers = managed_fields.decode_or_none(metadata.pop("managedFields", None))
        if metadata.pop("resourceVersion", ""):
            raise internal("resourceVersion should not be set on objects to be created")
        if not metadata.get("name") and metadata.get("generateName"):
            ending = "".join(secrets.choice(_NAME_CHARACTERS) for _ in range(5))
            metadata["name"] = metadata["generateName"][:_LONGEST_PREFIX] + ending
        for part in _WIPED:
            metadata.pop(part, None)
        at_home(kind, namespace, metadata)
        value = defaulted(kind, new | {"metadata": metadata})
        manager = Manager("Update", write.manager)
        owners = update(kind.schema, {}, value, managers, manager, now=self._store.timestamp())
        with self._store.lock:
            self._admit(kind, namespace, metadata.get("name", ""))
            return self._add(kind, value, owners, write)

    def _admit(self, kind: Kind, namespace: str, name: str) -> None:
        """Refuse new content in a namespace that is missing or going."""
        if kind.namespaced:
            refuse_terminating(self._store.get(kinds.NAMESPACE, "", namespace), kind, name)

    def _add(self, kind: Kind, value: Object, managers: Managers, write: Write) -> Stored:
        value = self._mutated(kind, value)
        metadata = value["metadata"] | {"uid": str(uuid.uuid4()), "creationTimestamp": self._store.timestamp()}
        value = content(value) | {"metadata": metadata}
        if kind is kinds.NAMESPACE:
            value |= {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
        validation.validate_create(kind, value)
        name = metadata["name"]
        taken = self._store.find(kind, metadata.get("namespace", ""), name)
        if taken is not None:
            raise already_exists(kind, name, going="deletionTimestamp" in taken.metadata)
        stored = self._store.put(kind, value, managers, dry_run=write.dry_run)
        if kind is kinds.NAMESPACE and not write.dry_run:
            account = {"metadata": {"name": "default"}}
            self.create(kinds.SERVICE_ACCOUNT, name, account, Write("kube-controller-manager"))
        return stored

    def put(self, kind: Kind, namespace: str, name: str, new: Object, write: Write) -> Stored:
        """PUT.

        Raises:
            StatusError: 400, 404, 409 and 422 as the real server answers.
        """
        with self._store.lock:
            same_name(new.get("metadata", {}), name)
            old = self._store.get(kind, namespace, name)
            sent, found = new["metadata"].get("uid", old.metadata["uid"]), old.metadata["uid"]
            if sent != found:
                key = "/".join(filter(None, ("/registry", kind.plural, namespace, name)))
                why = (
                    f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
                    f"Precondition failed: UID in precondition: {sent}, UID in object meta: {found}"
                )
                raise conflict(kind, name, why)
            return self._replace(old, new, write)

    def patch(self, kind: Kind, namespace: str, name: str, change: Callable[[Object], Object], write: Write) -> Stored:
        """Replace an object by what `change` makes of it (with kind, apiVersion and managedFields).

        Raises:
            StatusError: As `put`, and what `change` raises.
        """
        with self._store.lock:
            old = self._store.get(kind, namespace, name)
            new = change({"kind": kind.name, "apiVersion": kind.api_version} | json.loads(old.item))
            return self._replace(old, new, write)

    def _replace(self, old: Stored, new: Object, write: Write) -> Stored:
        kind = old.kind
        metadata = dict(new.get("metadata", {}))
        same_name(metadata, old.key[1])
        at_home(kind, old.key[0], metadata)
        sent = metadata.pop("managedFields", None)
        value = defaulted(kind, new | {"metadata": metadata})
        managers: Managers = {}
        if sent not in ([], [{}]):
            managers = managed_fields.decode_or_none(sent) or old.managers
        if managers:
            typed = {"apiVersion": kind.api_version, "kind": kind.name} | value
            manager = Manager("Update", write.manager)
            managers = update(kind.schema, old.typed(), typed, managers, manager, now=self._store.timestamp())
        return self._change(old, value, managers, write)

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
            StatusError: As `create` and `put`; 409 with causes when others own what would change; 500 when the
                configuration is not of this kind or its base64 is wrong, as the real server answers.
        """
        with self._store.lock:
            old = self._store.find(kind, namespace, name)
            value, managers = self._merged(kind, old, config, write)
            sent = value.setdefault("metadata", {})
            if old is None and sent.get("uid"):
                why = f"uid mismatch: the provided object specified uid {sent['uid']}, and no existing object was found"
                raise conflict(kind, name, why)
            at_home(kind, namespace, sent)
            same_name(sent, name)
            value = defaulted(kind, value)
            if old is not None:
                return self._change(old, value, managers, write), False
            self._admit(kind, namespace, name)
            authorize_create()
            # A resourceVersion guards updates only; on a missing object the real server ignores it too.
            for part in (*_WIPED, "resourceVersion"):
                value["metadata"].pop(part, None)
            return self._add(kind, value, managers, write), True

    def _merged(self, kind: Kind, old: Stored | None, config: Object, write: Write) -> tuple[Object, Managers]:
        metadata = config.get("metadata")
        known = metadata if isinstance(metadata, dict) else {}
        if known.get("managedFields") is not None:
            raise bad_request("metadata.managedFields must be nil")
        shown = f"{known.get('namespace', '')}/{known.get('name', '')}; {kind.full_kind}"
        mistake = first_mistake(kind, config)
        if mistake:
            raise internal(f"failed to create typed patch object ({shown}): {mistake}")
        result = apply(
            kind.schema,
            old.typed() if old else {},
            config,
            old.managers if old else {},
            Manager("Apply", write.manager),
            force=write.force,
            now=self._store.timestamp(),
        )
        if isinstance(result, Conflicts):
            raise result.status()
        try:
            value, _ = decoded(kind, result.value or {})
        except DecodeError as wrong:
            raise internal(
                f"failed to convert new object ({shown}) to proper version: unable to convert unstructured object"
                f" to {kind.full_kind}: error decoding from json: {wrong}"
            ) from None
        return value, result.managers

    def _change(self, old: Stored, new: Object, managers: Managers, write: Write) -> Stored:
        """The end of every update: versions, what a client may not change, rules, and nothing when nothing changed."""
        kind, new = old.kind, self._mutated(old.kind, new)
        before, after = old.metadata, dict(new["metadata"])
        if after.pop("resourceVersion", before["resourceVersion"]) != before["resourceVersion"]:
            raise conflict(kind, old.key[1], MODIFIED)
        after.setdefault("uid", before["uid"])
        for part in _KEPT:
            after.pop(part, None)
            if part in before:
                after[part] = before[part]
        value = content(new) | {"metadata": after}
        if kind is kinds.NAMESPACE:
            value |= {"spec": old.value["spec"], "status": old.value["status"]}
        validation.validate_update(kind, value, old.value)
        if unchanged(old, value, managers):
            return old
        finished = before.get("deletionTimestamp") and not after.get("finalizers") and kind is not kinds.NAMESPACE
        stored = self._store.put(kind, value, managers, dry_run=write.dry_run or bool(finished))
        if finished and not write.dry_run:
            self._deletion.finish(old)
        return stored
