"""Says beforehand what a write comes to besides keys and their values: that the Secret goes, and whose keys it takes.

All of it is known without a value, so preview shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.managed_fields import data_keys_applied_by, owners_of_data_key
from ...core.spec.specs import SecretSpec, label
from ...display import plain, shown_manager
from ...errors import WriteError
from .ownership import marks

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...clients.kubernetes.metadata import SecretMetadata
    from .reading import Reading


def foretell(
    spec: SecretSpec,
    reading: Reading,
    live: SecretMetadata | None,
    keys: Collection[str] | None,
    written: Collection[str],
) -> dict[str, Any]:
    """What is shown of a write that is to come: a `note` and `takenOver`, where there is something to say.

    Args:
        spec: the Secret.
        reading: what it is made of.
        live: the Secret as it is now.
        keys: the keys that it will have of us; None where they are not known.
        written: the keys that we wrote; what others did to those shows as drift.

    Raises:
        WriteError: the Secret is to be deleted, and is not ours to delete.
    """
    told: dict[str, Any] = {}
    if spec.target.deletion_policy == "Delete" and reading.complete and not (reading.all_versions or reading.tags):
        refuse_deletion(spec)
        told["note"] = (
            f"all its parameters are gone: {'no Secret is made' if live is None else 'the Secret is deleted'}"
        )
    if live is not None and keys is not None and spec.target.shared:
        gone = {key for key, ref in spec.data.items() if label((ref.store, ref.source)) in reading.missing}
        if taken := _taken_over(live, {*keys} - gone - {*written}, marks(spec).manager):
            told["takenOver"] = taken
    return told


def _taken_over(live: SecretMetadata, keys: set[str], manager: str) -> list[str]:
    """Which of the keys are others' so far, and whose."""
    return [
        plain(f"key {key} from {shown_manager(owners[-1].manager)}")
        for key in sorted(keys - data_keys_applied_by(live.managed_fields, manager))
        if (owners := owners_of_data_key(live.managed_fields, key))
    ]


def refuse_deletion(spec: SecretSpec) -> None:
    """Raise where a Secret of which no parameter is left is not ours to delete.

    Raises:
        WriteError: the text says why and what to do.
    """
    if spec.target.creation_policy != "Owner":
        raise WriteError(
            f"unable to delete Secret {spec.namespace}/{spec.name}, for which no parameter is left: creationPolicy "
            f"{spec.target.creation_policy} is not Owner, so it is not ours to delete; write deletionPolicy Retain"
        )
