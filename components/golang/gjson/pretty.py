"""Formats JSON as Go's pretty package does for `@pretty`: arrays that fit go on one line, and there is a line end."""

import json
import re
from dataclasses import dataclass
from typing import Any

from .json_values import Value, members
from .numbers import parse_float, to_int
from .paths import string_end
from .queries import is_true
from .scan import Kind, end_of, to_byte_text, to_unicode
from .work import MEMBER_STEPS, Work

_NOT_BLANK_OR_BLANK_ONLY = re.compile(r"[^ \t\r\n]")
_NUMBER_REST = re.compile(r"[^\x00- ,:\]}]*+")
_VALUE_START = re.compile(r'["{\[tfn0-9\-iI+N]')
_GO_SPACES = " \t\n\v\f\r"
_MIN_LINE = 3
_ITEM_OR_END = re.compile(r"[^\x00- ]")
_KEY_OR_END = re.compile(r'["}]')
_NUMBER_RANK = 2
_RANKS = {"n": 0, "f": 1, '"': 3, "t": 4, "[": 5, "{": 5}


@dataclass(frozen=True, slots=True)
class Options:
    """The argument of `@pretty`; arrays of up to `width` columns go on one line."""

    width: int = 80
    prefix: str = ""
    indent: str = "  "
    sort_keys: bool = False


def options_of(argument: Value) -> Options:
    """The options in a modifier's JSON argument."""
    given: dict[str, Any] = {}
    for key, value in members(argument):
        match key.text:
            case "sortKeys":
                given["sort_keys"] = is_true(value)
            case "indent" | "prefix":
                given[key.text] = _NOT_BLANK_OR_BLANK_ONLY.sub("", value.string)
            case "width":
                given["width"] = _integer(value)
    return Options(**given)


def _integer(value: Value) -> int:
    match value.kind:
        case Kind.TRUE:
            return 1
        case Kind.NUMBER:
            return to_int(value.number)
        case Kind.STRING:
            return to_int(parse_float(value.text))
    return 0


def pretty(text: str, options: Options, work: Work) -> str:
    """The text in many lines.

    Raises:
        UnsupportedPathError: the text is nested too deep, or its lines are indented too far.
    """
    writer = _Writer(text, options, work)
    writer.add(options.prefix)
    writer.value(0, 0, line=0)
    return writer.finished()


class _Writer:
    """Writes one text. Positions are in the text; `line` is where the output counts its current line from."""

    def __init__(self, text: str, options: Options, work: Work) -> None:
        self._text = text
        self._options = options
        self._work = work
        self._out = bytearray()
        self._depth = 0

    def finished(self) -> str:
        """What was written, with a line end."""
        return self._out.decode("latin-1") + ("\n" if self._out else "")

    def add(self, text: str) -> None:
        """Write a piece."""
        self._out += text.encode("latin-1")

    def value(self, start: int, level: int, line: int, *, one_line: bool = False) -> tuple[int, int, bool]:
        """Write the first value at or after a position.

        Returns:
            Where the value ends, where the current line starts, and False if it is an object (none fits on one line).
        """
        text = self._text
        found = _VALUE_START.search(text, start)
        if found is None:
            return len(text), line, True
        position, first = found.start(), found[0]
        if first in "{[":
            return self._container(position, level, line, one_line=one_line)
        if first in "tf" or (first == "n" and text[position + 1 : position + 2] in {"", "u"}):
            word = {"t": "true", "f": "false", "n": "null"}[first]
            self.add(word)
            return position + len(word), line, True
        end = string_end(text, position) if first == '"' else end_of(_NUMBER_REST, text, position + 1)
        self.add(text[position:end])
        return end, line, True

    def _container(self, start: int, level: int, line: int, *, one_line: bool) -> tuple[int, int, bool]:
        """Write an object or array, an array on one line where it fits."""
        self._depth += 1
        self._work.check_depth(self._depth)
        options = self._options
        is_array = self._text[start] == "["
        result: tuple[int, int, bool] | None = None
        if one_line and not is_array:
            result = start, line, False
        elif options.width > 0 and is_array and not one_line:
            room = options.width - (len(self._out) - line)
            if room > _MIN_LINE:
                before = len(self._out)
                end, _, fits = self._members(start, 0, 0, one_line=True)
                if fits and len(self._out) - before <= room:
                    result = end, line, True
                else:
                    del self._out[before:]
        if result is None:
            result = self._members(start, level, line, one_line=one_line)
        self._depth -= 1
        return result

    def _members(self, start: int, level: int, line: int, *, one_line: bool) -> tuple[int, int, bool]:
        """Write the brackets of an object or array and all between them."""
        text, opening = self._text, self._text[start]
        is_array, closing = opening == "[", "]" if opening == "[" else "}"
        wanted = _ITEM_OR_END if is_array else _KEY_OR_END
        spans: list[tuple[str, int, int]] = []
        self.add(opening)
        position, count = start + 1, 0
        while found := wanted.search(text, position):
            self._work.spend(MEMBER_STEPS)
            position = found.start()
            if found[0] == closing:
                if not one_line:
                    self._sort(spans)
                    if count:
                        line = self._new_line()
                        self._indent(level)
                self.add(closing)
                return position + 1, line, is_array
            if count:
                self.add(", " if is_array else ",")
            line = line if one_line else self._new_line()
            item_at, key = len(self._out), ""
            if not one_line:
                self._indent(level + 1)
            if not is_array:
                key = text[position : string_end(text, position)]
                position += len(key)
                self.add(key + (":" if one_line else ": "))
            position, line, fits = self.value(position, level + 1, line, one_line=one_line)
            if one_line and not fits:
                return position, line, False
            spans.append((key, item_at, len(self._out)))
            count += 1
        return len(text), line, is_array

    def _new_line(self) -> int:
        """End the line, over a blank at its end. The line end counts as part of the new line unless it took a place."""
        line = len(self._out)
        if self._out.endswith(b" "):
            self._out[-1:] = b"\n"
        else:
            self._out += b"\n"
        return line

    def _indent(self, level: int) -> None:
        prefix, indent = self._options.prefix, self._options.indent
        self._work.spend(len(prefix) + len(indent) * level)
        self.add(prefix + indent * level)

    def _sort(self, spans: list[tuple[str, int, int]]) -> None:
        """Sort the members of an object that were written last."""
        if not self._options.sort_keys or not spans or not spans[0][0]:
            return
        written = [(key, bytes(self._out[start:end])) for key, start, end in spans]
        ordered = sorted(written, key=lambda member: _sort_key(member[0], member[1].decode("latin-1")))
        if ordered != written:
            self._out[spans[0][1] :] = b",\n".join(member for _, member in ordered)


def _sort_key(key: str, member: str) -> tuple[str, int, float, str]:
    """Members go by key; members of one key by type, and then by number or text."""
    value = member.strip(_GO_SPACES)[len(key) + 1 :].strip(_GO_SPACES)
    rank = _RANKS.get(value[:1], _NUMBER_RANK) if value else _RANKS["n"]
    if rank == _NUMBER_RANK:
        return _text_of(key), rank, parse_float(value), ""
    return _text_of(key), rank, 0.0, _text_of(value) if value.startswith('"') else value


def _text_of(string: str) -> str:
    """The text of a JSON string, empty where its escapes are broken."""
    if "\\" not in string:
        return string[1 : string.find('"', 1)]
    try:
        return to_byte_text(str(json.loads(to_unicode(string))))
    except ValueError:
        return ""
