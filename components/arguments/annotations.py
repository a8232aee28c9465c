"""Annotations of arguments: what programs may pass, and whether a value fits."""

from collections.abc import Awaitable, Hashable, Sequence
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import pulumi

from ..core.spec import fields

LATER = (Awaitable, pulumi.Output)
_BYTES = (str, bytes, bytearray, memoryview)
T = TypeVar("T")
_T = TypeVar("_T")
Input = Union[T, Awaitable[T], pulumi.Output[T]]  # noqa: UP007 - an alias with a parameter
"""Pulumi's own `Input`, which names its Output by a string that only Pulumi's module can resolve."""


class Kind(NamedTuple):
    """An annotation taken apart."""

    options: tuple[Any, ...]
    marks: tuple[Any, ...]
    later: bool
    optional: bool

    def mark(self, kind: type[_T]) -> _T | None:
        """The mark of a kind, the outermost one first."""
        return next((each for each in self.marks if isinstance(each, kind)), None)


@cache
def hints_of(function_or_class: Hashable) -> dict[str, Any]:
    """The annotations of a function or class, resolved, with what they say besides types."""
    hints = get_type_hints(function_or_class, localns={"Output": pulumi.Output, "T": Any}, include_extras=True)
    given = {
        parameter: argument
        for base in getattr(function_or_class, "__orig_bases__", ())
        for parameter, argument in zip(getattr(get_origin(base), "__parameters__", ()), get_args(base), strict=False)
    }
    return {name: _filled(each, given) for name, each in hints.items()} if given else hints


def _filled(annotation: Any, given: dict[Any, Any]) -> Any:
    """An annotation with the type parameters of its class filled in."""
    if annotation in given:
        return given[annotation]
    parameters = getattr(annotation, "__parameters__", ())
    return annotation[tuple(given.get(each, each) for each in parameters)] if parameters else annotation


@cache
def parse_annotation(annotation: Any) -> Kind:
    """Take an annotation apart; marks of annotations in a union stay with them."""
    options, marks = fields.types_and_marks(annotation)
    return Kind(
        options=tuple(each for each in options if each is not NoneType and not _is_later(each)),
        marks=marks,
        later=any(
            parse_annotation(each).later if get_origin(each) is Annotated else _is_later(each) for each in options
        ),
        optional=NoneType in options,
    )


def _is_later(option: Any) -> bool:
    return get_origin(option) in LATER or option in LATER


def as_selector(value: Any, kind: Kind) -> Any:
    """A version number as it is meant: Outputs of other stacks and dynamic resources have 3.0 for 3."""
    if kind.mark(fields.Selector) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def fits(value: Any, option: Any) -> bool:
    """Whether a value is of a kind, as far as its outside shows."""
    if get_origin(option) is Annotated:
        kind = parse_annotation(option)
        return any(fits(as_selector(value, kind), each) for each in kind.options)
    origin = get_origin(option) or option
    if origin is Any:
        return True
    if origin is Literal:
        return isinstance(value, str)
    if origin is Sequence:
        return isinstance(value, Sequence) and not isinstance(value, (*_BYTES, range))
    if isinstance(value, bool):
        return origin is bool
    return isinstance(value, (int, float) if origin is float else origin)
