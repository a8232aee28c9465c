"""Base64 as Go reads it, down to the position that it names for a mistake."""

from __future__ import annotations

import binascii
import re

from .go_json import DecodeError


def decode_base64(text: str) -> bytes:
    """Decode as Go's `base64.StdEncoding`: line breaks are skipped, everything else must be right.

    Raises:
        DecodeError: With the position of the first wrong byte, as Go says it.
    """
    bare = re.sub("[\r\n]", "", text) if "\n" in text or "\r" in text else text
    if len(bare) % 4 == 0:  # Python alone would take `YWJj=`
        try:
            return binascii.a2b_base64(bare.encode(), strict_mode=True)
        except binascii.Error:
            pass
    raise DecodeError(f"illegal base64 data at input byte {_first_wrong_byte(text)}")


def _first_wrong_byte(text: str) -> int:
    raw = text.encode()
    seen = 0
    for position, byte in enumerate(raw):
        if byte in b"\r\n":
            continue
        if byte == ord("="):
            return _wrong_padding(raw, position, seen % 4)
        if not (chr(byte).isascii() and (chr(byte).isalnum() or byte in b"+/")):
            return position
        seen += 1
    return len(raw) - seen % 4


def _wrong_padding(raw: bytes, position: int, filled: int) -> int:
    """Where Go sees the mistake, for the first `=` at `position` after `filled` characters of its group."""
    if filled < 2:  # noqa: PLR2004 - a group of four needs two characters at least
        return position
    rest = re.sub(rb"[\r\n]", b"", raw[position + 1 :])
    if filled == 2:  # noqa: PLR2004 - a second `=` must follow
        if not rest:
            return len(raw)
        if rest[:1] != b"=":
            return position
        return position + 2
    return position + 1
