"""What a store is asked for, each as one text: a parameter's value, its tags, or all parameters that match.

The text is what a store's snapshot lists, what errors are kept under, and what a secret waits for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import SpecError
from ...golang.regexp import PatternError, check_pattern, compile_pattern, shown_pattern
from ..characters import unprintable
from .references import ParameterReference

_TAGS_OF = "tags of "
_FIND = "find "
_PARAMETER = "parameter "
_MARKS = (_TAGS_OF, _FIND, _PARAMETER)
# AWS lists its own public parameters only for who asks for their path.
_NO_PATH = re.compile(r"[*?\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\$\{")
_ORDINARY_PATH = re.compile(r"(?!/aws/)(/[a-zA-Z0-9_.\-]+){1,15}/?")


@dataclass(frozen=True)
class TagsOf:
    """The tags of one parameter (ESO: `metadataPolicy: Fetch`).

    Attributes:
        name: the parameter's name or ARN, without selector.
    """

    name: str

    def __post_init__(self) -> None:
        if ParameterReference.parse(self.name).selector:
            raise SpecError(
                f"{self.name!r}: tags belong to a parameter and not to one of its versions; leave version out"
            )

    def __str__(self) -> str:
        return tags_source(self.name)


@dataclass(frozen=True)
class Find:
    """All parameters that match (ESO: `dataFrom[].find`).

    ESO ignores the tags where a name is given; here both must match.

    Attributes:
        path: hierarchy to look below, such as `/team-a`; None for all parameters (ESO: `path`).
        name: regular expression that a full name must match somewhere (ESO: `name.regexp`); None for any name.
        tags: tags that a parameter must have.

    Raises:
        SpecError: there is nothing to match by, or the expression or the path is wrong.
    """

    path: str | None = None
    name: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.name is None and not self.tags:
            raise SpecError("find needs name.regexp or tags; for all parameters below a path write name.regexp '.*'")
        if self.path is not None and not self.path.startswith("/"):
            raise SpecError(f"find.path {self.path!r} must begin with '/', as in '/team-a'")
        if found := _NO_PATH.search(self.path or ""):
            raise SpecError(
                f"find.path {self.path!r} has {found[0]!r} in it, which no path has: write a path such as '/team-a', "
                "and what names must match in name.regexp"
            )
        for text in (each for tag in self.tags for each in tag):
            if "${" in text or unprintable(text):
                raise SpecError(f"find.tags: {text!r} is no tag: use letters, digits, spaces and _ . : / = + - @ in it")
        try:
            check_pattern(self.name or "")
        except (PatternError, UnicodeEncodeError) as error:
            raise SpecError(f"find.name.regexp {shown_pattern(self.name or '')}: {error}") from None

    @property
    def below(self) -> str:
        """The path that AWS is asked for."""
        return self.path or "/"

    def matches(self, name: str) -> bool:
        """Whether a parameter's full name is one that is looked for; AWS itself sees to the tags."""
        expression = compile_pattern((self.name or "").encode())
        return self.is_above(name) and expression.search(name.encode()) is not None

    def is_above(self, name: str) -> bool:
        """Whether a parameter is below the path, by its full name."""
        return self.below == "/" or name.startswith(self._level)

    def includes(self, other: Find) -> bool:
        """Whether a listing of this find's path has all of another's in it.

        Not so for paths that AWS may refuse: it is to say so itself.
        """
        ordinary = _ORDINARY_PATH.fullmatch(other.below) is not None
        return ordinary and not self.tags and not other.tags and other.below.startswith(self._level)

    @property
    def _level(self) -> str:
        return self.below.rstrip("/") + "/"

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Find:
        """The search out of a property bag, in ESO's words."""
        return cls(
            path=bag.get("path"),
            name=(bag.get("name") or {}).get("regexp"),
            tags=tuple(sorted((bag.get("tags") or {}).items())),
        )

    def __str__(self) -> str:
        given = {
            "name": None if self.name is None else {"regexp": self.name},
            "path": self.path,
            "tags": dict(self.tags) or None,
        }
        return _FIND + json.dumps({key: value for key, value in given.items() if value is not None}, sort_keys=True)


Source = ParameterReference | TagsOf | Find


def reference_source(key: str, version: str | int | None = None) -> str:
    """The text of one parameter's value.

    A key that begins as another source does is never read as that source: its text says that it is a parameter's name,
    and `parse_source` refuses it, as no name has a space in it.

    Args:
        key: what the user wrote as the key, after the store's prefix; nothing of it is checked here.
        version: a version number or label, if any.
    """
    text = key if version in (None, "") else f"{key}:{version}"
    return _PARAMETER + text if text.startswith(_MARKS) else text


def tags_source(key: str) -> str:
    """The text of one parameter's tags; `parse_source` refuses a key that is no parameter's name.

    Args:
        key: see `reference_source`.
    """
    return _TAGS_OF + key


def parse_source(text: str) -> Source:
    """The source that a text stands for; parameters' names hold no spaces, so that no text is ambiguous.

    Args:
        text: made by `reference_source`, `tags_source` or a `Find`, and never a key as the user wrote it.

    Raises:
        SpecError: no parameter can be meant.
    """
    if text.startswith(_TAGS_OF):
        return TagsOf(text.removeprefix(_TAGS_OF))
    if text.startswith(_FIND) and (bag := _find_bag(text.removeprefix(_FIND))) is not None:
        return Find.from_bag(bag)
    key = text.removeprefix(_PARAMETER)
    return ParameterReference.parse(key if key.startswith(_MARKS) else text)


def _find_bag(text: str) -> dict[str, Any] | None:
    """The bag that a `Find` wrote; None where the text is none."""
    try:
        bag = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(bag, dict) or not bag.keys() <= {"name", "path", "tags"}:
        return None
    name, path, tags = bag.get("name", {"regexp": ""}), bag.get("path", ""), bag.get("tags", {})
    fits = isinstance(name, dict) and name.keys() == {"regexp"} and isinstance(tags, dict)
    return bag if fits and all(isinstance(each, str) for each in (path, *name.values(), *tags.values())) else None
