"""How errors say what an argument should be, what it is, and what to write instead."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

import pulumi

from ..core.spec.argument_types import Expected, Instead
from ..core.spec.config_fields import kind_of
from ..display import may_be_credential, shown_text
from .annotations import LATER, Kind, fits, parse_annotation

_WORDS: Mapping[Any, tuple[str, str]] = {
    str: ("a string", "strings"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "True or False"),
}


def mismatch(value: Any, kind: Kind) -> str:
    """What is expected, what a value is, and what to write."""
    marks = [*kind.marks, *(mark for each in kind.options for mark in parse_annotation(each).marks)]
    tried = [each.advice for each in marks if isinstance(each, Instead) and isinstance(value, each.kinds)]
    advice = f"; {tried[0]}" if tried else _advice(value, kind)
    return f"expected {described(kind)}, got {got(value)}{advice}"


def shown(text: str) -> str:
    """A name in an error, shortened where it is very long; not what looks like a credential in a name's place."""
    limit = 80
    return (
        shown_text(text)
        if len(text) <= limit or may_be_credential(text)
        else f"{text[:limit]!r}… ({len(text)} characters)"
    )


def described(kind: Kind) -> str:
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
        return described(parse_annotation(option))
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
    kind = parse_annotation(annotation)
    words = [
        _several(each)
        if get_origin(each) is Annotated
        else _WORDS[each][1]
        if each in _WORDS
        else _one(each).split()[-1]
        for each in kind.options
    ]
    return " or ".join(dict.fromkeys(words))


def got(value: Any) -> str:
    """What a value is; the value itself may be a secret."""
    if isinstance(value, pulumi.Output):
        return "an Output"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return kind_of(value)


def _advice(value: Any, kind: Kind) -> str:
    """What to write instead, where that can be told."""
    if isinstance(value, LATER):
        return "; its value is needed while the program runs, so that an Output cannot be used here"
    if isinstance(value, pulumi.Resource) and any(fits("", each) for each in kind.options):
        return "; pass one of its outputs, such as its name or ARN"
    entries = [get_args(each)[0] for each in kind.options if get_origin(each) is Sequence]
    if any(fits(value, option) for each in entries for option in parse_annotation(each).options):
        return "; put it into a list, in brackets"
    return ""
