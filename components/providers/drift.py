"""What became of a Secret that we wrote, read off its metadata alone.

The API server records in `managedFields` who set each key last, so an edited or removed key shows by name without
reading a value and without keeping any digest, neither in Pulumi's state nor on the Secret.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..clients.kubernetes.managed_fields import data_keys_applied_by, owners_of_data_key
from ..clients.kubernetes.metadata import SecretMetadata
from ..core.kubernetes_secret import (
    FIELD_MANAGER,
    MANAGED_BY_LABEL,
    OWNER_ANNOTATION,
    VERSIONS_ANNOTATION,
    versions_mark,
)

AGAIN = " (again)"


@dataclass(frozen=True)
class Drift:
    """How a live Secret differs from what we wrote.

    Attributes:
        reasons: why, by key and never by value; empty when it does not.
        intact: the keys that still hold what we wrote.
    """

    reasons: tuple[str, ...]
    intact: frozenset[str]


def is_ours(live: SecretMetadata, owners: Iterable[str]) -> bool:
    """Whether the Secret is one that we created: it says so, or the mark is gone but our fields are still there."""
    mark = live.annotations.get(OWNER_ANNOTATION)
    if mark is None:
        return bool(data_keys_applied_by(live.managed_fields, FIELD_MANAGER))
    return mark in set(owners)


def find_drift(live: SecretMetadata | None, keys: Iterable[str], versions: Mapping[str, int]) -> Drift:
    """Compare the live Secret with what we wrote.

    Args:
        live: the Secret's metadata, or None when it is gone.
        keys: the secret keys that we wrote.
        versions: the parameter versions that we wrote it from.
    """
    if live is None:
        return Drift(("Secret deleted from the cluster",), frozenset())
    intact = frozenset(keys) & data_keys_applied_by(live.managed_fields, FIELD_MANAGER)
    reasons = [_what_became_of(key, live) for key in sorted(set(keys) - intact)]
    if live.labels.get(MANAGED_BY_LABEL) != FIELD_MANAGER:
        reasons.append(f"label {MANAGED_BY_LABEL} changed in the cluster")
    if OWNER_ANNOTATION not in live.annotations:
        reasons.append(f"annotation {OWNER_ANNOTATION} removed in the cluster")
    if live.annotations.get(VERSIONS_ANNOTATION) != versions_mark(versions):
        # Somebody restored an older Secret, or an update was cut off before its state was saved.
        reasons.append("Secret in the cluster was not made of the recorded parameter versions")
        intact = frozenset()
    return Drift(tuple(reasons), intact)


def distinct_from(reasons: tuple[str, ...], before: list[str]) -> list[str]:
    """The reasons, worded otherwise than last time: a preview shows only what differs from the stored inputs."""
    return [reason + AGAIN for reason in reasons] if list(reasons) == before else list(reasons)


def _what_became_of(key: str, live: SecretMetadata) -> str:
    owners = owners_of_data_key(live.managed_fields, key)
    if not owners:
        return f"key {key} removed in the cluster"
    when = owners[-1].time
    at = f" at {when.isoformat(timespec='seconds')}" if when else ""
    return f"key {key} edited in the cluster by {owners[-1].manager}{at}"
