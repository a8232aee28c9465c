"""Reads and writes PEM as Go's encoding/pem does."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

_BEGIN = re.compile(rb"(?:\A|(?<=\n))-----BEGIN ([^\n]*?)-----[ \t\r]*\n")
_HEADER = re.compile(rb"([^\n:]+):[ \t]*([^\n]*?)[ \t\r]*\n")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LINE = 64


@dataclass(frozen=True, slots=True)
class PemBlock:
    """One block.

    Attributes:
        kind: what stands behind BEGIN.
        content: what is in it.
        headers: its headers, by name.
    """

    kind: bytes
    content: bytes
    headers: dict[bytes, bytes]


def read_pem(text: bytes) -> tuple[list[PemBlock], bytes]:
    """All blocks of a text, and what stands behind the last one; what cannot be read is passed over."""
    blocks: list[PemBlock] = []
    rest = text
    for block, end in _blocks(text):
        blocks.append(block)
        rest = text[end:]
    return blocks, rest


def _blocks(text: bytes) -> Iterator[tuple[PemBlock, int]]:
    position = 0
    while begin := _BEGIN.search(text, position):
        position = begin.end()
        headers: dict[bytes, bytes] = {}
        while header := _HEADER.match(text, position):
            headers[header[1].strip()] = header[2]
            position = header.end()
        ending = b"-----END " + begin[1] + b"-----"
        closing = text.find(ending, position)
        if closing < 0:
            continue
        body = b"".join(text[position:closing].split())
        if not _BASE64.fullmatch(body):
            continue
        end = text.find(b"\n", closing)
        after = text[closing + len(ending) : len(text) if end < 0 else end]
        if after.strip(b" \t\r"):
            continue
        position = len(text) if end < 0 else end + 1
        yield PemBlock(begin[1], base64.b64decode(body), headers), position


def write_pem(kind: bytes, content: bytes, headers: dict[bytes, bytes] | None = None) -> bytes:
    """One block as text."""
    lines = [b"-----BEGIN " + kind + b"-----"]
    for name, value in sorted((headers or {}).items(), key=lambda item: (item[0] != b"Proc-Type", item[0])):
        lines.append(name + b": " + value)
    if headers:
        lines.append(b"")
    encoded = base64.b64encode(content)
    lines += [encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE)]
    return b"\n".join([*lines, b"-----END " + kind + b"-----", b""])
