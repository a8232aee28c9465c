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


def _or_nothing(value: Value, indent: str | None) -> bytes:
    try:
        return encode(write_json(value, indent=indent))
    except FunctionError:
        return b""


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


DOCUMENTS.table(
    {"mustFromJson(string)": parse_json, "toYaml(any)": lambda value: encode(write_yaml(value))}, weight=_WEIGHT
)


DOCUMENTS.table(
    {
        "toJson(any)": lambda value: _or_nothing(value, None),
        "toPrettyJson(any)": lambda value: _or_nothing(value, "  "),
        "mustToJson(any)": lambda value: encode(write_json(value)),
        "mustToPrettyJson(any)": lambda value: encode(write_json(value, indent="  ")),
        "toRawJson|mustToRawJson(any)": lambda value: encode(write_json(value, escape_html=False)),
    }
)
