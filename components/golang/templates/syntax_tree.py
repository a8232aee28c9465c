"""What a template consists of after parsing."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in a template, and where it starts, as an index into the text."""

    at: int


@dataclass(frozen=True, slots=True)
class Dot(Node):
    """`.`, the value that is current."""


@dataclass(frozen=True, slots=True)
class Nil(Node):
    """`nil`."""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A string or a boolean."""

    value: bytes | bool = field(repr=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number; which type it has depends on where it stands.

    Attributes:
        ideal: its value where any type is wanted; None where it does not fit into Go's int.
        integer: its value as an integer, where it has one.
        unsigned: its value where only an unsigned integer is wanted, where it has one.
        real: its value as a float.
    """

    ideal: int | float | None
    integer: int | None
    unsigned: int | None
    real: float


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`.a.b`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`$x.a.b`."""

    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """The name of a function."""

    name: str


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """Commands, each of which gets the result of the one before as its last argument.

    The variables are declared with the result, or assigned it, with `=` instead of `:=`.
    """

    commands: "tuple[tuple[Operand, ...], ...]"
    variables: tuple[str, ...] = ()
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`(...).a.b`, and fields behind a function."""

    operand: "Operand"
    names: tuple[str, ...]


Operand: TypeAlias = Dot | Nil | Constant | Number | Field | Variable | Call | Pipe | Chain


@dataclass(frozen=True, slots=True)
class Text(Node):
    """Text between actions."""

    text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Action(Node):
    """`{{ pipeline }}`."""

    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Break(Node):
    """`{{ break }}`."""


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """`{{ continue }}`."""


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`if`, `with` or `range`; an `else if` is a block in `otherwise`."""

    keyword: str
    pipe: Pipe
    body: "tuple[Statement, ...]"
    otherwise: "tuple[Statement, ...]"


Statement: TypeAlias = Text | Action | Break | Continue | Block
