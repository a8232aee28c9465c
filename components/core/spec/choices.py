"""Fields that take one of a few words."""

from typing import Literal

from ...errors import SpecError

ConversionStrategy = Literal["Default", "Unicode"]
DecodingStrategy = Literal["None", "Base64", "Base64URL", "Auto"]
NullBytePolicy = Literal["Ignore", "Fail"]


def check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    """Check a field that takes one of a few words.

    Raises:
        SpecError: it is none of them.
    """
    if value not in choices:
        raise SpecError(f"{field} {value!r} is not known; write {', '.join(choices[:-1])} or {choices[-1]}")
