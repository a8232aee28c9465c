"""Finds, without any value, what surely fails when a template is rendered: a key that is never there.

The template is walked as the renderer walks it, with the names of the keys in place of their values. What depends on
a value is not decided: of an `if` that may go both ways only what fails in both is certain, and what stands behind a
`break` that may be taken is not. So everything found here fails in every rendering, and `{{ .b }}` in a branch that may
never be taken is not found.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from . import syntax_tree as tree
from .runes import encode, utf8
from .template_errors import shown, shown_quoted

_SHOWN_KEYS = 10
_MAX_STEPS = 1_000_000


class _Value(Enum):
    """What is known of a value: that it is the map of all keys, a value of that map, true, false, or nothing."""

    ROOT = auto()
    TEXT = auto()
    TRUE = auto()
    FALSE = auto()
    UNKNOWN = auto()


class SurelyFailsError(Exception):
    """A rendering surely fails at a node, for a reason; inside this package only."""

    def __init__(self, node: tree.Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


class _TooMuchError(Exception):
    """The template has more blocks and variables than are looked at here; `up` renders it within limits of its own."""


@dataclass
class _Bound:
    name: str
    value: _Value


def check(statements: Sequence[tree.Statement], keys: Collection[str], *, all_there: bool) -> None:
    """Walk a template.

    Args:
        statements: the template.
        keys: the keys that `.` can have.
        all_there: each of them is surely there, so that `range .` runs at least once.

    Raises:
        SurelyFailsError: every rendering fails.
    """
    with suppress(_TooMuchError):
        _Walk(keys, all_there=all_there).walk(statements, _Value.ROOT)


class _Walk:
    def __init__(self, keys: Collection[str], *, all_there: bool) -> None:
        self._keys = {utf8(key) for key in keys}
        self._told = ", ".join(sorted(keys)[:_SHOWN_KEYS]) + (", ..." if len(keys) > _SHOWN_KEYS else "")
        self._not_empty = all_there and bool(keys)
        self._bound = [_Bound("$", _Value.ROOT)]
        self._steps_left = _MAX_STEPS

    def walk(self, statements: Sequence[tree.Statement], dot: _Value) -> bool:
        """Walk statements; False where it is not certain that what follows them is reached."""
        for statement in statements:
            match statement:
                case tree.Action():
                    self._pipe(statement.pipe, dot)
                case tree.Break() | tree.Continue():
                    return False
                case tree.Block():
                    if not self._block(statement, dot):
                        return False
        return True

    def _block(self, block: tree.Block, dot: _Value) -> bool:
        known = len(self._bound)
        value = self._pipe(block.pipe, dot)
        inner = value if block.keyword == "with" else dot
        if block.keyword == "range":
            goes_on = self._range(block, value, dot)
        elif (truth := self._truth(value)) is not None:
            goes_on = self.walk(block.body, inner) if truth else self.walk(block.otherwise, dot)
        else:
            goes_on = self._either((block.body, inner), (block.otherwise, dot))
        del self._bound[known:]
        return goes_on

    def _range(self, block: tree.Block, value: _Value, dot: _Value) -> bool:
        """A loop: what its first round does is certain where there is one; of its variables nothing is known then."""
        element = _Value.TEXT if value is _Value.ROOT else _Value.UNKNOWN
        for name in block.pipe.variables:
            self._assign(name, _Value.UNKNOWN)
        known = len(self._bound)
        if value is _Value.ROOT and self._not_empty:
            self.walk(block.body, element)
            del self._bound[known:]
        else:
            self._either((block.body, element), (block.otherwise, dot))
        for name in _assigned((*block.body, *block.otherwise)):
            self._assign(name, _Value.UNKNOWN)
        return not any(_leaves(block.otherwise))

    def _either(self, *ways: tuple[Sequence[tree.Statement], _Value]) -> bool:
        """Walk two ways of which one is taken; the rendering surely fails where both do."""
        before = [_Bound(each.name, each.value) for each in self._bound]
        self._spend(len(before))
        ends: list[list[_Bound]] = []
        goes_on, failed = True, None
        for statements, dot in ways:
            self._bound = [_Bound(each.name, each.value) for each in before]
            try:
                goes_on &= self.walk(statements, dot)
            except SurelyFailsError as error:
                failed = failed or error
            else:
                ends.append(self._bound[: len(before)])
        if not ends:
            assert failed is not None, "no way came to its end"  # noqa: S101
            raise failed
        self._bound = [
            _Bound(first.name, first.value if all(end[at].value is first.value for end in ends) else _Value.UNKNOWN)
            for at, first in enumerate(ends[0])
        ]
        return goes_on

    def _truth(self, value: _Value) -> bool | None:
        """What `if` makes of a value; None where that is not certain."""
        match value:
            case _Value.TRUE:
                return True
            case _Value.FALSE:
                return False
            case _Value.ROOT if self._not_empty:
                return True
        return None

    def _pipe(self, pipe: tree.Pipe, dot: _Value) -> _Value:
        value, first = _Value.UNKNOWN, True
        for command in pipe.commands:
            value = self._command(command, dot, piped=not first)
            first = False
        for name in pipe.variables:
            if pipe.assigns:
                self._assign(name, value)
            else:
                self._bound.append(_Bound(name, value))
        return value

    def _command(self, command: Sequence[tree.Operand], dot: _Value, *, piped: bool) -> _Value:
        first, arguments = command[0], command[1:]
        if isinstance(first, tree.Call) and first.name in {"and", "or"}:
            return self._logic(first, arguments, dot, piped=piped)
        value = self._operand(first, dot)
        for argument in arguments:
            self._operand(argument, dot)
        return value

    def _logic(self, call: tree.Call, arguments: Sequence[tree.Operand], dot: _Value, *, piped: bool) -> _Value:
        """`and` and `or` stop at the argument that decides."""
        value = _Value.UNKNOWN
        for argument in arguments:
            value = self._operand(argument, dot)
            truth = self._truth(value)
            if truth is None:
                return _Value.UNKNOWN
            if truth == (call.name == "or"):
                return value
        return _Value.UNKNOWN if piped else value

    def _operand(self, node: tree.Operand, dot: _Value) -> _Value:  # noqa: PLR0911 - one case for each kind of operand
        match node:
            case tree.Dot():
                return dot
            case tree.Field():
                return self._fields(node, dot, node.names)
            case tree.Variable():
                return self._fields(node, self._find(node.name), node.names)
            case tree.Chain():
                return self._fields(node, self._operand(node.operand, dot), node.names)
            case tree.Pipe():
                return self._pipe(node, dot)
            case tree.Constant():
                return _Value.TRUE if node.value else _Value.FALSE
            case tree.Call() | tree.Nil() | tree.Number():
                return _Value.UNKNOWN

    def _fields(self, node: tree.Node, value: _Value, names: Sequence[str]) -> _Value:
        for at, name in enumerate(names):
            if value is _Value.ROOT:
                if encode(name) not in self._keys:
                    raise SurelyFailsError(node, self._no_key(_written(node, at), names[at:]))
                value = _Value.TEXT
            elif value is _Value.TEXT:
                raise SurelyFailsError(
                    node,
                    f"a string has no field {shown(name)}; for a member of the JSON in it write "
                    f"(fromJson {_written(node, at)}).{name}",
                )
            else:
                value = _Value.UNKNOWN
        return value

    def _no_key(self, before: str, names: Sequence[str]) -> str:
        """Why there is no key of the first of these names; a key with dots in it is meant by several of them."""
        dotted = next(
            (key for end in range(len(names), 1, -1) if encode(key := ".".join(names[:end])) in self._keys), None
        )
        if dotted is not None:
            return (
                f"there is no key {shown(names[0])}; for the key {dotted} write index {before} {shown_quoted(dotted)}"
            )
        return (
            f"there is no key {shown(names[0])}, only {self._told or 'none'}; correct the name, or declare the key; "
            f"for one that may be missing write index {before} {shown_quoted(names[0])}"
        )

    def _spend(self, steps: int) -> None:
        self._steps_left -= steps
        if self._steps_left < 0:
            raise _TooMuchError

    def _find(self, name: str) -> _Value:
        self._spend(len(self._bound))
        return next((each.value for each in reversed(self._bound) if each.name == name), _Value.UNKNOWN)

    def _assign(self, name: str, value: _Value) -> None:
        self._spend(len(self._bound))
        for each in reversed(self._bound):
            if each.name == name:
                each.value = value
                return


def _written(node: tree.Node, fields: int) -> str:
    """What stands before a field of a node, with so many fields of it."""
    match node:
        case tree.Field():
            return "." + ".".join(node.names[:fields])
        case tree.Variable():
            return ".".join((node.name, *node.names[:fields]))
    return "VALUE"


def _assigned(statements: Sequence[tree.Statement]) -> Iterator[str]:
    """The variables that some statements assign, in whatever depth."""
    for statement in statements:
        if isinstance(statement, tree.Action | tree.Block):
            yield from _assigned_by(statement.pipe)
        if isinstance(statement, tree.Block):
            yield from _assigned((*statement.body, *statement.otherwise))


def _assigned_by(operand: tree.Operand) -> Iterator[str]:
    if isinstance(operand, tree.Chain):
        yield from _assigned_by(operand.operand)
    if isinstance(operand, tree.Pipe):
        if operand.assigns:
            yield from operand.variables
        for command in operand.commands:
            for each in command:
                yield from _assigned_by(each)


def _leaves(statements: Sequence[tree.Statement]) -> Iterator[bool]:
    """Where some statements leave a loop around them."""
    for statement in statements:
        if isinstance(statement, tree.Break | tree.Continue):
            yield True
        elif isinstance(statement, tree.Block):
            inner = () if statement.keyword == "range" else statement.body
            yield from _leaves((*inner, *statement.otherwise))
