"""What scalars mean to go.yaml.in/yaml/v2, and what becomes of them on their way through JSON."""

import base64
import math
import re
import struct

TAG = "tag:yaml.org,2002:"
MERGE = "<<"

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    TAG + "bool": bool,
    TAG + "int": int,
    TAG + "float": float,
    TAG + "null": type(None),
    TAG + "timestamp": str,
}
_AFTER_POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = (
    (re.compile(r"[-+]?0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"[-+]?0[bB]([01]+)"), 2),
    (re.compile(r"[-+]?0[oO]([0-7]+)"), 8),
    (re.compile(r"[-+]?0([0-7]*)"), 8),
    (re.compile(r"[-+]?([1-9][0-9]*)"), 10),
)
_SIGN_AFTER_BASE = re.compile(r"0b([-+][01]+)")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]|( +))([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(Z|[-+]([0-9]{2}):([0-9]{2}))?)?"
)
_BASE_64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LEAST, _END, _UNSIGNED_END = -(1 << 63), 1 << 63, 1 << 64
_MOST_DIGITS = 64  # of 64 bits, in any base, leading zeros aside
_FLOAT32_DIGITS = 9
_LEAP_YEAR = 4  # as the year 0 is one
_MOST_HOURS, _MOST_MINUTES = 24, 60  # of a time zone, in time.Parse
_EXPONENT_BELOW, _EXPONENT_FROM = -4, 6

Scalar = str | bool | int | float | None


class Respelt(int):
    """A whole number that JSON writes in another way: 010, 0x1F, 1_0, 1e3, 1.0.

    Attributes:
        written: how it is written.
    """

    written: str

    @classmethod
    def of(cls, value: Scalar, written: str) -> Scalar:
        """The value, with its spelling where JSON has another."""
        if type(value) is not int or str(value) == written:
            return value
        made = cls(value)
        made.written = written
        return made


class ScalarError(Exception):
    """A scalar is not of the kind that its tag says, or cannot be told in JSON."""


def scalar(text: str, tag: str | None, *, plain: bool) -> Scalar:
    """The value of a scalar, as Go has it before it becomes JSON.

    Args:
        text: what is written, without quotes.
        tag: its tag, in full; None without one.
        plain: whether it stands without quotes and tag.

    Raises:
        ScalarError: its tag says something else.
    """
    if tag is None:
        return _resolved(text) if plain else text
    if tag == TAG + "binary":
        return _binary(text)
    if tag not in _TYPES:  # Go looks at no tags but its own
        return text
    value: Scalar = text if tag == TAG + "timestamp" and _is_timestamp(text) else _resolved(text)
    if tag == TAG + "timestamp" and not _is_timestamp(text):
        value = None
    if tag == TAG + "float" and type(value) is int and value < _END:
        value = float(value)
    if type(value) is not _TYPES[tag]:
        raise ScalarError(f"the value is not what its tag !!{tag.removeprefix(TAG)} says")
    return value


def in_json(value: Scalar) -> Scalar:
    """What is left of a value after Go has written it as JSON and read it again.

    Raises:
        ScalarError: JSON knows no such number.
    """
    if type(value) is int:
        return value if _LEAST <= value < _END else float(value)
    if type(value) is not float:
        return value
    if not math.isfinite(value):
        raise ScalarError("JSON, and so Kubernetes, knows no infinity and no .nan; quote it if it is a word")
    if not value.is_integer() or abs(value) >= _END:
        return value
    whole = _as_written(value)
    return whole if _LEAST <= whole < _END else value


def _as_written(whole: float) -> int:
    """A whole float in the digits that tell it from others, with zeros behind them: 2.0**62 is 4611686018427388000."""
    mantissa, _, power = repr(whole).partition("e")
    head, _, tail = mantissa.partition(".")
    return int(head + tail) * 10 ** (int(power) - len(tail)) if power else int(whole)


def key_text(key: Scalar) -> str:
    """A key as a string, as sigs.k8s.io/yaml writes it.

    Raises:
        ScalarError: the key is null or too large a number.
    """
    if type(key) is str:
        return key
    if key is None:
        raise ScalarError("a key is empty or null; quote it if it is a word")
    if type(key) is bool:
        return "true" if key else "false"
    if isinstance(key, int):
        if not _LEAST <= key < _END:
            raise ScalarError("a key is too large a number; quote it")
        return str(key)
    return _float_key(float(key))


def _resolved(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        number = _float(text.replace("_", "")) if _AFTER_POINT.fullmatch(text) else None
        return text if number is None else number
    if first not in "+-0123456789":
        return text
    plain = text.replace("_", "")
    for read in (_integer, _float, _signed_binary):
        if (found := read(plain)) is not None:
            return found
    return text


def _integer(plain: str) -> int | None:
    for pattern, base in _BASES:
        if match := pattern.fullmatch(plain):
            digits = match[1].lstrip("0")
            if len(digits) > _MOST_DIGITS:
                return None
            number = int(digits or "0", base)
            if plain[0] == "-":
                return -number if number <= _END else None
            return number if number < (_END if plain[0] == "+" else _UNSIGNED_END) else None
    return None


def _signed_binary(plain: str) -> int | None:
    """0b-1 and 0b+1, which Go takes because it cuts off the 0b by itself."""
    match = _SIGN_AFTER_BASE.fullmatch(plain)
    if not match or len(match[1]) > _MOST_DIGITS + 1:
        return None
    number = int(match[1], 2)
    return number if _LEAST <= number < _END else None


def _float(plain: str) -> float | None:
    if not _FLOAT.fullmatch(plain):
        return None
    number = float(plain)
    return number if math.isfinite(number) else None


def _is_timestamp(text: str) -> bool:
    """Whether one of the layouts fits that go.yaml.in/yaml/v2 gives to Go's time.Parse."""
    from datetime import datetime  # noqa: PLC0415 - few texts need it

    match = _TIMESTAMP.fullmatch(text)
    if not match:
        return False
    space, hour, zone = match.group(4, 5, 8)
    if hour and bool(space) is bool(zone):  # a zone stands behind T, and only there
        return False
    year, month, day = (int(part) for part in match.group(1, 2, 3))
    hours, minutes, seconds = (int(part or 0) for part in match.group(5, 6, 7))
    try:
        datetime(year or _LEAP_YEAR, month, day, hours, minutes, seconds)  # noqa: DTZ001 - only looked at; Python knows no year 0
    except ValueError:
        return False
    return int(match[9] or 0) <= _MOST_HOURS and int(match[10] or 0) <= _MOST_MINUTES


def _binary(text: str) -> str:
    joined = text.replace("\n", "").replace("\r", "")
    if not _BASE_64.fullmatch(joined):
        raise ScalarError("the value of !!binary is not base64")
    try:
        return base64.b64decode(joined).decode()
    except UnicodeDecodeError:
        # kubectl puts U+FFFD in place of each byte.
        raise ScalarError("the value of !!binary is not UTF-8, and would be changed on its way") from None


def _float_key(number: float) -> str:
    """A float as strconv.FormatFloat(number, 'g', -1, 32) writes it, with YAML's words."""
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        number = math.copysign(math.inf, number)
        packed = struct.pack("<f", number)
    if math.isnan(number):
        return ".nan"
    if math.isinf(number):
        return ".inf" if number > 0 else "-.inf"
    for precision in range(1, _FLOAT32_DIGITS + 1):
        written = f"{struct.unpack('<f', packed)[0]:.{precision - 1}e}"
        if struct.pack("<f", float(written)) == packed:
            break
    mantissa, _, power = written.partition("e")
    exponent = int(power)
    if _EXPONENT_BELOW <= exponent < _EXPONENT_FROM:
        return f"{float(written):.{max(0, precision - 1 - exponent)}f}"
    return f"{mantissa}e{exponent:+03d}"
