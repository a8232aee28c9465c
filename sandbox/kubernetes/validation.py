"""The rules that a well-formed object must keep, as the real server checks them (`pkg/apis/core/validation`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from . import kinds, names
from .go_base64 import decode_base64
from .go_json import syntax_mistake, type_name
from .status import FieldError, forbidden_field, invalid, invalid_value, required, too_long

if TYPE_CHECKING:
    from .kinds import Kind

Object = dict[str, Any]
MAX_DATA: Final = 1 << 20
MAX_ANNOTATIONS: Final = 256 << 10
_IMMUTABLE: Final = "field is immutable"
_IMMUTABLE_WHEN_SET: Final = "field is immutable when `immutable` is set"
_REDACTED: Final = "<secret contents redacted>"
_STANDARD_FINALIZERS: Final = {"orphan", "foregroundDeletion", "kubernetes"}
_REQUIRED_KEYS: Final = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}


def validate_create(kind: Kind, new: Object) -> None:
    """Check an object that is to be created.

    Raises:
        StatusError: 422 with all mistakes.
    """
    _refuse(kind, new, _metadata(kind, new) + _content(kind, new))


def validate_update(kind: Kind, new: Object, old: Object) -> None:
    """Check an object that is to replace `old`.

    Raises:
        StatusError: 422 with all mistakes.
    """
    # The real server checks metadata once for all kinds and once more for this one: so the causes come twice.
    errors = _metadata_update(kind, new, old) * 2
    if kind is kinds.SECRET and new.get("type") != old.get("type"):
        errors.append(invalid_value("type", new.get("type", ""), _IMMUTABLE))
    if old.get("immutable") is True and kind in (kinds.SECRET, kinds.CONFIG_MAP):
        if new.get("immutable") is not True:
            errors.append(forbidden_field("immutable", _IMMUTABLE_WHEN_SET))
        errors += [
            forbidden_field(part, _IMMUTABLE_WHEN_SET)
            for part in ("data", "binaryData")
            if new.get(part) != old.get(part)
        ]
    _refuse(kind, new, errors + _metadata(kind, new) + _content(kind, new))


def _refuse(kind: Kind, new: Object, errors: list[FieldError]) -> None:
    if errors:
        qualified = f"{kind.name}.{kind.group}" if kind.group else kind.name
        raise invalid(qualified, new["metadata"].get("name", ""), errors)


def _metadata(kind: Kind, new: Object) -> list[FieldError]:
    metadata = new["metadata"]
    name_rule = names.dns_label if kind is kinds.NAMESPACE else names.subdomain
    prefix = metadata.get("generateName", "")
    masked = prefix[:-1] + "a" if prefix.endswith("-") else prefix
    errors = [invalid_value("metadata.generateName", prefix, text) for text in name_rule(masked) if prefix]
    if not metadata.get("name"):
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors += [invalid_value("metadata.name", metadata["name"], text) for text in name_rule(metadata["name"])]
    if "namespace" in metadata and kind.namespaced:
        errors += [
            invalid_value("metadata.namespace", metadata["namespace"], text)
            for text in names.dns_label(metadata["namespace"])
        ]
    return errors + _labels(metadata) + _annotations(metadata) + _owners(metadata) + _finalizers(metadata)


def _labels(metadata: Object) -> list[FieldError]:
    errors = []
    for key, value in metadata.get("labels", {}).items():
        errors += [invalid_value("metadata.labels", key, text) for text in names.label_key(key)]
        errors += [invalid_value("metadata.labels", value, text) for text in names.label_value(value)]
    return errors


def _annotations(metadata: Object) -> list[FieldError]:
    annotations = metadata.get("annotations", {})
    errors = [
        invalid_value("metadata.annotations", key, text) for key in annotations for text in names.label_key(key.lower())
    ]
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > MAX_ANNOTATIONS:
        errors.append(too_long("metadata.annotations", MAX_ANNOTATIONS))
    return errors


def _owners(metadata: Object) -> list[FieldError]:
    errors = []
    for owner in metadata.get("ownerReferences", []):
        for part, text in (
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ):
            if not owner.get(part):
                errors.append(invalid_value(f"metadata.ownerReferences.{part}", "", text))
    return errors


def _finalizers(metadata: Object) -> list[FieldError]:
    errors = []
    for position, name in enumerate(metadata.get("finalizers", [])):
        wrong = [invalid_value("metadata.finalizers", name, text) for text in names.label_key(name)]
        if not wrong and "/" not in name and name not in _STANDARD_FINALIZERS:
            text = "name is neither a standard finalizer name nor is it fully qualified"
            wrong = [invalid_value(f"metadata.finalizers[{position}]", name, text)]
        errors += wrong
    return errors


def _metadata_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    before, after = old["metadata"], new["metadata"]
    errors = []
    if before.get("deletionTimestamp"):
        extra = sorted(set(after.get("finalizers", [])) - set(before.get("finalizers", [])))
        if extra:
            listed = ", ".join(f'"{name}"' for name in extra)
            text = (
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}"
            )
            errors.append(forbidden_field("metadata.finalizers", text))
    errors += [
        invalid_value(f"metadata.{part}", after.get(part, ""), _IMMUTABLE)
        for part in ("name", "namespace", "uid")
        if before.get(part) != after.get(part) and (kind.namespaced or part != "namespace")
    ]
    return errors + _labels(after) + _annotations(after) + _owners(after)


def _content(kind: Kind, new: Object) -> list[FieldError]:
    if kind is kinds.SECRET:
        return _secret(new)
    if kind is kinds.CONFIG_MAP:
        return _config_map(new)
    return []


def _keys(path: str, data: dict[str, str]) -> list[FieldError]:
    return [invalid_value(f"{path}[{key}]", key, text) for key in data for text in names.config_key(key)]


def _secret(new: Object) -> list[FieldError]:
    data: dict[str, str] = new.get("data", {})
    errors = _keys("data", data)
    if sum(_decoded_length(value) for value in data.values()) > MAX_DATA:
        errors.append(too_long("data", MAX_DATA))
    return errors + _secret_type(new.get("type", ""), data, new["metadata"].get("annotations", {}))


def _decoded_length(value: str) -> int:
    return len(value) // 4 * 3 - value[-2:].count("=")


def _secret_type(kind: str, data: dict[str, str], annotations: dict[str, str]) -> list[FieldError]:
    if kind == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        return [] if annotations.get(name) else [required(f"metadata.annotations[{name}]")]
    if kind == "kubernetes.io/basic-auth":
        fields = ("username", "password")
        return [] if set(fields) & set(data) else [required(f"data[{key}]") for key in fields]
    if kind == "kubernetes.io/ssh-auth":
        return [] if data.get("ssh-privatekey") else [required("data[ssh-privatekey]")]
    errors = [required(f"data[{key}]") for key in _REQUIRED_KEYS.get(kind, ()) if key not in data]
    if not errors and kind in {"kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"}:
        key = _REQUIRED_KEYS[kind][0]
        wrong = _json_mistake(decode_base64(data[key]))
        if wrong:
            errors.append(invalid_value(f"data[{key}]", _REDACTED, wrong))
    return errors


def _json_mistake(raw: bytes) -> str:
    """What keeps the bytes from being a JSON object, or empty."""
    mistake = syntax_mistake(raw)
    if mistake:
        return mistake
    parsed = json.loads(raw)
    if isinstance(parsed, dict | None):
        return ""
    return f"json: cannot unmarshal {type_name(parsed)} into Go value of type map[string]interface {{}}"


def _config_map(new: Object) -> list[FieldError]:
    text: dict[str, str] = new.get("data", {})
    binary: dict[str, str] = new.get("binaryData", {})
    errors = _keys("data", text)
    errors += [
        invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData") for key in text if key in binary
    ]
    errors += _keys("binaryData", binary)
    size = sum(len(value.encode()) for value in text.values()) + sum(map(_decoded_length, binary.values()))
    return [*errors, too_long("[]", MAX_DATA)] if size > MAX_DATA else errors
