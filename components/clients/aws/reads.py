"""What reading from a service of AWS gives, whichever service it is; versions are opaque strings here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from ...core.secret_value import Secret
from ...core.service import ProblemKind
from ...core.service_writing import Details

Result = TypeVar("Result")


@dataclass(frozen=True)
class ReadProblem:
    """Why one source could not be read, while others could: what failed, who asked and what to do, never a value.

    Attributes:
        kind: why, in short.
        message: the text.
        details: what its name is taken by, where that counts as missing, such as what is marked for deletion.
    """

    kind: ProblemKind
    message: str
    details: Details | None = field(default=None, repr=False)


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
class Item:
    """One thing that a service keeps, as it was read.

    Attributes:
        version: the version that answered.
        value: its value; None when it was read without decryption.
        written: when this version was written, in milliseconds since 1970; None where AWS does not say, or where
            there are no versions.
        details: what it is like besides, where the same answer tells that.
    """

    version: str
    value: Secret | None = None
    written: int | None = None
    details: Details | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """The outcome of one read. Every source that was asked for is in exactly one of the first four.

    Attributes:
        found: what was asked for by name, by source.
        problems: why a source could not be read, by source.
        tags: the tags that were asked for, by source; wrapped, because they stand for secret values.
        listings: what a find found, by source and then by full name. Empty where nothing matches.
        account: the AWS account of the identity that read, as far as the answer tells.
    """

    found: Mapping[str, Item] = field(default_factory=dict)
    problems: Mapping[str, ReadProblem] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    listings: Mapping[str, Mapping[str, Item]] = field(default_factory=dict)
    account: str | None = None


class Reader(Protocol):
    """Reads from one service for one store."""

    def ask(self, sources: Iterable[str], *, decrypt: bool) -> Answer:
        """Read each distinct source once; one that can never be read is a problem, and no error.

        Args:
            sources: see core/service.py.
            decrypt: False for versions only: then no value leaves this method, and AWS calls no KMS key. Tags are
                read either way.

        Raises:
            IdentityError: AWS does not accept the credentials.
            ReadError: nothing can be read: the endpoint is down, too slow, or kept throttling.
        """


def sort_in(source: str, result: Result | ReadProblem, good: dict[str, Result], bad: dict[str, ReadProblem]) -> None:
    """Put the outcome of a source where it belongs."""
    if isinstance(result, ReadProblem):
        bad[source] = result
    else:
        good[source] = result
