"""One grant: one action on one resource under one set of conditions, and what needs it; and rows of them for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .texts import check_location

ENCRYPTION_CONTEXT = "kms:EncryptionContext:"
"""What the condition keys begin with by which a service tells KMS what it decrypts."""


class Condition(NamedTuple):
    """One condition of a statement, as in `"StringEquals": {"ssm:Recursive": "true"}`."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Grant:
    """What an identity is allowed.

    Attributes:
        action: one IAM action, such as `ssm:GetParameters`.
        resource: one ARN, or `*` where AWS knows no narrower resource for the action.
        conditions: conditions that must all hold.
        reason: what needs it, for people; not part of what makes two grants the same.
    """

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()
    reason: str = field(default="", compare=False)


@dataclass(frozen=True)
class Location:
    """Where a store reads.

    Attributes:
        partition: `aws`, `aws-cn`, `aws-us-gov` ...
        region: the store's region.
        account: twelve digits: the account of the identity that reads.

    Raises:
        SpecError: a partition, region or account cannot be one.
    """

    partition: str
    region: str
    account: str

    def __post_init__(self) -> None:
        check_location(self.partition, self.region, self.account)


def access_rows(identity: str, grants: Iterable[Grant]) -> list[dict[str, str]]:
    """One row for each grant of a role."""
    return [
        {
            "identity": identity,
            "action": grant.action,
            "arn": grant.resource,
            "condition": in_words(grant.conditions),
            "because": grant.reason,
        }
        for grant in grants
    ]


def in_words(conditions: Sequence[Condition]) -> str:
    """Conditions that must all hold, for people."""
    return " and ".join(f"{each.key} {each.operator} {' or '.join(each.values)}" for each in conditions)
