"""Lists secrets for finds: AWS filters by the beginnings of names and tags, and what it lists may be minutes old."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ....core.secrets_manager.secret_counting import LIST_PAGE
from ....core.secrets_manager.secret_sources import FindSecrets
from ..calls import Calls
from ..failures import UnreadableAnswerError
from .secret_facts import tags_in

MOST_PAGES = 10_000
"""Twice what the most secrets take that AWS keeps in one region (500,000)."""
_FILTERS = 10
_FILTERED = re.compile(r"(?!!)[A-Za-z0-9 :_@/+=.-]+")
"""What AWS takes as a filter's value; a '!' at its beginning would turn it around."""


def found_names(calls: Calls[Any], find: FindSecrets) -> dict[str, dict[str, str]]:
    """The names of secrets that a find may match, and their tags; the errors are those of `Calls.call`."""
    filters = _filters(find)
    found: dict[str, dict[str, str]] = {}
    asked: set[str] = set()
    following: dict[str, str] = {}
    while True:

        def ask(client: Any, following: Mapping[str, str] = following) -> tuple[dict[str, dict[str, str]], str | None]:
            return _read(client.list_secrets(MaxResults=LIST_PAGE, **filters, **following), asked)

        page, token = calls.call(ask)
        found |= page
        if token is None:
            return found
        asked.add(token)
        following = {"NextToken": token}


def _filters(find: FindSecrets) -> dict[str, Any]:
    """What AWS can leave out itself: what does not begin as is asked for."""
    pairs = [("name", find.path)] if find.path else []
    for key, value in find.tags:
        pairs += [("tag-key", key), ("tag-value", value)]
    sent = [{"Key": kind, "Values": [value]} for kind, value in pairs if _FILTERED.fullmatch(value)]
    return {"Filters": sent[:_FILTERS]} if sent else {}


def _read(answer: Mapping[str, Any], asked: set[str]) -> tuple[dict[str, dict[str, str]], str | None]:
    token, listed = answer.get("NextToken") or None, answer.get("SecretList")
    if not isinstance(listed, list) or not isinstance(token, str | None):
        raise UnreadableAnswerError
    if token in asked or len(asked) >= MOST_PAGES:
        raise UnreadableAnswerError
    page: dict[str, dict[str, str]] = {}
    for entry in listed:
        name = entry.get("Name")
        if not isinstance(name, str) or not name.isascii():
            raise UnreadableAnswerError
        if entry.get("DeletedDate") is None:
            page[name] = tags_in(entry.get("Tags"))
    return page, token
