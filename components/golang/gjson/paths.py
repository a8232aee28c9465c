"""Takes gjson paths apart: object and array segments, queries and pipes.

All of it follows gjson for broken paths too, since a path that ESO accepts must give the same result here.
"""

import re
from dataclasses import dataclass

from .scan import STRING_REST, unescape

MODIFIERS = frozenset(
    "pretty ugly reverse this flatten join valid keys values tostr fromstr group dig".split()  # noqa: SIM905 - a list of words
)

_NAME_END = re.compile(r"[.|:]|\Z")
_BLANKS = "".join(map(chr, range(0x21)))
_OPENING = "{[("
_SQUASH = re.compile(r'[{}\[\]()"]')
_OPERATORS = ("!=", "!%", "<=", ">=", "==", "<", ">", "=", "%")


@dataclass(frozen=True, slots=True)
class Segment:
    """The first segment of a path and what follows it.

    Attributes:
        part: the segment; in an object path without its escapes.
        rest: the path below the segment (after `.`), None where the segment is the last one.
        pipe: the path that the result is handed to (after `|`, or after `.` before a modifier or selection).
        wild: the segment is a pattern.
        hashed: the segment holds a `#`, so that it is no index.
        each: the path wanted of every element (`#.path`).
        query: the query that elements have to meet.
    """

    part: str
    rest: str | None = None
    pipe: str | None = None
    wild: bool = False
    hashed: bool = False
    each: str | None = None
    query: "Query | None" = None


@dataclass(frozen=True, slots=True)
class Query:
    """A condition on array elements: `#(path op value)`, with `#` after it for all that meet it."""

    path: str
    operator: str
    value: str
    every: bool


def _after_dot(path: str, position: int) -> tuple[str | None, str | None]:
    """What follows a dot: (rest, pipe), one of them None; a modifier or selection after a dot is a pipe."""
    after = path[position + 1 :]
    if after.startswith(("[", "{")):
        return None, after
    if after.startswith("@"):
        end = _NAME_END.search(after)
        if end and after[1 : end.start()] in MODIFIERS:
            return None, after
    return after, None


def object_segment(path: str) -> Segment:
    """The first segment of a path that is applied to an object."""
    part: list[str] = []
    wild, position = False, 0
    while position < len(path):
        character = path[position]
        if character == "|":
            return Segment("".join(part), pipe=path[position + 1 :], wild=wild)
        if character == ".":
            rest, pipe = _after_dot(path, position)
            return Segment("".join(part), rest, pipe, wild)
        if character == "\\":
            position += 1
            character = path[position : position + 1]
        elif character in "*?":
            wild = True
        part.append(character)
        position += 1
    return Segment("".join(part), wild=wild)


def array_segment(path: str) -> Segment:
    """The first segment of a path that is applied to an array."""
    each, query, start = None, None, 0
    if path.startswith("#."):
        each = path[2:]
    elif path.startswith(("#(", "#[")):
        query, end = parse_query(path)
        if query is None:
            return Segment(path, hashed=True, query=Query("", "", "", every=False))
        start = end
    hashed = query is not None
    for position in range(start, len(path)):
        character = path[position]
        if character == "#":
            hashed = True
        elif character == "|":
            return Segment(path[:position], None, path[position + 1 :], hashed=hashed, each=each, query=query)
        elif character == ".":
            rest, pipe = (path[position + 1 :], None) if hashed else _after_dot(path, position)
            return Segment(path[:position], rest, pipe, hashed=hashed, each=each, query=query)
    return Segment(path, hashed=hashed, each=each, query=query)


def parse_query(path: str) -> tuple[Query | None, int]:
    """The query that a path starts with and the position after its bracket; None where it is not closed."""
    end, operator_at, escaped = _query_end(path)
    if end is None:
        return None, len(path)
    every = path.startswith("#", end)
    if operator_at is None:
        return Query(path[2 : end - 1].strip(_BLANKS), "", "", every), end
    condition = path[operator_at : end - 1].strip(_BLANKS)
    operator = next((known for known in _OPERATORS if condition.startswith(known)), "")
    if len(condition) == 1:
        operator = condition
    value = condition[len(operator) :].strip(_BLANKS)
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        value = unescape(value[1:-1]) if escaped else value[1:-1]
    query_path = path[2:operator_at].strip(_BLANKS)
    return Query(query_path, "=" if operator == "==" else operator, value, every), end


def _query_end(path: str) -> tuple[int | None, int | None, bool]:
    """The position after a query, that of its operator, and whether a string in it holds an escape."""
    position, depth, escaped = 2, 1, False
    operator_at: int | None = None
    while position < len(path):
        character = path[position]
        if depth == 1 and operator_at is None and character in "!=<>%":
            operator_at = position
        elif character == "\\":
            position += 1
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
            if depth == 0:
                return position + 1, operator_at, escaped
        elif character == '"':
            closing = string_end(path, position)
            escaped = escaped or "\\" in path[position:closing]
            position = closing - 1
        position += 1
    return None, operator_at, escaped


def string_end(path: str, start: int) -> int:
    """The position after the string that starts at `start`; without a closing quote, the end of the path."""
    found = STRING_REST.match(path, start + 1)
    return found.end() if found else len(path)


def squash(path: str) -> str:
    """The balanced piece at the start of a path, whose first character is taken for a bracket (or is a quote)."""
    if path.startswith('"'):
        return path[: string_end(path, 0)]
    position, depth = 1, 1
    while found := _SQUASH.search(path, position):
        position = found.end()
        if found[0] == '"':
            position = string_end(path, found.start())
        else:
            depth += 1 if found[0] in _OPENING else -1
            if depth == 0:
                return path[:position]
    return path


def split_pipe(path: str) -> tuple[str, str | None]:
    """A path below `#` or a query, split at its first pipe outside of queries; None where it has none."""
    if "|" not in path:
        return path, None
    if path.startswith("{"):
        end = len(squash(path[1:])) + 1
        if end < len(path) and path[end] == "|":
            return path[:end], path[end + 1 :]
        return path, None
    position = 0
    while position < len(path):
        character = path[position]
        if character == "\\":
            position += 1
        elif character == "|":
            return path[:position], path[position + 1 :]
        elif character == ".":
            if position == len(path) - 1:
                break
            if path[position + 1] == "#":
                position = _selector_end(path, position + 2)
        position += 1
    return path, None


def _selector_end(path: str, position: int) -> int:
    """Where the query behind `.#` ends (at its closing bracket); the given position where there is no query."""
    opening = path[position : position + 1]
    if opening not in {"[", "("}:
        return position
    closing = "]" if opening == "[" else ")"
    depth = 1
    position += 1
    while position < len(path):
        character = path[position]
        if character == "\\":
            position += 1
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                break
        elif character == '"':
            position = string_end(path, position) - 1
        position += 1
    return position
