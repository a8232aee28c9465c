"""Checks arguments by the annotations of what takes them, so that a new field is checked without a line of its own.

Not everybody runs a type checker, and an AttributeError from within the library tells nobody what to write. What is
known only later, an Output, is checked by the same annotation when it is known.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from math import inf, isfinite
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args, get_origin

import pulumi

from ..core.characters import unprintable, unsendable
from ..core.spec.argument_types import Between, Characters, Expected, Items, Matches, MayBeSecret, MayRepeat, OfType
from ..core.spec.choices import not_known
from ..core.spec.config_fields import camel
from ..core.spec.spelling import is_of_yaml
from .annotations import LATER, Kind, as_selector, fits, hints_of, parse_annotation
from .invalid import InvalidArgumentsError
from .wording import described, got, mismatch, shown

_DEPTH = 8
"""Levels of values that are handed on as they are: AWS's have two."""
_OUTPUT_AS_TEXT = "Calling __str__ on an Output[T] is not supported"


class ArgumentPath(NamedTuple):
    """Where an argument stands, as errors say it.

    Attributes:
        where: the component or class.
        path: the argument, and what in it; empty for the component itself.
        scope: the path without the last argument.
        field: name of the last argument.
        choices: a word that is not among the choices is refused here; False leaves that to the class itself.
    """

    where: str
    path: str = ""
    scope: str = ""
    field: str = ""
    choices: bool = True

    def at(self, field: str) -> ArgumentPath:
        """An argument of what stands here."""
        return self._replace(path=f"{self.path}.{field}" if self.path else field, scope=self.path, field=field)

    def item(self, name: Any, form: str | None) -> ArgumentPath:
        """An entry of what stands here."""
        path = f"{self.path}[{name!r}]" if form is None else form.format(name)
        return self._replace(path=path, scope=path)

    def wrong(self, text: str) -> InvalidArgumentsError:
        """The error that the value is not of an expected kind."""
        return InvalidArgumentsError(f"{self.where}, {self.path}: {text}")

    def refused(self, text: str) -> InvalidArgumentsError:
        """The error that the value here is no good; the text goes on from the argument's name."""
        return InvalidArgumentsError(f"{self.where}: {self.path} {text}")

    def unknown(self, value: str, choices: Sequence[str]) -> InvalidArgumentsError:
        """The error that a word is not among the choices, by ESO's name of the field."""
        where = f"{self.where}, {self.scope}" if self.scope else self.where
        return InvalidArgumentsError(f"{where}: {not_known(camel(self.field), value, choices)}")


def checked(value: Any, annotation: Any, place: ArgumentPath) -> Any:
    """Check a value, in all its parts, by an annotation.

    The annotation is one of those that `get_type_hints(..., include_extras=True)` resolves.

    Returns:
        The value as it may be used: lists as tuples, awaitables as Outputs, and Outputs that fail when they turn out to
        be of the wrong kind.

    Raises:
        InvalidArgumentsError: it is not what it should be; the text is one line and says what to write.
    """
    kind = parse_annotation(annotation)
    if kind.later and isinstance(value, LATER):
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        if kind.mark(MayBeSecret) is None:
            output = _shown_later(output, place)
        # An Output of None is not the same as none: what depends on it would be left out without a word.
        return output.apply(lambda known: _known_later(known, kind._replace(optional=False), place))
    return _now(value, kind, place)


def _known_later(value: Any, kind: Kind, place: ArgumentPath) -> Any:
    """Check a value that an Output turned out to have; that of an argument class is needed while the program runs."""
    is_declared = isinstance(value, pulumi.Resource) or is_dataclass(value)
    if is_declared and any(fits(value, option) for option in kind.options):
        raise place.wrong(
            f"expected {described(kind)}, got an Output of {got(value)}; pass the {type(value).__name__} itself, whose "
            "arguments may be Outputs"
        )
    return _now(value, kind, place)


def _shown_later(output: pulumi.Output[Any], place: ArgumentPath) -> pulumi.Output[Any]:
    """An Output that fails where it is secret, known or not: a name is shown, and in the state as it is."""

    async def value(found: Any) -> Any:
        if await output.is_secret():
            raise place.refused(
                "is a secret Output, but previews, errors and the state show what stands here; name what holds the "
                "secret, or where it is none, write pulumi.Output.unsecret(...)"
            )
        return found

    return output.apply(value, run_with_unknowns=True)


def _now(value: Any, kind: Kind, place: ArgumentPath) -> Any:
    """Check a value that is known."""
    if value is None and kind.optional:
        return None
    for option in kind.options:
        if fits(value, option):
            return _deep(value, option, kind, place)
    raise place.wrong(mismatch(value, kind))


def _deep(value: Any, option: Any, kind: Kind, place: ArgumentPath) -> Any:
    """Check the inside of a value of the right kind."""
    if option is Any:
        return _json(value, place)
    inside = _OF_GENERIC.get(get_origin(option) or option)
    if inside is not None:
        return inside(value, option, kind, place)
    of_type: Iterable[tuple[type | UnionType, Callable[[Any, Kind, ArgumentPath], Any]]] = (
        (bool, lambda value, _kind, _place: value),
        (str, _string),
        (int | float, _number),
        (pulumi.Resource, _resource),
    )
    for kinds, check in of_type:
        if isinstance(value, kinds):
            return check(value, kind, place)
    return _parts(value, place) if is_dataclass(value) and not isinstance(value, type) else value


def _json(value: Any, place: ArgumentPath, depth: int = 0) -> Any:
    """Check that a value can be sent as JSON; of an Output it is known later."""
    if isinstance(value, Mapping | list | tuple) and depth < _DEPTH:
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, each in list(inner):
            _json(each, place.item(name, None), depth + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _number(value, parse_annotation(float), place)
    elif not (value is None or isinstance(value, (str, bool, *LATER))):
        raise place.wrong(f"expected what JSON can hold, up to {_DEPTH} levels deep, got {got(value)}")
    return value


def _inner(value: Any, option: Any, kind: Kind, place: ArgumentPath) -> Any:
    inner = parse_annotation(option)
    return _now(as_selector(value, inner), inner._replace(marks=(*kind.marks, *inner.marks)), place)


def _word(value: Any, option: Any, _: Kind, place: ArgumentPath) -> Any:
    if place.choices and value not in get_args(option):
        raise place.unknown(value, get_args(option))
    return value


def _list(value: Sequence[Any], option: Any, kind: Kind, place: ArgumentPath) -> tuple[Any, ...]:
    form, (each,) = kind.mark(Items), get_args(option)
    found = tuple(checked(item, each, place.item(at, form.form if form else None)) for at, item in enumerate(value))
    if not (kind.mark(MayRepeat) or is_of_yaml()):  # ESO takes manifests that say something twice
        _refuse_repeated(found, form, place)
    return found


def _refuse_repeated(value: Sequence[Any], form: Items | None, place: ArgumentPath) -> None:
    """Refuse an entry that changes nothing, as an earlier one is the same; of an Output nobody can tell."""
    if all(isinstance(each, str) for each in value) and len({*value}) == len(value):
        return
    for at, each in enumerate(value):
        first = next((before for before in range(at) if value[before] == each), None)
        if first is None or isinstance(each, LATER):
            continue
        if isinstance(each, str):
            raise InvalidArgumentsError(
                f"{place.where}: {place.path}: {shown(each)} has no effect the second time; leave one of the two out"
            )
        one, other = (place.item(number, form.form if form else None).path for number in (first, at))
        raise InvalidArgumentsError(
            f"{place.where}: {one} has no effect, as {other} is the same; leave one of them out"
        )


def _mapping(value: Mapping[Any, Any], option: Any, kind: Kind, place: ArgumentPath) -> dict[str, Any]:
    keys, values = get_args(option)
    form, key_kind = kind.mark(Items), parse_annotation(keys)
    found: dict[str, Any] = {}
    for key, each in value.items():
        if not isinstance(key, str):
            words = key_kind.mark(Expected)
            raise place.wrong(f"expected {words.words if words else 'strings as keys'}, got {got(key)}")
        name = _string(key, key_kind, place._replace(path=f"a key of {place.path}"))
        found[name] = checked(each, values, place.item(name, form.form if form else None))
    return found


_OF_GENERIC: Mapping[Any, Callable[[Any, Any, Kind, ArgumentPath], Any]] = {
    Annotated: _inner,
    Literal: _word,
    Sequence: _list,
    Mapping: _mapping,
}


def _string(value: str, kind: Kind, place: ArgumentPath) -> str:
    """Check a string's characters; what is allowed besides a name is said by marks."""
    text, allowed = str.__str__(value), kind.mark(Characters) or Characters(empty=False)
    if _OUTPUT_AS_TEXT in text:
        raise place.refused(
            "has an Output in a string, which an f-string, str() or + cannot do; write pulumi.Output.concat(...) or "
            "pulumi.Output.format(...), where an Output can be used"
        )
    if not text and not allowed.empty:
        optional = ", or leave it out" if kind.optional else ""
        raise place.refused(f"is empty; write {described(kind)}{optional}")
    if text and (found := (unsendable if allowed.any else unprintable)(text)):
        raise place.refused(f"holds the character {found}, which cannot be printed; write it without")
    if (rule := kind.mark(Matches)) and (len(text) > rule.limit or not rule.pattern.fullmatch(text)):
        raise place.wrong(f"{shown(text)} is not allowed; write {rule.rule}")
    return text


def _number(value: float, kind: Kind, place: ArgumentPath) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise place.wrong("expected a number that is finite and not too large")
    if (bounds := kind.mark(Between)) and not bounds.low <= number <= bounds.high:
        raise place.wrong(f"expected a number from {bounds.low:,.12g} to {bounds.high:,.12g}, got {value:,.12g}")
    return value


def _resource(value: pulumi.Resource, kind: Kind, place: ArgumentPath) -> pulumi.Resource:
    wanted = kind.mark(OfType)
    if wanted and value.pulumi_resource_type not in wanted.tokens:
        raise place.wrong(f"expected {described(kind)}, got {got(value)}")
    return value


def _parts(value: Any, place: ArgumentPath) -> Any:
    """Check the fields of an argument class; a copy of it where one of them is used in another form."""
    hints: dict[str, Any] = hints_of(cast("Hashable", type(value)))
    changed: dict[str, Any] = {}
    for each in fields(value):
        before = getattr(value, each.name)
        after = checked(before, hints[each.name], place.at(each.name))
        if after is not before:
            changed[each.name] = after
    if not changed:
        return value
    made = copy.copy(value)
    for name, each in changed.items():
        object.__setattr__(made, name, each)
    return made
