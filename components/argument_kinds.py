"""Checks arguments by the annotations of what takes them, so that a new field is checked without a line of its own.

Not everybody runs a type checker, and an AttributeError from within the library tells nobody what to write. What is
known only later, an Output, is checked by the same annotation when it is known.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from math import inf, isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pulumi

from .core.argument_types import Between, Characters, Expected, Instead, Items, Matches, OfType
from .core.characters import unprintable, unsendable
from .core.config_fields import kind_of
from .invalid_arguments import InvalidArgumentsError

_LATER = (Awaitable, pulumi.Output)
_BYTES = (str, bytes, bytearray, memoryview)
_OUTPUT_AS_TEXT = "Calling __str__ on an Output[T] is not supported"
_WORDS: Mapping[Any, tuple[str, str]] = {
    str: ("a string", "strings"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "True or False"),
}
_MANY = 5
_T = TypeVar("_T")


class Place(NamedTuple):
    """Where an argument stands, as errors say it.

    Attributes:
        where: the component or class.
        path: the argument, and what in it; empty for the component itself.
        scope: the path without the last argument.
        field: name of the last argument.
        choices: a word that is none of those that there are is refused here, and not by who takes it.
    """

    where: str
    path: str = ""
    scope: str = ""
    field: str = ""
    choices: bool = True

    def at(self, field: str) -> Place:
        """An argument of what stands here."""
        return self._replace(path=f"{self.path}.{field}" if self.path else field, scope=self.path, field=field)

    def item(self, name: Any, form: str | None) -> Place:
        """An entry of what stands here."""
        path = f"{self.path}[{name!r}]" if form is None else form.format(name)
        return self._replace(path=path, scope=path)

    def wrong(self, text: str) -> InvalidArgumentsError:
        """The error that the value here is none of what is expected."""
        return InvalidArgumentsError(f"{self.where}, {self.path}: {text}")

    def refused(self, text: str) -> InvalidArgumentsError:
        """The error that the value here is no good; the text goes on from the argument's name."""
        return InvalidArgumentsError(f"{self.where}: {self.path} {text}")

    def unknown(self, value: str, choices: Sequence[str]) -> InvalidArgumentsError:
        """The error that a word is none of those that there are, in the core's words and by ESO's name of the field."""
        first, *rest = self.field.split("_")
        name = first + "".join(map(str.title, rest))
        where = f"{self.where}, {self.scope}" if self.scope else self.where
        known = f"{', '.join(choices[:-1])} or {choices[-1]}"
        return InvalidArgumentsError(f"{where}: {name} {value!r} is not known; write {known}")


class _Kind(NamedTuple):
    """An annotation taken apart."""

    options: tuple[Any, ...]
    marks: tuple[Any, ...]
    later: bool
    optional: bool

    def mark(self, kind: type[_T]) -> _T | None:
        """The mark of a kind, the outermost one first."""
        return next((each for each in self.marks if isinstance(each, kind)), None)


def checked(value: Any, annotation: Any, place: Place) -> Any:
    """Check a value, in all its parts, by an annotation.

    Args:
        value: the value.
        annotation: the annotation, as `get_type_hints(..., include_extras=True)` resolves it.
        place: where it stands.

    Returns:
        The value as it may be used: lists as tuples, awaitables as Outputs, and Outputs that fail when they turn out to
        be of the wrong kind.

    Raises:
        InvalidArgumentsError: it is not what it should be; the text is one line and says what to write.
    """
    kind = _kind(annotation)
    if kind.later and isinstance(value, _LATER):
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        # An Output of None is not the same as none: what depends on it would be left out without a word.
        return output.apply(lambda known: _now(known, kind._replace(optional=False), place))
    return _now(value, kind, place)


@cache
def hints_of(function_or_class: Hashable) -> dict[str, Any]:
    """The annotations of a function or class, resolved, with what they say besides types."""
    # Pulumi's own Input names its Output by a text, which only Pulumi's module could resolve.
    return get_type_hints(function_or_class, localns={"Output": pulumi.Output, "T": Any}, include_extras=True)


def _kind(annotation: Any) -> _Kind:
    marks: list[Any] = []
    while get_origin(annotation) is Annotated:
        annotation, *found = get_args(annotation)
        marks = [*found, *marks] if not marks else [*marks, *found]
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return _Kind(
        options=tuple(each for each in options if each is not NoneType and not _is_later(each)),
        marks=tuple(marks),
        later=any(_kind(each).later if get_origin(each) is Annotated else _is_later(each) for each in options),
        optional=NoneType in options,
    )


def _is_later(option: Any) -> bool:
    return get_origin(option) in _LATER or option in _LATER


def _now(value: Any, kind: _Kind, place: Place) -> Any:
    """Check a value that is known."""
    if value is None and kind.optional:
        return None
    for option in kind.options:
        if _fits(value, option):
            return _deep(value, option, kind, place)
    marks = [*kind.marks, *(mark for each in kind.options for mark in _kind(each).marks)]
    tried = [each.advice for each in marks if isinstance(each, Instead) and isinstance(value, each.kinds)]
    known, advice = (f"; {tried[0]}", "") if tried else ("", _advice(value, kind))
    raise place.wrong(f"expected {_described(kind)}{known}, got {_got(value)}{advice}")


def _fits(value: Any, option: Any) -> bool:
    """Whether a value is of a kind, as far as its outside shows."""
    if get_origin(option) is Annotated:
        return any(_fits(value, each) for each in _kind(option).options)
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


def _deep(value: Any, option: Any, kind: _Kind, place: Place) -> Any:
    """Check the inside of a value of the right kind."""
    inside = _OF_GENERIC.get(get_origin(option) or option)
    if inside is not None:
        return inside(value, option, kind, place)
    of_type: Iterable[tuple[type | UnionType, Callable[[Any, _Kind, Place], Any]]] = (
        (bool, lambda value, _kind, _place: value),
        (str, _string),
        (int | float, _number),
        (pulumi.Resource, _resource),
    )
    for kinds, check in of_type:
        if isinstance(value, kinds):
            return check(value, kind, place)
    return _parts(value, place) if is_dataclass(value) and not isinstance(value, type) else value


def _inner(value: Any, option: Any, kind: _Kind, place: Place) -> Any:
    inner = _kind(option)
    return _now(value, inner._replace(marks=(*kind.marks, *inner.marks)), place)


def _word(value: Any, option: Any, _: _Kind, place: Place) -> Any:
    if place.choices and value not in get_args(option):
        raise place.unknown(value, get_args(option))
    return value


def _list(value: Sequence[Any], option: Any, kind: _Kind, place: Place) -> tuple[Any, ...]:
    form, (each,) = kind.mark(Items), get_args(option)
    return tuple(checked(item, each, place.item(at, form.form if form else None)) for at, item in enumerate(value))


def _mapping(value: Mapping[Any, Any], option: Any, kind: _Kind, place: Place) -> dict[str, Any]:
    keys, values = get_args(option)
    form, key_kind = kind.mark(Items), _kind(keys)
    found: dict[str, Any] = {}
    for key, each in value.items():
        if not isinstance(key, str):
            words = key_kind.mark(Expected)
            raise place.wrong(f"expected {words.words if words else 'strings as keys'}, got {_got(key)}")
        name = _string(key, key_kind, place._replace(path=f"a key of {place.path}"))
        found[name] = checked(each, values, place.item(name, form.form if form else None))
    return found


_OF_GENERIC: Mapping[Any, Callable[[Any, Any, _Kind, Place], Any]] = {
    Annotated: _inner,
    Literal: _word,
    Sequence: _list,
    Mapping: _mapping,
}


def _string(value: str, kind: _Kind, place: Place) -> str:
    """Check a string's characters; what is allowed besides a name is said by marks."""
    text, allowed = str.__str__(value), kind.mark(Characters) or Characters(empty=False)
    if _OUTPUT_AS_TEXT in text:
        raise place.refused(
            "has an Output in a string, which an f-string, str() or + cannot do; write pulumi.Output.concat(...) or "
            "pulumi.Output.format(...), where an Output can be used"
        )
    if not text and not allowed.empty:
        optional = ", or leave it out" if kind.optional else ""
        raise place.refused(f"is empty; write {_described(kind)}{optional}")
    if text and (found := (unsendable if allowed.any else unprintable)(text)):
        raise place.refused(f"holds the character {found}, which cannot be printed; write it without")
    if (rule := kind.mark(Matches)) and (len(text) > rule.limit or not rule.pattern.fullmatch(text)):
        raise place.wrong(f"{shown(text)} is not allowed; write {rule.rule}")
    return text


def _number(value: float, kind: _Kind, place: Place) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise place.wrong("expected a number that is finite and not too large")
    if (bounds := kind.mark(Between)) and not bounds.low <= number <= bounds.high:
        raise place.wrong(f"expected a number from {bounds.low:g} to {bounds.high:g}, got {value:g}")
    return value


def _resource(value: pulumi.Resource, kind: _Kind, place: Place) -> pulumi.Resource:
    wanted = kind.mark(OfType)
    if wanted and value.pulumi_resource_type not in wanted.tokens:
        raise place.wrong(f"expected {_described(kind)}, got {_got(value)}")
    return value


def _parts(value: Any, place: Place) -> Any:
    """Check the fields of an argument class; a copy of it where one of them is used in another form."""
    hints: dict[str, Any] = hints_of(cast("Hashable", type(value)))
    changed: dict[str, Any] = {}
    for each in fields(value):
        before = getattr(value, each.name)
        after = checked(
            before,
            hints[each.name],
            place.at(each.name),
        )
        if after is not before:
            changed[each.name] = after
    if not changed:
        return value
    made = copy.copy(value)
    for name, each in changed.items():
        object.__setattr__(made, name, each)
    return made


def shown(text: str) -> str:
    """A name in an error, shortened where it is very long."""
    limit = 80
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}… ({len(text)} characters)"


def _described(kind: _Kind) -> str:
    """What is expected, in words."""
    expected = kind.mark(Expected)
    return expected.words if expected else _listed([_one(each) for each in kind.options])


def _listed(words: Iterable[str]) -> str:
    """`a Target`, `a SecretStore or ClusterSecretStore`."""
    first, *rest = dict.fromkeys(words)
    bare = [each.removeprefix("a ").removeprefix("an ") if first.split()[-1][:1].isupper() else each for each in rest]
    return " or ".join(filter(None, [", ".join([first, *bare[:-1]]), *bare[-1:]]))


def _one(option: Any) -> str:
    if get_origin(option) is Annotated:
        return _described(_kind(option))
    origin = get_origin(option) or option
    if origin is Literal:
        return _listed(map(repr, get_args(option)))
    if origin is Sequence:
        return f"a list of {_several(get_args(option)[0])}"
    if origin is Mapping:
        return f"a mapping of names to {_several(get_args(option)[1])}"
    if origin in _WORDS:
        return _WORDS[origin][0]
    return f"{'an' if origin.__name__[0] in 'AEIOU' else 'a'} {origin.__name__}"


def _several(annotation: Any) -> str:
    kind = _kind(annotation)
    words = [
        _several(each)
        if get_origin(each) is Annotated
        else _WORDS[each][1]
        if each in _WORDS
        else _one(each).split()[-1]
        for each in kind.options
    ]
    return " or ".join(dict.fromkeys(words))


def _got(value: Any) -> str:
    """What a value is; the value itself may be a secret."""
    if isinstance(value, pulumi.Output):
        return "an Output"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return kind_of(value)


def _advice(value: Any, kind: _Kind) -> str:
    """What to write instead, where that can be told."""
    if isinstance(value, _LATER):
        return "; its value is needed while the program runs, so that an Output cannot be used here"
    if isinstance(value, pulumi.Resource) and any(_fits("", each) for each in kind.options):
        return "; pass one of its outputs, such as its name or ARN"
    entries = [get_args(each)[0] for each in kind.options if get_origin(each) is Sequence]
    if any(_fits(value, option) for each in entries for option in _kind(each).options):
        return "; put it into a list, in brackets"
    return ""
