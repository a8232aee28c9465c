"""Has classes that programs construct check their arguments, by the annotations of their fields or parameters.

A component checks all that it is given, classes of arguments included, so that errors name the component and the
place in it. A class of arguments with checks of its own checks the kinds of its fields when it is constructed, too.
Functions that programs call do the same.
"""

import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, NamedTuple, ParamSpec, TypeVar, Unpack, cast, get_args, get_origin

import pulumi

from .annotations import hints_of
from .checks import ArgumentPath, checked
from .help import documented, documented_class, shown_signature
from .invalid import InvalidArgumentsError, refuse_options
from .unheard import plain_and_heard, refuse_thread, watch_end
from .wording import shown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_LIBRARY = __name__.partition(".")[0]
_NOTHING: Mapping[str, str] = {}


class _Parameters(NamedTuple):
    """What a class or function takes: names by position, names that must be given, and the annotations of all."""

    positional: tuple[str, ...]
    required: tuple[str, ...]
    kinds: dict[str, Any]


def checks_arguments(*, instead: Mapping[str, str] = _NOTHING) -> Callable[[type[T]], type[T]]:
    """Have a component, or a dataclass of arguments, check its arguments, and raise InvalidArgumentsErrors of one line.

    Args:
        instead: what to write in place of names that people try.
    """

    def decorate(kind: type[T]) -> type[T]:
        setattr(kind, "__init__", _checking(kind, instead))  # noqa: B010 - mypy refuses it plain
        setattr(kind, "__signature__", shown_signature(kind, bound=True))  # noqa: B010 - as above
        if is_dataclass(kind):
            kind.__doc__ = documented_class(kind)
        return kind

    return decorate


def _checking(kind: type, instead: Mapping[str, str]) -> Callable[..., None]:
    init: Callable[..., None] = getattr(kind, "__init__")  # noqa: B009 - mypy refuses it plain
    is_component, has_own_check = issubclass(kind, pulumi.Resource), hasattr(kind, "__post_init__")

    @wraps(init)
    def construct(self: Any, *args: Any, **named: Any) -> None:
        where = _where(kind, args, named) if is_component else kind.__name__ + _line()
        if is_component:
            watch_end()
        with plain_and_heard():
            if is_component:
                refuse_thread(where)
            given = {name: _once(each) for name, each in _bound(kind, init, where, args, named, instead).items()}
            place, hints = ArgumentPath(where), _parameters(kind, init).kinds
            if is_component or has_own_check:
                # A class with checks of its own says itself which words it takes.
                given = _checked(given, hints, place._replace(choices=not has_own_check))
            if is_component:
                refuse_options(where, given.get("opts"))
            init(self, **given)
            if has_own_check:
                _checked(given, hints, place)

    setattr(construct, "checks_arguments", True)  # noqa: B010 - mypy refuses it plain
    setattr(construct, "__signature__", shown_signature(kind, bound=False))  # noqa: B010 - as above
    construct.__doc__ = documented(init)
    return construct


def called_plainly(
    *unchecked: str, instead: Mapping[str, str] = _NOTHING
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function check its arguments, and raise InvalidArgumentsErrors of one line.

    Args:
        unchecked: arguments that the function checks itself, with words of its own.
        instead: what to write in place of names that people try.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        found = signature(function).parameters.values()
        rest = next((each.name for each in found if each.kind is Parameter.VAR_POSITIONAL), None)
        where, plain = function.__name__, cast("Callable[..., R]", function)

        @wraps(function)
        def call(*args: P.args, **named: P.kwargs) -> R:
            with plain_and_heard():
                hints = hints_of(function)
                given = _bound(function, function, where, () if rest else args, named, instead)
                for name in given.keys() - set(unchecked):
                    given[name] = checked(given[name], hints[name], ArgumentPath(where).at(name))
                if rest is None:
                    return plain(**given)
                for at, each in enumerate(args):
                    checked(each, hints[rest], ArgumentPath(where).at(rest).item(at, None))
                return plain(*args, **given)

        return call

    return decorate


def _checked(given: Mapping[str, Any], hints: Mapping[str, Any], place: ArgumentPath) -> dict[str, Any]:
    return {name: checked(each, hints[name], place.at(name)) for name, each in given.items()}


def _once(value: Any) -> Any:
    """A value in which every awaitable is an Output, so that it may be used more than once."""
    if isinstance(value, Awaitable) and not isinstance(value, pulumi.Output):
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        return output
    if isinstance(value, list | tuple) and any(isinstance(each, Awaitable) for each in value):
        return tuple(map(_once, value))
    if isinstance(value, dict) and any(isinstance(each, Awaitable) for each in value.values()):
        return {key: _once(each) for key, each in value.items()}
    return value


def _bound(
    kind: Any,
    init: Callable[..., Any],
    where: str,
    args: tuple[Any, ...],
    named: Mapping[str, Any],
    instead: Mapping[str, str],
) -> dict[str, Any]:
    """The arguments by name."""
    known = _parameters(kind, init)
    given = {*known.positional[: len(args)], *named}
    for name in named:
        if name not in known.kinds:
            raise InvalidArgumentsError(
                f"{where}: there is no argument {shown(name)}; {_suggestion(name, known, instead, given)}"
            )
    if len(args) > len(known.positional):
        after = f"all after {known.positional[-1]}" if known.positional else "all of them"
        others = ", ".join(f"{name}=" for name in known.kinds if name not in known.positional)
        advice = f"; write {after} by name: {others}" if others else ""
        raise InvalidArgumentsError(
            f"{where}: {len(args)} arguments are given without a name, {len(known.positional)} at most{advice}"
        )
    bound = dict(zip(known.positional, args, strict=False))
    for name in bound:
        if name in named:
            raise InvalidArgumentsError(f"{where}: {name} is given twice; leave one of them out")
    bound |= named
    for name in known.required:
        if name not in bound:
            raise InvalidArgumentsError(f"{where}: {name} is required; write {name}=...")
    return bound


def _suggestion(name: str, known: _Parameters, instead: Mapping[str, str], given: Collection[str]) -> str:
    """What to write in place of a name that there is not: none of the arguments that are given already."""
    if name in instead:
        return f"write {instead[name]}"
    plain = name.replace("-", "_").lower()
    others = [each for each in known.kinds if each not in given]
    near = get_close_matches(plain, known.kinds, n=1, cutoff=0.5)
    if near and near[0] in others:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(others)}" if others else "leave it out"


@cache
def _parameters(kind: Any, init: Callable[..., Any]) -> _Parameters:
    found = [
        each
        for each in signature(init).parameters.values()
        if each.name != "self" and each.kind is not Parameter.VAR_POSITIONAL
    ]
    is_plain_class = isinstance(kind, type) and not issubclass(kind, pulumi.Resource)
    hints = hints_of(kind if is_plain_class else init)
    kinds: dict[str, Any] = {}
    for each in found:
        if each.kind is not Parameter.VAR_KEYWORD:
            kinds[each.name] = hints[each.name]
        elif get_origin(hints[each.name]) is Unpack:
            kinds |= hints_of(get_args(hints[each.name])[0])
    return _Parameters(
        positional=tuple(each.name for each in found if each.kind is Parameter.POSITIONAL_OR_KEYWORD),
        required=tuple(
            each.name for each in found if each.default is Parameter.empty and each.kind is not Parameter.VAR_KEYWORD
        ),
        kinds=kinds,
    )


def _where(kind: type, args: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    name = args[0] if args else named.get("name")
    return f"{kind.__name__} {shown(name)}" if isinstance(name, str) and name else kind.__name__


def _line() -> str:
    """The line of the program that constructs something, in words; nothing where the library itself does."""
    frame = sys._getframe(2)  # noqa: SLF001 - the documented way to the caller
    module = str(frame.f_globals.get("__name__"))
    if module.partition(".")[0] in (_LIBRARY, "dataclasses"):
        return ""
    file = frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f" ({file}, line {frame.f_lineno})"
