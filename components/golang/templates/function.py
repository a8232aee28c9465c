"""Describes functions to the renderer: which Go types they take, as their Python annotations say."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .go_values import TYPE_NAMES, GoMap, Int64, Value, type_name
from .syntax_tree import Constant, Number
from .template_errors import FunctionError

_Run = TypeVar("_Run", bound=Callable[..., Value])


class HashAlgorithm(bytes):
    """A string type of sprig's own: a template can only give a constant for it."""

    __slots__ = ()


class Uint32(int):
    """Go's uint32: a template can only give a constant for it."""

    __slots__ = ()


ANYTHING = ""
_MAP = "map[string]interface {}"
_GO_NAMES: dict[Any, str] = {
    **TYPE_NAMES,
    Uint32: "uint32",
    GoMap: _MAP,
    HashAlgorithm: "sprig.HashAlgorithm",
    Value: ANYTHING,
}
_SHORT = {"any": ANYTHING, "map": _MAP}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of templates.

    Attributes:
        run: computes the result; raises `FunctionError` where there is none.
        parameters: Go's names for the types of the parameters; ANYTHING where it is of no matter.
        rest: the type of further arguments, of which any number is taken; None where none are.
        varies: the same arguments do not always give the same result.
        steps: what a call costs beyond looking at its arguments, or a function that says it of the arguments; it raises
            `FunctionError` where they cost too much.
        weight: how much more it costs to look at an argument than with the quickest functions.
        imports: the modules that it imports, see `late_imports`.
    """

    run: Callable[..., Value]
    parameters: tuple[str, ...]
    rest: str | None
    varies: bool
    steps: int | Callable[..., int]
    weight: int
    imports: tuple[str, ...] = ()

    def check_count(self, given: int, bound: int = 0) -> None:
        """Raise FunctionError where the function does not take so many arguments; a method's receiver is `bound`."""
        wanted = len(self.parameters) - bound
        if given < wanted or (given > wanted and self.rest is None):
            least = "" if self.rest is None else "at least "
            raise FunctionError(f"takes {least}{wanted} argument{'s' * (wanted != 1)}, not {given}")

    def cost(self, arguments: Sequence[Value]) -> int:
        """What a call costs beyond looking at its arguments.

        Raises:
            FunctionError: they cost too much.
        """
        return self.steps if isinstance(self.steps, int) else self.steps(*arguments)

    def parameter(self, position: int) -> str:
        """The type of a parameter."""
        return self.parameters[position] if position < len(self.parameters) else self.rest or ANYTHING


class Family(dict[str, Function]):
    """Functions on one subject, by name: those with a body are decorated, the others stand in a table."""

    def table(self, functions: Mapping[str, Callable[..., Value]], *, weight: int = 1) -> None:
        """Add functions that are one expression each.

        Args:
            functions: the names and Go's types of the parameters, such as `first|mustFirst(any)`, and what it does.
            weight: see `Function`.
        """
        for declaration, run in functions.items():
            names, _, listed = declaration.removesuffix(")").partition("(")
            types = [_SHORT.get(name, name) for name in listed.split(", ") if name]
            rest = types.pop().removeprefix("...") if types and types[-1].startswith("...") else None
            function = Function(run, tuple(types), None if rest is None else _SHORT.get(rest, rest), False, 0, weight)
            self.update(dict.fromkeys(names.split("|"), function))

    def add(
        self,
        *names: str,
        varies: bool = False,
        steps: int | Callable[..., int] = 0,
        weight: int = 1,
        imports: tuple[str, ...] = (),
    ) -> Callable[[_Run], _Run]:
        """Add the decorated function under these names."""

        def decorate(run: _Run) -> _Run:
            found = list(inspect.signature(run).parameters.values())
            types = [_GO_NAMES[parameter.annotation] for parameter in found]
            takes_more = bool(found) and found[-1].kind is inspect.Parameter.VAR_POSITIONAL
            rest = types.pop() if takes_more else None
            self.update(dict.fromkeys(names, Function(run, tuple(types), rest, varies, steps, weight, imports)))
            return run

        return decorate


def constant_argument(node: Constant | Number, wanted: str) -> Value:
    """What a constant is for a parameter, or FunctionError: a number takes the type of the parameter."""
    match node, wanted:
        case Constant(), _ if wanted in {ANYTHING, type_name(node.value)}:
            return node.value
        case Constant(value=bytes(text)), "sprig.HashAlgorithm":
            return HashAlgorithm(text)
        case Number(), "":
            if node.ideal is None:
                raise FunctionError("the number is too large for an int")
            return node.ideal
        case Number(integer=int(integer)), "int" | "int64":
            return Int64(integer) if wanted == "int64" else integer
        case Number(unsigned=int(integer)), "uint32":
            return integer
        case Number(), "float64":
            return node.real
    raise FunctionError(f"the constant is not of type {wanted}")


def checked_argument(value: Value, wanted: str) -> Value:
    """A computed value as an argument, or FunctionError where it is of another type: Go converts nothing here."""
    if wanted == ANYTHING or type_name(value) == wanted:
        return value
    if value is None:
        if wanted == _MAP:
            return GoMap(is_nil=True)
        raise FunctionError(f"takes a {wanted}, and there is no value")
    raise FunctionError(f"takes a {wanted}, not a {type_name(value)}")
