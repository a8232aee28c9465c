"""Evaluates a whole gjson path: modifiers, literals, multipaths and pipes around walks over objects and arrays."""

from .json_values import Value, whole_value
from .modifiers import apply_modifier
from .scan import Kind, container_end, quote
from .selections import Selection, member_name, parse_selection
from .validity import is_valid
from .walk import Walk
from .work import Work

_LITERAL_STARTS = '{["+-0123456789'
_LITERAL_NAMES = frozenset({"true", "false", "null", "nan", "inf"})


class Evaluation:
    """The lookup of one property, with all the lookups that it starts."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, text: str, path: str) -> Value:
        """Look up a path in a text, each of any bytes; raises UnsupportedPathError where that takes too much work."""
        self._work.enter()
        value = self._get(text, path)
        self._work.leave()
        return value

    def _get(self, text: str, path: str) -> Value:
        while True:
            self._work.spend(len(path) + 1)
            if len(path) > 1:
                applied = self._apply_prefix(text, path)
                if applied is not None:
                    text, path = applied
                    if not path.startswith(("|", ".")):
                        return whole_value(text)
                    path = path[1:]
                    continue
                if path[0] in "[{":
                    selection = parse_selection(path)
                    path = selection.rest if selection else ""
                    if selection and not path:
                        return Value(Kind.JSON, self._select(text, selection))
                    if selection and path[0] in "|.":
                        text, path = self._select(text, selection), path[1:]
                        continue
            walk = Walk(text, self.get, self._work)
            found = walk.over_lines(path[2:]) if path.startswith("..") else walk.from_root(path)
            if found.pipe is None:
                return found.value
            text, path = found.value.raw, found.pipe

    def _apply_prefix(self, text: str, path: str) -> tuple[str, str] | None:
        """What a modifier or literal at the start of a path makes of the text, and the path after it."""
        if path[0] == "@":
            return apply_modifier(text, path, self.get, self._work)
        return _literal(path) if path[0] == "!" else None

    def _select(self, text: str, selection: Selection) -> str:
        """The object or array that a multipath builds."""
        members: list[str] = []
        for name, path in selection.parts:
            value = self.get(text, path)
            if value.exists:
                key = f"{_key(name, path)}:" if selection.opening == "{" else ""
                members.append(key + value.raw)
                self._work.spend(len(members[-1]))
        closing = "}" if selection.opening == "{" else "]"
        return f"{selection.opening}{','.join(members)}{closing}"


def _key(name: str, path: str) -> str:
    """The key of one part of a multipath, as JSON."""
    if not name:
        return quote(member_name(path))
    return name if name.startswith('"') and is_valid(name) else quote(name)


def _literal(path: str) -> tuple[str, str] | None:
    """The JSON text of a literal (`!...`) and the path after it; None where it is none."""
    literal = path[1:]
    if literal[0] in _LITERAL_STARTS:
        end = container_end(literal, 0)
        return literal[:end], literal[end:]
    end = min((at for at in (literal.find("|"), literal.find(".")) if at >= 0), default=len(literal))
    name = literal[:end]
    return (name, literal[end:]) if name.lower() in _LITERAL_NAMES else None
