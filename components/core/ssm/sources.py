"""Sources as Parameter Store reads them: one parameter's value, its tags, or all parameters that match."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import SpecError
from ...golang.regexp import compile_pattern
from ..service import TAGS_OF, find_source, find_terms, tags_source, unmarked
from .references import ParameterReference, refuse_secrets

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
        path: hierarchy to search, such as `/team-a`; None for all parameters (ESO: `path`).
        name: regular expression that a full name must match somewhere (ESO: `name.regexp`); None for any name.
        tags: tags that a parameter must have.

    Raises:
        SpecError: there is nothing to match by, or the expression or the path is wrong.
    """

    path: str | None = None
    name: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        str(self)  # checks what all services have in common
        if self.path is not None and not self.path.startswith("/"):
            raise SpecError(f"find.path {self.path!r} must begin with '/', as in '/team-a'")
        refuse_secrets(self.path or "/")
        if found := _NO_PATH.search(self.path or ""):
            raise SpecError(
                f"find.path {self.path!r} has {found[0]!r} in it, which no path has: write a path such as '/team-a', "
                "and what names must match in name (ESO: name.regexp)"
            )

    @property
    def below(self) -> str:
        """The path that AWS is asked for."""
        return self.path or "/"

    def matches(self, name: str) -> bool:
        """Whether a parameter's full name matches; AWS itself compares the tags."""
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

    def __str__(self) -> str:
        return find_source(self.path, self.name, dict(self.tags))


Source = ParameterReference | TagsOf | Find


def parse_source(text: str) -> Source:
    """What a source stands for; parameters' names hold no spaces, so that no source is ambiguous.

    The text is made by core/service.py or by a `Find`, and never a key as the user wrote it.
    """
    if text.startswith(TAGS_OF):
        return TagsOf(text.removeprefix(TAGS_OF))
    if (terms := find_terms(text)) is not None:
        return Find(*terms)
    return ParameterReference.parse(unmarked(text))
