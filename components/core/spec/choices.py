"""Fields that take one of a few words."""

from collections.abc import Sequence
from typing import Literal

from ...errors import SpecError

ConversionStrategy = Literal["Default", "Unicode"]
DecodingStrategy = Literal["None", "Base64", "Base64URL", "Auto"]
NullBytePolicy = Literal["Ignore", "Fail"]


def not_known(field: str, value: str, choices: Sequence[str]) -> str:
    """What is wrong with a field that takes one of a few words, and has none of them."""
    near = next((each for each in choices if each.lower() == value.lower()), None)
    advice = f"did you mean {near!r}?" if near else f"write {', '.join(choices[:-1])} or {choices[-1]}"
    return f"{field} {value!r} is not known; {advice}"


def check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    """Check a field that takes one of a few words."""
    if value not in choices:
        raise SpecError(not_known(field, value, choices))
