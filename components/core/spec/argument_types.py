"""What annotations of arguments say besides their Python types.

Type checkers see `str` where an annotation says `AnyText`; `components/arguments/checks.py` reads the rest. A string
without a mark is a name: not empty, and without control characters.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from ..iam.names import NAME_CHARACTER, ROLE_NAME, ROLE_NAME_LIMIT


@dataclass(frozen=True)
class Characters:
    """What a string may be besides a name: empty, or anything, with line breaks and other control characters."""

    empty: bool = True
    any: bool = False


@dataclass(frozen=True)
class Matches:
    """A string must match a pattern as a whole, up to a number of characters; errors say the rule."""

    pattern: re.Pattern[str]
    limit: int
    rule: str

    def problem(self, text: str) -> str | None:
        """What is wrong with a string, or None where nothing is."""
        fits = len(text) <= self.limit and self.pattern.fullmatch(text)
        return None if fits else f"{text[: self.limit]!r} is not allowed; write {self.rule}"


@dataclass(frozen=True)
class Between:
    """A number must be within these bounds, which are included."""

    low: float
    high: float


@dataclass(frozen=True)
class Expected:
    """What errors say is expected, in words with an article, where the type alone says too little."""

    words: str


@dataclass(frozen=True)
class Instead:
    """What to write in place of a value of another kind that people try."""

    kinds: tuple[type, ...]
    advice: str


@dataclass(frozen=True)
class Items:
    """How errors call the entries of a list or mapping, such as `key {}`; by default the argument and brackets."""

    form: str


@dataclass(frozen=True)
class MayRepeat:
    """A list in which an entry has an effect the second time, too, or that is checked for that elsewhere."""


@dataclass(frozen=True)
class OfType:
    """A Pulumi resource must be of one of these types, by their tokens."""

    tokens: tuple[str, ...]


@dataclass(frozen=True)
class MayBeSecret:
    """An Output that is secret is taken: what it holds is shown nowhere, and is a secret in the state."""


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
Namespace = Annotated[str, NAMESPACE]
"""Name of a Kubernetes namespace."""
_NAME = r"([A-Za-z0-9][A-Za-z0-9_.-]{0,61})?[A-Za-z0-9]"
LABEL_VALUE = Matches(
    re.compile(rf"({_NAME})?"), 63, "up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
)
LABEL_NAME = Matches(
    re.compile(rf"({_LABEL}(\.{_LABEL})*/)?{_NAME}"),
    317,
    f"{LABEL_VALUE.rule}, and before it a DNS name and '/' if wanted",
)
OBJECT_NAME = Matches(
    re.compile(rf"{_LABEL}(\.{_LABEL})*"),
    253,
    "up to 253 lower case letters, digits, '-' and '.', with a letter or digit at both ends",
)
DATA_KEY = Matches(
    # AWS's secret access keys have 40 characters; one stood here in place of the name of the key that holds it.
    re.compile(r"(?![A-Za-z0-9+/]{40}\Z)[A-Za-z0-9_.-]+"),
    253,
    "the name of a key in the Secret: up to 253 letters, digits, '-', '_' and '.'",
)
ObjectName = Annotated[str, OBJECT_NAME]
"""Name of a Kubernetes object."""

RoleName = Annotated[
    str, Matches(ROLE_NAME, ROLE_NAME_LIMIT, "up to 64 letters, digits and the characters _ + = , . @ -")
]
"""Name of an IAM role (IAM API: `RoleName`)."""
RolePath = Annotated[
    str,
    Matches(
        re.compile(rf"/({NAME_CHARACTER}+/)*"),
        512,
        "a path such as '/team-a/': up to 512 letters, digits and the characters _ + = , . @ -, with '/' at both ends",
    ),
]
"""Path of an IAM role. IAM takes more characters (IAM API: `path`); not `*` here, which would widen a policy."""
PolicyArn = Annotated[
    str,
    Matches(
        re.compile(rf"arn:aws[a-z-]*:iam::([0-9]{{12}}|aws):policy/({NAME_CHARACTER}+/)*{NAME_CHARACTER}{{1,128}}"),
        2048,
        "the ARN of a managed policy: arn:<partition>:iam::<account>:policy/<name>",
    ),
]
"""ARN of a managed policy."""

KMS_KEY_ID = Matches(
    re.compile(r"[A-Za-z0-9/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+"),
    2048,
    "a key's ID, its ARN, or an alias such as 'alias/team-a'",
)
"""A KMS key (Systems Manager API: `KeyId`)."""
_TAGGED = r"[\w .:/=+@\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000-]"
TAG_KEY = Matches(
    re.compile(rf"(?!(?i:aws):){_TAGGED}+"),
    128,
    "up to 128 letters, digits, spaces and the characters _ . : / = + - @, and not 'aws:' at the beginning",
)
TAG_VALUE = Matches(
    re.compile(f"{_TAGGED}*"), 256, "up to 256 letters, digits, spaces and the characters _ . : / = + - @"
)
TagKey = Annotated[str, TAG_KEY]
"""Key of a tag (IAM API: `Tag`)."""
TagValue = Annotated[str, Characters(), TAG_VALUE]
"""Value of a tag, which may be empty (IAM API: `Tag`)."""


def is_object_name(text: str) -> bool:
    """Whether a text can be the name of a Kubernetes object."""
    return len(text) <= OBJECT_NAME.limit and OBJECT_NAME.pattern.fullmatch(text) is not None
