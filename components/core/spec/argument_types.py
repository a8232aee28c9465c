"""What annotations of arguments say besides their Python types.

Type checkers see `str` where an annotation says `AnyText`; `components/arguments/checks.py` reads the rest. A string
without a mark is a name: not empty, and without control characters.
"""

import re
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Characters:
    """What a string may be besides a name.

    Attributes:
        empty: it may be empty.
        any: it may hold line breaks and other control characters.
    """

    empty: bool = True
    any: bool = False


@dataclass(frozen=True)
class Matches:
    """A string must match a pattern as a whole.

    Attributes:
        pattern: the pattern.
        limit: characters that there may be at most.
        rule: what is allowed, for errors.
    """

    pattern: re.Pattern[str]
    limit: int
    rule: str


@dataclass(frozen=True)
class Between:
    """A number must be within these bounds, which are included."""

    low: float
    high: float


@dataclass(frozen=True)
class Expected:
    """What errors say is expected, where the type alone says too little.

    Attributes:
        words: the words, with an article.
    """

    words: str


@dataclass(frozen=True)
class Instead:
    """What to write in place of a value of another kind that people try.

    Attributes:
        kinds: the kinds that are tried.
        advice: what to write.
    """

    kinds: tuple[type, ...]
    advice: str


@dataclass(frozen=True)
class Items:
    """How errors call the entries of a list or mapping.

    Attributes:
        form: such as `key {}`; the argument's own name and brackets by default.
    """

    form: str


@dataclass(frozen=True)
class OfType:
    """A Pulumi resource must be of one of these types.

    Attributes:
        tokens: the type tokens.
    """

    tokens: tuple[str, ...]


OneLine = Annotated[str, Characters()]
"""A string of one line that may be empty."""
AnyText = Annotated[str, Characters(any=True)]
"""Any string that can be sent: a template, an annotation."""
Lines = Annotated[str, Characters(empty=False, any=True)]
"""Any string that can be sent and is not empty: the contents of a file."""

_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
NAMESPACE = Matches(
    re.compile(_LABEL), 63, "up to 63 lower case letters, digits and '-', with a letter or digit at both ends"
)
"""Name of a Kubernetes namespace."""
OBJECT_NAME = Matches(
    re.compile(rf"{_LABEL}(\.{_LABEL})*"),
    253,
    "up to 253 lower case letters, digits, '-' and '.', with a letter or digit at both ends",
)
"""Name of a Kubernetes object."""
Namespace = Annotated[str, NAMESPACE]
ObjectName = Annotated[str, OBJECT_NAME]
