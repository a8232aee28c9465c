"""Strings of a policy that must mean just one thing: without wildcards, policy variables and control characters.

IAM takes `*` and `?` in resources and in StringLike for any characters, and puts a value in place of `${...}` in
resources and in all conditions on strings. A string that a user gives stands for itself alone.
"""

import re

from ...errors import SpecError
from ..characters import unprintable

_MEANINGFUL = re.compile(r"[*?]|\$\{")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_PARTITION = re.compile(r"aws[a-z-]{0,40}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}", re.ASCII)


def is_role_arn(text: str) -> bool:
    """Whether a string is the ARN of an IAM role."""
    return _ROLE.fullmatch(text) is not None


def exact(what: str, text: str) -> str:
    """A string that stands for itself in a policy; SpecError where it would stand for more, or cannot be shown."""
    if found := _MEANINGFUL.search(text):
        raise SpecError(
            f"{what}: {text!r} has {found[0]!r} in it, by which IAM would grant more than what is named; "
            "write the name itself"
        )
    printable(what, text)
    return text


def literal(what: str, text: str) -> str:
    """A string that a condition compares by StringEquals, which has no wildcards but replaces `${...}` by values."""
    if "${" in text:
        raise SpecError(f"{what}: {text!r} has '${{' in it, a policy variable for IAM; write the text itself")
    printable(what, text)
    return text


def is_like(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern in which `*` stands for any characters.

    It takes time that grows with their lengths alone, however many `*` there are.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    *between, last = rest
    at = len(first)
    for part in between:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last) and at + len(last) <= len(text)


def beginning_with(pattern: str, start: str) -> set[str]:
    """The patterns that together match what a pattern, in which `*` stands for any characters, matches below a start.

    Args:
        pattern: the pattern.
        start: what each text that they match begins with, or is.
    """
    rests = {pattern}
    for character in start:
        found = set[str]()
        for rest in rests:
            stripped = rest.lstrip("*")
            if stripped != rest:
                found.add(f"*{stripped}")
            if stripped[:1] == character:
                found.add(stripped[1:])
        rests = found
    return {start + rest for rest in rests}


def printable(what: str, text: str) -> None:
    """Refuse control characters in a string that may be a pattern."""
    if character := unprintable(text):
        raise SpecError(f"{what}: {text!r} holds the character {character}, which no name has; write it without")


def check_location(partition: str, region: str, account: str) -> None:
    """Refuse what cannot be a partition, region or account."""
    for what, text, pattern in (
        ("partition", partition, _PARTITION),
        ("region", region, _REGION),
        ("account", account, _ACCOUNT),
    ):
        if not pattern.fullmatch(text):
            raise SpecError(f"{what}: {text!r} is not an AWS {what}")
