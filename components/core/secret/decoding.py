"""Decodes values as ESO's `decodingStrategy` does, with the rules of Go's encoding/base64."""

import base64
import re

from ...errors import ExtractError
from ..spec.choices import DecodingStrategy

_LINE_ENDS = re.compile(rb"[\r\n]")
_STANDARD = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_URL_SAFE = re.compile(rb"(?:[A-Za-z0-9_-]{4})*+(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?")


def decode(value: bytes, strategy: DecodingStrategy) -> bytes:
    """Decode a value.

    Padding is required and line ends are ignored, as in Go. `Auto` tries Base64, then Base64URL, and keeps the value
    where neither fits; a plain text that happens to be Base64, such as `1234`, is decoded by it.

    Args:
        value: the value as it was read or extracted.
        strategy: ESO: `remoteRef.decodingStrategy`, `dataFrom.*.decodingStrategy`.

    Raises:
        ExtractError: the value is not what the strategy says it is.
    """
    if strategy == "None":
        return value
    compact = _LINE_ENDS.sub(b"", value)
    if strategy != "Base64URL" and _STANDARD.fullmatch(compact):
        return base64.b64decode(compact)
    if strategy != "Base64" and _URL_SAFE.fullmatch(compact):
        return base64.urlsafe_b64decode(compact)
    if strategy == "Auto":
        return value
    raise ExtractError(f"the value is not {strategy} with padding, which decodingStrategy {strategy} asks for")
