"""Whether a role's trust policy lets a principal take it: by its own name, or by leaving it to its account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conditions import listed
from .evaluation import Document, Question, Verdict, statements, verdict


@dataclass(frozen=True)
class Principal:
    """Who asks, as a `Principal` element may name them.

    Attributes:
        kind: `AWS`, `Service` or `Federated`.
        names: what names exactly this principal: ARNs, or a service's or provider's name.
        unique_ids: IDs of those names' users or roles now: `Principal` holds on to these, not to the names.
        account: the caller's account, for `AWS`.
        partition: its partition.
    """

    kind: str
    names: tuple[str, ...]
    unique_ids: Mapping[str, str]
    account: str = ""
    partition: str = "aws"


def trusts(
    trust: Document, remembered: Mapping[str, str], principal: Principal, question: Question
) -> tuple[Verdict, bool]:
    """What a trust policy says to a principal.

    Args:
        trust: the document.
        remembered: principal ARN -> unique ID, from when the document was saved.
        principal: who asks.
        question: the action, the role and the request's condition keys.

    Returns:
        The verdict, and whether it names the principal itself rather than its account.
    """

    def itself(statement: Document) -> bool:
        return _names(statement, principal, remembered)

    def anyhow(statement: Document) -> bool:
        return itself(statement) or _names_account(statement, principal)

    said = verdict([trust], question, anyhow)
    return said, verdict([trust], question, itself) is Verdict.ALLOW


def _names(statement: Document, principal: Principal, remembered: Mapping[str, str]) -> bool:
    if "NotPrincipal" in statement:
        return not _named(statement["NotPrincipal"], principal, remembered)
    return _named(statement.get("Principal", {}), principal, remembered)


def _named(element: Any, principal: Principal, remembered: Mapping[str, str]) -> bool:
    if element == "*":
        return True
    for name in _of_kind(element, principal.kind):
        if name == "*":
            return True
        if name in principal.names and remembered.get(name) == principal.unique_ids.get(name):
            return True
    return False


def _names_account(statement: Document, principal: Principal) -> bool:
    if principal.kind != "AWS":
        return False
    account = {principal.account, f"arn:{principal.partition}:iam::{principal.account}:root"}
    return not account.isdisjoint(_of_kind(statement.get("Principal", {}), "AWS"))


def _of_kind(element: Any, kind: str) -> Sequence[str]:
    return listed(element[kind]) if isinstance(element, Mapping) and kind in element else []


def principals(trust: Document) -> set[str]:
    """The ARNs of users and roles that a trust policy names."""
    found: set[str] = set()
    for statement in statements(trust):
        for element in ("Principal", "NotPrincipal"):
            found.update(_of_kind(statement.get(element, {}), "AWS"))
    return {arn for arn in found if ":role/" in arn or ":user/" in arn}
