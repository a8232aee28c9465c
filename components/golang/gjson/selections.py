"""Takes gjson's multipaths apart: `{name:path,...}` and `[path,...]`."""

import re
from dataclasses import dataclass

from .paths import string_end

_OPENING, _CLOSING = "{[(", "}])"
_NOT_SIMPLE = re.compile(r"[\x00-\x1f\[\]{}()#|!]")


@dataclass(frozen=True, slots=True)
class Selection:
    """A multipath: `{name:path,...}` or `[path,...]`, its parts as (name, path), and the path after it."""

    opening: str
    parts: tuple[tuple[str, str], ...]
    rest: str


def parse_selection(path: str) -> Selection | None:
    """The multipath that a path starts with; None where it is not closed."""
    parts: list[tuple[str, str]] = []
    depth, start, colon, position = 1, 1, 0, 1
    in_modifier = False
    while position < len(path):
        character = path[position]
        if character == "\\":
            position += 1
        elif character == "@":
            in_modifier = in_modifier or path[position - 1] in ".|"
        elif character == ":" and not in_modifier and colon == 0 and depth == 1:
            colon = position
        elif character == '"':
            position = string_end(path, position) - 1
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        if (character == "," and depth == 1) or depth == 0:
            parts.append((path[start:colon], path[colon + 1 : position]) if colon else ("", path[start:position]))
            if depth == 0:
                return Selection(path[0], tuple(parts), path[position + 1 :])
            start, colon, in_modifier = position + 1, 0, False
        position += 1
    return None


def member_name(path: str) -> str:
    """The name that a multipath gives to a part without one: the last segment, or `_` where that is no plain name."""
    name = path
    for position in range(len(path) - 1, -1, -1):
        if path[position] in ".|" and not (position > 0 and path[position - 1] == "\\"):
            name = path[position + 1 :]
            break
    return "_" if _NOT_SIMPLE.search(name) else name
