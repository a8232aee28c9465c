"""Formats one value with a verb of Go's fmt: `%s`, `%05d`, `%-8.3f`, `%q`, `%#v`."""

from dataclasses import dataclass, replace

from ..floats import format_float
from .go_values import GoList, GoMap, Uint8, Value, type_name
from .printing import print_value
from .runes import INVALID, REPLACEMENT, decode, encode, quote
from .template_errors import FunctionError
from .times import Time

_BASES = {"b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_DIGITS = {2: "b", 8: "o", 16: "x"}
_PREFIXES = {"b": "0b", "x": "0x", "X": "0X"}
_STRING_VERBS = frozenset("vsxXq")
_INTEGER_VERBS = frozenset("vdboOxXcqU")
_FLOAT_VERBS = frozenset("veEfFgG")
_LAST_RUNE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_DEFAULT_PRECISION = 6
_LEAST_CODE_DIGITS = 4
_INT64 = 1 << 64
_OCTAL = 8


@dataclass(frozen=True, slots=True)
class Flags:
    """What stands between `%` and the verb."""

    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None

    def pad(self, text: str, *, zero: bool | None = None) -> str:
        """Fill up to the width, which counts characters."""
        if self.minus:
            return text.ljust(self.width or 0)
        return text.rjust(self.width or 0, "0" if (self.zero if zero is None else zero) else " ")


def format_value(verb: str, flags: Flags, value: Value) -> bytes:
    """One argument of printf; FunctionError where the verb is not supported here for such a value."""
    if verb == "p" and isinstance(value, GoMap | GoList):
        raise FunctionError("%p shows addresses, which are not supported")
    if value is None:
        return encode(flags.pad("<nil>") if verb in "Tv" else f"%!{verb}(<nil>)")
    if verb == "T":
        return _string("s", flags, type_name(value).encode())
    if verb == "w" and not isinstance(value, Time):
        # It wraps errors, of which there are none, and shows the value as a whole.
        return encode(f"%!w({type_name(value)}=") + _format("v", flags, value) + b")"
    return _format(verb, flags, value)


def _format(verb: str, flags: Flags, value: Value) -> bytes:  # noqa: C901, PLR0911 - one case for each type
    syntax = verb == "v" and flags.sharp
    match value:
        case None:
            return b"interface {}(nil)" if syntax else b"<nil>"
        case bool():
            return encode(flags.pad("true" if value else "false")) if verb in "tv" else _bad(verb, flags, value)
        case bytes():
            return _string("q" if syntax else verb, replace(flags, sharp=False) if syntax else flags, value)
        case float():
            return _float(verb, flags, value)
        case int():
            return _integer(verb, flags, value)
        case Time() if verb in _STRING_VERBS and not syntax:
            return _string(verb, flags, print_value(value))
        case Time():
            raise FunctionError(f"%{'#' * syntax}{verb} is not supported for a time")
        case GoMap():
            entries = [_format(verb, flags, key) + b":" + _format(verb, flags, item) for key, item in value.sorted()]
            opening = b"map["
        case GoList():
            entries = [_format(verb, flags, item) for item in value.items]
            opening = b"["
    if not syntax:
        return opening + b" ".join(entries) + b"]"
    name = type_name(value).encode()
    return name + b"(nil)" if value.is_nil else name + b"{" + b", ".join(entries) + b"}"


def _bad(verb: str, flags: Flags, value: Value) -> bytes:
    """What Go shows of a value that the verb does not take; the flags go for that too."""
    fitting = {bool: "t", bytes: "s", float: "g"}.get(type(value), "d")
    return encode(f"%!{verb}({type_name(value)}=") + _format(fitting, flags, value) + b")"


def _string(verb: str, flags: Flags, value: bytes) -> bytes:
    if verb not in _STRING_VERBS:
        return _bad(verb, flags, value)
    if verb in "xX":
        return encode(_hex(verb, flags, value[: flags.precision]))
    text = decode(value)[: flags.precision]
    if verb != "q":
        return encode(flags.pad(text))
    if flags.sharp and not any(character == "`" or not _in_backquotes(character) for character in text):
        return encode(flags.pad(f"`{text}`"))
    return encode(flags.pad(quote(encode(text), ascii_only=flags.plus)))


def _in_backquotes(character: str) -> bool:
    """What Go writes into a raw string: no control characters but tab, no byte order mark."""
    if INVALID.match(character) or character in "\ufeff\x7f":
        return False
    return character >= " " or character == "\t"


def _hex(verb: str, flags: Flags, value: bytes) -> str:
    pairs = [f"{byte:02x}" for byte in value]
    prefix = "0x" if flags.sharp and pairs else ""
    text = prefix + (f" {prefix}".join(pairs) if flags.space else "".join(pairs))
    return flags.pad(text.upper() if verb == "X" else text)


def _integer(verb: str, flags: Flags, value: int) -> bytes:
    if verb not in _INTEGER_VERBS:
        return _bad(verb, flags, value)
    if verb in "cq":
        code = value if 0 <= value <= _LAST_RUNE and value not in _SURROGATES else ord(REPLACEMENT)
        text = chr(code)
        return encode(flags.pad(text if verb == "c" else quote(text.encode(), "'", ascii_only=flags.plus)))
    if verb == "U":
        return encode(flags.pad(_code_point(flags, value % _INT64), zero=False))
    if isinstance(value, Uint8) and verb == "v" and flags.sharp:
        verb = "x"
    base = _BASES.get(verb, 10)
    digits = format(abs(value), {10: "d", **_DIGITS}[base])
    sign = "-" if value < 0 else "+" if flags.plus and verb != "v" else " " if flags.space else ""
    if flags.precision == 0 and value == 0:
        return b" " * (flags.width or 0)
    if flags.precision is not None:
        digits = digits.zfill(flags.precision)
    elif flags.zero:
        digits = digits.zfill((flags.width or 0) - len(sign))
    if flags.sharp and base == _OCTAL and not digits.startswith("0"):
        digits = "0" + digits
    prefix = "0o" if verb == "O" else _PREFIXES.get(verb, "") if flags.sharp else ""
    return encode(flags.pad(sign + prefix + (digits.upper() if verb == "X" else digits), zero=False))


def _code_point(flags: Flags, value: int) -> str:
    text = f"U+{value:0{max(flags.precision or 0, _LEAST_CODE_DIGITS)}X}"
    shows = flags.sharp and value <= _LAST_RUNE and value not in _SURROGATES and chr(value).isprintable()
    return f"{text} '{chr(value)}'" if shows else text


def _float(verb: str, flags: Flags, value: float) -> bytes:
    if verb in {"b", "x", "X"}:
        raise FunctionError(f"%{verb} is not supported for a float")
    if verb not in _FLOAT_VERBS:
        return _bad(verb, flags, value)
    if flags.sharp and verb != "v":
        raise FunctionError(f"%#{verb} is not supported for a float")
    plus = flags.plus and verb != "v"
    verb = {"v": "g", "F": "f"}.get(verb, verb)
    precision = flags.precision if flags.precision is not None or verb in "gG" else _DEFAULT_PRECISION
    number = format_float(value, verb, precision)
    if number[0] not in "+-":
        number = "+" + number
    if flags.space and number[0] == "+" and not plus:
        number = " " + number[1:]
    if number[1:] in {"Inf", "NaN"}:
        bare = number[1:] == "NaN" and not flags.space and not plus
        return encode(flags.pad(number[1:] if bare else number, zero=False))
    if not plus and number[0] == "+":
        return encode(flags.pad(number[1:]))
    if flags.zero and flags.width and flags.width > len(number):
        return encode(number[0] + number[1:].rjust(flags.width - 1, "0"))
    return encode(flags.pad(number))
