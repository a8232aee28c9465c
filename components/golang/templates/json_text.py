"""Reads and writes JSON as Go's encoding/json does."""

import json
import math

from ..floats import json_float
from .date_format import RFC3339_NANO, format_time
from .go_values import GoList, GoMap, Value
from .limits import MAX_DEPTH
from .runes import INVALID, decode, decode_valid, utf8
from .template_errors import FunctionError, LimitError
from .times import Time

_ALWAYS = {
    '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
    "\u2028": "\\u2028", "\u2029": "\\u2029",
    **{chr(code): f"\\u{code:04x}" for code in range(0x20) if chr(code) not in "\b\f\n\r\t"},
}  # fmt: skip
_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
_RAW = str.maketrans(_ALWAYS)
_ESCAPED = str.maketrans(_ALWAYS | _HTML)
_ESCAPED_REPLACEMENT = r"\\ufffd"
_BLANKS = " \t\r\n"
_TOO_DEEP = f"the string is nested deeper than {MAX_DEPTH} levels"


def parse_json(text: bytes, *, skips_huge: bool = False) -> Value:
    """A JSON text as Go's json.Unmarshal reads it into an interface: every number is a float64.

    With `skips_huge`, a number that is no float64 becomes nil, which is what Unmarshal leaves behind besides its error.

    Raises:
        FunctionError: the text is no JSON, or holds a number that is no float64.
        LimitError: it is nested too deep.
    """
    read_number = _number_or_nothing if skips_huge else _number
    try:
        # U+FEFF and other blanks of Unicode are none of JSON's; Python takes NaN and Infinity, which Go does not.
        parsed = json.loads(
            decode_valid(text).strip(_BLANKS), parse_int=read_number, parse_float=read_number, parse_constant=_number
        )
    except ValueError:
        raise FunctionError("the string is not valid JSON") from None
    except RecursionError:
        raise LimitError(_TOO_DEEP) from None
    return from_plain(parsed)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _number_or_nothing(text: str) -> float | None:
    try:
        return _number(text)
    except ValueError:
        return None


def from_plain(parsed: object, depth: int = 0) -> Value:
    """Go's value of what Python's JSON or YAML readers give, but for infinity, NaN and what is nested too deep."""
    if depth > MAX_DEPTH:
        raise LimitError(_TOO_DEEP)
    match parsed:
        case None | bool():
            return parsed
        case int() | float():
            if not math.isfinite(parsed):
                raise FunctionError("infinity and NaN are not in JSON")
            return float(parsed)
        case str():
            return utf8(parsed)
        case list():
            return GoList([from_plain(item, depth + 1) for item in parsed])
        case dict():
            return GoMap({utf8(key): from_plain(item, depth + 1) for key, item in parsed.items()})
    raise TypeError(type(parsed).__name__)


def quote_json(text: bytes, *, escape_html: bool = True) -> str:
    """A string of JSON; a byte that is no UTF-8 becomes the escape of U+FFFD."""
    # U+FFFD itself stays as it is; only what stands for a broken byte is escaped.
    escaped = decode(text).translate(_ESCAPED if escape_html else _RAW)
    return f'"{INVALID.sub(_ESCAPED_REPLACEMENT, escaped)}"'


def write_json(value: Value, *, escape_html: bool = True, indent: str | None = None) -> str:
    """A value as JSON, keys sorted.

    Args:
        value: what to write.
        escape_html: also escape `<`, `>` and `&`, which is Go's habit.
        indent: what each level is indented by; None for all on one line.

    Raises:
        FunctionError: infinity and NaN are no JSON.
    """
    return _written(value, escape_html, indent, "\n")


def _written(value: Value, escape_html: bool, indent: str | None, line: str) -> str:  # noqa: C901, FBT001, PLR0911 - one case for each type
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case bytes():
            return quote_json(value, escape_html=escape_html)
        case int():
            return str(int(value))
        case float():
            if not math.isfinite(value):
                raise FunctionError("infinity and NaN cannot be written as JSON")
            return json_float(value)
        case Time():
            return f'"{format_time(RFC3339_NANO, value)}"'
        case GoMap() | GoList() if value.is_nil:
            return "null"
    inner = "" if indent is None else line + indent
    if isinstance(value, GoMap):
        colon = ":" if indent is None else ": "
        entries = [
            f"{quote_json(key, escape_html=escape_html)}{colon}{_written(item, escape_html, indent, inner)}"
            for key, item in value.sorted()
        ]
        opening, closing = "{}"
    else:
        entries = [_written(item, escape_html, indent, inner) for item in value.items]
        opening, closing = "[]"
    if not entries:
        return opening + closing
    return opening + inner + f",{inner}".join(entries) + ("" if indent is None else line) + closing
