"""Finds halves of surrogate pairs: Python strings can hold them, UTF-8 and so AWS, Kubernetes and Pulumi cannot."""

import re

from ..errors import SpecError

_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse_surrogates(text: str, where: str) -> None:
    r"""Refuse a string with a lone surrogate such as "\ud800"; the error begins with `where` and does not show it."""
    found = None if text.isascii() else _SURROGATE.search(text)
    if found:
        raise SpecError(
            f"{where}: character {found.start() + 1} is U+{ord(found[0]):04X}, half of a surrogate pair, which cannot "
            "be stored; write the whole character"
        )
