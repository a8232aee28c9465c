"""From what a client sent to the object that is stored: types checked, unknown fields found, values in normal form.

The normal form is what the real server answers with: no nulls, no empty maps or lists, `stringData` merged into `data`,
base64 without line breaks.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from .schema import Atomic, ListMap, MapOf, Scalar, SetOf, Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import Kind
    from .schema import FieldType

_GO_TYPES: Final = {"string": "string", "boolean": "bool", "integer": "int64", "bytes": "[]uint8"}
_PYTHON_TYPES: Final[dict[str, type]] = {"string": str, "boolean": bool, "integer": int, "bytes": str}


class DecodeError(ValueError):
    """A body of the wrong shape; the text is the real server's and may quote what was sent, as the real one's does."""


class _Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a date stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse_json(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        DecodeError: It is not JSON. The text says no more, because a body holds values.
    """
    try:
        return json.loads(body)
    except ValueError:
        raise DecodeError("couldn't get version/kind; json parse error: invalid character in the body") from None


def parse_yaml(body: bytes) -> Any:
    """Parse YAML or JSON.

    Raises:
        DecodeError: It is neither. The text says no more, because a body holds values.
    """
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        return yaml.load(body, Loader=_Loader)  # noqa: S506 - _Loader is a safe loader
    except (yaml.YAMLError, ValueError):
        raise DecodeError("yaml: the body is not valid YAML") from None


def decoded(kind: Kind, raw: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The object in normal form, and the dotted names of fields that the kind does not have.

    Raises:
        DecodeError: A value has the wrong type, or base64 is wrong.
    """
    unknown: list[str] = []
    normal = _struct(kind.schema, raw, (kind.name,), unknown)
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
    if isinstance(kind, Struct):
        return _struct(kind, raw, path, unknown)
    if isinstance(kind, MapOf):
        if not isinstance(raw, dict):
            raise _mismatch(raw, path, f"map[string]{_GO_TYPES[kind.element.of]}")
        return {str(key): "" if value is None else _scalar(kind.element, value, path) for key, value in raw.items()}
    if not isinstance(raw, dict if isinstance(kind, Atomic) and kind.of == "map" else list):
        raise _mismatch(raw, path, "[]string" if isinstance(kind, SetOf) else "[]v1." + path[-1])
    if isinstance(kind, ListMap):
        return [_struct(kind.element, item, path, unknown) for item in raw]
    if isinstance(kind, SetOf):
        return [_scalar(kind.element, item, path) for item in raw]
    return raw


def _scalar(kind: Scalar, raw: Any, path: tuple[str, ...]) -> Any:
    wanted = _PYTHON_TYPES[kind.of]
    if not isinstance(raw, wanted) or (wanted is int and isinstance(raw, bool)):
        raise _mismatch(raw, path, _GO_TYPES[kind.of])
    return base64.b64encode(decode_base64(raw)).decode() if kind.of == "bytes" else raw


def _mismatch(raw: Any, path: tuple[str, ...], go_type: str) -> DecodeError:
    names = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
    field = ".".join(path[1:])
    within = f"Go struct field {path[0]}.{field}" if field else "Go value"
    return DecodeError(f"json: cannot unmarshal {names.get(type(raw), 'value')} into {within} of type {go_type}")


def decode_base64(text: str) -> bytes:
    """Decode as Go's `base64.StdEncoding`: line breaks are skipped, everything else must be right.

    Raises:
        DecodeError: With the position of the first wrong byte, as Go says it.
    """
    try:
        return binascii.a2b_base64(text.encode(), strict_mode=True)
    except binascii.Error:
        pass
    bare = re.sub("[\r\n]", "", text)
    try:
        return binascii.a2b_base64(bare.encode(), strict_mode=True)
    except binascii.Error:
        raise DecodeError(f"illegal base64 data at input byte {_first_wrong_byte(text)}") from None


def _first_wrong_byte(text: str) -> int:
    raw = text.encode()
    seen = 0
    for position, byte in enumerate(raw):
        if byte in b"\r\n":
            continue
        if byte == ord("="):
            return _wrong_padding(raw, position, seen % 4)
        if not (chr(byte).isascii() and (chr(byte).isalnum() or byte in b"+/")):
            return position
        seen += 1
    return len(raw) - seen % 4


def _wrong_padding(raw: bytes, position: int, filled: int) -> int:
    """Where Go sees the mistake, for the first `=` at `position` after `filled` characters of its group."""
    if filled < 2:  # noqa: PLR2004 - a group of four needs two characters at least
        return position
    rest = re.sub(rb"[\r\n]", b"", raw[position + 1 :])
    if filled == 2:  # noqa: PLR2004 - a second `=` must follow
        if not rest:
            return len(raw)
        if rest[:1] != b"=":
            return position
        return position + 2
    return position + 1


def typed_errors(kind: Kind, raw: dict[str, Any]) -> list[str]:
    """What keeps a server-side apply from being read as this kind: undeclared fields and wrong types."""
    errors: list[str] = []
    _typed(kind.schema, raw, "", errors.append)
    return errors


def _typed(kind: FieldType, raw: Any, path: str, report: Callable[[str], None]) -> None:
    if raw is None:
        return
    if isinstance(kind, Scalar):
        wanted = _PYTHON_TYPES[kind.of]
        if not isinstance(raw, wanted) or (wanted is int and isinstance(raw, bool)):
            name = "string" if kind.of == "bytes" else "numeric (int or float)" if kind.of == "integer" else kind.of
            report(f"{path}: expected {name}, got &value.valueUnstructured{{Value:{_go_value(raw)}}}")
    elif isinstance(kind, Struct | MapOf):
        if not isinstance(raw, dict):
            report(f"{path}: expected map, got &{{{_go_value(raw)}}}")
            return
        for name, value in raw.items():
            element = kind.fields.get(name) if isinstance(kind, Struct) else kind.element
            if element is None:
                report(f"{path}.{name}: field not declared in schema")
            else:
                _typed(element, value, f"{path}.{name}", report)
    elif isinstance(kind, SetOf | ListMap):
        _typed_list(kind, raw, path, report)


def _typed_list(kind: SetOf | ListMap, raw: Any, path: str, report: Callable[[str], None]) -> None:
    if not isinstance(raw, list):
        report(f"{path}: expected list, got &{{{_go_value(raw)}}}")
        return
    seen: set[str] = set()
    for position, item in enumerate(raw):
        key = item.get(kind.key) if isinstance(kind, ListMap) and isinstance(item, dict) else item
        element = f'[{kind.key}="{key}"]' if isinstance(kind, ListMap) else f'["{key}"]'
        if isinstance(kind, ListMap) and not isinstance(item, dict):
            report(f"{path}: element {position}: associative list with keys may not have non-map elements")
            continue
        if isinstance(kind, ListMap) and key is None:
            report(
                f'{path}: element {position}: associative list with keys has an element that omits key field "{kind.key}"'
                " (and doesn't have default value)"
            )
            continue
        if element in seen:
            report(f"{path}: duplicate entries for key {element}")
        seen.add(element)
        _typed(kind.element, item, f"{path}{element}", report)


def _go_value(raw: Any) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    return json.dumps(raw) if isinstance(raw, str) else str(raw)
