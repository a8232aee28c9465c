"""The value of a pushed parameter: made of the keys of a Secret, and merged into the JSON that is there."""

from __future__ import annotations

import base64
import json

from ...errors import ExtractError
from ...golang.gjson import obstacle, with_property
from ..secret_value import Secret
from ..service_writing import Writing
from .expansion import Contents, converted_keys
from .wanted_parameters import Part, WantedParameter


def missing_key(parameter: WantedParameter, contents: Contents) -> str | None:
    """The key that a parameter needs and the Secret has not; None where it has all."""
    keys = ((part.secret_key, _keys(part, contents)) for part in parameter.parts)
    return next((key for key, there in keys if key is not None and key not in there), None)


def part_values(parameter: WantedParameter, contents: Contents, writing: Writing) -> list[tuple[Part, Secret]]:
    """What each part of a parameter is to hold.

    Raises:
        ExtractError: a key is missing, or it is to be text and is none; no value is quoted.
    """
    return [(part, _value(part, contents, parameter, writing)) for part in parameter.parts]


def merged(parts: list[tuple[Part, Secret]], current: Secret | None, noun: str = "parameter") -> Secret:
    """The parameter's whole value.

    Args:
        parts: see `part_values`.
        current: the value that is there; of use for properties alone.
        noun: what the service calls it.

    Raises:
        ExtractError: the value that is there is not JSON that a property can be written into, or would lose something.
    """
    if len(parts) == 1 and parts[0][0].property is None:
        return parts[0][1]
    text = "" if current is None else current.reveal()
    for part, value in parts:
        if part.property is not None and (problem := obstacle(text, part.property)):
            raise ExtractError(f"the {noun}'s value: {problem}; correct it, or write to another property")
        text = value.reveal() if part.property is None else with_property(text, part.property, value.reveal())
    return Secret(text)


def check_value(value: Secret, parameter: WantedParameter, writing: Writing) -> None:
    """Check what AWS would refuse.

    Raises:
        ExtractError: it would refuse the value, which is not quoted.
    """
    problem = writing.value_problem(value, parameter.metadata)
    if problem:
        raise ExtractError(f"{_sources(parameter)} {problem}")


def _sources(parameter: WantedParameter) -> str:
    return "what is pushed" if len(parameter.parts) > 1 else str(parameter.parts[0])


def _keys(part: Part, contents: Contents) -> dict[str, bytes]:
    """The keys of the Secret that a part comes from, as it names them."""
    found = contents.get(part.secret, {}) if part.secret is not None else next(iter(contents.values()), {})
    return {key: found[own] for key, own in converted_keys(found, converted=part.converted).items()}


def _value(part: Part, contents: Contents, parameter: WantedParameter, writing: Writing) -> Secret:
    keys = _keys(part, contents)
    if part.secret_key is None:
        encoded = writing.is_encoded(parameter.metadata)
        values = {
            key: base64.b64encode(value).decode() if encoded else _text(key, value, writing)
            for key, value in sorted(keys.items(), key=lambda each: each[0].encode("utf-8", "surrogatepass"))
            if part.keys is None or key in part.keys
        }
        text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
        # As Go's encoding/json, which escapes these two in any case.
        return Secret(text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
    if part.secret_key not in keys:
        raise ExtractError(f"secret key {part.secret_key} does not exist")
    value = keys[part.secret_key]
    if part.property is None and writing.takes_bytes(parameter.metadata):
        return Secret(value)
    return Secret(_text(part.secret_key, value, writing))


def _text(key: str, value: bytes, writing: Writing) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise ExtractError(f"key {key!r} holds bytes that are not UTF-8, {writing.without_bytes}") from None
