"""What writing to a service of AWS takes and gives, whichever service it is; versions are opaque strings here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ...errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...core.service_writing import Details, Put


class AlreadyThereError(WriteError):
    """Something was to be created, and somebody else has created it meanwhile."""


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
