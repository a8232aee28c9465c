"""What writing to a service of AWS takes and gives, whichever service it is; versions are opaque strings here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ...errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...core.service_writing import Details, Metadata, Put


class AlreadyThereError(WriteError):
    """Something was to be created, and somebody else has created it meanwhile."""


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as AWS's calls take them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


class Writer(Protocol):
    """Writes to one service for one store, with the store's identity. All of it raises the same errors.

    Raises:
        WriteError: AWS refuses; the text says what, who asked, and what to do. It never quotes a value.
        IdentityError: AWS does not accept the credentials.
        ReadError: AWS does not answer, or kept throttling.
    """

    def describe(self, wanted: Mapping[str, Metadata], told: Mapping[str, Details]) -> Mapping[str, Details]:
        """What things are like, by name; those that do not exist are left out.

        Args:
            wanted: name -> what it is to be like.
            told: what a look at its version told of it already: only what is missing in that is asked.
        """
        ...

    def put(self, put: Put) -> str:
        """Create, overwrite or change a thing; its version.

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

    def restore(self, name: str) -> None:
        """Take back that a thing is going to be deleted; of a service that keeps such things."""
        ...

    def delete(self, name: str, deletion: Mapping[str, Any], metadata: Metadata) -> None:
        """Delete a thing; one that is gone already is no error.

        Args:
            name: its name.
            deletion: what the store says of that, by ESO's names.
            metadata: what it was to be like.
        """
        ...
