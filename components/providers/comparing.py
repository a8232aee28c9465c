"""Compares what is declared, what AWS says and what the cluster holds, and says why a Secret would change.

This is the work of the sync's `check`: everything that can be found before anything is written is found here, and what
is to be written is built in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..clients.kubernetes.metadata import SecretMetadata
from ..core.entries import FindSpec, RemoteRefSpec
from ..core.errors import WriteError
from ..core.kubernetes_secret import changed_since, tags_contents
from ..core.refresh import is_due
from ..core.specs import Operation, SecretSpec, label
from ..core.target_templates import check_templates
from ..core.template_texts import named_texts
from .building import Wanted, build, reusable_keys, same_data
from .cluster_memory import ClusterMemory
from .drift import Drift, distinct_from, find_drift
from .foretelling import foretell
from .opening import process_memory
from .ownership import marks, refuse_foreign
from .reading import Reading, read
from .results import changed_keys
from .template_texts import Texts, read_texts

IDENTITY = ("cluster", "namespace", "secretName")
DECLARED = (*IDENTITY, "owner", "data", "dataFrom", "store", "stores", "target", "refresh")
COMPARED = (*DECLARED, "__versions", "__found", "__missing")
REBUILT = "__rebuilt"
SHOWN = ("keys", "sources")
OUTCOME = ("__keys", "__keyCount", "__nothing")
KEPT = (*OUTCOME, "__syncedAt")
_NO_DRIFT = Drift((), frozenset())


@dataclass(frozen=True)
class Before:
    """What the last update of this very Secret left in the inputs.

    Attributes:
        spec: what was declared.
        reading: what it was made of.
        keys: the keys that it got; how many where their names are not kept, see `find_drift`.
        nothing: nothing was written: the Secret was deleted, retained as it was, or is somebody else's to make.
        synced_at: when its sources were read last; None where it is not kept.
        drift: what was said of drift.
        rest: what is carried over where nothing is read.
    """

    spec: SecretSpec
    reading: Reading
    keys: frozenset[str] | int
    nothing: bool
    synced_at: str | None
    drift: list[str]
    rest: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Before | None:
        """The last update; None where this is another Secret, or the first update."""
        if not olds or changed_keys(olds, news, IDENTITY):
            return None
        spec = SecretSpec.from_bag(olds)
        keys = frozenset(olds["__keys"]) if "__keys" in olds else spec.plain_keys or frozenset()
        return cls(
            spec=spec,
            reading=Reading.from_bag(olds),
            keys=int(olds["__keyCount"]) if "__keyCount" in olds else keys,
            nothing=bool(olds.get("__nothing")),
            synced_at=olds.get("__syncedAt"),
            drift=list(olds.get("drift") or []),
            rest={key: olds[key] for key in (*SHOWN, *KEPT) if key in olds},
        )


def compare(spec: SecretSpec, olds: Mapping[str, Any], inputs: dict[str, Any], operation: Operation) -> None:
    """Note in the inputs why the Secret would change, and prepare the write where there is one to come.

    Adds `keys` and `sources` (where each key, or each entry of `dataFrom`, comes from), `drift` (what was done to the
    live Secret), `note` and `takenOver` (see foretelling.py), and hidden keys that the next operation compares with.

    Raises:
        ParameterStoreError: something cannot be read, the Secret belongs to somebody else, may not be written or cannot
            be built.
    """
    given = None if spec.data_from else spec.data.keys()
    check_templates(spec.target, given)
    cluster = process_memory().cluster(spec.cluster)
    before = Before.of(olds, inputs)
    live = None if spec.target.creation_policy == "None" else cluster.live(spec.namespace, spec.name)
    drift = _drift(spec, before, live)
    declared = before is None or bool(changed_keys(olds, inputs, DECLARED))
    if before and not (declared or drift.reasons or operation.force) and not _is_due(spec, before):
        inputs.update(before.rest)
        inputs.update(before.reading.to_bag())
        return
    reading = read(spec, operation)
    texts = read_texts(cluster, spec, operation)
    if not operation.texts_may_come:
        check_templates(spec.target, given, texts.texts)
    if before and live is not None and (moved := _moved(spec, before, live, reading, texts)):
        drift = Drift((*drift.reasons, *moved), drift.intact)
    _note(spec, reading, inputs)
    if drift.reasons:
        inputs["drift"] = distinct_from(drift.reasons, before.drift if before else [])
    if declared or drift.reasons or changed_keys(olds, inputs, COMPARED):
        _prepare(Change(spec, before, reading, texts, live, drift), inputs, operation)
    elif before:
        inputs.update({key: before.rest[key] for key in OUTCOME if key in before.rest})


@dataclass(frozen=True)
class Change:
    """A Secret that is to be written, and what is known of it."""

    spec: SecretSpec
    before: Before | None
    reading: Reading
    texts: Texts
    live: SecretMetadata | None
    drift: Drift

    @property
    def reusable(self) -> frozenset[str]:
        """The keys whose live values are right."""
        if self.before is None:
            return frozenset()
        same = reusable_keys(self.spec, self.reading, self.before.spec, self.before.reading)
        return same & self.drift.intact


def _drift(spec: SecretSpec, before: Before | None, live: SecretMetadata | None) -> Drift:
    if before is None or "None" in (spec.target.creation_policy, before.spec.target.creation_policy):
        return _NO_DRIFT
    if not before.nothing:
        return find_drift(live, before.spec, before.keys, before.reading.all_versions)
    if live is not None and spec.target.creation_policy == "Merge":
        return Drift(("Secret created in the cluster, so that keys can be added to it",), frozenset())
    return _NO_DRIFT


def _is_due(spec: SecretSpec, before: Before) -> bool:
    """Whether the sources are to be read again; says so where they are not."""
    if is_due(spec.refresh.waits, before.synced_at, datetime.now(UTC)):
        return True
    refresh = spec.refresh
    rule = refresh.policy if refresh.policy != "Periodic" else f"refreshInterval {refresh.interval or 0:g}s"
    name = spec.owner.rpartition("/")[2]
    process_memory().say_skipped(f"ExternalSecret {name} is not read again, last sync at {before.synced_at} ({rule})")
    return False


def _moved(spec: SecretSpec, before: Before, live: SecretMetadata, reading: Reading, texts: Texts) -> list[str]:
    """What the Secret is made of that has no version, and is not what it was."""
    if before.nothing:
        return []
    mine = marks(spec)
    tags = changed_since(live.annotations.get(mine.tags), tags_contents(reading.tags))
    changed = changed_since(live.annotations.get(mine.texts), named_texts(texts.texts))
    return [*(f"{name} changed" for name in tags), *(f"template text {name} changed" for name in changed)]


def _note(spec: SecretSpec, reading: Reading, inputs: dict[str, Any]) -> None:
    inputs.update(reading.to_bag())
    if spec.data:
        inputs["keys"] = {key: _described(ref, reading, spec) for key, ref in spec.data.items()}
    if spec.data_from:
        inputs["sources"] = {
            f"dataFrom[{index}].{entry.kind}": _described(entry.origin, reading, spec)
            for index, entry in enumerate(spec.data_from)
        }
    if spec.refresh.waits:
        inputs["__syncedAt"] = datetime.now(UTC).isoformat(timespec="seconds")


def _described(origin: RemoteRefSpec | FindSpec, reading: Reading, spec: SecretSpec) -> Any:
    """How a preview names what something is made of: parameters and versions, never a value."""
    name = label((origin.store, origin.source))
    if isinstance(origin, FindSpec):
        if name not in reading.found:
            return "known during up"
        return {found: f"version {version}" for found, version in reading.found[name].items()} or "nothing found"
    at = "" if origin.store is None else f"{origin.store}: "
    if name in reading.missing:
        return f"{at}{origin.key}, gone: left out by deletionPolicy {spec.target.deletion_policy}"
    return at + origin.describe(reading.versions.get(name))


def _prepare(change: Change, inputs: dict[str, Any], operation: Operation) -> None:
    spec, before = change.spec, change.before
    cluster = process_memory().cluster(spec.cluster)
    refuse_foreign(spec, change.live, {spec.owner, before.spec.owner} if before else {spec.owner})
    writes = spec.target.creation_policy != "None"
    other = cluster.claim(spec.namespace, spec.name, spec.owner, shared=spec.target.shared) if writes else None
    if other:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name}: the target is owned by another ExternalSecret, {other}, of this "
            "program; give one of them another target name, or both creationPolicy CreateOrMerge"
        )
    if writes and not (operation.preview and operation.pending_namespace):
        cluster.probe(spec.namespace, spec.name)
    if operation.decrypt and change.reading.complete and change.texts.complete:
        _build(change, cluster, inputs, operation)
    elif before and _is_frozen(before, change.live) and _data_may_change(change):
        _replace_frozen(change, inputs)
    keys = inputs.get("__keys", spec.plain_keys)
    inputs.update(foretell(spec, change.reading, change.live, keys, before.keys if before else ()))


def _build(change: Change, cluster: ClusterMemory, inputs: dict[str, Any], operation: Operation) -> None:
    spec, before = change.spec, change.before
    wanted = Wanted(spec, change.reading, change.texts.texts, change.live, change.reusable)
    write = build(wanted, operation)
    if write.body is None:
        inputs["__nothing"] = True
    elif spec.target.template and spec.target.template.template_from:
        inputs["__keyCount"] = len(write.keys)
    elif write.keys != spec.plain_keys:
        inputs["__keys"] = sorted(write.keys)
    if before and write.body is not None and _is_frozen(before, change.live) and not same_data(wanted, write.body):
        _replace_frozen(change, inputs)
    if not operation.preview:
        cluster.keep_wanted(spec.namespace, spec.name, spec.owner, write)


def _is_frozen(before: Before, live: SecretMetadata | None) -> bool:
    return before.spec.target.immutable and live is not None and not before.nothing


def _data_may_change(change: Change) -> bool:
    before = change.before
    assert before is not None, "only a Secret that we wrote is frozen"  # noqa: S101
    now, then = change.spec, before.spec
    return (now.data, now.data_from, now.target.template) != (then.data, then.data_from, then.target.template) or (
        change.reading.versions,
        change.reading.found,
        change.reading.missing,
    ) != (before.reading.versions, before.reading.found, before.reading.missing)


def _replace_frozen(change: Change, inputs: dict[str, Any]) -> None:
    """Have an immutable Secret made anew where its declaration allows that.

    Raises:
        WriteError: it does not.
    """
    spec = change.spec
    if spec.target.immutable and not spec.target.replace_immutable:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name}: the target is immutable, and its data would change. Pin the "
            "parameters' versions, give the target another name, or set replace_immutable to have the Secret made anew."
        )
    inputs[REBUILT] = True
