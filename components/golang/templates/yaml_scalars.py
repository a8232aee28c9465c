"""What plain scalars of YAML mean in Go's yaml.v2, which sigs.k8s.io/yaml and so ESO use."""

import re

from .date_parse import parse_time
from .template_errors import FunctionError
from .unquote import parse_float, parse_integer

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BINARY = re.compile(r"-?0b[01]+")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = re.compile(r"[0-9]{4}-")
_TIMESTAMPS = (
    "2006-1-2T15:4:5.999999999Z07:00",
    "2006-1-2t15:4:5.999999999Z07:00",
    "2006-1-2 15:4:5.999999999",
    "2006-1-2",
)
_LEAST, _END = -(1 << 63), 1 << 64


def resolve(text: str) -> bool | float | str | None:
    """The value of a plain scalar; a timestamp stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        real = parse_float(text)
        return text if real is None else real
    if text[0] not in "+-0123456789" or is_timestamp(text):
        return text
    plain = text.replace("_", "")
    integer = parse_integer(plain)
    if integer is not None and _LEAST <= integer < (_END if plain[0] not in "+-" else -_LEAST):
        return integer
    number = _float(plain, text)
    if number is text and _BINARY.fullmatch(plain):
        return int(plain.replace("0b", ""), 2)
    return number


def _float(plain: str, text: str) -> float | str:
    if not _FLOAT.fullmatch(plain):
        return text
    number = float(plain)
    return text if number in {float("inf"), float("-inf")} else number


def is_timestamp(text: str) -> bool:
    """Whether a plain scalar is a date, or date and time."""
    if not _DATE.match(text):
        return False
    for layout in _TIMESTAMPS:
        try:
            parse_time(layout, text)
        except FunctionError:
            continue
        return True
    return False


def needs_quotes(text: str) -> bool:
    """Whether a string would not be read as the same string if it were written plainly."""
    return text in _WORDS or resolve(text) is not text or is_timestamp(text) or bool(_BASE_60.fullmatch(text))
