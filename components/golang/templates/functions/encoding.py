"""Sprig's functions that encode and decode; what cannot be decoded becomes the text of Go's error, as in ESO."""

import base64
import re

from ..base64_text import decode_base64, end_of
from ..function import Family
from ..runes import code_point
from ..template_errors import FunctionError

ENCODING = Family()

_BASE32 = re.compile(rb"[A-Z2-7]*")
_HEX = re.compile(rb"[0-9a-fA-F]*")
_GROUP = 8
_INCOMPLETE = frozenset({1, 3, 6})


@ENCODING.add("b64dec")
def _b64dec(text: bytes) -> bytes:
    try:
        return decode_base64(text)
    except FunctionError as error:
        return str(error).encode()


@ENCODING.add("b32dec")
def _b32dec(text: bytes) -> bytes:
    compact = text.replace(b"\r", b"").replace(b"\n", b"")
    end = end_of(_BASE32, compact)
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
    end = end_of(_HEX, text)
    if end < len(text):
        return b"encoding/hex: invalid byte: " + code_point(text[end])
    if len(text) % 2:
        return b"encoding/hex: odd length hex string"
    return bytes.fromhex(text.decode())


ENCODING.table({"b64enc(string)": base64.b64encode, "b32enc(string)": base64.b32encode})
