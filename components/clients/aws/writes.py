"""What writing to a service of AWS takes and gives, whichever service it is; versions are opaque strings here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ...errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from ...core.secret_value import Secret


class AlreadyThereError(WriteError):
    """Something was to be created, and somebody else has created it meanwhile."""


@dataclass(frozen=True)
class Details:
    """What AWS tells of a parameter without its value.

    Attributes:
        type: `String`, `StringList` or `SecureString`.
        tier: the tier that it is in.
        key: the KMS key that it is encrypted with, as it was asked for; None where it is not.
        description: its description.
        policies: its policies as JSON texts, sorted.
        by: ARN of who changed it last; None where AWS does not say.
        at: when that was.
    """

    type: str
    tier: str = "Standard"
    key: str | None = None
    description: str = ""
    policies: tuple[str, ...] = ()
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Put:
    """One write.

    Attributes:
        name: the parameter's name.
        value: its value.
        type: see `Details`.
        tier: the tier that is asked for.
        key: the KMS key; None where nothing is encrypted.
        description: its description.
        policies: its policies as JSON; None to leave them as they are.
        tags: the tags of what is created; None where something that is there is overwritten.
    """

    name: str
    value: Secret
    type: str
    tier: str
    key: str | None
    description: str
    policies: str | None = None
    tags: Mapping[str, str] | None = field(default=None)


class Writer(Protocol):
    """Writes to one service for one store, with the store's identity. All of it raises the same errors.

    Raises:
        WriteError: AWS refuses; the text says what, who asked, and what to do. It never quotes a value.
        IdentityError: AWS does not accept the credentials.
        ReadError: AWS does not answer, or kept throttling.
    """

    def describe(self, names: Collection[str]) -> Mapping[str, Details]:
        """What parameters are like, by name; those that do not exist are left out."""
        ...

    def put(self, put: Put) -> str:
        """Create or overwrite a parameter; its version.

        Raises:
            AlreadyThereError: it was to be created, and is there.
        """
        ...

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags; others stay."""
        ...

    def untag(self, name: str, keys: Collection[str]) -> None:
        """Remove tags."""
        ...

    def delete(self, name: str) -> None:
        """Delete a parameter; one that is gone already is no error."""
        ...
