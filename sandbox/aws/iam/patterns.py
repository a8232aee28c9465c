"""IAM's wildcards and policy variables."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Context = Mapping[str, Sequence[str]]
"""Condition keys in lower case -> their values."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}


def matches(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether `*` (any text, across `/` too) and `?` (one character) of a pattern match; nothing else is special."""
    return _compiled(pattern.lower() if fold else pattern).fullmatch(text.lower() if fold else text) is not None


def filled_in(text: str, context: Context) -> str | None:
    """Put the request's values in place of `${...}`; None where one is missing, so that the statement cannot match."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = found[1].partition(",")
        if name in _LITERAL:
            return f"[{name}]"
        values = context.get(name.strip().lower(), ())
        if len(values) == 1:
            return values[0]
        if default:
            return default.strip().strip("'")
        missing = True
        return ""

    made = _VARIABLE.sub(value, text)
    return None if missing else made


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\[[*?$]\]|\*|\?)", pattern)
    special = {"*": ".*", "?": "."}
    return re.compile(
        "".join(special.get(part) or re.escape(part.strip("[]") if part[:1] == "[" else part) for part in parts),
        re.DOTALL,
    )
