"""Finds where JSON values end in a text that need not be valid JSON, as Go's gjson does.

gjson works on bytes. So do we, but as `str` with one character per UTF-8 byte ("byte text"): slices and comparisons
then mean what they mean in Go, and the code stays readable. `to_byte_text` and `to_unicode` are the two doors.
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    """gjson's types of a result."""

    NULL = "Null"
    FALSE = "False"
    NUMBER = "Number"
    STRING = "String"
    TRUE = "True"
    JSON = "JSON"


UNTERMINATED = -1
"""The end of a string that has no closing quote."""

STRING_REST = re.compile(r'[^"\\]*+(\\.[^"\\]*+)*+"', re.DOTALL)
"""What follows an opening quote, up to the closing one; group 1 is there when the string holds an escape."""
VALUE_START = re.compile(r'["{\[ntf+\-0-9iIN]')
"""gjson takes anything that starts so for a value and skips everything else on its way there."""

_TO_BRACKET = re.compile(r'(?:[^"{}\[\]()]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\]()])?', re.DOTALL)
_LITERAL_REST = re.compile(r"[a-z]*+")
_NUMBER_REST = re.compile(r"[^\x00- ,\]}]*+")
_NOT_BYTES = re.compile("[\udc80-\udcff]")
_PLAIN = re.compile(r"[^\\\x00-\x1f]*+")
_FOUR_HEX = re.compile(r"[0-9a-fA-F]{4}")
_SHORT_ESCAPES = {"\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"'}
_SHORT_QUOTES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"'}
_TO_QUOTE = re.compile('[\x00-\x1f<>&\\\\"\u2028\u2029]')


def to_byte_text(text: str) -> str:
    """Unicode text as byte text; lone surrogates become U+FFFD, as everywhere in Go."""
    if text.isascii():
        return text
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        encoded = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return encoded.decode("latin-1")


def to_unicode(text: str) -> str:
    """Byte text as Unicode text; each byte that is not UTF-8 becomes U+FFFD, as in Go."""
    return text if text.isascii() else _NOT_BYTES.sub("\ufffd", characters(text))


def characters(text: str) -> str:
    """Byte text with one character for each of Go's runes, for `?` in patterns."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def container_end(text: str, start: int) -> int:
    """The position after the bracket that closes the one at `start`; all kinds of brackets count alike.

    Without a closing bracket it is the end of the text, and one more where the text breaks off inside a string.
    """
    position, depth = start + 1, 1
    while True:
        found = _TO_BRACKET.match(text, position)
        bracket = found[1] if found else None
        if found is None or bracket is None:
            return len(text) if found is None or found.end() >= len(text) else len(text) + 1
        position = found.end()
        depth += 1 if bracket in "{[(" else -1
        if depth == 0:
            return position


def value_end(text: str, start: int) -> tuple[Kind, int]:
    """Type and end of the value whose first character is at `start`; a string may be `UNTERMINATED`."""
    first = text[start]
    if first == '"':
        found = STRING_REST.match(text, start + 1)
        return Kind.STRING, found.end() if found else UNTERMINATED
    if first in "{[":
        return Kind.JSON, container_end(text, start)
    if first in "tf" or (first == "n" and text[start + 1 : start + 2] in {"", "u"}):
        kind = {"t": Kind.TRUE, "f": Kind.FALSE, "n": Kind.NULL}[first]
        return kind, end_of(_LITERAL_REST, text, start + 1)
    return Kind.NUMBER, end_of(_NUMBER_REST, text, start + 1)


def end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where what matches from a position on ends; the position itself where nothing does."""
    found = pattern.match(text, start)
    return found.end() if found else start


def unescape(text: str) -> str:
    """A string's text without its escapes; like gjson it stops at the first control character or broken escape."""
    pieces: list[str] = []
    position = 0
    while True:
        end = end_of(_PLAIN, text, position)
        pieces.append(text[position:end])
        escape = text[end + 1 : end + 2]
        if text[end : end + 1] != "\\":
            break
        if escape in _SHORT_ESCAPES:
            pieces.append(_SHORT_ESCAPES[escape])
            position = end + 2
        elif escape == "u" and end + 6 <= len(text):
            character, position = _unicode_escape(text, end + 2)
            pieces.append(character)
        else:
            break
    return "".join(pieces)


def _unicode_escape(text: str, position: int) -> tuple[str, int]:
    """The character of the four digits at `position` and of a second half after it, if it is the first of a pair."""
    code = _hex(text, position)
    position += 4
    if 0xD800 <= code < 0xDC00 and text.startswith("\\u", position) and position + 6 <= len(text):  # noqa: PLR2004 - surrogates
        low = _hex(text, position + 2)
        if 0xDC00 <= low < 0xE000:  # noqa: PLR2004 - surrogates
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            position += 6
    return to_byte_text(chr(code)), position


def _hex(text: str, position: int) -> int:
    found = _FOUR_HEX.match(text, position)
    return int(found[0], 16) if found else 0


def quote(text: str) -> str:
    """Byte text as a JSON string, with the escapes that gjson writes (`<`, `>` and `&` among them)."""
    return f'"{to_byte_text(_TO_QUOTE.sub(_quoted, to_unicode(text)))}"'


def _quoted(found: re.Match[str]) -> str:
    character = found[0]
    return _SHORT_QUOTES.get(character) or f"\\u{ord(character):04x}"
