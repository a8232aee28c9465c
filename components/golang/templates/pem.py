"""Reads and writes PEM as Go's encoding/pem does."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BEGIN, _END, _CLOSE = b"-----BEGIN ", b"\n-----END ", b"-----"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LINE = 64


@dataclass(frozen=True, slots=True)
class PemBlock:
    """One block; its kind is what stands behind BEGIN."""

    kind: bytes
    content: bytes = field(repr=False)
    headers: dict[bytes, bytes] = field(repr=False)


def read_pem(text: bytes) -> tuple[list[PemBlock], bytes]:
    """All blocks of a text, and what stands behind the last one; what cannot be read is passed over."""
    blocks: list[PemBlock] = []
    rest = text
    for block, end in _blocks(text):
        blocks.append(block)
        rest = text[end:]
    return blocks, rest


def _blocks(text: bytes) -> Iterator[tuple[PemBlock, int]]:
    """The blocks, each with the position behind it; one ends at an END line, and starts at the last BEGIN before it."""
    position = 0
    while (end := text.find(_END, position)) >= 0:
        begin = text.rfind(_BEGIN, position, end)
        found = _block(text, begin, end) if begin >= 0 and (begin == position or text[begin - 1] == ord("\n")) else None
        position = end + len(_END)
        if found:
            position = found[1]
            yield found


def _block(text: bytes, begin: int, end: int) -> tuple[PemBlock, int] | None:
    """What stands between two lines, and the position behind it; None where it is no block."""
    kind, position = _line(text, begin + len(_BEGIN))
    if not kind.endswith(_CLOSE):
        return None
    kind = kind.removesuffix(_CLOSE)
    headers: dict[bytes, bytes] = {}
    line, after = _line(text, position)
    while b":" in line:
        name, _, value = line.partition(b":")
        headers[name.strip()] = value.strip()
        position = after
        line, after = _line(text, position)
    closing, behind = _line(text, end + len(_END))
    body = text[position:end].translate(None, b" \t\r\n")
    # Headers need a line end of their own before the END line.
    if closing != kind + _CLOSE or (headers and end < position) or not _BASE64.fullmatch(body):
        return None
    return PemBlock(kind, base64.b64decode(body), headers), behind


def _line(text: bytes, start: int) -> tuple[bytes, int]:
    """The line from here on without the blanks at its end, and where the next one starts."""
    end = text.find(b"\n", start)
    line = text[start:] if end < 0 else text[start:end].removesuffix(b"\r")
    return line.rstrip(b" \t"), len(text) if end < 0 else end + 1


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
