"""Property values: plain Python plus secrets, unknowns and resource references; how they travel and are stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

PropertyMap = dict[str, Any]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks secrets, is none
REFERENCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_ID: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The wire has one sentinel per type (string, bool, number, array, asset, archive, object); all mean the same here.
_UNKNOWN_SENTINELS: Final = frozenset(
    {
        UNKNOWN_ID,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_MAX_EXACT_INTEGER: Final = 2**53


class Unknown:
    """A value that is known only after resources have been created; exists in previews only."""

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN: Final = Unknown()


class Secret:
    """A value that is never shown and is encrypted in state."""

    __slots__ = ("ciphertext", "value")

    def __init__(self, value: Any, ciphertext: str = "") -> None:
        self.value = value
        self.ciphertext = ciphertext

    def __repr__(self) -> str:
        return "[secret]"


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """A resource passed as a value."""

    urn: str
    id: Any = None
    version: str = ""


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_SENTINELS else text
    if kind == "struct_value":
        return from_signed(from_struct(value.struct_value))
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < _MAX_EXACT_INTEGER else number
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    return value.bool_value if kind == "bool_value" else None


def from_signed(fields: PropertyMap) -> Any:
    """Turn a map that carries a signature into the secret, output or reference that it stands for."""
    signature = fields.get(SIGNATURE)
    if signature is None:
        return fields
    if signature == SECRET_SIGNATURE:
        return Secret(fields.get("value"))
    if signature == _OUTPUT_SIGNATURE:
        value = fields.get("value", UNKNOWN)
        return Secret(value) if fields.get("secret") and not isinstance(value, Secret) else value
    if signature == REFERENCE_SIGNATURE:
        return ResourceReference(fields.get("urn", ""), fields.get("id"), fields.get("packageVersion") or "")
    return fields  # assets and archives pass through as they are


def from_struct(struct: struct_pb2.Struct) -> PropertyMap:
    """Read a map of properties from the wire."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def from_wire(value: struct_pb2.Value) -> Any:
    """Read one value from the wire."""
    return _from_value(value)


def to_struct(properties: PropertyMap, *, keep_secrets: bool, keep_resources: bool = True) -> struct_pb2.Struct:
    """Write a map of properties to the wire, without the secret marks where the receiver does not know them."""
    struct = struct_pb2.Struct()
    _fill_struct(struct, properties, keep_secrets, keep_resources)
    return struct


def _fill_struct(struct: struct_pb2.Struct, properties: PropertyMap, secrets: bool, resources: bool) -> None:  # noqa: FBT001 - inner loop
    fields = struct.fields
    for key, value in properties.items():
        _fill(fields[key], value, secrets, resources)


def _fill(target: struct_pb2.Value, value: Any, secrets: bool, resources: bool) -> None:  # noqa: FBT001, PLR0912, C901 - inner loop
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        _fill_struct(target.struct_value, value, secrets, resources)
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item, secrets, resources)
    elif isinstance(value, Secret):
        if secrets:
            _fill_struct(target.struct_value, {SIGNATURE: SECRET_SIGNATURE, "value": value.value}, secrets, resources)
        else:
            _fill(target, value.value, secrets, resources)
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_ID
    elif isinstance(value, ResourceReference):
        _fill_reference(target, value, secrets, resources)
    else:
        raise TypeError(f"no property value: {type(value).__name__}")


def _fill_reference(target: struct_pb2.Value, value: ResourceReference, secrets: bool, resources: bool) -> None:  # noqa: FBT001 - inner loop
    if not resources:
        _fill(target, value.urn if value.id is None else value.id, secrets, resources)
        return
    fields: PropertyMap = {SIGNATURE: REFERENCE_SIGNATURE, "urn": value.urn}
    if value.id is not None:
        fields["id"] = "" if isinstance(value.id, Unknown) else value.id
    if value.version:
        fields["packageVersion"] = value.version
    _fill_struct(target.struct_value, fields, secrets, resources)


def unwrap(value: Any) -> Any:
    """Remove the secret marks, at every depth."""
    if isinstance(value, Secret):
        return unwrap(value.value)
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return value


def equal(left: Any, right: Any) -> bool:
    """Compare two values by type and content (a secret equals only a secret, True is not 1)."""
    if isinstance(left, Secret):
        return isinstance(right, Secret) and equal(left.value, right.value)
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(equal(item, right[key]) for key, item in left.items())
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def walk(value: Any) -> Iterator[Any]:
    """Yield the value and everything inside it."""
    yield value
    if isinstance(value, Secret):
        yield from walk(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def has_unknowns(value: Any) -> bool:
    """Tell whether something inside is unknown."""
    return any(isinstance(item, Unknown) for item in walk(value))


def has_secrets(value: Any) -> bool:
    """Tell whether something inside is secret."""
    return any(isinstance(item, Secret) for item in walk(value))


def annotate_secrets(returned: PropertyMap, sent: PropertyMap) -> None:
    """Mark what a provider returned as secret where the property of the same name was sent as a secret.

    Providers that do not know secrets get plain values; this puts the marks back (maps by key, lists as a whole).
    """
    for key, value in returned.items():
        original = sent.get(key)
        if original is None or isinstance(value, Secret):
            continue
        if isinstance(original, Secret) or (isinstance(original, list) and has_secrets(original)):
            returned[key] = Secret(value)
        elif isinstance(original, dict) and isinstance(value, dict):
            annotate_secrets(value, original)
