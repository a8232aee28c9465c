"""Finds out what a PKCS #12 archive costs to open, before anything is computed: its writer chooses how often to hash.

What stands in an encrypted part is not seen; the tools that write archives keep keys out of those, and certificates
cost nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .template_errors import FunctionError

_SEQUENCE, _SET, _INTEGER, _STRING, _NAME, _INSIDE = 0x30, 0x31, 0x02, 0x04, 0x06, 0xA0
_CONSTRUCTED, _LONG_TAG, _LONG_LENGTH, _OF_CONTEXT = 0x20, 0x1F, 0x80, 0x80
_MAX_DEPTH = 40
_HEADER = 6
"""Bytes before the content of an element at most: its tag and its length."""
_KEY_BAGS = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02")
_SCRYPT = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"


@dataclass(slots=True)
class Tally:
    """What there is to compute.

    Attributes:
        rounds: rounds of hashing, of all parts.
        keys: bytes of each private key.
    """

    rounds: int
    keys: list[int]


def read_tally(archive: bytes) -> Tally:
    """What an archive costs.

    Raises:
        FunctionError: it is no PKCS #12 archive in DER, or it uses scrypt, which ESO does not know.
    """
    tally = Tally(0, [])
    _walk(archive, tally, 0)
    return tally


def _walk(der: bytes, tally: Tally, depth: int, within: int = _SEQUENCE) -> None:
    if depth > _MAX_DEPTH:
        raise _broken()
    before = name = None
    for tag, content in _elements(der):
        if tag == _NAME and content == _SCRYPT:
            raise FunctionError("the PKCS #12 archive uses scrypt, which is not supported; make it with PBKDF2")
        # Wherever a password becomes a key, a salt is followed by the number of rounds.
        if tag == _INTEGER and before == _STRING:
            tally.rounds += max(int.from_bytes(content, "big", signed=True), 0)
        if tag == _INSIDE and name in _KEY_BAGS:
            tally.keys.append(len(content))
        if tag & _CONSTRUCTED:
            # BER could write a salt in pieces.
            if tag < _OF_CONTEXT and tag not in (_SEQUENCE, _SET):
                raise _broken()
            _walk(content, tally, depth + 1, tag)
        # The parts that are not encrypted are DER within a string that stands alone: `[0] { OCTET STRING }`. In a SET
        # stands the id of a key, which may begin with any byte.
        elif tag == _STRING and within == _INSIDE and content[:1] == b"\x30" and len(der) <= len(content) + _HEADER:
            _walk(content, tally, depth + 1)
        before, name = tag, content if tag == _NAME else name


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a text, each with its tag.

    Raises:
        FunctionError: it is not DER.
    """
    at = 0
    while at < len(der):
        head = der[at : at + 2]
        if len(head) < len(b"tl") or head[0] & _LONG_TAG == _LONG_TAG:
            raise _broken()
        tag, length, start = head[0], head[1], at + 2
        if length >= _LONG_LENGTH:
            count = length - _LONG_LENGTH
            # None is BER's length that is found by reading on.
            if not 0 < count <= _HEADER - 2:
                raise _broken()
            length, start = int.from_bytes(der[start : start + count], "big"), start + count
        at = start + length
        if at > len(der):
            raise _broken()
        yield tag, der[start:at]


def _broken() -> FunctionError:
    return FunctionError("the value is not a PKCS #12 archive, or the password is wrong; an archive is written in DER")
