"""Characters that no name may hold: they break lines, command a terminal, hide what stands there or cannot be sent."""

import re

from ..errors import SpecError

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Control characters, line and paragraph separators, and those that turn the direction of writing.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def unprintable(text: str) -> str | None:
    """The first character that no name may hold, as `U+001B`; None where there is none."""
    return _named(_UNPRINTABLE.search(text))


def unsendable(text: str) -> str | None:
    """The first character that no text at all may hold, because UTF-8 has no form for it; None where there is none."""
    return _named(_LONE_SURROGATE.search(text))


def _named(found: re.Match[str] | None) -> str | None:
    return None if found is None else f"U+{ord(found[0]):04X}"


def refuse_surrogates(text: str, where: str) -> None:
    r"""Refuse a string with a lone surrogate such as "\ud800"; the error begins with `where` and does not show it."""
    found = None if text.isascii() else _LONE_SURROGATE.search(text)
    if found:
        raise SpecError(
            f"{where}: character {found.start() + 1} is U+{ord(found[0]):04X}, half of a surrogate pair, which cannot "
            "be stored; write the whole character"
        )
