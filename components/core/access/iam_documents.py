"""Grants and trust out of the IAM documents of the roles that stores create."""

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ..iam.grants import ENCRYPTION_CONTEXT, Condition, Grant
from .stack_state import mapping, mappings

_NOT_SHOWN = ("sts:ExternalId",)
"""Condition keys whose values are half a secret."""


def grants_in(document: str | None) -> list[Grant] | None:
    """What a policy document grants, each action on each resource apart; None where the document is not known.

    Each encryption context is a grant of its own, as one statement names those of many parameters.
    """
    statements = _statements(document)
    return None if statements is None else [grant for each in statements for grant in _grants(each)]


def trust_in(document: str | None) -> list[str]:
    """Who may take a role, in words, sorted; external IDs are left out."""
    told = []
    for statement in _statements(document) or ():
        principals = [
            f"{kind} {name}"
            for kind, names in sorted(mapping(statement.get("Principal")).items())
            for name in _listed(names)
        ]
        conditions = [each for each in _conditions(statement) if each.key not in _NOT_SHOWN]
        words = [f"{each.key} {each.operator} {' or '.join(each.values)}" for each in conditions]
        told.append(" and ".join([", ".join(principals), *words]))
    return sorted(told)


def _statements(document: str | None) -> list[Mapping[str, Any]] | None:
    try:
        decoded = json.loads(document or "")
    except (ValueError, RecursionError):
        return None
    return mappings(mapping(decoded).get("Statement"))


def _grants(statement: Mapping[str, Any]) -> Iterator[Grant]:
    conditions = _conditions(statement)
    contexts = [each for each in conditions if each.key.startswith(ENCRYPTION_CONTEXT)]
    rest = tuple(each for each in conditions if each not in contexts)
    apart = [tuple(each._replace(values=(value,)) for value in each.values) for each in contexts]
    for action, resource in product(_listed(statement.get("Action")), _listed(statement.get("Resource"))):
        for context in product(*apart):
            yield Grant(action, resource, (*context, *rest))


def _conditions(statement: Mapping[str, Any]) -> list[Condition]:
    return [
        Condition(operator, key, tuple(_listed(values)))
        for operator, keys in sorted(mapping(statement.get("Condition")).items())
        for key, values in sorted(mapping(keys).items())
    ]


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]
