"""What `help()` shows of a component or a class of arguments: real arguments, and types as people write them."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from inspect import Parameter, Signature, signature
from textwrap import indent
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, Unpack, get_args, get_origin

import pulumi

from .annotations import hints_of, parse_annotation

_PLAIN = ("str", "int", "float", "bool")
_ATTRIBUTE = re.compile(r"^    (\w+): (.*\n?(?:(?: {5,}.*)?\n?)*)", re.MULTILINE)
_SEE = re.compile(r"see `(\w+)`\.?")
_LEFT_OUT = re.compile(r"^( *)given: see `\w+`\.\n", re.MULTILINE)


class _Shown:
    """A type of an argument, resolved only where somebody looks at it: that of all classes takes long."""

    def __init__(self, holder: Any, name: str) -> None:
        self._holder, self._name = holder, name

    def __repr__(self) -> str:
        return _words(hints_of(self._holder)[self._name])


class _Default:
    """The default of an argument whose docstring says it."""

    def __repr__(self) -> str:
        return "..."


def shown_signature(kind: type, *, bound: bool) -> Signature:
    """The arguments of a class, those of a mapping of arguments each by itself.

    Args:
        kind: the class.
        bound: without `self`.
    """
    found = [each for name, each in _parameters(kind).items() if not (bound and name == "self")]
    return Signature(found, return_annotation=Signature.empty if bound else None)


def _parameters(kind: type) -> dict[str, Parameter]:
    made: dict[str, Parameter] = {}
    init = _initialiser(kind)
    holder = init if issubclass(kind, pulumi.Resource) else kind
    for each in signature(init).parameters.values():
        if (given := _mapping_of(each)) is not None:
            made |= {
                name: Parameter(name, Parameter.KEYWORD_ONLY, default=_Default(), annotation=_Shown(given, name))
                for name in given.__annotations__
            }
        elif each.annotation is Parameter.empty:
            made[each.name] = each
        else:
            made[each.name] = each.replace(annotation=_Shown(holder, each.name))
    return made


def _initialiser(kind: type) -> Callable[..., None]:
    init: Callable[..., None] = inspect.unwrap(getattr(kind, "__init__"))  # noqa: B009 - mypy refuses it plain
    return init


def _mapping_of(parameter: Parameter) -> type | None:
    """The TypedDict that a parameter takes the arguments of."""
    if parameter.kind is not Parameter.VAR_KEYWORD or get_origin(parameter.annotation) is not Unpack:
        return None
    (mapping,) = get_args(parameter.annotation)
    return mapping if isinstance(mapping, type) else None


def documented(init: Callable[..., None]) -> str | None:
    """The docstring of an initialiser, with those of a mapping of arguments in the place that refers to them."""
    doc = init.__doc__
    for each in signature(init).parameters.values():
        if doc and (given := _mapping_of(each)) is not None:
            told = inspect.cleandoc(given.__doc__ or "").partition("Attributes:\n")[2]
            doc = _LEFT_OUT.sub(lambda found, told=told: indent(inspect.cleandoc(f" \n{told}"), found[1]) + "\n", doc)  # type: ignore[misc]
    return doc


def documented_class(kind: type) -> str | None:
    """The docstring of a class of arguments, with what its bases say of each of its arguments."""
    own = inspect.cleandoc(kind.__doc__ or "")
    told = {each.name: _told(kind, each.name) for each in fields(kind) if each.init}
    if not own or not any(told.values()):
        return kind.__doc__
    lines = [f"    {name}: {text}" for name, text in told.items() if text]
    return "\n".join([own.partition("Attributes:\n")[0].rstrip(), "", "Attributes:", *lines, ""])


def _told(kind: type, name: str) -> str:
    """What a class or one of its bases says of an attribute; `see X` is followed to what X says."""
    for base in kind.__mro__:
        if text := _attributes(base).get(name):
            other = _SEE.match(text)
            seen = getattr(sys.modules[base.__module__], other[1], None) if other else None
            if other is None or not isinstance(seen, type):
                return text
            told, rest = _told(seen, name), text[other.end() :]
            return told.removesuffix(".") + rest if rest else told
    return ""


def _attributes(kind: type) -> dict[str, str]:
    """What the docstring of a class says of each attribute, as it stands there."""
    section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2]
    return {found[1]: found[2].rstrip() for found in _ATTRIBUTE.finditer(section)}


def _words(annotation: Any) -> str:
    """A type as people write it: without marks, and `Input[str]` for what may be an Output."""
    if annotation is Signature.empty or isinstance(annotation, str):
        return str(annotation)
    kind = parse_annotation(annotation)
    words = list(dict.fromkeys(word for option in kind.options for word in _option(option)))
    if kind.later and not any(word.startswith("Input[") for word in words):
        plain = [word for word in words if word in _PLAIN] or words  # of a union an Output stands for what is plain
        words = [f"Input[{' | '.join(plain)}]", *(word for word in words if word not in plain)]
    return " | ".join([*words, *(["None"] if kind.optional else [])])


def _option(option: Any) -> Iterator[str]:
    origin, inside = get_origin(option), get_args(option)
    if origin in (Annotated, Union, UnionType):
        yield _words(option)
    elif origin is Literal:
        yield from map(repr, inside)
    elif origin is not None:
        yield f"{origin.__name__}[{', '.join(map(_words, inside))}]"
    elif isinstance(option, TypeVar):
        yield "Any"
    elif option is NoneType:
        yield "None"
    elif option is ...:
        yield "..."
    else:
        yield getattr(option, "__name__", str(option))
