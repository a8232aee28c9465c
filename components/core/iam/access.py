"""Grants as rows for people: who may do what on what, and because of which secret key."""

from collections.abc import Iterable, Sequence

from .grants import Condition, Grant


def access_rows(identity: str, grants: Iterable[Grant]) -> list[dict[str, str]]:
    """One row for each grant of a role."""
    return [
        {
            "identity": identity,
            "action": grant.action,
            "arn": grant.resource,
            "condition": _condition(grant.conditions),
            "because": grant.reason,
        }
        for grant in grants
    ]


def _condition(conditions: Sequence[Condition]) -> str:
    return " and ".join(f"{each.key} {each.operator} {' or '.join(each.values)}" for each in conditions)
