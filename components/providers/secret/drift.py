"""What became of a Secret that we wrote, and of its sources, read off metadata alone.

The API server records in `managedFields` who set each key last, so an edited or removed key shows by name without
reading a value and without keeping any digest of one, neither in Pulumi's state nor on the Secret.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...clients.kubernetes.managed_fields import data_keys_applied_by, fields_applied_by, owners_of_data_key
from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import Marks, changed_since, tags_contents, versions_mark
from ...core.secret.template_texts import named_texts
from ...core.spec.specs import SecretSpec
from ...core.spec.target_specs import Template
from ...display import UNNAMED_KEY
from .observation import SourcesAnswer
from .ownership import Standing, foreign_keys, marks, operators_reference, taken_from
from .previous import Previous
from .reasons import Cause, Reason, by_whom


@dataclass(frozen=True)
class Drift:
    """How a live Secret differs from what we wrote.

    Attributes:
        reasons: how, by key and never by value; empty when it does not.
        intact: the keys that still hold what we wrote.
    """

    reasons: tuple[Reason, ...] = ()
    intact: frozenset[str] = frozenset()


def find_drift(
    live: SecretMetadata | None, spec: SecretSpec, keys: Collection[str] | int, versions: Mapping[str, str]
) -> Drift:
    """Compare the live Secret with what we wrote.

    Args:
        live: the Secret's metadata, or None when it is gone.
        spec: what it was written for.
        keys: the secret keys that we wrote; how many where their names came out of rendered texts, so that a value
            which became a name by mistake is not kept.
        versions: the versions that we wrote it from.
    """
    if live is None:
        return Drift((Reason(Cause.VANISHED),))
    mine = marks(spec)
    owned = data_keys_applied_by(live.managed_fields, mine.manager)
    if isinstance(keys, int):
        lost = keys - len(owned)
        intact, written = owned, owned
        reasons = [Reason(Cause.RENDERED_KEYS_LOST, was=str(keys), now=str(lost))] if lost > 0 else []
    else:
        intact, written = frozenset(keys) & owned, frozenset(keys)
        reasons = [_what_became_of(key, live) for key in sorted(written - intact)]
    if not spec.target.shared:
        # While some of our rendered keys are lost, what others hold can be one of them.
        named = not (isinstance(keys, int) and reasons)
        added = sorted(foreign_keys(live, mine.manager) - written)
        reasons += dict.fromkeys(_who_added(key, live, named=named or spec.may_name(key)) for key in added)
    reasons += _changed_metadata(live, spec, mine)
    if live.deletion_timestamp:
        reasons.append(Reason(Cause.BEING_DELETED))
    operators = operators_reference(live)
    if operators:
        reasons.append(Reason(Cause.OPERATOR_TOOK_OVER, operators.name))
    if live.annotations.get(mine.versions) != versions_mark(versions):
        # Somebody restored an older Secret, or an update was cut off before its state was saved.
        reasons.append(Reason(Cause.OTHER_VERSIONS, spec.noun))
        intact = frozenset()
    return Drift(tuple(reasons), intact)


def drift_since(before: Previous | None, spec: SecretSpec, live: SecretMetadata | None, standing: Standing) -> Drift:
    """What became of the Secret since the last update.

    Args:
        before: what that left in this cluster.
        spec: the Secret as it is declared now.
        live: the Secret's metadata, or None when it is gone.
        standing: what the state says of it.
    """
    if before is None or "None" in (spec.target.creation_policy, before.spec.target.creation_policy):
        return Drift()
    if not before.nothing:
        drift = find_drift(live, before.spec, before.keys, before.reading.all_versions)
        if other := taken_from(spec, live, standing):
            # It wrote under our name as a field manager, so its values look like ours.
            return Drift((*drift.reasons, Reason(Cause.ANOTHER_TOOK_OVER, other.full_title)))
        return drift
    if live is not None and spec.target.creation_policy == "Merge":
        return Drift((Reason(Cause.APPEARED),))
    return Drift()


def source_drift(
    drift: Drift, before: Previous, spec: SecretSpec, live: SecretMetadata | None, sources: SourcesAnswer
) -> Drift:
    """Drift with what the Secret is made of that is not what it was, though it has no version, or the same."""
    reading, reasons = sources.reading, list(drift.reasons)
    accounts = reading.account_changes(before.reading)
    for store, was, now in accounts:
        subject = f"store {store}" if store else "the store"
        reasons.append(Reason(Cause.ACCOUNT_CHANGED, subject, was=was, now=now))
    if live is not None:
        mine = marks(spec)
        tags, texts = tags_contents(reading.tags), named_texts(sources.texts.texts)
        changed = {
            Cause.PARAMETER_RECREATED: reading.recreated(before.reading),
            Cause.TAGS_CHANGED: changed_since(live.annotations.get(mine.tags), tags),
            Cause.TEXT_CHANGED: changed_since(live.annotations.get(mine.texts), texts),
        }
        reasons += [
            Reason(cause, name)
            for cause, names in changed.items()
            if cause is Cause.PARAMETER_RECREATED or not before.nothing
            for name in names
        ]
    return Drift(tuple(reasons), frozenset() if accounts else drift.intact)


def _changed_metadata(live: SecretMetadata, spec: SecretSpec, mine: Marks) -> list[Reason]:
    """Labels and annotations that are not ours any more; of templated ones, too, no value is needed to see it."""
    owned = fields_applied_by(live.managed_fields, mine.manager)
    target, template = spec.target, spec.target.template or Template[str]()
    wanted = {
        (Cause.LABEL_CHANGED, "labels"): {*target.labels, *template.labels, *mine.labels},
        (Cause.ANNOTATION_CHANGED, "annotations"): {*target.annotations, *template.annotations},
    }
    reasons = [
        Reason(cause, key)
        for (cause, field), keys in wanted.items()
        for key in sorted(keys)
        if ("metadata", field, key) not in owned
    ]
    if not live.annotations.get(mine.owner):
        reasons.append(Reason(Cause.ANNOTATION_REMOVED, mine.owner))
    elif spec.target.shared and live.annotations[mine.owner] != spec.owner.mark:
        reasons.append(Reason(Cause.ANNOTATION_CHANGED, mine.owner))
    return reasons


def _what_became_of(key: str, live: SecretMetadata) -> Reason:
    owners = owners_of_data_key(live.managed_fields, key)
    return Reason(Cause.KEY_EDITED, key, by_whom(owners[-1])) if owners else Reason(Cause.KEY_REMOVED, key)


def _who_added(key: str, live: SecretMetadata, *, named: bool) -> Reason:
    by = by_whom(owners_of_data_key(live.managed_fields, key)[-1])
    return Reason(Cause.KEY_ADDED, key if named else UNNAMED_KEY, by)
