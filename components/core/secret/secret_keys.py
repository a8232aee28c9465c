"""Makes keys of a Secret out of what was found, and checks them and their values, as ESO does before it writes."""

import unicodedata
from collections.abc import Mapping

from ...errors import ExtractError
from ..spec.choices import ConversionStrategy, NullBytePolicy
from .kubernetes_secret import secret_key_problem, shown_key


def convert_key(key: str, strategy: ConversionStrategy) -> str:
    """Replace the characters of a key that are neither letters, numbers, `-`, `.` nor `_`.

    Args:
        key: the key as it was found.
        strategy: `Default` writes `_` for each, `Unicode` its code point: `_U002f_` for `/` (ESO: conversionStrategy).
    """
    return "".join(
        character if _is_usual(character) else "_" if strategy == "Default" else f"_U{ord(character):04x}_"
        for character in key
    )


def _is_usual(character: str) -> bool:
    return character in "-._" or unicodedata.category(character)[0] in "LN"


def convert_keys(entries: Mapping[str, bytes], strategy: ConversionStrategy) -> dict[str, bytes]:
    """Convert all keys of what was found; raises ExtractError where two become the same one."""
    converted: dict[str, bytes] = {}
    for key in sorted(entries):
        new_key = convert_key(key, strategy)
        if new_key in converted:
            raise ExtractError(
                f"conversionStrategy {strategy} makes {shown_key(new_key)} of two keys; use rewrite to change one"
            )
        converted[new_key] = entries[key]
    return converted


def validate_key(key: str) -> None:
    """Raise ExtractError for a key that Kubernetes does not take.

    Stricter than ESO, which lets letters outside of ASCII pass; the API server then refuses the whole Secret.
    """
    problem = secret_key_problem(key)
    if problem:
        raise ExtractError(f"{problem}; use rewrite or conversionStrategy to change keys")


def valid_entries(entries: Mapping[str, bytes]) -> dict[str, bytes]:
    """The entries without the one whose key is empty, which ESO drops without a word."""
    for key in sorted(entries):
        if key:
            validate_key(key)
    return {key: value for key, value in entries.items() if key}


def check_null_bytes(entries: Mapping[str, bytes], policy: NullBytePolicy) -> None:
    """Check the values for null bytes, which many programs cannot take (ESO: nullBytePolicy).

    Raises:
        ExtractError: there is one and the policy is `Fail`; the text names the first key in sorted order.
    """
    if policy == "Fail":
        for key in sorted(entries):
            if b"\0" in entries[key]:
                raise ExtractError(
                    f"the value for key {shown_key(key)} contains null bytes, which nullBytePolicy Fail refuses; "
                    "decode it, or set the policy to Ignore"
                )
