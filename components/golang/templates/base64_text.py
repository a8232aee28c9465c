"""Reads Base64 as Go's encoding/base64 does, which passes over line ends and over nothing else."""

import base64
import re

from .template_errors import FunctionError

_LINE_ENDS = re.compile(rb"[\r\n]*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]*")
_QUANTUM = 4


def decode_base64(text: bytes) -> bytes:
    """What is encoded; FunctionError in Go's words, which name a position, where the text is no Base64."""
    wrong = _wrong(text)
    if wrong is not None:
        raise FunctionError(f"illegal base64 data at input byte {wrong}")
    return base64.b64decode(text)


def end_of(pattern: re.Pattern[bytes], text: bytes, start: int = 0) -> int:
    """Where what matches from a position on ends; the position itself where nothing does."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _wrong(text: bytes) -> int | None:
    """The byte that Go complains about; None where it does not."""
    end = end_of(_BASE64, text)
    count = (end - text.count(b"\n", 0, end) - text.count(b"\r", 0, end)) % _QUANTUM
    if end == len(text):
        return end - count if count else None
    if text[end] != ord("=") or count < _QUANTUM - 2:
        return end
    after = end_of(_LINE_ENDS, text, end + 1)
    if count == _QUANTUM - 2:
        if after == len(text):
            return after
        if text[after] != ord("="):
            return after - 1
        after = end_of(_LINE_ENDS, text, after + 1)
    return after if after < len(text) else None
