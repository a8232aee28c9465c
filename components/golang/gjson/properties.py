"""ESO's two ways of taking values out of a parameter: one property, or all members of an object."""

import json

from ...errors import ExtractError
from .json_values import members, whole_value
from .lookup import JsonDocument
from .property_errors import PropertyNotFoundError, shown
from .scan import Kind, to_byte_text, to_unicode
from .validity import depth_of_valid

_MAX_DEPTH = 10_000
"""How deep Go's encoding/json goes."""


def extract_property(text: str | JsonDocument, prop: str) -> str:
    """The value of a property (ESO: `remoteRef.property` of a Parameter Store secret).

    A property with dots is first looked up as one literal key, then as a path.

    Args:
        text: the parameter's value, or a document made of it where several properties are wanted.
        prop: the property: a gjson path.

    Returns:
        Strings without quotes, numbers and booleans as Go writes them, objects and arrays as their source text,
        and nothing for JSON null.

    Raises:
        PropertyNotFoundError: nothing is there.
        UnsupportedPathError: the path takes more work or nesting than is allowed.
    """
    document = text if isinstance(text, JsonDocument) else JsonDocument(text)
    if "." in prop:
        literal = document.get(prop.replace(".", "\\."))
        if literal.exists:
            return literal.string
    result = document.get(prop)
    if not result.exists:
        raise PropertyNotFoundError(f"property {shown(prop)} does not exist")
    return result.string


def object_entries(text: str) -> dict[str, str]:
    """The members of a JSON object (ESO: `dataFrom.extract`).

    Returns:
        Strings without quotes, JSON null as nothing, everything else as its source text. The last of duplicate keys
        counts, as in Go's encoding/json. Of the text `null`, no members.

    Raises:
        ExtractError: the text is not a JSON object.
    """
    byte_text = to_byte_text(text)
    depth = depth_of_valid(byte_text)
    value = whole_value(byte_text)
    if depth is None:
        raise ExtractError("the value is not valid JSON, so it has no members to extract")
    if depth > _MAX_DEPTH:
        raise ExtractError(f"the value is JSON nested deeper than {_MAX_DEPTH} levels")
    if value.kind is Kind.NULL:
        return {}
    if not value.is_object:
        raise ExtractError("the value is JSON but not an object, so it has no members to extract")
    entries: dict[str, str] = {}
    for key, member in members(value):
        text_of_member = "" if member.kind is Kind.NULL else _decoded(member.raw)
        entries[_decoded(key.raw)] = text_of_member
    return entries


def _decoded(raw: str) -> str:
    """The text of a JSON string with lone surrogates as U+FFFD; the source text of every other value."""
    if not raw.startswith('"'):
        return to_unicode(raw)
    return to_unicode(to_byte_text(str(json.loads(to_unicode(raw)))))
