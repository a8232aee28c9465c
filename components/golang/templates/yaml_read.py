"""Reads YAML as sigs.k8s.io/yaml does, which ESO uses: by way of JSON, with the words and numbers of YAML 1.1."""

import re
from typing import Any

import yaml

from ..floats import format_float32
from .base64_text import decode_base64
from .go_values import GoMap
from .json_text import from_plain
from .limits import MAX_DEPTH, MAX_ITEMS
from .runes import INVALID, decode, decode_valid, encode, utf8
from .template_errors import FunctionError, LimitError
from .yaml_scalars import resolve

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_STRING_TAGS = frozenset({"!", _TAG + "str"})
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "null": (type(None),),
    "timestamp": (str,),
}


_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
"""An escaped slash, which JSON and YAML 1.2 know, and Go's yaml.v2 does not."""


class _Merge:
    """Stands for the key `<<`."""


_MERGE = _Merge()


def read_yaml(text: bytes) -> GoMap:
    """A YAML document as a map of Go; numbers are float64, and keys that are numbers or booleans become strings.

    Raises:
        FunctionError: the text is no YAML, is something else than a map, or holds what JSON does not.
    """
    value = from_plain(_document(text))
    return value if isinstance(value, GoMap) else GoMap()


def read_entries(text: bytes) -> dict[str, bytes]:
    """A YAML document as a map of strings; numbers and booleans become strings, and null an empty one.

    Raises:
        FunctionError: the text is no YAML, or is something else than such a map.
    """
    return {key: _text(number, value) for number, (key, value) in enumerate(_document(text).items(), start=1)}


def _text(number: int, value: object) -> bytes:
    match value:
        case None:
            return b""
        case str():
            return utf8(value)
        case bool():
            return b"true" if value else b"false"
        case int():
            return str(value).encode()
        case float():
            return format_float32(value).encode()
    # The key is not shown: where the text is not what it was meant to be, it could be a value.
    raise FunctionError(f"the value of key number {number} is a list or map instead of a string")


def _document(text: bytes) -> dict[str, object]:
    """The map that is the first document of a text; an empty one for an empty document."""
    decoded = decode(text)
    if INVALID.search(decoded):
        raise FunctionError("the string is not UTF-8")
    try:
        plain = _Reader(decoded).document()
    except yaml.YAMLError:
        raise FunctionError("the string is not valid YAML") from None
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise FunctionError("the string is YAML, but not a map")
    return plain


class _Reader:
    """Builds the values of one document from the parser's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = yaml.parse(text, Loader=_Loader)
        self._anchors: dict[str, tuple[object, int]] = {}
        self._left = MAX_ITEMS

    def document(self) -> object:
        for event in self._events:
            if isinstance(event, yaml.StreamEndEvent):
                return None
            if isinstance(event, yaml.DocumentStartEvent):
                value = self._value(next(self._events), 0)[0]
                # The document has to end well; what follows it is of no matter.
                next(self._events)
                return value
        return None

    def _value(self, event: Any, depth: int, *, is_key: bool = False) -> tuple[object, int]:
        """A value, and how many values there are in it, which bounds what aliases can multiply."""
        if depth > MAX_DEPTH:
            raise LimitError(f"the string is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise FunctionError("the string is not valid YAML")
            value, size = self._anchors[event.anchor]
            self._spend(size)
            return value, size
        before = self._left
        self._spend(1)
        value = self._built(event, depth, is_key=is_key)
        size = before - self._left
        if event.anchor:
            self._anchors[event.anchor] = (value, size)
        return value, size

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise LimitError(f"the string holds more than {MAX_ITEMS} values")

    def _built(self, event: Any, depth: int, *, is_key: bool) -> object:
        if isinstance(event, yaml.ScalarEvent):
            self._check_escapes(event)
            return _scalar(event, is_key=is_key)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[object] = []
            while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(following, depth + 1)[0])
            return items
        entries: dict[str, object] = {}
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._value(following, depth + 1, is_key=True)[0]
            value = self._value(next(self._events), depth + 1)[0]
            if key is _MERGE:
                _merge(entries, value)
            else:
                entries[_key(key)] = value
        return entries

    def _check_escapes(self, event: Any) -> None:
        """Refuse an escape that the parser here knows, and Go's does not."""
        if event.style == '"' and _SLASH.search(self._text, event.start_mark.index, event.end_mark.index):
            raise FunctionError("the string is not valid YAML: it escapes a slash")


def _merge(entries: dict[str, object], value: object) -> None:
    """What `<<` adds; of several maps the first wins."""
    for source in reversed(value) if isinstance(value, list) else [value]:
        if not isinstance(source, dict):
            raise FunctionError("the string is not valid YAML: << takes maps")
        entries.update(source)


def _scalar(event: Any, *, is_key: bool) -> object:
    text = str(event.value)
    if event.tag in _STRING_TAGS or (event.tag is None and not event.implicit[0]):
        return text
    if event.tag == _TAG + "binary":
        try:
            return decode_valid(decode_base64(encode(text)))
        except FunctionError as error:
            raise FunctionError(f"the string is not valid YAML: {error}") from None
    if is_key and text == "<<":
        return _MERGE
    value = resolve(text)
    if event.tag is not None:
        name = event.tag.removeprefix(_TAG)
        if name not in _TYPES:
            return text
        if not isinstance(value, _TYPES[name]):
            raise FunctionError("the string is not valid YAML: a value is not of the type of its tag")
        value = float(value) if name == "float" and isinstance(value, int) else value
    return value


def _key(key: object) -> str:
    """A key as text."""
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case int():
            return str(key)
        case float():
            special = {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}
            return special.get(format_float32(key), format_float32(key))
    raise FunctionError("the string is YAML, but a key in it is no text")
