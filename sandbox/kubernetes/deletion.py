"""How objects go: preconditions, finalizers, and namespaces with all that is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import kinds
from .status import StatusError, conflict, details_of

if TYPE_CHECKING:
    from .kinds import Kind
    from .store import Store, Stored

_IMMORTAL: Final = {"default", "kube-system"}


class Deletion:
    """DELETE.

    Args:
        store: The objects.
        namespace_controller: Whether a deleted namespace empties and goes at once, as in a cluster with a controller
            manager. Without it a deleted namespace stays Terminating.
    """

    def __init__(self, store: Store, *, namespace_controller: bool) -> None:
        self._store = store
        self._namespace_controller = namespace_controller

    def delete(
        self, kind: Kind, namespace: str, name: str, preconditions: dict[str, Any], *, dry_run: bool
    ) -> tuple[Stored, bool]:
        """Delete an object; answers with its last version and whether it is gone (else it waits for finalizers).

        Raises:
            StatusError: 403 for a namespace that may not go, 404, 409 when a precondition does not hold.
        """
        with self._store.lock:
            if kind is kinds.NAMESPACE and name in _IMMORTAL:
                message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
                raise StatusError(403, "Forbidden", message, details=details_of(kind, name))
            old = self._store.get(kind, namespace, name)
            _hold(old, preconditions)
            if kind is not kinds.NAMESPACE and not old.metadata.get("finalizers"):
                return (old if dry_run else self.finish(old)), True
            going = self._terminating(old, dry_run=dry_run)
            if kind is kinds.NAMESPACE and self._namespace_controller and not dry_run:
                for one in self._store.contents(name):
                    self.delete(one.kind, name, one.key[1], {}, dry_run=False)
                self._sweep(name)
            return going, False

    def finish(self, gone: Stored) -> Stored:
        """Remove an object that nothing holds any more, and its namespace when that waited for it."""
        with self._store.lock:
            last = self._store.remove(gone)
            if gone.kind.namespaced and self._namespace_controller:
                self._sweep(gone.key[0])
        return last

    def terminate(self, namespace: str) -> None:
        """Mark a namespace Terminating and leave it so, contents and all.

        Raises:
            StatusError: 404.
        """
        with self._store.lock:
            self._terminating(self._store.get(kinds.NAMESPACE, "", namespace), dry_run=False)

    def _terminating(self, old: Stored, *, dry_run: bool) -> Stored:
        if old.metadata.get("deletionTimestamp"):
            return old
        metadata = {part: old.metadata[part] for part in old.metadata if part != "managedFields"}
        metadata["deletionTimestamp"] = self._store.timestamp()
        value = old.value | {"metadata": metadata}
        if old.kind is kinds.NAMESPACE:
            value["status"] = old.value["status"] | {"phase": "Terminating"}
        else:
            metadata["deletionGracePeriodSeconds"] = 0
        return self._store.put(old.kind, value, old.managers, dry_run=dry_run)

    def _sweep(self, namespace: str) -> None:
        """Let a namespace go that was deleted and is empty."""
        home = self._store.find(kinds.NAMESPACE, "", namespace)
        if home and home.metadata.get("deletionTimestamp") and not self._store.contents(namespace):
            self._store.remove(home)


def _hold(old: Stored, preconditions: dict[str, Any]) -> None:
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
