"""Whether a server-side apply's configuration is of its kind: undeclared fields and wrong types.

Texts as structured-merge-diff's `typed/validate.go`; like the real server's they quote a value of the wrong type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .schema import ListMap, MapOf, Scalar, SetOf, Struct, is_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kinds import Kind
    from .schema import FieldType

_EXPECTED: Final = {"string": "string", "bytes": "string", "boolean": "boolean", "integer": "numeric (int or float)"}


def first_mistake(kind: Kind, config: dict[str, Any]) -> str:
    """The first mistake that the walk meets, or empty."""
    return next(_mistakes(kind.schema, config, ""), "")


def _mistakes(kind: FieldType, raw: Any, path: str) -> Iterator[str]:
    if raw is None:
        return
    if isinstance(kind, Scalar):
        if not is_of(kind, raw):
            shown = (
                f"&{{{_plain(raw)}}}" if kind.of == "boolean" else f"&value.valueUnstructured{{Value:{_sharp(raw)}}}"
            )
            yield f"{path}: expected {_EXPECTED[kind.of]}, got {shown}"
    elif isinstance(kind, Struct | MapOf):
        if not isinstance(raw, dict):
            yield f"{path}: expected map, got &{{{_plain(raw)}}}"
            return
        for name, value in raw.items():
            element = kind.fields.get(name) if isinstance(kind, Struct) else kind.element
            if element is None:
                yield f"{path}.{name}: field not declared in schema"
            else:
                yield from _mistakes(element, value, f"{path}.{name}")
    elif isinstance(kind, SetOf | ListMap):
        yield from _list_mistakes(kind, raw, path)


def _list_mistakes(kind: SetOf | ListMap, raw: Any, path: str) -> Iterator[str]:
    if not isinstance(raw, list):
        yield f"{path}: expected list, got &{{{_plain(raw)}}}"
        return
    seen: set[str] = set()
    for position, item in enumerate(raw):
        if isinstance(kind, ListMap):
            if not isinstance(item, dict):
                yield f"{path}: element {position}: associative list with keys may not have non-map elements"
                continue
            if item.get(kind.key) is None:
                yield (
                    f"{path}: element {position}: associative list with keys has an element that omits key field "
                    f'"{kind.key}" (and doesn\'t have default value)'
                )
                continue
            element = f'[{kind.key}="{item[kind.key]}"]'
        else:
            element = f'[="{item}"]'
        if element in seen:
            yield f"{path}: duplicate entries for key {element}"
        seen.add(element)
        yield from _mistakes(kind.element, item, f"{path}{element}")


def _plain(raw: Any) -> str:
    """A decoded value as Go's %v prints it."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, list):
        return f"[{' '.join(map(_plain, raw))}]"
    if isinstance(raw, dict):
        return f"map[{' '.join(f'{key}:{_plain(raw[key])}' for key in sorted(raw))}]"
    return "<nil>" if raw is None else str(raw)


def _sharp(raw: Any) -> str:
    """A decoded value as Go's %#v prints it."""
    if isinstance(raw, list):
        return f"[]interface {{}}{{{', '.join(map(_sharp, raw))}}}"
    if isinstance(raw, dict):
        pairs = ", ".join(f'"{key}":{_sharp(raw[key])}' for key in sorted(raw))
        return f"map[string]interface {{}}{{{pairs}}}"
    return _plain(raw)
