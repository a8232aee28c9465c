"""Compares what is declared, what AWS says and what the cluster holds, and says why a Secret would change.

This is the work of the sync's `check`: everything that can be found before anything is written is found here; what is
to be written is built in preparing.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import changed_since, tags_contents
from ...core.secret.target_templates import check_templates
from ...core.secret.template_texts import named_texts
from ...core.spec.entries import Find, Origin
from ...core.spec.owner import shown_mark
from ...core.spec.refresh import is_due
from ...core.spec.specs import Operation, SecretSpec, label
from ...display import plain
from ..operation.opening import process_memory
from ..operation.results import changed_keys
from .before import IDENTITY, OUTCOME, Before
from .cluster_records import THERE, note_cluster
from .drift import Drift, distinct_from, find_drift
from .ownership import marks, refuse_marked, taken_from
from .preparing import Change, prepare
from .reading import Reading, accounts_of, read
from .standing import claim, keep, recognised, standing_of
from .template_texts import Texts, read_texts
from .unusable import refuse_unusable

DECLARED = (*IDENTITY, "cluster", "owner", "data", "dataFrom", "store", "stores", "target", "refresh")
COMPARED = (*DECLARED, "__versions", "__found", "__missing")
_NO_DRIFT = Drift((), frozenset())


def compare(spec: SecretSpec, olds: Mapping[str, Any], inputs: dict[str, Any], operation: Operation) -> None:
    """Note in the inputs why the Secret would change, and prepare the write where there is one to come.

    Adds `keys` and `sources` (where each key, or each entry of `dataFrom`, comes from), `drift` (what was done to the
    live Secret), `note` and `takenOver` (see foretelling.py), and hidden keys that the next operation compares with.

    Raises:
        ParameterStoreError: something cannot be read, the Secret belongs to somebody else, may not be written or cannot
            be built.
    """
    given = None if spec.data_from else spec.data.keys()
    check_templates(spec.target, given, confidential=operation.confidential_texts)
    cluster = process_memory().cluster(spec.cluster)
    before = Before.of(olds, inputs)
    live = None if spec.target.creation_policy == "None" else cluster.live(spec.namespace, spec.name)
    if note_cluster(spec, olds, live, inputs):
        before = None
    spec = _recognised(spec, before, live, inputs, operation)
    drift = _drift(spec, before, live)
    changed = changed_keys(olds, inputs, DECLARED)
    declared = before is None or THERE in inputs or bool(changed)
    elsewhere = Reading(accounts=accounts_of(spec, operation)).elsewhere(before.reading) if before else ()
    # Where nothing but its marks changes, a Secret is not read again.
    renews = changed == ["owner"] and not (before is None or THERE in inputs or drift.reasons or elsewhere)
    there = live.uid if live else None
    claim(spec, spec.plain_keys or frozenset(), there)
    _hold(spec, before, live)
    stays = renews or not (declared or drift.reasons or elsewhere)
    if before and stays and not operation.force and not _is_due(spec, before):
        claim(spec, before.known_keys, there)
        inputs.update(before.rest)
        inputs.update(before.reading.to_bag())
        if renews:
            prepare(Change(spec, before, before.reading, Texts(), live, drift, renews=True), inputs, operation)
        return
    reading = read(spec, operation)
    texts = read_texts(cluster, spec, operation)
    if texts.texts and not operation.texts_may_come:
        check_templates(spec.target, given, texts.texts, confidential=operation.confidential_texts)
    if before and (elsewhere := reading.elsewhere(before.reading)):
        drift = Drift((*drift.reasons, *elsewhere), frozenset())
    if before and live is not None:
        drift = Drift((*drift.reasons, *_moved(spec, before, live, reading, texts)), drift.intact)
    _note(spec, reading, inputs)
    if drift.reasons:
        inputs["drift"] = distinct_from(drift.reasons, before.drift if before else [])
    if declared or drift.reasons or changed_keys(olds, inputs, COMPARED):
        refuse_unusable(spec, operation)
        renews = renews and not drift.reasons and changed_keys(olds, inputs, COMPARED) == ["owner"]
        prepare(Change(spec, before, reading, texts, live, drift, renews), inputs, operation)
    elif before:
        claim(spec, before.known_keys, there)
        inputs.update({key: before.rest[key] for key in OUTCOME if key in before.rest})


def _recognised(
    spec: SecretSpec, before: Before | None, live: SecretMetadata | None, inputs: dict[str, Any], operation: Operation
) -> SecretSpec:
    """The ExternalSecret with the mark that its Secret gets; noted in the inputs where something is to be written."""
    found = recognised(spec, before, live)
    if found is spec or operation.preview:
        return spec
    inputs["owner"] = {**inputs["owner"], "entry": found.owner.entry}
    return found


def _hold(spec: SecretSpec, before: Before | None, live: SecretMetadata | None) -> None:
    """Hold a Secret that we wrote against its mark, whether something of it changes or not.

    Raises:
        WriteError: another ExternalSecret took it over.
    """
    if before is None or live is None:
        return
    standing = standing_of(spec, before)
    refuse_marked(spec, live, standing)
    keep(spec, live)
    process_memory().targets.settle(spec, live.uid)


def _drift(spec: SecretSpec, before: Before | None, live: SecretMetadata | None) -> Drift:
    if before is None or "None" in (spec.target.creation_policy, before.spec.target.creation_policy):
        return _NO_DRIFT
    if not before.nothing:
        drift = find_drift(live, before.spec, before.keys, before.reading.all_versions)
        if other := taken_from(spec, live, standing_of(spec, before)):
            # It wrote under our name as a field manager, so its values look like ours.
            drift = Drift((*drift.reasons, f"taken over by ExternalSecret {other.full_title}"), frozenset())
        return drift
    if live is not None and spec.target.creation_policy == "Merge":
        return Drift(("Secret created in the cluster, so that keys can be added to it",), frozenset())
    return _NO_DRIFT


def _is_due(spec: SecretSpec, before: Before) -> bool:
    """Whether the sources are to be read again; says so where they are not."""
    if is_due(spec.refresh.waits, before.synced_at, datetime.now(UTC)):
        return True
    refresh = spec.refresh
    rule = refresh.policy if refresh.policy != "Periodic" else f"refreshInterval {refresh.interval or 0:g}s"
    name = shown_mark(spec.owner.name)
    process_memory().say_skipped(f"ExternalSecret {name} is not read again, last sync at {before.synced_at} ({rule})")
    return False


def _moved(spec: SecretSpec, before: Before, live: SecretMetadata, reading: Reading, texts: Texts) -> list[str]:
    """What the Secret is made of that is not what it was, though it has no version, or the same."""
    anew = [f"{name} deleted and created again in AWS" for name in reading.made_anew(before.reading)]
    if before.nothing:
        return anew
    mine = marks(spec)
    tags = changed_since(live.annotations.get(mine.tags), tags_contents(reading.tags))
    changed = changed_since(live.annotations.get(mine.texts), named_texts(texts.texts))
    moved = [
        *anew,
        *(f"{name} changed" for name in tags),
        *(f"template text {name} changed" for name in changed),
    ]
    return list(map(plain, moved))


def _note(spec: SecretSpec, reading: Reading, inputs: dict[str, Any]) -> None:
    inputs.update(reading.to_bag())
    if spec.data:
        inputs["keys"] = {key: _described(ref, reading, spec) for key, ref in spec.data.items()}
    if spec.data_from:
        inputs["sources"] = {
            f"dataFrom[{index}].{entry.kind}": _described(entry, reading, spec)
            for index, entry in enumerate(spec.data_from)
        }
    if spec.refresh.waits:
        inputs["__syncedAt"] = datetime.now(UTC).isoformat(timespec="seconds")


def _described(origin: Origin, reading: Reading, spec: SecretSpec) -> Any:
    """How a preview names what something is made of: parameters and versions, never a value."""
    name = label((origin.store, origin.source))
    if isinstance(origin, Find):
        if name not in reading.found:
            return "known during up"
        return {found: f"version {version}" for found, version in reading.found[name].items()} or "nothing found"
    at = "" if origin.store is None else f"{origin.store}: "
    if name in reading.missing:
        return f"{at}{origin.key}, gone: left out by deletionPolicy {spec.target.deletion_policy}"
    return at + origin.describe(reading.versions.get(name))
