"""Sprig's functions with chance in them: their results change with each apply."""

import base64
import secrets
import string
import uuid

from ..function import Family
from ..limits import MAX_STEPS, check_string
from ..runes import decode_valid, encode
from ..template_errors import FunctionError

RANDOM = Family()

_WEIGHT = 32
"""Each character takes a random number from the system."""


def _each(count: int) -> int:
    """A step for each character; more than there may be are refused when they are made."""
    return count if 0 < count < MAX_STEPS else 0


def _characters(alphabet: str, count: int) -> bytes:
    check_string(count * 16)
    return "".join(secrets.choice(alphabet) for _ in range(count)).encode()


@RANDOM.add("randAlphaNum", varies=True, steps=_each)
def _rand_alpha_num(count: int) -> bytes:
    return _characters(string.ascii_letters + string.digits, count)


@RANDOM.add("randAlpha", varies=True, steps=_each)
def _rand_alpha(count: int) -> bytes:
    return _characters(string.ascii_letters, count)


@RANDOM.add("randNumeric", varies=True, steps=_each)
def _rand_numeric(count: int) -> bytes:
    return _characters(string.digits, count)


@RANDOM.add("randAscii", varies=True, steps=_each)
def _rand_ascii(count: int) -> bytes:
    return _characters("".join(map(chr, range(0x20, 0x7F))), count)


@RANDOM.add("randBytes", varies=True)
def _rand_bytes(count: int) -> bytes:
    if count < 0:
        raise FunctionError("cannot make less than 0 bytes")
    check_string(2 * count)
    return base64.b64encode(secrets.token_bytes(count))


@RANDOM.add("randInt", varies=True)
def _rand_int(least: int, end: int) -> int:
    if end <= least:
        raise FunctionError("the second number has to be larger than the first")
    return least + secrets.randbelow(end - least)


@RANDOM.add("uuidv4", varies=True)
def _uuidv4() -> bytes:
    return str(uuid.uuid4()).encode()


@RANDOM.add("shuffle", varies=True, weight=_WEIGHT)
def _shuffle(text: bytes) -> bytes:
    characters = list(decode_valid(text))
    secrets.SystemRandom().shuffle(characters)
    return encode("".join(characters))
