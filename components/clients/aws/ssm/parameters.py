"""What a read gives back, source by source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ....core.secret_value import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_VERSIONS = 1 << 63  # AWS's type is a long


class ProblemKind(StrEnum):
    """Why one source could not be read."""

    MISSING = "missing"
    """There is no such parameter: ESO's not-found, on which alone `deletionPolicy` may act."""
    VERSION = "version"
    """The parameter is there, but not in this version or under this label."""
    DENIED = "denied"
    """The identity lacks a permission."""
    KEY = "key"
    """A KMS key cannot be used."""
    INVALID = "invalid"
    """AWS does not take the request, or its answer says nothing of the source."""


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
        reference: what was asked for, as it was asked; of what a find found, the full name.
        version: number of the version that answered, from 1.
        type: `String`, `StringList` or `SecureString`.
        value: its value; None when it was read without decryption.
        last_modified: when this version was written.
        account: the account that it is in; None where AWS does not say, as for parameters of AWS's own.
    """

    reference: str
    version: int
    type: str
    value: Secret | None
    last_modified: datetime | None
    account: str | None = None

    @property
    def written(self) -> int | None:
        """`last_modified` in milliseconds since 1970, of what has versions; secrets of Secrets Manager have none."""
        if self.last_modified is None or self.version < 1:
            return None
        return round(self.last_modified.timestamp() * 1000)

    @classmethod
    def of(cls, reference: str, entry: Mapping[str, Any], *, decrypted: bool) -> Parameter | None:
        """One entry of an answer; None where it lacks what AWS always sends.

        Undecrypted, AWS still sends the ciphertext, and the plaintext of a String: it ends here.
        """
        value, version = entry.get("Value"), entry.get("Version")
        written = entry.get("LastModifiedDate")
        if not isinstance(version, int) or not 0 <= version < _MOST_VERSIONS:
            return None
        if not isinstance(written, datetime | None) or (decrypted and not isinstance(value, str)):
            return None
        return cls(
            reference=reference,
            version=version,
            type=str(entry.get("Type", "String")),
            value=Secret(value) if decrypted and isinstance(value, str) else None,
            last_modified=written,
            account="".join(str(entry.get("ARN", "")).split(":")[4:5]) or None,
        )


@dataclass(frozen=True)
class ReadProblem:
    """Why one source could not be read, while others could.

    Attributes:
        kind: what it is.
        message: what failed, who asked and what to do; holds no value.
    """

    kind: ProblemKind
    message: str


@dataclass(frozen=True)
class ParameterBatch:
    """The outcome of one read. Every source that was asked for is in exactly one of the four.

    Attributes:
        found: parameters that were asked for by name, by source.
        problems: why a source could not be read, by source.
        tags: the tags of parameters whose tags were asked for, by source; wrapped, for they stand for secret values.
        listings: what a find found, by source and then by the parameter's full name. Empty where nothing matches.
    """

    found: Mapping[str, Parameter]
    problems: Mapping[str, ReadProblem]
    tags: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    listings: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)
