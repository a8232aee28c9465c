"""Functions that read and write JSON and YAML, and sprig's fail."""

from ..function import Family
from ..go_values import GoMap, Value
from ..json_text import parse_json, write_json
from ..runes import encode
from ..template_errors import FunctionError, LimitError
from ..yaml_read import read_yaml
from ..yaml_write import write_yaml

DOCUMENTS = Family()

_WEIGHT = 8
_YAML = 24


@DOCUMENTS.add("fromJson", weight=_WEIGHT)
def _from_json(text: bytes) -> Value:
    try:
        return parse_json(text, skips_huge=True)
    except LimitError:
        raise
    except FunctionError:
        return None


@DOCUMENTS.add("mustFromJson", weight=_WEIGHT)
def _must_from_json(text: bytes) -> Value:
    return parse_json(text)


@DOCUMENTS.add("toJson")
def _to_json(value: Value) -> bytes:
    return _or_nothing(value, None)


@DOCUMENTS.add("toPrettyJson")
def _to_pretty_json(value: Value) -> bytes:
    return _or_nothing(value, "  ")


def _or_nothing(value: Value, indent: str | None) -> bytes:
    try:
        return encode(write_json(value, indent=indent))
    except FunctionError:
        return b""


@DOCUMENTS.add("mustToJson")
def _must_to_json(value: Value) -> bytes:
    return encode(write_json(value))


@DOCUMENTS.add("mustToPrettyJson")
def _must_to_pretty_json(value: Value) -> bytes:
    return encode(write_json(value, indent="  "))


@DOCUMENTS.add("toRawJson", "mustToRawJson")
def _to_raw_json(value: Value) -> bytes:
    return encode(write_json(value, escape_html=False))


@DOCUMENTS.add("toYaml", weight=_WEIGHT)
def _to_yaml(value: Value) -> bytes:
    return encode(write_yaml(value))


@DOCUMENTS.add("fromYaml", weight=_YAML)
def _from_yaml(text: bytes) -> GoMap:
    try:
        return read_yaml(text)
    except LimitError:
        raise
    except FunctionError as error:
        # ESO's text is another one; what templates can ask is whether there is one.
        return GoMap({b"Error": str(error).encode()})


@DOCUMENTS.add("fail")
def _fail(message: bytes) -> bytes:
    raise FunctionError(f"the template gives up, with a message of {len(message)} bytes that could hold a value")
