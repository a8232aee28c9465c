"""Versions of what a store holds: opaque strings, and how state, annotations and previews keep them.

Parameter Store counts its versions, and state has always kept those as numbers. So a version that is a whole number is
kept as one, and any other as a string. Nothing is lost either way, and nobody but the service knows what one means.
"""

import re
from collections.abc import Mapping
from typing import Any

_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_EXACT = 1 << 53  # numbers on Pulumi's wire are floats, which are exact below this

_ANOTHER_TIME = 1000  # milliseconds


def to_kept(version: str) -> int | str:
    """A version as it is kept."""
    whole = _WHOLE.fullmatch(version) and int(version) < _EXACT
    return int(version) if whole else version


def from_kept(kept: Any) -> str:
    """A version out of a property bag: 3 and 3.0, which numbers become on the wire, are both version `3`."""
    return str(int(kept)) if isinstance(kept, float) and kept.is_integer() else str(kept)


def versions_from_bag(bag: Mapping[str, Any] | None) -> dict[str, str]:
    """Versions by what they are of, out of a property bag."""
    return {name: from_kept(version) for name, version in (bag or {}).items()}


def versions_to_bag(versions: Mapping[str, str]) -> dict[str, int | str]:
    """Versions by what they are of, as they are kept, in the same order."""
    return {name: to_kept(version) for name, version in versions.items()}


def ordered(bag: Mapping[str, Any]) -> dict[str, int | str]:
    """Versions out of a property bag, sorted, as they are kept: Pulumi's wire keeps no order, and makes floats."""
    return versions_to_bag(dict(sorted(versions_from_bag(bag).items())))


def is_another_time(one: int, other: int) -> bool:
    """Whether two times in milliseconds are those of two versions; AWS's operations need not round one time alike."""
    return abs(one - other) >= _ANOTHER_TIME
