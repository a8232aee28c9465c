"""Looks for secret values in what a run left behind: plain, and in the forms in which they leak unnoticed."""

import base64
import gzip
import json
import urllib.parse
import zlib
from collections.abc import Iterable, Mapping

_SHORTEST = 8
"""A form that is shorter than this would be found by chance."""


def forms_of(value: str) -> frozenset[bytes]:
    """The forms that a value can hide in: plain, JSON, URL, hex, base64 at each of its three alignments, reversed."""
    plain = value.encode()
    forms = {plain, json.dumps(value)[1:-1].encode(), urllib.parse.quote(value, safe="").encode()}
    forms |= {plain.hex().encode(), plain.hex().upper().encode(), plain[::-1]}
    for before in range(3):
        # Base64 groups three bytes: the first and last characters also depend on the value's neighbours.
        encoded = base64.b64encode(b"\0" * before + plain)
        whole = encoded[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]
        forms |= {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}
    return frozenset(form for form in forms if len(form) >= _SHORTEST)


def leaks(values: Iterable[str], left: Mapping[str, bytes]) -> list[str]:
    """The names of the things in which a value is found, also when they are compressed with gzip.

    Args:
        values: the values that must not be found; of at least 8 characters.
        left: name -> content of what a run left behind.
    """
    forms = {form for value in values for form in forms_of(value)}
    return sorted(name for name, content in left.items() if any(form in _unpacked(content) for form in forms))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return content + gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return content
