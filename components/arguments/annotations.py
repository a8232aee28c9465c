"""Annotations of arguments, taken apart: what they take, what else they say, and whether a value fits."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import pulumi

LATER = (Awaitable, pulumi.Output)
_BYTES = (str, bytes, bytearray, memoryview)
_T = TypeVar("_T")


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
    # Pulumi's own Input names its Output by a text, which only Pulumi's module could resolve.
    return get_type_hints(function_or_class, localns={"Output": pulumi.Output, "T": Any}, include_extras=True)


def taken_apart(annotation: Any) -> Kind:
    """Take an annotation apart; marks of annotations in a union stay with them."""
    marks: list[Any] = []
    while get_origin(annotation) is Annotated:
        annotation, *found = get_args(annotation)
        marks = [*found, *marks] if not marks else [*marks, *found]
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return Kind(
        options=tuple(each for each in options if each is not NoneType and not _is_later(each)),
        marks=tuple(marks),
        later=any(taken_apart(each).later if get_origin(each) is Annotated else _is_later(each) for each in options),
        optional=NoneType in options,
    )


def _is_later(option: Any) -> bool:
    return get_origin(option) in LATER or option in LATER


def fits(value: Any, option: Any) -> bool:
    """Whether a value is of a kind, as far as its outside shows."""
    if get_origin(option) is Annotated:
        return any(fits(value, each) for each in taken_apart(option).options)
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
