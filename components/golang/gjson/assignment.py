"""Sets or removes one property of a JSON text, with the results of Go's sjson: the rest stays as it is written.

ESO merges a PushSecret's `remoteRef.property` so into a secret of Secrets Manager. Only valid JSON is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import ExtractError, SpecError
from .property_errors import shown
from .scan import Kind, quote, to_byte_text, to_unicode, unescape, value_end
from .validity import depth_of_valid

_MEANINGFUL = frozenset("|#@*?")
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}")
_BLANKS = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n,:]*")
_MAX_DEPTH = 500
"""Levels of a text that is changed: a parameter of 8 KiB has hardly room for more."""
_APPEND = "-1"


@dataclass(frozen=True)
class Step:
    """One step of a property's path.

    Attributes:
        key: the member's key; of an array the element's number, or -1 for a new one at its end.
        is_key: it is a key in any case (sjson's `:` before a number).
    """

    key: str
    is_key: bool = False

    @property
    def is_index(self) -> bool:
        """Whether it makes an array where there is nothing yet."""
        return not self.is_key and (self.key == _APPEND or _INDEX.fullmatch(self.key) is not None)


@dataclass(frozen=True)
class _Member:
    """A member of an object or array, by its places in the text."""

    key: str
    start: int
    value: int
    end: int


def property_steps(path: str) -> tuple[Step, ...]:
    r"""The steps of a path such as `db.password`, `hosts.0` or `host\.name`.

    Raises:
        SpecError: it names no single property.
    """
    steps: list[Step] = []
    text, plain = "", True
    for each in re.findall(r"\\.|.|\\$", to_byte_text(path), re.DOTALL):
        if each == ".":
            steps.append(Step(text, not plain))
            text, plain = "", True
        elif each == ":" and not text and plain:
            plain = False
        elif each in _MEANINGFUL:
            raise SpecError(
                f"property {shown(path)}: {each!r} names no single property to write; write keys with '.' between "
                r"them, and '\' before a character that belongs to a key"
            )
        else:
            text += each[-1]
    steps.append(Step(text, not plain))
    if not all(each.key for each in steps):
        raise SpecError(f"property {shown(path)}: a key in it is empty; write keys with '.' between them")
    return tuple(steps)


def with_property(text: str, path: str, value: str) -> str:
    """The text with a property set to a string; unchanged where it is that string already.

    A new element at the end of an array (`-1`) is added where no element is as it would be, so that twice is as once.

    Args:
        text: a JSON object or array; nothing, or blanks alone, for a new one.
        path: see `property_steps`.
        value: the string.

    Raises:
        SpecError: see `property_steps`.
        ExtractError: the text is no JSON object or array, or has no place for the property; no value is quoted.
    """
    steps, wanted = property_steps(path), to_byte_text(value)
    source = to_byte_text(text)
    if not _BLANKS.sub("", source):
        return to_unicode(_built(steps, wanted))
    start = _checked(source)
    if _has(source, start, steps, wanted):
        return text
    for at, step in enumerate(steps):
        members, last = list(_members(source, start)), at == len(steps) - 1
        found = _found(source, start, members, step, path)
        if found is None:
            return to_unicode(_added(source, start, members, steps[at:], wanted))
        if last or source[found.value] not in "{[":
            new = quote(wanted) if last else _built(steps[at + 1 :], wanted)
            return to_unicode(source[: found.value] + new + source[found.end :])
        start = found.value
    raise AssertionError(path)  # a path has one step at least


def without_property(text: str, path: str) -> str:
    """The text without a property; unchanged where there is none, or the text is no JSON object or array.

    Raises:
        SpecError: see `property_steps`.
    """
    steps, source = property_steps(path), to_byte_text(text)
    try:
        start = _checked(source)
        for at, step in enumerate(steps):
            members = list(_members(source, start))
            found = None if step.key == _APPEND else _found(source, start, members, step, path)
            if found is None:
                return text
            if at == len(steps) - 1:
                return to_unicode(_removed(source, members, found))
            if source[found.value] not in "{[":
                return text
            start = found.value
    except ExtractError:
        return text
    raise AssertionError(path)  # as above


def obstacle(text: str, path: str) -> str | None:
    """What of a text would be lost or in doubt if a property was set, without its value; None where nothing would.

    Args:
        text: see `with_property`.
        path: see `property_steps`.
    """
    steps, source = property_steps(path), to_byte_text(text)
    if not _BLANKS.sub("", source):
        return None
    start = _checked(source)
    for step in steps[:-1]:
        found = [each for each in _members(source, start) if each.key == step.key]
        if len(found) > 1:
            return _twice(path, step)
        if not found or source.startswith("null", found[0].value):
            return None
        start = found[0].value
        if source[start] not in "{[":
            return f"property {shown(path)}: {shown(to_unicode(step.key))} is no object, and would be lost"
    return _twice(path, steps[-1]) if [each.key for each in _members(source, start)].count(steps[-1].key) > 1 else None


def _twice(path: str, step: Step) -> str:
    key = shown(to_unicode(step.key))
    return f"property {shown(path)}: {key} is there twice, and readers differ in which of the two they take"


def is_empty_object(text: str) -> bool:
    """Whether a text is a JSON object without members, however it is written."""
    return _BLANKS.sub("", text) == "{}"


def _checked(source: str) -> int:
    depth = depth_of_valid(source)
    found = _BLANKS.match(source)
    start = found.end() if found else 0
    if depth is None or source[start] not in "{[":
        raise ExtractError("its value is not a JSON object, so no property can be written into it")
    if depth > _MAX_DEPTH:
        raise ExtractError(f"its value is JSON nested deeper than {_MAX_DEPTH} levels")
    return start


def _members(source: str, start: int) -> Iterator[_Member]:
    """The members of the object or array at a position of valid JSON."""
    is_object, position, number = source[start] == "{", start + 1, 0
    while True:
        position = _after(source, position)
        if source[position] in "}]":
            return
        begin, key = position, str(number)
        if is_object:
            _, position = value_end(source, position)
            key = unescape(source[begin + 1 : position - 1])
            position = _after(source, position)
        _, end = value_end(source, position)
        yield _Member(key, begin, position, end)
        position, number = end, number + 1


def _after(source: str, position: int) -> int:
    found = _BETWEEN.match(source, position)
    return found.end() if found else position


def _found(source: str, start: int, members: Sequence[_Member], step: Step, path: str) -> _Member | None:
    if source[start] == "[" and not step.is_index:
        raise ExtractError(f"property {shown(path)}: {shown(to_unicode(step.key))} is no index, and there is an array")
    return next((each for each in members if each.key == step.key), None)


def _has(source: str, start: int, steps: Sequence[Step], wanted: str) -> bool:
    """Whether the property is that string, or an element of an array to which the path adds one is."""
    if source[start] not in "{[":
        return False
    members, (step, *rest) = list(_members(source, start)), steps
    if not (step.key == _APPEND and source[start] == "["):
        members = [each for each in members if each.key == step.key][:1]
    return any(_has(source, each.value, rest, wanted) if rest else _is_string(source, each, wanted) for each in members)


def _is_string(source: str, member: _Member, wanted: str) -> bool:
    kind, _ = value_end(source, member.value)
    return kind is Kind.STRING and unescape(source[member.value + 1 : member.end - 1]) == wanted


def _added(source: str, start: int, members: Sequence[_Member], steps: Sequence[Step], wanted: str) -> str:
    """The text with a new member at the end of an object or array; an array is filled up with null."""
    new = _built(steps[1:], wanted) if len(steps) > 1 else quote(wanted)
    _, end = value_end(source, start)
    if source[start] == "{":
        new = f"{quote(steps[0].key)}:{new}"
    elif steps[0].key != _APPEND:
        new = "null," * (int(steps[0].key) - len(members)) + new
    # As sjson: before the closing bracket, so that all that was there stays where it is.
    return f"{source[: end - 1]}{',' if members else ''}{new}{source[end - 1 :]}"


def _built(steps: Sequence[Step], wanted: str) -> str:
    """JSON of nothing but one property."""
    made = quote(wanted)
    for step in reversed(steps):
        made = f"[{'null,' * max(0, int(step.key))}{made}]" if step.is_index else f"{{{quote(step.key)}:{made}}}"
    return made


def _removed(source: str, members: Sequence[_Member], gone: _Member) -> str:
    at = members.index(gone)
    if at:
        return source[: source.index(",", members[at - 1].end)] + source[gone.end :]
    if len(members) > 1:
        return source[: gone.start] + source[members[1].start :]
    return source[: gone.start] + source[gone.end :]
