"""Go's strings as text and back: bytes that are no UTF-8 stay what they are, as lone surrogates of Python."""

import re

INVALID = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8."""
_SURROGATE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
_DELETE, _TWO_BYTES = 0x7F, 0x10000


def decode(text: bytes) -> str:
    """A Go string as text, one character for each rune and for each byte that is no UTF-8."""
    return text.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


def utf8(text: str) -> bytes:
    """UTF-8; half a pair of surrogates, which Go's strings do not have, becomes U+FFFD."""
    return _SURROGATE.sub(REPLACEMENT, text).encode()


def decode_valid(text: bytes) -> str:
    """A Go string as text; each byte that is no UTF-8 becomes U+FFFD."""
    return INVALID.sub(REPLACEMENT, decode(text))


def quote(text: bytes, mark: str = '"', *, ascii_only: bool = False) -> str:
    """Go's strconv.Quote: a constant of Go for the text."""
    return mark + "".join(_quoted(character, mark, ascii_only=ascii_only) for character in decode(text)) + mark


def _quoted(character: str, mark: str, *, ascii_only: bool) -> str:
    code = ord(character)
    if INVALID.match(character):
        return f"\\x{code & 0xFF:02x}"
    if character == mark:
        return "\\" + mark
    if code in _ESCAPES:
        return _ESCAPES[code]
    if character.isprintable() and (code < _DELETE or not ascii_only):
        return character
    if code < ord(" ") or code == _DELETE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _TWO_BYTES else f"\\U{code:08x}"


def code_point(code: int) -> bytes:
    """What fmt's `%#U` prints: `U+0067 'g'`."""
    character = chr(code)
    shown = f" '{character}'" if character.isprintable() else ""
    return f"U+{code:04X}{shown}".encode()
