"""Walks the statements of a template and writes what they render."""

from collections.abc import Iterable, Sequence
from enum import Enum, auto

from .expressions import Expressions
from .go_values import GoList, GoMap, Value, is_true, type_name
from .limits import MAX_OUTPUT
from .printing import print_value
from .syntax_tree import Action, Block, Break, Continue, Node, Statement, Text
from .template_errors import FunctionError
from .times import Time

_NO_VALUE = b"<no value>"


class _Leave(Enum):
    """How the body of a loop was left early."""

    BREAK = auto()
    CONTINUE = auto()


class Renderer:
    """One rendering of a template."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._output = bytearray()

    def render(self, statements: Sequence[Statement], data: Value) -> bytes:
        """Render the template; raises TemplateRenderError with the place and the reason, never with a value."""
        self._walk(statements, data)
        return bytes(self._output)

    def _walk(self, statements: Sequence[Statement], dot: Value) -> _Leave | None:
        for statement in statements:
            self._expressions.spend(statement)
            match statement:
                case Text():
                    self._write(statement, statement.text)
                case Action():
                    value = self._expressions.pipe(statement.pipe, dot)
                    if not statement.pipe.variables:
                        self._print(statement, value)
                case Break():
                    return _Leave.BREAK
                case Continue():
                    return _Leave.CONTINUE
                case Block():
                    leave = self._block(statement, dot)
                    if leave:
                        return leave
        return None

    def _write(self, node: Node, text: bytes) -> None:
        if len(self._output) + len(text) > MAX_OUTPUT:
            raise self._expressions.error(node, "the result would be longer than the 1 MiB that a Secret can hold")
        self._output += text

    def _print(self, node: Node, value: Value) -> None:
        try:
            self._expressions.work.look_at(value)
            text = _NO_VALUE if value is None else print_value(value)
        except FunctionError as error:
            raise self._expressions.error(node, str(error)) from None
        self._write(node, text)

    def _block(self, block: Block, dot: Value) -> _Leave | None:
        """A block; the variables that it declares end with it."""
        variables = self._expressions.variables
        known = len(variables)
        value = self._expressions.pipe(block.pipe, dot)
        leave: _Leave | None = None
        if block.keyword == "range":
            if not self._loop(block, value):
                leave = self._walk(block.otherwise, dot)
        elif is_true(value):
            leave = self._walk(block.body, value if block.keyword == "with" else dot)
        else:
            leave = self._walk(block.otherwise, dot)
        variables.forget(known)
        return leave

    def _loop(self, block: Block, value: Value) -> bool:
        """Walk the body for each element; False where there is none."""
        match value:
            case None:
                return False
            case GoMap():
                return self._each(block, value.sorted())
            case GoList():
                return self._each(block, enumerate(list(value.items)))
            case bool() | bytes() | float() | Time():
                raise self._expressions.error(block, f"range cannot go through a {type_name(value)}")
            case int() if len(block.pipe.variables) > 1:
                raise self._expressions.error(block, "range over a number has one variable only")
            case int():
                return self._each(block, ((None, type(value)(number)) for number in range(value)))

    def _each(self, block: Block, elements: Iterable[tuple[Value, Value]]) -> bool:
        variables = self._expressions.variables
        known, entered = len(variables), False
        for index, element in elements:
            entered = True
            self._expressions.spend(block)
            self._set_variables(block, index, element)
            leave = self._walk(block.body, element)
            variables.forget(known)
            if leave is _Leave.BREAK:
                break
        return entered

    def _set_variables(self, block: Block, index: Value, element: Value) -> None:
        """Give the variables of a range their values for one round; the pipeline has declared them."""
        names = block.pipe.variables
        values = (index, element)[-len(names) :] if names else ()
        for back, (name, value) in zip(range(len(names), 0, -1), zip(names, values, strict=True), strict=True):
            if block.pipe.assigns:
                self._expressions.assign(block, name, value, is_element=True)
            else:
                self._expressions.variables.give_element(back, value)
