"""From inputs to a Kubernetes object and back: names, diffs, previews, refreshed inputs, secret marks; all pure."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from sandbox.engine.values import UNKNOWN, Secret, Unknown, annotate_secrets, has_unknowns, unwrap
from sandbox.providers.changes import Changes, compare, root
from sandbox.providers.naming import unique_name
from sandbox.providers.provider import Checked, Properties

from .kinds import COMMON, Kind

AUTONAMED = "pulumi.com/autonamed"
FIELD_MANAGER_KEY = "__fieldManager"
_NAME_LABEL = "kubernetes.io/metadata.name"  # the server puts it on every namespace
_SUFFIX_LENGTH = 8
_NAME_LIMIT = 253
_SERVER_METADATA = ("uid", "resourceVersion", "creationTimestamp")
_IMPORTED_METADATA = ("name", "namespace", "labels", "annotations")


def checked(
    kind: Kind, name: str, olds: Properties, news: Properties, seed: bytes, namespace: Callable[[], str]
) -> Checked:
    """Validate inputs; fill in apiVersion, kind, a name, and the namespace that `namespace` finds."""
    inputs = {key: value for key, value in news.items() if value is not None and not key.startswith("__")}
    inputs = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {}, **inputs}
    allowed = {*COMMON, *kind.inputs}
    failures = [(key, f"a {kind.name} has no property {key!r}") for key in sorted(inputs.keys() - allowed)]
    failures += [
        (key, f"must be {wanted!r}")
        for key, wanted in (("apiVersion", kind.api_version), ("kind", kind.name))
        if inputs[key] != wanted
    ]
    given = inputs["metadata"]
    metadata = given.value if isinstance(given, Secret) else given
    if isinstance(metadata, dict):
        metadata = {key: value for key, value in metadata.items() if value is not None}
        if "generateName" in metadata:
            failures.append(("metadata.generateName", "is not supported by the sandbox; leave the name out instead"))
        if kind.namespaced and "namespace" not in metadata:
            metadata["namespace"] = namespace()
        if not metadata.get("name"):
            _auto_name(metadata, name, olds, seed)
        inputs["metadata"] = Secret(metadata) if isinstance(given, Secret) else metadata
    elif not has_unknowns(metadata):
        failures.append(("metadata", "must be an object"))
    for key in kind.secret & inputs.keys():
        inputs[key] = inputs[key] if isinstance(inputs[key], Secret) else Secret(inputs[key])
    return Checked(inputs, failures)


def diff(kind: Kind, old_inputs: Properties, news: Properties, *, mutable: bool) -> Changes:
    """Compare checked inputs.

    Args:
        kind: the kind.
        old_inputs: inputs as they were.
        news: the wanted inputs.
        mutable: whether the provider may change a Secret's or ConfigMap's data in place.
    """
    changed = compare(old_inputs, news)
    fixed = {"apiVersion", "kind"} | kind.fixed | (frozenset() if mutable else kind.fixed_unless_mutable)
    if unwrap(old_inputs.get("immutable")) is True:
        fixed |= {"data", "binaryData", "stringData", "immutable"}
    moved = {"metadata.name", "metadata.namespace"}
    replaces = frozenset(path for path in changed if path in moved or root(path) in fixed)
    same_object = identity(old_inputs) == identity(news)
    # For a made-up name, the Check of the replacement comes without old inputs and makes up another.
    return Changes(changed, replaces, delete_first=bool(replaces) and same_object and not _is_autonamed(news))


def foretold(inputs: Properties, old_outputs: Properties | None = None) -> Properties:
    """Return an object as it will be, with unknowns where only the server knows."""
    metadata = inputs["metadata"]
    if isinstance(metadata, dict):
        old = unwrap((old_outputs or {}).get("metadata")) or {}
        kept = {key: old.get(key, UNKNOWN) for key in _SERVER_METADATA}
        metadata = {**kept, **metadata}
        if old_outputs:
            metadata["resourceVersion"] = UNKNOWN
    return {**inputs, "metadata": metadata}


def wanted(inputs: Properties) -> dict[str, Any]:
    """Return the object to apply, with plain values."""
    return {key: unwrap(value) for key, value in inputs.items() if not key.startswith("__")}


def outputs_of(kind: Kind, live: dict[str, Any], inputs: Properties, manager: str) -> Properties:
    """Return the outputs for a live object: the object itself, secret where the kind or the inputs say so."""
    outputs: Properties = {"apiVersion": kind.api_version, "kind": kind.name, **live, FIELD_MANAGER_KEY: manager}
    for key in kind.secret & outputs.keys():
        outputs[key] = Secret(outputs[key])
    annotate_secrets(outputs, inputs)
    return outputs


def refreshed_inputs(kind: Kind, live: dict[str, Any], inputs: Properties) -> Properties:
    """Return the inputs that lead to the live object, as far as we said anything; all of them in an import."""
    if not inputs:
        metadata = {key: live["metadata"][key] for key in _IMPORTED_METADATA if key in live["metadata"]}
        labels = {key: value for key, value in metadata.pop("labels", {}).items() if key != _NAME_LABEL}
        metadata |= {"labels": labels} if labels else {}
        found: Properties = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}
        found |= {key: live[key] for key in sorted(kind.inputs) if key in live and key != "spec"}
    else:
        known = {"apiVersion": kind.api_version, "kind": kind.name, **live}
        if "stringData" in inputs:
            known["stringData"] = _decoded(live.get("data") or {})
        found = _projected(known, unwrap(inputs))
    for key in kind.secret & found.keys():
        found[key] = Secret(found[key])
    annotate_secrets(found, inputs)
    return found


def identity(inputs: Properties) -> tuple[Any, Any]:
    """Namespace (None for cluster-scoped objects) and name."""
    metadata = unwrap(inputs.get("metadata"))
    if not isinstance(metadata, dict):
        return UNKNOWN, UNKNOWN
    return metadata.get("namespace"), metadata.get("name")


def _auto_name(metadata: dict[str, Any], name: str, olds: Properties, seed: bytes) -> None:
    old = unwrap(olds.get("metadata")) or {}
    known = old.get("name") if _is_autonamed(olds) else None
    metadata["name"] = known or unique_name(f"{name}-", seed, _SUFFIX_LENGTH, _NAME_LIMIT)
    annotations = metadata.get("annotations")
    if annotations is None or isinstance(annotations, dict):
        metadata["annotations"] = {**(annotations or {}), AUTONAMED: "true"}
    elif isinstance(annotations, Secret) and isinstance(annotations.value, dict):
        metadata["annotations"] = Secret({**annotations.value, AUTONAMED: "true"})


def _is_autonamed(inputs: Properties) -> bool:
    metadata = unwrap(inputs.get("metadata"))
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(AUTONAMED) == "true"


def _projected(live: Any, inputs: Any) -> Any:
    """The part of a live value that the inputs speak of; what is gone is left out."""
    if isinstance(inputs, dict) and isinstance(live, dict):
        return {key: _projected(live[key], value) for key, value in inputs.items() if key in live}
    return inputs if isinstance(inputs, Unknown) else live


def _decoded(data: dict[str, str]) -> dict[str, str]:
    """A Secret's data as `stringData`; what is no text stays in base64 and so differs from any text."""
    decoded = {}
    for key, value in data.items():
        try:
            decoded[key] = base64.b64decode(value).decode()
        except (binascii.Error, UnicodeDecodeError):
            decoded[key] = value
    return decoded
