"""Sprig's functions that encode and decode; what cannot be decoded becomes the text of Go's error, as in ESO."""

import base64
import re

from ..function import Family
from ..runes import code_point

ENCODING = Family()

_LINE_ENDS = re.compile(rb"[\r\n]*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]*")
_BASE32 = re.compile(rb"[A-Z2-7]*")
_HEX = re.compile(rb"[0-9a-fA-F]*")
_QUANTUM, _GROUP = 4, 8
_INCOMPLETE = frozenset({1, 3, 6})


@ENCODING.add("b64enc")
def _b64enc(text: bytes) -> bytes:
    return base64.b64encode(text)


@ENCODING.add("b64dec")
def _b64dec(text: bytes) -> bytes:
    wrong = _wrong_base64(text)
    return base64.b64decode(text) if wrong is None else b"illegal base64 data at input byte %d" % wrong


def _end(pattern: re.Pattern[bytes], text: bytes, start: int = 0) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _wrong_base64(text: bytes) -> int | None:
    """The byte that Go complains about; None where it does not."""
    end = _end(_BASE64, text)
    count = (end - text.count(b"\n", 0, end) - text.count(b"\r", 0, end)) % _QUANTUM
    if end == len(text):
        return end - count if count else None
    if text[end] != ord("=") or count < _QUANTUM - 2:
        return end
    after = _end(_LINE_ENDS, text, end + 1)
    if count == _QUANTUM - 2:
        if after == len(text):
            return after
        if text[after] != ord("="):
            return after - 1
        after = _end(_LINE_ENDS, text, after + 1)
    return after if after < len(text) else None


@ENCODING.add("b32enc")
def _b32enc(text: bytes) -> bytes:
    return base64.b32encode(text)


@ENCODING.add("b32dec")
def _b32dec(text: bytes) -> bytes:
    compact = text.replace(b"\r", b"").replace(b"\n", b"")
    end = _end(_BASE32, compact)
    wrong = _wrong_base32(compact, end)
    if wrong is not None:
        return b"illegal base32 data at input byte %d" % wrong
    return base64.b32decode(compact[:end] + b"=" * (-end % _GROUP))


def _wrong_base32(text: bytes, end: int) -> int | None:
    """The byte that Go complains about, where the letters end at `end`; None where it does not."""
    count = end % _GROUP
    if end == len(text):
        return end - count if count else None
    after = len(text) - end - 1
    if text[end] != ord("=") or count < 2 or after >= _GROUP:  # noqa: PLR2004 - Go's condition for padding
        return end
    if after + count < _GROUP - 1:
        return len(text)
    for position in range(end + 1, min(end + _GROUP - count, len(text))):
        if text[position] != ord("="):
            return position - 1
    return end if count in _INCOMPLETE else None


@ENCODING.add("hexdec")
def _hexdec(text: bytes) -> bytes:
    end = _end(_HEX, text)
    if end < len(text):
        return b"encoding/hex: invalid byte: " + code_point(text[end])
    if len(text) % 2:
        return b"encoding/hex: odd length hex string"
    return bytes.fromhex(text.decode())
