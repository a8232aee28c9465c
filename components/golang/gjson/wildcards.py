"""Matches `*` and `?` as Go's match package does, in time that grows with the length of text and pattern only."""

import re

from .scan import characters

_ANY = "."


def matches(text: str, pattern: str) -> bool:
    """Whether byte text matches a pattern in which `*` is any text, `?` any character and a backslash escapes.

    Every stretch between two stars goes to the first place where it fits. That finds a match whenever there is one, so
    it agrees with gjson, whose limit on backtracking only ever ends searches that would not match.
    """
    if pattern == "*":
        return True
    head, *others = _stretches(characters(pattern))
    remaining = characters(text)
    start = re.compile(head, re.DOTALL)
    if not others:
        return start.fullmatch(remaining) is not None
    found = start.match(remaining)
    if found is None:
        return False
    *middle, tail = others
    position, end = found.end(), len(remaining) - _length(tail)
    if position > end or not re.compile(tail, re.DOTALL).fullmatch(remaining, end):
        return False
    for stretch in middle:
        found = re.compile(stretch, re.DOTALL).search(remaining, position, end)
        if found is None:
            return False
        position = found.end()
    return True


def _stretches(pattern: str) -> list[str]:
    """The stretches between the stars of a pattern, each as a regular expression of fixed length."""
    stretches = [""]
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "*":
            stretches.append("")
        elif character == "?":
            stretches[-1] += _ANY
        elif character == "\\" and position + 1 < len(pattern):
            position += 1
            stretches[-1] += _escaped(pattern[position])
        elif character == "\\" and len(stretches) == 1:
            return [r"(?!)"]  # as in Go: a lone backslash at the end matches nothing, but itself after a star
        else:
            stretches[-1] += _escaped(character)
        position += 1
    return stretches


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"


def _length(stretch: str) -> int:
    """How many characters a stretch matches."""
    return stretch.count(_ANY) + stretch.count("\\")
