"""What is known of a Secret without its values: the shape that the API sends as PartialObjectMetadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .managed_fields import ManagedField, parse_managed_fields, parse_time

# The server cuts the object down to its metadata before it answers: values do not travel.
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class OwnerReference:
    """An object that a Secret goes with: without it, the garbage collector deletes the Secret."""

    api_version: str
    kind: str
    name: str
    controller: bool


@dataclass(frozen=True)
class SecretMetadata:
    """A Secret's metadata.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        uid: Its identity; a Secret deleted and created again has another one.
        resource_version: Changes with every change of the object, and with nothing else.
        labels: Its labels.
        annotations: Its annotations.
        managed_fields: Who owns which field.
        owners: What it goes with.
        creation: When it was created.
        deletion_timestamp: Set while it waits for finalizers before it goes.
        finalizers: What it waits for then.
        altered: Paths of the fields that the cluster keeps otherwise than an apply sent them; of any other call, none.
    """

    namespace: str
    name: str
    uid: str
    resource_version: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    managed_fields: tuple[ManagedField, ...]
    owners: tuple[OwnerReference, ...]
    creation: datetime | None
    deletion_timestamp: datetime | None
    finalizers: tuple[str, ...] = ()
    altered: frozenset[tuple[str, ...]] = frozenset()


def parse_secret_metadata(answer: Mapping[str, Any]) -> SecretMetadata:
    """Take the metadata from an object as the API sends it; anything else in it is left alone.

    Raises KeyError, TypeError or ValueError where it is no Kubernetes object, or a field is not of its kind.
    """
    metadata = answer["metadata"]
    return SecretMetadata(
        namespace=_text(metadata.get("namespace", "")),
        name=_text(metadata["name"]),
        uid=_text(metadata["uid"]),
        resource_version=_text(metadata.get("resourceVersion", "")),
        labels=_texts(metadata.get("labels")),
        annotations=_texts(metadata.get("annotations")),
        managed_fields=parse_managed_fields(_list(metadata.get("managedFields"))),
        owners=tuple(
            OwnerReference(
                _text(each["apiVersion"]), _text(each["kind"]), _text(each["name"]), bool(each.get("controller"))
            )
            for each in _list(metadata.get("ownerReferences"))
        ),
        creation=parse_time(metadata.get("creationTimestamp")),
        deletion_timestamp=parse_time(metadata.get("deletionTimestamp")),
        finalizers=tuple(map(_text, _list(metadata.get("finalizers")))),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise TypeError
    return value


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    return value
