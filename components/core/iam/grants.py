"""One grant: one action on one resource under one set of conditions, and what needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .texts import check_place

PARAMETER_ARN = "kms:EncryptionContext:PARAMETER_ARN"
"""The encryption context that Parameter Store gives KMS with every SecureString: the parameter's full ARN."""


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
        because: what needs it, for people; not part of what makes two grants the same.
    """

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()
    because: str = field(default="", compare=False)


@dataclass(frozen=True)
class Place:
    """Where a store's parameters are.

    Attributes:
        partition: `aws`, `aws-cn`, `aws-us-gov` ...
        region: the store's region.
        account: twelve digits: the account of the identity that reads.

    Raises:
        SpecError: one of them is none.
    """

    partition: str
    region: str
    account: str

    def __post_init__(self) -> None:
        check_place(self.partition, self.region, self.account)

    @property
    def through_ssm(self) -> Condition:
        """Holds for KMS calls that Parameter Store makes for the caller."""
        host = f"ssm.{self.region}.amazonaws.com"
        # AWS does not document which of its two domains this key holds in China.
        hosts = (host, f"{host}.cn") if self.partition == "aws-cn" else (host,)
        return Condition("StringEquals", "kms:ViaService", hosts)
