"""IAM's wildcards: `*` is any text, `?` one character; in time that a hostile pattern cannot stretch."""

import re
from functools import lru_cache

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = frozenset("*?$")
_ANY, _ONE, _OPAQUE = object(), object(), object()


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern without policy variables matches a text as a whole."""
    return _match(tuple(map(_token, pattern)), text)


def matches_in_policy(pattern: str, text: str) -> bool:
    """Whether a pattern of a policy matches a text as a whole.

    A policy variable stands for what only the request knows: it matches nothing that can be named here. With a default
    it stands for that, and `${*}`, `${?}` and `${$}` for the character itself.
    """
    return _match(_tokens(pattern), text)


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[object, ...]:
    tokens: list[object] = []
    rest = 0
    for found in _VARIABLE.finditer(pattern):
        tokens += map(_token, pattern[rest : found.start()])
        name, _, default = found[1].partition(",")
        if name in _LITERALS:
            tokens.append(name)
        elif default:
            tokens += map(_token, default.strip().strip("'"))
        else:
            tokens.append(_OPAQUE)
        rest = found.end()
    return (*tokens, *map(_token, pattern[rest:]))


def _token(character: str) -> object:
    return {"*": _ANY, "?": _ONE}.get(character, character)


def _match(tokens: tuple[object, ...], text: str) -> bool:
    """Match greedily: only the last `*` ever has to be tried again."""
    at, here, star, tried = 0, 0, -1, 0
    while here < len(text):
        if at < len(tokens) and tokens[at] is _ANY:
            star, tried, at = at, here, at + 1
        elif at < len(tokens) and (tokens[at] is _ONE or tokens[at] == text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            tried += 1
            at, here = star + 1, tried
        else:
            return False
    return all(each is _ANY for each in tokens[at:])
