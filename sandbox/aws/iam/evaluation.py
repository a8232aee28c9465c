"""Whether policies allow an action on a resource (IAM user guide: "Policy evaluation logic")."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .conditions import hold, listed
from .patterns import Context, filled_in, matches

Document = Mapping[str, Any]
Applies = Callable[[Document], bool]


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        action: such as `ssm:GetParameters`.
        resource: one ARN, or `*` for actions without resources.
        context: condition keys of the request.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)


class Verdict(Enum):
    """What one set of policies says."""

    DENY = "explicit deny"
    NOTHING = "implicit deny"
    ALLOW = "allow"


@dataclass(frozen=True)
class Held:
    """The policies that a caller is held to; None where there is no such limit.

    Attributes:
        identity: policies of the user or role, inline and managed.
        boundary: its permissions boundary.
        session: session policies that were passed when the role was taken.
    """

    identity: Sequence[Document] = ()
    boundary: Document | None = None
    session: Sequence[Document] | None = None


@dataclass(frozen=True)
class Decision:
    """The outcome, with AWS's words for why not."""

    allowed: bool
    reason: str = ""


def verdict(documents: Sequence[Document], question: Question, applies: Applies = lambda _: True) -> Verdict:
    """What documents together say; an explicit Deny goes before every Allow.

    Args:
        documents: policy documents.
        question: what is asked.
        applies: a further test of each statement: its principal, in a resource's policy.
    """
    found = {
        str(statement.get("Effect"))
        for document in documents
        for statement in statements(document)
        if applies(statement) and _covers(statement, question)
    }
    if "Deny" in found:
        return Verdict.DENY
    return Verdict.ALLOW if "Allow" in found else Verdict.NOTHING


def decide(held: Held, question: Question) -> Decision:
    """Whether a caller's own policies allow what is asked."""
    layers: list[tuple[Sequence[Document], str, str]] = [(held.identity, "an identity-based policy", "identity-based")]
    if held.boundary is not None:
        layers.append(([held.boundary], "a permissions boundary", "permissions boundary"))
    if held.session is not None:
        layers.append((held.session, "a session policy", "session"))
    verdicts = [verdict(documents, question) for documents, _, _ in layers]
    for (_, name, _), said in zip(layers, verdicts, strict=True):
        if said is Verdict.DENY:
            return Decision(allowed=False, reason=f"with an explicit deny in {name}")
    for (_, _, kind), said in zip(layers, verdicts, strict=True):
        if said is Verdict.NOTHING:
            policy = kind if kind == "permissions boundary" else f"{kind} policy"
            return Decision(allowed=False, reason=f"because no {policy} allows the {question.action} action")
    return Decision(allowed=True)


def statements(document: Document) -> Iterator[Document]:
    """A document's statements; one alone need not be in a list."""
    found = document.get("Statement", [])
    yield from found if isinstance(found, list) else [found]


def _covers(statement: Document, question: Question) -> bool:
    return (
        _acts(statement, question.action)
        and _lies_on(statement, question)
        and hold(statement.get("Condition", {}), question.context)
    )


def _acts(statement: Document, action: str) -> bool:
    if "NotAction" in statement:
        return not any(matches(each, action, fold=True) for each in listed(statement["NotAction"]))
    return any(matches(each, action, fold=True) for each in listed(statement.get("Action", [])))


def _lies_on(statement: Document, question: Question) -> bool:
    if "NotResource" in statement:
        return not _named(listed(statement["NotResource"]), question)
    if "Resource" in statement:
        return _named(listed(statement["Resource"]), question)
    return True  # a trust policy is about the role that it belongs to


def _named(resources: Sequence[str], question: Question) -> bool:
    filled = (filled_in(each, question.context) for each in resources)
    return any(matches(each, question.resource) for each in filled if each is not None)
