"""What became of a Secret that we wrote, read off its metadata alone.

The API server records in `managedFields` who set each key last, so an edited or removed key shows by name without
reading a value and without keeping any digest of one, neither in Pulumi's state nor on the Secret.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...clients.kubernetes.managed_fields import data_keys_applied_by, fields_applied_by, owners_of_data_key
from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import Marks, versions_mark
from ...core.spec.specs import SecretSpec
from ...core.spec.target_specs import Template
from ...display import plain, shown_manager
from .ownership import foreign_keys, marks, operators_reference

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


def find_drift(
    live: SecretMetadata | None, spec: SecretSpec, keys: Collection[str] | int, versions: Mapping[str, int]
) -> Drift:
    """Compare the live Secret with what we wrote.

    Args:
        live: the Secret's metadata, or None when it is gone.
        spec: what it was written for.
        keys: the secret keys that we wrote; how many where their names came out of rendered texts, so that a value
            which became a name by mistake is not kept.
        versions: the parameter versions that we wrote it from.
    """
    if live is None:
        return Drift(("Secret deleted from the cluster",), frozenset())
    mine = marks(spec)
    owned = data_keys_applied_by(live.managed_fields, mine.manager)
    if isinstance(keys, int):
        lost = keys - len(owned)
        intact, written = owned, owned
        reasons = [f"{lost} of {keys} rendered keys edited or removed in the cluster"] if lost > 0 else []
    else:
        intact, written = frozenset(keys) & owned, frozenset(keys)
        reasons = [_what_became_of(key, live) for key in sorted(written - intact)]
    if not spec.target.shared:
        reasons += [_who_added(key, live) for key in sorted(foreign_keys(live, mine.manager) - written)]
    reasons += _changed_metadata(live, spec, mine)
    if live.deletion_timestamp:
        reasons.append("Secret is being deleted from the cluster")
    operators = operators_reference(live)
    if operators:
        reasons.append(f"taken over by ExternalSecret {operators.name!r} of External Secrets Operator; delete that one")
    if live.annotations.get(mine.versions) != versions_mark(versions):
        # Somebody restored an older Secret, or an update was cut off before its state was saved.
        reasons.append("Secret in the cluster was not made of the recorded parameter versions")
        intact = frozenset()
    return Drift(tuple(map(plain, reasons)), intact)


def distinct_from(reasons: tuple[str, ...], before: list[str]) -> list[str]:
    """The reasons, worded otherwise than last time: a preview shows only what differs from the stored inputs."""
    return [reason + AGAIN for reason in reasons] if list(reasons) == before else list(reasons)


def _changed_metadata(live: SecretMetadata, spec: SecretSpec, mine: Marks) -> list[str]:
    """Labels and annotations that are not ours any more; of templated ones, too, no value is needed to see it."""
    owned = fields_applied_by(live.managed_fields, mine.manager)
    target, template = spec.target, spec.target.template or Template[str]()
    wanted = {
        ("label", "labels"): {*target.labels, *template.labels, *mine.labels},
        ("annotation", "annotations"): {*target.annotations, *template.annotations},
    }
    reasons = [
        f"{noun} {key} changed in the cluster"
        for (noun, field), keys in wanted.items()
        for key in sorted(keys)
        if ("metadata", field, key) not in owned
    ]
    if mine.owner not in live.annotations:
        reasons.append(f"annotation {mine.owner} removed in the cluster")
    elif spec.target.shared and live.annotations[mine.owner] != spec.owner.mark:
        reasons.append(f"annotation {mine.owner} changed in the cluster")
    return reasons


def _what_became_of(key: str, live: SecretMetadata) -> str:
    if not owners_of_data_key(live.managed_fields, key):
        return f"key {key} removed in the cluster"
    return f"key {key} edited in the cluster {_by_whom(key, live)}"


def _who_added(key: str, live: SecretMetadata) -> str:
    return f"key {key} added in the cluster {_by_whom(key, live)}"


def _by_whom(key: str, live: SecretMetadata) -> str:
    last = owners_of_data_key(live.managed_fields, key)[-1]
    return f"by {shown_manager(last.manager)}" + (f" at {last.time.isoformat(timespec='seconds')}" if last.time else "")
