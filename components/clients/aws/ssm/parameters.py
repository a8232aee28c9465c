"""What a read gives back, source by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ....core.secret_value import Secret
from ....core.ssm.references import ARN_PREFIX
from ..reads import Answer, Item, ReadProblem

_MOST_VERSIONS = 1 << 63  # AWS's type is a long


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
        """`last_modified` in milliseconds since 1970."""
        if self.last_modified is None:
            return None
        return round(self.last_modified.timestamp() * 1000)

    @property
    def item(self) -> Item:
        """The parameter without what Parameter Store alone has."""
        return Item(str(self.version), self.value, self.written)

    @classmethod
    def of(cls, reference: str, entry: Mapping[str, Any], *, decrypted: bool) -> Parameter | None:
        """One entry of an answer; None where it lacks what AWS always sends.

        Undecrypted, AWS still sends the ciphertext, and the plaintext of a String: it ends here.
        """
        value, version = entry.get("Value"), entry.get("Version")
        written = entry.get("LastModifiedDate")
        if type(version) is not int or not 0 <= version < _MOST_VERSIONS:
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
class ParameterBatch:
    """The outcome of one read. Every source that was asked for is in exactly one of the four.

    Attributes:
        found: parameters that were asked for by name, by source.
        problems: why a source could not be read, by source.
        tags: the tags that were asked for, by source; wrapped, because they stand for secret values.
        listings: what a find found, by source and then by the parameter's full name. Empty where nothing matches.
    """

    found: Mapping[str, Parameter]
    problems: Mapping[str, ReadProblem]
    tags: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    listings: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """The outcome without what Parameter Store alone has."""
        return Answer(
            found={source: each.item for source, each in self.found.items()},
            problems=self.problems,
            tags=self.tags,
            listings={
                source: {name: each.item for name, each in listing.items()} for source, listing in self.listings.items()
            },
            account=self._account,
        )

    @property
    def _account(self) -> str | None:
        """A full ARN may name what another account shares; a name is always of the reader's own account."""
        named = [each for source, each in self.found.items() if not source.startswith(ARN_PREFIX)]
        listed = [each for listing in self.listings.values() for each in listing.values()]
        return next((each.account for each in (*named, *listed) if each.account), None)
