"""From what a client sent to the object that is stored: types checked, unknown fields found, values in normal form.

The normal form is what the real server answers with: no nulls, no empty maps or lists, `stringData` merged into `data`,
base64 without line breaks.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import yaml

from .go_base64 import decode_base64
from .go_json import DecodeError, syntax_mistake, type_name
from .schema import Atomic, ListMap, MapOf, Scalar, SetOf, Struct, is_of

if TYPE_CHECKING:
    from .go_base64 import decode_base64
    from .kinds import Kind
from .schema import FieldType

_GO_TYPES: Final = {"string": "string", "boolean": "bool", "integer": "int64", "bytes": "[]uint8"}


class _Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a date stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse_json(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        DecodeError: It is not JSON. The text quotes no more than a character, because a body holds values.
    """
    try:
        return json.loads(body)
    except ValueError:
        raise DecodeError(syntax_mistake(body)) from None


def parse_yaml(body: bytes) -> Any:
    """Parse YAML or JSON.

    Raises:
        DecodeError: It is neither. The text quotes nothing, because a body holds values.
    """
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        return yaml.load(body, Loader=_Loader)  # noqa: S506 - _Loader is a safe loader
    except yaml.MarkedYAMLError as mistake:
        line = mistake.problem_mark.line + 1 if mistake.problem_mark else 1
        raise DecodeError(f"error converting YAML to JSON: yaml: line {line}: {mistake.problem}") from None
    except (yaml.YAMLError, ValueError):
        raise DecodeError("error converting YAML to JSON: yaml: control characters are not allowed") from None


def decoded(kind: Kind, raw: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The object in normal form, and the dotted names of fields that the kind does not have.

    Raises:
        DecodeError: A value has the wrong type, or base64 is wrong.
    """
    unknown: list[str] = []
    normal = _struct(kind.schema, raw, (kind.name,), unknown)
    managers = (raw.get("metadata") or {}).get("managedFields")
    if managers == []:  # an empty list is a request to forget all owners, so it must be seen
        normal.setdefault("metadata", {})["managedFields"] = managers
    texts = normal.pop("stringData", None)
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        normal["data"] = normal.get("data", {}) | encoded
    return normal, unknown


def _struct(kind: Struct, raw: Any, path: tuple[str, ...], unknown: list[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _mismatch(raw, path, f"v1.{'ObjectMeta' if path[-1] == 'metadata' else path[0]}")
    normal: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in kind.fields:
            unknown.append(".".join((*path[1:], name)))
            continue
        part = _normal(kind.fields[name], value, (*path, name), unknown)
        if part is not None and part not in ("", {}, []):
            normal[name] = part
    return normal


def _normal(kind: FieldType, raw: Any, path: tuple[str, ...], unknown: list[str]) -> Any:
    if raw is None:
        return None
    if isinstance(kind, Scalar):
        return _scalar(kind, raw, path)
    if isinstance(kind, Atomic) and kind.of_any:
        return raw
    if isinstance(kind, Struct):
        return _struct(kind, raw, path, unknown)
    if isinstance(kind, MapOf):
        return _map(kind, raw, path)
    return _list(kind, raw, path, unknown)


def _map(kind: MapOf, raw: Any, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _mismatch(raw, path, f"map[string]{_GO_TYPES[kind.element.of]}")
    return {str(key): "" if value is None else _scalar(kind.element, value, path) for key, value in raw.items()}


def _list(kind: SetOf | ListMap | Atomic, raw: Any, path: tuple[str, ...], unknown: list[str]) -> list[Any]:
    if not isinstance(raw, list):
        raise _mismatch(raw, path, "[]string" if isinstance(kind, SetOf) else "[]v1." + path[-1])
    if isinstance(kind, ListMap):
        return [_struct(kind.element, item, path, unknown) for item in raw]
    if isinstance(kind, SetOf):
        return [_scalar(kind.element, item, path) for item in raw]
    return raw


def _scalar(kind: Scalar, raw: Any, path: tuple[str, ...]) -> Any:
    if not is_of(kind, raw):
        raise _mismatch(raw, path, _GO_TYPES[kind.of])
    return base64.b64encode(decode_base64(raw)).decode() if kind.of == "bytes" else raw


def _mismatch(raw: Any, path: tuple[str, ...], go_type: str) -> DecodeError:
    field = ".".join(path[1:])
    holder = "ObjectMeta" if path[1:2] == ("metadata",) and len(path) > 2 else path[0]  # noqa: PLR2004 - below metadata
    within = f"Go struct field {holder}.{field}" if field else "Go value"
    return DecodeError(f"json: cannot unmarshal {type_name(raw)} into {within} of type {go_type}")
