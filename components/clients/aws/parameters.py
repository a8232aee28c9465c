"""What a read of parameters gives back, name by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ...core.secret_value import Secret

ProblemKind = Literal["missing", "denied", "key", "invalid"]


@dataclass(frozen=True)
class Caller:
    """Who asks AWS, and where; for messages and for the choice of the rate limit.

    Attributes:
        region: the region that is asked.
        partition: its partition, such as `aws` or `aws-cn`.
        endpoint: URL that is asked.
        identity: ARN of the identity, or a description of it where the ARN is not known.
        account: its account ID; None where it is not known.
    """

    region: str
    partition: str
    endpoint: str
    identity: str
    account: str | None = None


@dataclass(frozen=True)
class Parameter:
    """One parameter as read.

    Attributes:
        reference: what was asked for, as it was asked.
        version: number of the version that answered, from 1.
        type: `String`, `StringList` or `SecureString`.
        value: its value; None when it was read without decryption.
        last_modified: when this version was written.
    """

    reference: str
    version: int
    type: str
    value: Secret | None
    last_modified: datetime | None


@dataclass(frozen=True)
class ReadProblem:
    """Why one parameter could not be read, while others could.

    Attributes:
        kind: `missing` (no such parameter, version or label), `denied` (the identity lacks a permission on it),
            `key` (its KMS key cannot be used) or `invalid` (AWS refuses the name).
        message: what failed, who asked and what to do; holds no value.
    """

    kind: ProblemKind
    message: str


@dataclass(frozen=True)
class ParameterBatch:
    """The outcome of one read. Every reference that was asked for is in exactly one of the two.

    Attributes:
        found: what was read, by reference.
        problems: what was not, by reference.
    """

    found: Mapping[str, Parameter]
    problems: Mapping[str, ReadProblem]
