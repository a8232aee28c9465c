"""What a store's calls need of IAM: of each service its own kinds, and here what all stores have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...errors import SpecError
from .grants import Grant, Location
from .texts import exact, is_role_arn, printable

_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


class Need(Protocol):
    """One thing that a store calls; each service has its own kinds."""

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """The grants without which the call fails.

        Args:
            location: where the store reads.
            keys: the customer keys that may encrypt what is read.

        Raises:
            SpecError: the call names what cannot exist.
        """


@dataclass(frozen=True)
class NextRoleNeed:
    """A role, by its ARN, that is assumed on the way to the one that reads; `tagged` where session tags are passed."""

    role: str
    tagged: bool = False
    reason: str = "the next role of the store's chain"

    def __post_init__(self) -> None:
        if not is_role_arn(self.role):
            raise SpecError(
                f"role: {self.role!r} is not a role's ARN: write arn:<partition>:iam::<account>:role/<name>"
            )

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:  # noqa: ARG002 - a `Need`
        """See `Need`."""
        for action in ("sts:AssumeRole", *(["sts:TagSession"] if self.tagged else [])):
            yield Grant(action, self.role, reason=self.reason)


@dataclass(frozen=True)
class CustomerKey:
    """A customer managed KMS key, and what of the store it encrypts.

    Attributes:
        arn: the key's ARN; an alias will not do, because IAM checks the key.
        names: names, or patterns over the names that the store's secrets refer to, in which `*` stands for any
            characters.

    Raises:
        SpecError: the ARN is not a key's, or a name has another wildcard.
    """

    arn: str
    names: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        check_key_names(self.names)
        if not _KEY.fullmatch(self.arn):
            raise SpecError(
                f"kms_keys: {self.arn!r} is not a key's ARN; write arn:<partition>:kms:<region>:<account>:key/<id> "
                "(IAM checks the key, whatever alias the parameter names)"
            )


def check_key_names(names: Sequence[str]) -> None:
    """Refuse wildcards besides `*` in what a key encrypts."""
    for name in names:
        printable("kms_keys: parameters", name)
        exact("kms_keys: parameters", name.replace("*", ""))
