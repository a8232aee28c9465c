"""IAM documents: where they are, and what their statements allow to somebody of whom nothing is known."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .globs import matches_in_policy
from .resource import Resource, Unknown, entries, fields, numbered

ROLE = "aws:iam/role:Role"
ATTACHED = frozenset(
    {
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)
"""Types with one document in `policy`."""
GRANTING = ATTACHED | {ROLE}

# Conditions on these say which parameter, secret or key; with all others it depends on who asks, and when.
_NARROWING = (
    "aws:resourcetag/",
    "ssm:resourcetag/",
    "secretsmanager:resourcetag/",
    "secretsmanager:secretid",
    "secretsmanager:name",
    "kms:encryptioncontext",
    "kms:viaservice",
    "kms:resourcealiases",
)
_ARN_PARTS = 6
_SOMEWHERE = ("aws", "nowhere-9", "000000000009")


@dataclass(frozen=True)
class Statement:
    """One statement of a document.

    Attributes:
        number: which, from 1.
        bag: its elements.
    """

    number: int
    bag: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it allows, and does not deny."""
        return self.bag.get("Effect") == "Allow"

    @property
    def actions(self) -> Sequence[str]:
        """The actions that it names."""
        return texts(self.bag.get("Action"))

    @property
    def resources(self) -> Sequence[str]:
        """The resources that it names."""
        return texts(self.bag.get("Resource"))

    @property
    def conditions(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Its conditions: operator, key in lower case, values."""
        for operator, keys in fields(self.bag.get("Condition")).items():
            for key, values in fields(keys).items():
                yield operator, key.lower(), texts(values)

    def names_action(self, action: str) -> bool:
        """Whether it is about an action, on whatever resource."""
        if "NotAction" in self.bag:
            return not _any(texts(self.bag["NotAction"]), action, fold=True)
        return _any(self.actions, action, fold=True)

    def names_resource(self, arn: str) -> bool:
        """Whether it is about a resource."""
        if "NotResource" in self.bag:
            return not _any(texts(self.bag["NotResource"]), arn)
        return _any(self.resources, arn)

    def does(self, actions: Iterable[str]) -> list[str]:
        """Those of some actions that it names on a resource of their service."""
        return [each for each in actions if self.names_action(each) and self._reaches(each.partition(":")[0])]

    def _reaches(self, service: str) -> bool:
        if "NotResource" in self.bag:
            return True
        return any(matches_in_policy(_service(each), service) for each in self.resources)

    @property
    def applies(self) -> bool:
        """Whether its conditions can be met for a resource that has no tag and no alias.

        A condition on anything else is taken as met where the statement allows, and as not met where it denies.
        """
        return all(
            _holds_without(operator, values) if key.startswith(_NARROWING) else self.allows
            for operator, key, values in self.conditions
        )


@dataclass(frozen=True)
class Document:
    """One policy of a resource.

    Attributes:
        place: the words for where it is.
        statements: its statements; None where it cannot be read.
    """

    place: str
    statements: Sequence[Statement] | None

    def granting(self, action: str, arn: str) -> Statement | None:
        """The statement that allows an action on a resource that nobody named; None where none does, or one denies."""
        found = [
            each
            for each in self.statements or ()
            if each.names_action(action) and each.names_resource(arn) and each.applies
        ]
        allowing = [each for each in found if each.allows]
        return allowing[0] if allowing and len(allowing) == len(found) else None

    @property
    def places(self) -> Sequence[tuple[str, str, str]]:
        """Partition, region and account of each resource that it names, and one that it does not name."""
        found = {_SOMEWHERE: 0}
        for statement in self.statements or ():
            for arn in statement.resources:
                parts = arn.split(":", _ARN_PARTS - 1)
                if len(parts) == _ARN_PARTS:
                    found[(_filled(parts[1], "aws"), _filled(parts[3], "x"), _filled(parts[4], "0"))] = 0
        return list(found)


def documents(resource: Resource) -> Iterator[Document | Unknown]:
    """The policies that a resource holds; an `Unknown` for one that is not known."""
    if resource.type in ATTACHED:
        yield document("policy", resource.props.get("policy"))
        return
    inline = resource.props.get("inlinePolicies")
    if isinstance(inline, Unknown):
        yield inline
    for place, each in numbered(inline, "inlinePolicies"):
        if isinstance(each, Unknown):
            yield each
        elif fields(each).get("policy") is not None:
            yield document(f"{place}.policy", fields(each)["policy"])


def document(place: str, given: Any) -> Document | Unknown:
    """A policy, as JSON or as a mapping."""
    if isinstance(given, Unknown):
        return given
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return Document(place, None)
    if not isinstance(given, Mapping):
        return Document(place, None)
    found = given.get("Statement")
    listed = found if isinstance(found, list) else [found]
    if met := _first_unknown(listed):
        return met
    return Document(place, [Statement(number + 1, fields(each)) for number, each in enumerate(listed)])


def texts(value: Any) -> Sequence[str]:
    """The strings of an element that may be one string or a list."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _first_unknown(value: Any) -> Unknown | None:
    if isinstance(value, Unknown):
        return value
    inside = value.values() if isinstance(value, Mapping) else entries(value)
    return next((met for each in inside if (met := _first_unknown(each))), None)


def _any(patterns: Sequence[str], text: str, *, fold: bool = False) -> bool:
    return any(matches_in_policy(each.lower() if fold else each, text.lower() if fold else text) for each in patterns)


def _service(pattern: str) -> str:
    """The service that a pattern of ARNs names, as a pattern."""
    arn, partition, service, *_ = [*pattern.split(":"), "", ""]
    return service if service and "*" not in arn + partition else "*"


def _filled(pattern: str, by: str) -> str:
    """A part of an ARN that a pattern matches, without colons."""
    return pattern.replace("*", by).replace("?", by[0]).replace(":", by[0])


def _holds_without(operator: str, values: Sequence[str]) -> bool:
    """Whether a condition holds where the request does not have its key."""
    _, _, plain = operator.rpartition(":")
    if plain == "Null":
        return "true" in [each.lower() for each in values]
    return plain.endswith("IfExists") or "Not" in plain or operator.startswith("ForAllValues:")
