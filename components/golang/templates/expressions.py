"""Evaluates what stands between `{{` and `}}`, by the rules of Go's text/template with `missingkey=error`."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from ..late_imports import load
from .function import ANYTHING, Function, checked_argument, constant_argument
from .go_values import GoMap, Value, is_true, type_name
from .lexer import Source
from .limits import Work, check_string
from .runes import decode_valid, encode
from .syntax_tree import Call, Chain, Constant, Dot, Field, Nil, Node, Number, Operand, Pipe, Variable
from .template_errors import FunctionError, TemplateRenderError
from .times import Time
from .variables import Bound, Variables


class _Missing(Enum):
    """Stands for the value before `|` where there is none, since None is a value."""

    MISSING = auto()


_MISSING = _Missing.MISSING


class Expressions:
    """Evaluates the expressions of one rendering, in which `data` is `$`, and holds its variables."""

    def __init__(
        self,
        source: Source,
        functions: Mapping[str, Function],
        methods: Mapping[str, Function],
        data: Value,
        work: Work,
    ) -> None:
        self._source = source
        self._functions = functions
        self._methods = methods
        self.work = work
        self.variables = Variables(data, source.quoted)

    def error(self, node: Node, reason: str) -> TemplateRenderError:
        """The error that names a place."""
        return TemplateRenderError(f"template {self._source.place(node.at)}: {reason}")

    def spend(self, node: Node) -> None:
        """Count a step of work, or raise TemplateRenderError where the rendering needs more than is allowed."""
        try:
            self.work.spend(1)
        except FunctionError as error:
            raise self.error(node, str(error)) from None

    def assign(self, node: Node, name: str, value: Value, *, is_element: bool = False) -> None:
        """Change the innermost variable of a name, or raise TemplateRenderError where there is none."""
        try:
            self.variables.assign(name, value, is_element=is_element)
        except FunctionError as error:
            raise self.error(node, str(error)) from None

    def pipe(self, pipe: Pipe, dot: Value) -> Value:
        """The value of a pipeline, which its variables get; errors name the place and the reason, never a value."""
        value: Value | _Missing = _MISSING
        for command in pipe.commands:
            value = self._command(command, dot, value)
        result = None if value is _MISSING else value
        for name in pipe.variables:
            if pipe.assigns:
                self.assign(pipe, name, result)
            else:
                self.variables.declare(name, result)
        return result

    def _command(self, command: Sequence[Operand], dot: Value, last: Value | _Missing) -> Value:
        first, arguments = command[0], command[1:]
        self.spend(first)
        match first:
            case Call():
                return self._call(first, arguments, dot, last)
            case Field() | Chain() | Variable(names=(_, *_)):
                return self._fields(first, dot, arguments, last)
            case Nil():
                raise self.error(first, "nil alone is no value")
        if arguments or last is not _MISSING:
            raise self.error(first, "only functions and methods take arguments")
        return self._operand(first, dot)

    def _operand(self, node: Operand, dot: Value) -> Value:  # noqa: PLR0911 - one case for each kind of operand
        """An operand by itself."""
        self.spend(node)
        match node:
            case Dot():
                return dot
            case Field() | Chain() | Variable(names=(_, *_)):
                return self._fields(node, dot)
            case Variable():
                return self._variable(node).value
            case Pipe():
                return self.pipe(node, dot)
            case Call():
                return self._call(node, (), dot, _MISSING)
            case Nil():
                return None
            case Constant() | Number():
                return self._constant(node, ANYTHING)

    def _constant(self, node: Constant | Number, wanted: str) -> Value:
        try:
            return constant_argument(node, wanted)
        except FunctionError as error:
            raise self.error(node, str(error)) from None

    def _variable(self, node: Variable) -> Bound:
        try:
            return self.variables.find(node.name)
        except FunctionError as error:
            raise self.error(node, str(error)) from None

    def _fields(
        self,
        node: Field | Variable | Chain,
        dot: Value,
        arguments: Sequence[Operand] = (),
        last: Value | _Missing = _MISSING,
    ) -> Value:
        """`.a.b` below something; the last of them may be a method with arguments."""
        match node:
            case Field():
                receiver = dot
            case Variable():
                receiver = self._variable(node).value
            case Chain():
                receiver = self._operand(node.operand, dot)
        for name in node.names[:-1]:
            receiver = self._field(node, name, receiver, dot, (), _MISSING)
        return self._field(node, node.names[-1], receiver, dot, arguments, last)

    def _field(
        self, node: Node, name: str, receiver: Value, dot: Value, arguments: Sequence[Operand], last: Value | _Missing
    ) -> Value:
        if isinstance(receiver, Time) and name in self._methods:
            return self._run(node, name, self._methods[name], arguments, dot, last, (receiver,))
        if isinstance(receiver, Time):
            raise self.error(
                node, f"the method {self._source.quoted(name)} of a time is not supported, or does not exist"
            )
        if not isinstance(receiver, GoMap):
            what = "what has no value" if receiver is None else f"a {type_name(receiver)}"
            raise self.error(node, f"{what} has no field {self._source.quoted(name)}")
        if arguments or last is not _MISSING:
            raise self.error(node, f"{self._source.quoted(name)} is no function and takes no arguments")
        try:
            return receiver.items[encode(name)]
        except KeyError:
            raise self.error(node, f"there is no key {self._source.quoted(name)}") from None

    def _call(self, node: Call, arguments: Sequence[Operand], dot: Value, last: Value | _Missing) -> Value:
        if node.name in {"and", "or"}:
            return self._logic(node, arguments, dot, last)
        match arguments:
            case [Constant(value=bytes(message))] if node.name == "fail" and not self._source.confidential:
                # A message that the user wrote into the template is no secret; one that is made of values could be.
                raise self.error(node, f"fail: {decode_valid(message)}")
        return self._run(node, node.name, self._functions[node.name], arguments, dot, last)

    def _logic(self, node: Call, arguments: Sequence[Operand], dot: Value, last: Value | _Missing) -> Value:
        """`and` and `or`: the first value that decides, and what follows it is not evaluated."""
        value: Value | _Missing = _MISSING
        for argument in arguments:
            value = self._operand(argument, dot)
            if is_true(value) == (node.name == "or"):
                return value
        if last is not _MISSING:
            return last
        if value is _MISSING:
            raise self.error(node, f"{node.name} takes at least 1 argument, not 0")
        return value

    def _run(
        self,
        node: Node,
        name: str,
        function: Function,
        arguments: Sequence[Operand],
        dot: Value,
        last: Value | _Missing,
        bound: tuple[Value, ...] = (),
    ) -> Value:
        """The result of a function or method."""
        try:
            function.check_count(len(arguments) + (last is not _MISSING), len(bound))
            values = list(bound)
            for argument in arguments:
                values.append(self._argument(argument, function.parameter(len(values)), dot))
            if last is not _MISSING:
                values.append(checked_argument(last, function.parameter(len(values))))
            before = self.work.steps_left
            for value in values:
                self.work.look_at(value)
            self.work.spend((before - self.work.steps_left) * (function.weight - 1))
            self.work.spend(function.cost(values))
            load(function.imports)
            result = function.run(*values)
            if isinstance(result, bytes):
                check_string(len(result))
            self.work.look_at(result)
        except FunctionError as error:
            raise self.error(node, f"{name}: {error}") from None
        return result

    def _argument(self, node: Operand, wanted: str, dot: Value) -> Value:
        """An operand as an argument of a function."""
        if isinstance(node, Constant | Number):
            return self._constant(node, wanted)
        value = self._operand(node, dot)
        if value is None and wanted != ANYTHING and self._is_found(node):
            # A nil that is computed Go takes for a nil map, but not one that it finds in a map or a list.
            raise FunctionError(f"takes a {wanted}, and there is no value")
        return checked_argument(value, wanted)

    def _is_found(self, node: Operand) -> bool:
        """Whether Go has an operand's value as it is in a map, in a list or in a function's result."""
        match node:
            case Nil() | Pipe():
                return False
            case Variable(names=()):
                return self._variable(node).is_element
        return True
