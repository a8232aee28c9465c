"""Sources as Secrets Manager reads them: one secret's value, its tags, or all secrets that match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import SpecError
from ...golang.regexp import compile_pattern
from ..service import TAGS_OF, find_source, find_terms, tags_source, unmarked
from .secret_references import SecretReference

_PREFIX = re.compile(r"(?!!)[A-Za-z0-9/_+=.@!-]{1,512}")


@dataclass(frozen=True)
class TagsOfSecret:
    """The tags of one secret (ESO: `metadataPolicy: Fetch`), by its name or ARN."""

    name: str

    def __post_init__(self) -> None:
        SecretReference(self.name)

    def __str__(self) -> str:
        return tags_source(self.name)


@dataclass(frozen=True)
class FindSecrets:
    """All secrets that match (ESO: `dataFrom[].find`).

    AWS compares the beginnings of tags, and keys and values apart; here each tag must be just as it is asked for.

    Attributes:
        path: what a name must begin with; None for any (ESO: `path`). Secrets Manager has no hierarchy.
        name: regular expression that a full name must match somewhere (ESO: `name.regexp`); None for any name.
        tags: tags that a secret must have.

    Raises:
        SpecError: there is nothing to match by, or the expression or the path is wrong.
    """

    path: str | None = None
    name: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        str(self)  # checks what all services have in common
        if self.path is not None and not _PREFIX.fullmatch(self.path):
            raise SpecError(
                f"find.path {self.path!r} is no beginning of a secret's name: use letters, digits and _ . - / + = @ in "
                "it, and write what names must match in name (ESO: name.regexp)"
            )

    def matches(self, name: str, tags: Mapping[str, str]) -> bool:
        """Whether a secret matches, by its full name and its tags."""
        expression = compile_pattern((self.name or "").encode())
        return (
            name.startswith(self.path or "")
            and expression.search(name.encode()) is not None
            and all(tags.get(key) == value for key, value in self.tags)
        )

    def __str__(self) -> str:
        return find_source(self.path, self.name, dict(self.tags))


Source = SecretReference | TagsOfSecret | FindSecrets


def parse_source(text: str) -> Source:
    """What a source stands for; names of secrets hold no spaces, so that no source is ambiguous."""
    if text.startswith(TAGS_OF):
        return TagsOfSecret(text.removeprefix(TAGS_OF))
    if (terms := find_terms(text)) is not None:
        return FindSecrets(*terms)
    return SecretReference.parse(unmarked(text))
