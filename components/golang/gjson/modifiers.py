"""gjson's modifiers: each turns a JSON text into another one."""

import re
from collections.abc import Callable

from .json_values import Value, members, whole_value
from .paths import MODIFIERS, squash, string_end
from .pretty import options_of, pretty
from .queries import is_true
from .scan import Kind, quote
from .validity import is_valid
from .work import Work

_NAME_END = re.compile(r"[.|:]|\Z")
_ARGUMENT_STOP = re.compile(r'[|{\["(]')
_BLANK_RUN = re.compile(r"[\x00- ]+")
_BLANKS = "".join(map(chr, range(0x21)))
_GO_SPACES = " \t\n\v\f\r"

Get = Callable[[str, str], Value]


def apply_modifier(text: str, path: str, get: Get, work: Work) -> tuple[str, str] | None:
    """Apply the modifier that a path starts with.

    Returns:
        The text that it makes and the path after it; None where there is no modifier of that name.
    """
    found = _NAME_END.search(path, 1)
    end = found.start() if found else len(path)
    name, rest = path[1:end], path[end:]
    if name not in MODIFIERS:
        return None
    argument = ""
    if rest.startswith(":"):
        argument, rest = _argument(rest[1:])
    work.spend(len(text))
    if name == "dig":
        return _dig(text, argument, get, work), rest
    if name == "pretty":
        return pretty(text, options_of(whole_value(argument)), work), rest
    if name == "flatten":
        return _flatten(text, _flag(argument, "deep"), work), rest
    if name == "join":
        return _join(text, preserve=_flag(argument, "preserve")), rest
    return _PLAIN[name](text), rest


def _argument(rest: str) -> tuple[str, str]:
    """A modifier's argument and the path after it."""
    if rest.startswith(("{", "[", '"')):
        argument = squash(rest)
        return argument, rest[len(argument) :]
    position = 0
    while found := _ARGUMENT_STOP.search(rest, position):
        if found[0] == "|":
            return rest[: found.start()], rest[found.start() :]
        position = found.start() + len(squash(rest[found.start() :]))
    return rest, ""


def _flag(argument: str, name: str) -> bool:
    """A flag of a modifier's JSON argument; the last one of that name counts."""
    flag = False
    for key, value in members(whole_value(argument)):
        if key.text == name:
            flag = is_true(value)
    return flag


def _ugly(text: str) -> str:
    pieces: list[str] = []
    position = 0
    while (quote_at := text.find('"', position)) >= 0:
        pieces.append(_BLANK_RUN.sub("", text[position:quote_at]))
        position = string_end(text, quote_at)
        pieces.append(text[quote_at:position])
    pieces.append(_BLANK_RUN.sub("", text[position:]))
    return "".join(pieces)


def _reverse(text: str) -> str:
    value = whole_value(text)
    if value.is_array:
        return f"[{','.join([element.raw for _, element in members(value)][::-1])}]"
    if value.is_object:
        return f"{{{','.join([f'{key.raw}:{member.raw}' for key, member in members(value)][::-1])}}}"
    return text


def _unwrapped(text: str) -> str:
    text = text.strip(_BLANKS)
    return text[1:-1] if len(text) > 1 and text[0] in "[{" else text


def _flatten(text: str, deep: bool, work: Work, depth: int = 0) -> str:  # noqa: FBT001 - private
    value = whole_value(text)
    if not value.is_array:
        return text
    work.check_depth(depth)
    work.spend(len(text))
    pieces: list[str] = []
    for _, element in members(value):
        raw = element.raw
        if element.is_array:
            raw = _unwrapped(_flatten(raw, deep, work, depth + 1) if deep else raw)
        raw = raw.strip(_GO_SPACES)
        if raw:
            pieces.append(raw)
    return f"[{','.join(pieces)}]"


def _join(text: str, *, preserve: bool) -> str:
    value = whole_value(text)
    if not value.is_array:
        return text
    objects = [element for _, element in members(value) if element.is_object]
    if preserve:
        return f"{{{','.join(_unwrapped(element.raw) for element in objects)}}}"
    keys: dict[str, str] = {}
    values: dict[str, str] = {}
    for element in objects:
        for key, member in members(element):
            keys.setdefault(key.text, key.raw)
            values[key.text] = member.raw
    return f"{{{','.join(f'{keys[key]}:{values[key]}' for key in keys)}}}"


def _keys(text: str) -> str:
    value = whole_value(text)
    return f"[{','.join(key.raw if value.is_object else 'null' for key, _ in members(value))}]"


def _values(text: str) -> str:
    value = whole_value(text)
    return text if value.is_array else f"[{','.join(member.raw for _, member in members(value))}]"


def _group(text: str) -> str:
    value = whole_value(text)
    if not value.is_object:
        return ""
    groups: list[list[str]] = []
    for key, member in members(value):
        if member.is_array:
            for position, (_, element) in enumerate(members(member)):
                if position == len(groups):
                    groups.append([])
                groups[position].append(f"{key.raw}:{element.raw}")
    return f"[{','.join('{' + ','.join(group) + '}' for group in groups)}]"


def _dig(text: str, path: str, get: Get, work: Work) -> str:
    results: list[str] = []
    waiting = [whole_value(text)]
    while waiting:
        value = waiting.pop()
        result = get(value.raw, path)
        if result.exists:
            results.append(result.raw)
            work.spend(len(result.raw))
        if value.kind is Kind.JSON:
            work.spend(len(value.raw))
            waiting += [member for _, member in members(value)][::-1]
    return f"[{','.join(results)}]"


_PLAIN: dict[str, Callable[[str], str]] = {
    "this": lambda text: text,
    "valid": lambda text: text if is_valid(text) else "",
    "ugly": _ugly,
    "reverse": _reverse,
    "keys": _keys,
    "values": _values,
    "tostr": quote,
    "fromstr": lambda text: whole_value(text).string if is_valid(text) else "",
    "group": _group,
}
