"""Walks down objects and arrays along a path over the source text, in the order in which gjson visits members.

The order matters: the first member that matches wins, and where it leads nowhere the next one is tried.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .json_values import NOTHING, Value, next_value, value_of
from .numbers import array_index
from .paths import Query, Segment, array_segment, object_segment, split_pipe
from .queries import meets
from .scan import STRING_REST, UNTERMINATED, VALUE_START, Kind, unescape, value_end
from .wildcards import matches
from .work import MEMBER_STEPS, Work

_KEY_OR_END = re.compile(r'["}]')
_ELEMENT_OR_END = re.compile(rf"{VALUE_START.pattern}|\]")
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_START = re.compile(r"[{\[]")

Get = Callable[[str, str], Value]
"""Looks up a path in a text: the whole evaluation, for paths inside of queries and behind `#`."""


@dataclass
class Found:
    """What a walk leaves behind: a value, and the path that is to be applied to it."""

    value: Value = NOTHING
    pipe: str | None = None


class Walk:
    """One walk over one text."""

    def __init__(self, text: str, get: Get, work: Work) -> None:
        self.text = text
        self.get = get
        self.work = work
        self.found = Found()

    def from_root(self, path: str) -> Found:
        """Apply a path to the first object or array of the text, whatever stands before it."""
        root = _START.search(self.text)
        if root is not None:
            self._run(self.scan(root.start(), path), root.end())
        return self.found

    def over_lines(self, path: str) -> Found:
        """Apply a path to the values of the text as if they were an array (JSON lines)."""
        self._run(_ArrayScan(self, path), 0)
        return self.found

    def scan(self, start: int, path: str) -> "_Scan":
        """The scan of the object or array that starts at a position."""
        return _ObjectScan(self, path) if self.text[start] == "{" else _ArrayScan(self, path)

    def note_pipe(self, segment: Segment) -> None:
        """Remember what follows the pipe of a last segment, found or not."""
        if segment.rest is None and segment.pipe is not None:
            self.found.pipe = segment.pipe

    def _run(self, scan: "_Scan", position: int) -> None:
        """Run a scan and the scans below it until one finds the value; without recursion, for deep documents."""
        scans = [scan]
        while scans:
            step = scans[-1].resume(position)
            if step.done:
                return
            position = step.position
            if step.below is None:
                scans.pop()
            else:
                scans.append(step.below)


@dataclass(frozen=True, slots=True)
class _Step:
    """Why a scan stopped: done, at the start of a member to go into (`below`), or at its end without a match."""

    position: int
    done: bool = False
    below: "_Scan | None" = None


class _ObjectScan:
    """The search for one segment among the members of an object."""

    def __init__(self, walk: Walk, path: str) -> None:
        self._walk = walk
        self._segment = object_segment(path)
        walk.note_pipe(self._segment)

    def resume(self, position: int) -> _Step:
        """Go on from a position inside the object."""
        text, segment = self._walk.text, self._segment
        while position < len(text):
            self._walk.work.spend(MEMBER_STEPS)
            opening = _KEY_OR_END.search(text, position)
            if opening is None or opening[0] == "}":
                return _Step(opening.end() if opening else len(text))
            key = STRING_REST.match(text, opening.end())
            start = VALUE_START.search(text, key.end()) if key else None
            if key is None or start is None:
                return _Step(len(text))
            matched = self._matches(text[opening.end() : key.end() - 1], escaped=key.lastindex is not None)
            if matched and segment.rest is not None and start[0] in "{[":
                return _Step(start.end(), below=self._walk.scan(start.start(), segment.rest))
            kind, end = value_end(text, start.start())
            self._walk.work.spend(max(0, end - start.start()))
            if end == UNTERMINATED:
                return _Step(len(text))
            if matched and segment.rest is None:
                self._walk.found.value = value_of(kind, text, start.start(), end)
                return _Step(end, done=True)
            position = end
        return _Step(position)

    def _matches(self, key: str, *, escaped: bool) -> bool:
        if escaped:
            key = unescape(key)
        if not self._segment.wild:
            return key == self._segment.part
        self._walk.work.spend(len(key) + len(self._segment.part) * MEMBER_STEPS)
        return matches(key, self._segment.part)


class _ArrayScan:
    """The search for one segment among the elements of an array: an index, `#`, or a query."""

    def __init__(self, walk: Walk, path: str) -> None:
        self._walk = walk
        self._segment = segment = array_segment(path)
        self._index = None if segment.hashed else array_index(segment.part)
        self._rest = segment.rest
        self._count = 0
        self._starts: list[int] = []
        self._selected: list[str] = []
        walk.note_pipe(segment)

    def resume(self, position: int) -> _Step:
        """Go on from a position inside the array."""
        text, segment = self._walk.text, self._segment
        while position <= len(text):
            self._walk.work.spend(MEMBER_STEPS)
            matched = self._index == self._count
            self._count += 1
            if segment.each is not None:
                self._starts.append(position)
            start = _ELEMENT_OR_END.search(text, position)
            if start is None or start[0] == "]":
                return self._at_end(start.end() if start else len(text) + 1)
            if matched and segment.rest is not None and start[0] in "{[":
                return _Step(start.end(), below=self._walk.scan(start.start(), segment.rest))
            kind, end = value_end(text, start.start())
            self._walk.work.spend(max(0, end - start.start()))
            if end == UNTERMINATED:
                return _Step(len(text))
            if segment.query is not None:
                if self._select(segment.query, value_of(kind, text, start.start(), end)):
                    return _Step(end, done=True)
            elif matched and segment.rest is None:
                self._walk.found.value = value_of(kind, text, start.start(), end)
                return _Step(end, done=True)
            position = end
        return _Step(position)

    def _select(self, query: Query, element: Value) -> bool:
        """Put an element to the query; True where it ends the search."""
        if element.kind is Kind.JSON:
            tested = self._walk.get(element.raw, query.path)
        elif query.path:
            return False
        else:
            tested = element
        self._walk.work.spend(len(tested.text) + len(query.value) * MEMBER_STEPS)
        if not meets(query, tested):
            return False
        if self._rest is not None:
            self._rest, pipe = split_pipe(self._rest)
            if pipe is not None:
                self._walk.found.pipe = pipe
            element = self._walk.get(element.raw, self._rest)
        if query.every:
            if element.exists:
                self._selected.append(element.raw)
            return False
        self._walk.found.value = element
        return True

    def _at_end(self, position: int) -> _Step:
        """What the array gives once all its elements were seen."""
        found, segment = self._walk.found, self._segment
        if segment.part == "#":
            if segment.each is None:
                found.value = Value(Kind.NUMBER, str(self._count - 1))
            else:
                found.value = Value(Kind.JSON, f"[{','.join(self._of_each(segment.each))}]")
            return _Step(position, done=True)
        if segment.query is not None and segment.query.every and not found.value.exists:
            found.value = Value(Kind.JSON, f"[{','.join(self._selected)}]")
        return _Step(position)

    def _of_each(self, path: str) -> list[str]:
        """What a path finds in the elements, those left out in which it finds nothing."""
        text, results = self._walk.text, []
        path, pipe = split_pipe(path)
        if pipe is not None:
            self._walk.found.pipe = pipe
        for position in self._starts:
            start = _NOT_BLANK.search(text, position)
            if start is None or start[0] == "]":
                continue
            element, _ = next_value(text, start.start())
            if element.exists:
                self._walk.work.spend(MEMBER_STEPS + len(element.raw))
                result = self._walk.get(element.raw, path)
                if result.exists:
                    results.append(result.raw)
        return results


_Scan = _ObjectScan | _ArrayScan
