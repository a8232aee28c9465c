"""What every write does to an object before it is stored: name, home, defaults, whether it changes at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import kinds
from .status import StatusError, bad_request, details_of

if TYPE_CHECKING:
    from .kinds import Kind
    from .managed_fields import Managers
    from .store import Stored

Object = dict[str, Any]
_NAME_LABEL: Final = "kubernetes.io/metadata.name"


def at_home(kind: Kind, namespace: str, metadata: Object) -> None:
    """Put an object into the namespace of the request.

    Raises:
        StatusError: 400 when the object names another one.
    """
    if not kind.namespaced:
        metadata.pop("namespace", None)
    elif metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")


def refuse_terminating(home: Stored, kind: Kind, name: str) -> None:
    """Refuse new content in a namespace that is going.

    Raises:
        StatusError: 403 with the cause NamespaceTerminating.
    """
    if home.value["status"]["phase"] != "Terminating":
        return
    namespace = home.key[1]
    subject = f'{kind.qualified} "{name}"' if name else kind.qualified
    message = (
        f"{subject} is forbidden: unable to create new content in namespace {namespace} because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    raise StatusError(403, "Forbidden", message, details=details_of(kind, name) | {"causes": [cause]})


def same_name(metadata: Object, name: str) -> None:
    """Refuse an object that is not the one that the URL names.

    Raises:
        StatusError: 400.
    """
    if not metadata.get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if metadata["name"] != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")


def content(value: Object) -> Object:
    """An object without its type and metadata."""
    return {part: value[part] for part in value if part not in {"kind", "apiVersion", "metadata"}}


def defaulted(kind: Kind, value: Object) -> Object:
    """An object with what the server adds to every one of its kind."""
    if kind is kinds.SECRET:
        return {"type": "Opaque"} | value
    if kind is kinds.NAMESPACE and value["metadata"].get("name"):
        metadata = value["metadata"]
        labels = metadata.get("labels", {}) | {_NAME_LABEL: metadata["name"]}
        return value | {"metadata": metadata | {"labels": labels}}
    return value


def unchanged(old: Stored, value: Object, managers: Managers) -> bool:
    """Whether nothing but managers' times would change."""
    before = {part: old.metadata[part] for part in old.metadata if part not in {"managedFields", "resourceVersion"}}
    if old.value | {"metadata": before} != value:
        return False
    return {manager: owned.fields for manager, owned in old.managers.items()} == {
        manager: owned.fields for manager, owned in managers.items()
    }
