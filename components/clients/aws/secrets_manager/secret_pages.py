"""Lists secrets and versions: AWS filters by the beginnings of names and tags, and what it lists may be minutes old."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ....core.secrets_manager.secret_counting import LIST_PAGE
from ....core.secrets_manager.secret_sources import FindSecrets
from ..calls import Calls
from ..failures import UnreadableAnswerError
from .secret_facts import tags_in

Entry = TypeVar("Entry")

MOST_PAGES = 10_000
"""Twice what the most secrets take that AWS keeps in one region (500,000)."""
_FILTERS = 10
_FILTERED = re.compile(r"(?!!)[A-Za-z0-9 :_@/+=.-]+")
"""What AWS takes as a filter's value; a '!' at its beginning would turn it around."""


def found_names(calls: Calls[Any], find: FindSecrets) -> dict[str, dict[str, str]]:
    """The names of secrets that a find may match, and their tags; the errors are those of `Calls.call`."""
    filters = _filters(find)
    listed = _listed(
        calls, "SecretList", lambda client, **page: client.list_secrets(MaxResults=LIST_PAGE, **filters, **page), _named
    )
    return {name: tags for name, tags in listed if tags is not None}


def version_ids(calls: Calls[Any], name: str) -> set[str]:
    """The ids of all versions of a secret; the errors are those of `Calls.call`."""

    def ask(client: Any, **page: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_secret_version_ids(
            SecretId=name, IncludeDeprecated=True, MaxResults=LIST_PAGE, **page
        )
        return answer

    return set(_listed(calls, "Versions", ask, _version_id))


def _listed(
    calls: Calls[Any], field: str, ask: Callable[..., Mapping[str, Any]], read: Callable[[Any], Entry]
) -> list[Entry]:
    """The entries of all pages; a list that does not end, or makes no sense, is never taken for a shorter one."""
    found: list[Entry] = []
    asked: set[str] = set()
    following: dict[str, str] = {}

    def page(client: Any) -> tuple[list[Entry], str | None]:
        answer = ask(client, **following)
        token, entries = answer.get("NextToken") or None, answer.get(field)
        if not isinstance(entries, list) or not isinstance(token, str | None):
            raise UnreadableAnswerError
        if token in asked or len(asked) >= MOST_PAGES:
            raise UnreadableAnswerError
        return [read(each) for each in entries], token

    while True:
        entries, token = calls.call(page)
        found += entries
        if token is None:
            return found
        asked.add(token)
        following["NextToken"] = token


def _filters(find: FindSecrets) -> dict[str, Any]:
    """What AWS can leave out itself: what does not begin as is asked for."""
    pairs = [("name", find.path)] if find.path else []
    for key, value in find.tags:
        pairs += [("tag-key", key), ("tag-value", value)]
    sent = [{"Key": kind, "Values": [value]} for kind, value in pairs if _FILTERED.fullmatch(value)]
    return {"Filters": sent[:_FILTERS]} if sent else {}


def _named(entry: Mapping[str, Any]) -> tuple[str, dict[str, str] | None]:
    """Name and tags of a secret; no tags where it is marked for deletion."""
    name = entry.get("Name")
    if not isinstance(name, str) or not name.isascii():
        raise UnreadableAnswerError
    return name, tags_in(entry.get("Tags")) if entry.get("DeletedDate") is None else None


def _version_id(entry: Mapping[str, Any]) -> str:
    found = entry.get("VersionId")
    if not isinstance(found, str):
        raise UnreadableAnswerError
    return found
