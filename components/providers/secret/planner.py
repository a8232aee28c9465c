"""Plans what becomes of a Secret, without any I/O: out of an observation, why it changes, and what is refused.

A plan that cannot be made yet names the question whose answer it needs, and observe.py answers it. What values alone
tell, build.py finds out, and `conclude` ends the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.managed_fields import data_keys_applied_by, owners_of_data_key
from ...core.spec.refresh import is_due
from ...core.spec.specs import label
from ...core.spec.target_specs import Target
from ...display import UNNAMED_KEY, shown_manager, shown_word, some_of
from ...errors import ParameterStoreError, SpecError
from . import refusals
from .drift import Drift, drift_since, source_drift
from .observation import Observation, Question, SourcesAnswer
from .ownership import (
    bears_mark_of,
    is_ours,
    marks,
    operators_reference,
    refuse_deletion_of_others,
    refuse_foreign,
    refuse_marked,
    refuse_taken_keys,
    taken_from,
    writers,
)
from .plan import Action, Outcome, Plan
from .previous import CLUSTER_ID, THERE, WRITTEN_TO, Previous
from .reasons import Cause, Reason, described_sources, not_read_again
from .source_versions import Reading

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata


def plan(observations: Iterable[Observation]) -> list[Plan]:
    """Plan what becomes of each Secret."""
    return [_go_on(Plan(each)) for each in observations]


def resume(draft: Plan, seen: Observation) -> Plan:
    """Go on with a plan that waited for the answer which an observation has by now."""
    return _go_on(replace(draft, seen=seen, question=None))


def _go_on(draft: Plan) -> Plan:
    for number in range(draft.stage, len(_STAGES)):
        try:
            draft = _STAGES[number](draft)
        except ParameterStoreError as error:
            return replace(draft, refusal=error)
        if draft.question:
            return replace(draft, stage=number)
        if draft.claims is not None and draft.action is Action.NOTHING:
            return draft
    return draft


def _ask(draft: Plan, question: Question) -> Plan:
    """The draft, which waits for an answer.

    Raises:
        ParameterStoreError: the question was asked, and there is none.
    """
    if draft.seen.problem is not None:
        raise draft.seen.problem
    return replace(draft, question=question)


def _check(draft: Plan) -> Plan:
    """What the declaration alone tells, and the labels of its namespace."""
    if not draft.operation.admits(draft.spec.namespace, draft.seen.labels):
        return _ask(draft, Question.NAMESPACE)
    if draft.seen.declaration.problem is not None:
        raise draft.seen.declaration.problem
    return draft


def _locate(draft: Plan) -> Plan:
    """Which cluster it is in, and whether what the last update left is there."""
    cluster = draft.seen.cluster
    if cluster is None:
        return _ask(draft, Question.CLUSTER)
    location = cluster.location
    recorded: dict[str, Any] = {WRITTEN_TO: dict(location.written_to)} if location.written_to else {}
    if location.cluster_id:
        recorded[CLUSTER_ID] = location.cluster_id
    if location.moved:
        recorded[THERE] = {"uid": cluster.live.uid if cluster.live else ""}
    before = None if location.gone else draft.seen.declaration.previous
    drift = drift_since(before, draft.spec, cluster.live, cluster.standing)
    return replace(draft, previous=before, drift=drift, recorded=recorded)


def _hold(draft: Plan) -> Plan:
    """Nobody else of the program writes the Secret, and one that we wrote still bears our mark."""
    refusals.refuse_rival(draft.spec, draft.cluster.rival)
    if draft.previous is None or draft.live is None:
        return draft
    refuse_marked(draft.spec, draft.live, draft.standing)
    return replace(draft, keeps=True)


def _is_calm(draft: Plan) -> bool:
    """Whether the Secret that the last update left is there as it was."""
    return draft.previous is not None and not (draft.cluster.location.moved or draft.drift.reasons)


def _rest(draft: Plan) -> Plan:
    """Where nothing is declared otherwise and the time to read again has not come, what was read stays.

    A Secret of which nothing but the marks changes is not read again either.
    """
    declaration, before = draft.seen.declaration, draft.previous
    if before is None or not _is_calm(draft) or declaration.changed not in ([], ["owner"]) or draft.operation.force:
        return draft
    if Reading(accounts=draft.cluster.accounts).account_changes(before.reading):
        return draft
    if is_due(draft.spec.refresh.period, before.synced_at, declaration.at):
        return draft
    return replace(
        draft,
        action=Action.RENEW if declaration.changed else Action.NOTHING,
        reading=before.reading,
        claims=before.known_keys,
        recorded={**draft.recorded, **before.rest, **before.reading.to_bag()},
        skipped=not_read_again(draft.spec, before.synced_at),
    )


def _read(draft: Plan) -> Plan:
    """What the Secret is made of now, and what of that is not what it was."""
    declaration, before, sources = draft.seen.declaration, draft.previous, draft.seen.sources
    if draft.skipped:
        return draft
    if sources is None:
        return _ask(draft, Question.SOURCES)
    reading, texts = sources.reading, sources.texts
    _check_texts(draft, sources)
    drift = source_drift(draft.drift, before, draft.spec, draft.live, sources) if before else draft.drift
    recorded = {**draft.recorded, **reading.to_bag(), **described_sources(draft.spec, reading)}
    if draft.spec.refresh.period:
        recorded["__syncedAt"] = declaration.at.isoformat(timespec="seconds")
    return replace(draft, drift=drift, reading=reading, texts=texts, recorded=recorded)


def _check_texts(draft: Plan, sources: SourcesAnswer) -> None:
    """Check the templates with what is known by now: texts in the cluster, and keys that are left out.

    Raises:
        SpecError: one cannot be used, or surely fails.
    """
    spec, reading = draft.spec, sources.reading
    texts = {} if draft.operation.texts_may_come else sources.texts.texts
    gone = {key: ref for key, ref in spec.data.items() if label((ref.store, ref.source)) in reading.missing}
    if len(gone) == len(spec.data) and spec.target.deletion_policy != "Merge":
        gone = {}  # then nothing is rendered, or what dataFrom gives
    if not (texts or gone):
        return
    try:
        draft.seen.declaration.check_templates(texts, gone.keys())
    except SpecError as error:
        if not gone:
            raise
        left_out = some_of([f"key {key} ({ref.key})" for key, ref in gone.items()])
        raise SpecError(f"{error}; left out, as there is no such {spec.noun}: {left_out}") from None


def _decide(draft: Plan) -> Plan:
    """Whether the Secret is written, or its marks alone, or nothing."""
    before, changed = draft.previous, draft.seen.declaration.changed
    if draft.skipped:
        return draft
    if before and _is_calm(draft) and not draft.reading.differs(before.reading) and changed in ([], ["owner"]):
        recorded = {**draft.recorded, **before.outcome}
        if changed:
            return replace(draft, action=Action.RENEW, recorded=recorded)
        return replace(draft, claims=before.known_keys, recorded=recorded)
    builds = draft.operation.decrypt and draft.reading.complete and draft.texts.complete
    return replace(draft, action=Action.BUILD if builds else Action.WRITE)


def _check_values(draft: Plan) -> Plan:
    """What the last `up` found of the values, in a preview that reads none."""
    if draft.seen.sources and not (draft.operation.decrypt or draft.operation.deferred):
        refusals.refuse_unusable(draft.spec, draft.seen.sources.findings)
    return draft


def _own(draft: Plan) -> Plan:
    """The Secret that is there is ours to write."""
    refuse_foreign(draft.spec, draft.live, draft.standing)
    return replace(draft, keeps=True)


def _check_fixed(draft: Plan) -> Plan:
    """What cannot be changed of the Secret that is there."""
    spec, before, live = draft.spec, draft.previous, draft.live
    if live is None:
        return draft
    if before and not before.nothing:
        if cannot_become(before.spec.target, spec.target):
            refusals.refuse_shared(spec, before.spec)
        return draft
    if is_ours(live, draft.standing.marks, known=False):
        return draft
    fixed = draft.seen.fixed
    if fixed is None:
        return _ask(draft, Question.FIXED_FIELDS)
    wanted = spec.target.template.type if spec.target.template else None
    if fixed.immutable:
        reason = Reason(Cause.WAS_IMMUTABLE)
    elif wanted is not None and fixed.type is not None and wanted != fixed.type:
        reason = Reason(Cause.WAS_OF_TYPE, was=shown_word(fixed.type))
    else:
        return draft
    refusals.refuse_fixed(spec, fixed)
    return replace(draft, drift=Drift((reason,), draft.drift.intact), deletes_first=True)


def cannot_become(old: Target[str], new: Target[str]) -> bool:
    """Whether a Secret has to be deleted and created again: its type differs, or it is no longer to be immutable."""
    types = [each.template.type if each.template else None for each in (old, new)]
    return types[0] != types[1] or (old.immutable and not new.immutable)


def _check_access(draft: Plan) -> Plan:
    """The namespace can be written to."""
    comes = draft.operation.preview and draft.operation.pending_namespace
    if draft.spec.target.creation_policy == "None" or comes or draft.seen.writable:
        return draft
    return _ask(draft, Question.ACCESS)


def _foresee(draft: Plan) -> Plan:
    """Say what can be said of the write without a value."""
    if draft.action is Action.WRITE and draft.is_frozen and draft.previous and draft.sources_differ:
        spec, before = draft.spec, draft.previous
        keys = spec.plain_keys
        surely = keys is not None and keys != before.keys and not (spec.target.skips_missing or spec.has_optional)
        if surely or spec.target.replace_immutable or not spec.target.immutable:
            draft = _replaced(draft, before)
        else:
            draft = replace(draft, notes=(Reason(Cause.IMMUTABLE),))
    return _foretell(draft, draft.recorded.get("__keys", draft.spec.plain_keys))


def _replaced(draft: Plan, before: Previous) -> Plan:
    """An immutable Secret is deleted and created again, where its declaration allows that."""
    refusals.refuse_shared(draft.spec, before.spec)
    refusals.refuse_frozen(draft.spec)
    return replace(draft, replaces=True)


def _foretell(draft: Plan, keys: Collection[str] | None) -> Plan:
    """Say that the Secret goes, and whose Secret or keys are taken.

    Args:
        draft: the plan.
        keys: the keys that the Secret will have of us; None where they are not known.

    Raises:
        WriteError: the Secret is to be deleted, and is not ours to delete.
    """
    spec, live, reading, before = draft.spec, draft.live, draft.reading, draft.previous
    notes, taken = [], []
    if spec.target.deletion_policy == "Delete" and reading.complete and not (reading.all_versions or reading.tags):
        refusals.refuse_deletion(spec)
        if live is not None:
            refuse_deletion_of_others(spec, live, draft.standing)
        notes.append(Reason(Cause.ALL_GONE if live is None else Cause.ALL_GONE_DELETED, spec.noun))
    if live is not None and keys is not None and spec.target.shared:
        gone = {key for key, ref in spec.data.items() if label((ref.store, ref.source)) in reading.missing}
        written = before.known_keys if before else frozenset()  # what others did to those shows as drift
        taken = _taken_keys(live, {*keys} - gone - written, marks(spec).manager)
    adopted = _adopted(draft, keys)
    taken = [*adopted, *taken]
    if draft.action is Action.RENEW and live is not None and not adopted:
        notes.append(Reason(Cause.MARKS_RENEWED))
    elif (
        not adopted and before is None and live is not None and not draft.standing.written and bears_mark_of(spec, live)
    ):
        notes.append(Reason(Cause.MARK_FOUND))
    return replace(draft, notes=tuple(notes) or draft.notes, taken_over=tuple(taken))


def _adopted(draft: Plan, keys: Collection[str] | None) -> list[Reason]:
    """Whose the Secret was so far that is taken over, and which of its keys go with that.

    Args:
        draft: the plan.
        keys: the keys that the Secret will have of us; None where they are not known.
    """
    spec, live, standing = draft.spec, draft.live, draft.standing
    if live is None or spec.target.creation_policy == "None":
        return []
    owned = is_ours(live, standing.marks, known=standing.written)
    if other := taken_from(spec, live, standing):
        told = [Reason(Cause.TAKEN_OVER, other.full_title)]
    elif (operators := operators_reference(live)) and not owned:
        told = [Reason(Cause.OPERATOR_LETS_GO, operators.name)]
    elif owned or spec.target.shared:
        return []
    else:
        told = [Reason(Cause.ADOPTED, by=writers(live))]
    if spec.target.shared:
        return told
    goes = Cause.KEY_MAY_GO if keys is None else Cause.KEY_GOES
    there = {key for each in live.managed_fields for key in each.data_keys}
    gone = {
        Reason(
            goes,
            key if spec.may_name(key) else UNNAMED_KEY,
            shown_manager(owners_of_data_key(live.managed_fields, key)[-1].manager),
        ): None
        for key in sorted(there.difference(keys or ()))
    }
    return [*told, *gone]


def _taken_keys(live: SecretMetadata, keys: set[str], manager: str) -> list[Reason]:
    """Which of the keys are others' so far, and whose."""
    return [
        Reason(Cause.KEY_TAKEN, key, shown_manager(owners[-1].manager))
        for key in sorted(keys - data_keys_applied_by(live.managed_fields, manager))
        if (owners := owners_of_data_key(live.managed_fields, key))
    ]


def conclude(draft: Plan, outcome: Outcome) -> Plan:
    """End a plan whose Secret was built; a refusal is the plan's.

    What is recorded of keys that are rendered is their number, as a value may have become a name by mistake.
    """
    spec, before = draft.spec, draft.previous
    recorded = dict(draft.recorded)
    if outcome.nothing:
        recorded["__nothing"] = True
    elif spec.target.template and spec.target.template.template_from:
        recorded["__keyCount"] = len(outcome.keys)
    elif outcome.keys != spec.plain_keys:
        recorded["__keys"] = sorted(outcome.keys)
    draft = replace(draft, recorded=recorded, same_content=outcome.same_content)
    try:
        refusals.refuse_rival(spec, outcome.rival)
        if draft.live is not None:
            refuse_taken_keys(spec, draft.live, outcome.keys, draft.standing)
        if before and draft.is_frozen and not outcome.nothing and not outcome.same_data:
            draft = _replaced(draft, before)
        return _foretell(draft, recorded.get("__keys", spec.plain_keys))
    except ParameterStoreError as error:
        return replace(draft, refusal=error)


_STAGES: tuple[Callable[[Plan], Plan], ...] = (
    _check,
    _locate,
    _hold,
    _rest,
    _read,
    _decide,
    _check_values,
    _own,
    _check_fixed,
    _check_access,
    _foresee,
)
"""What is planned one after the other; each may ask, refuse, or end the plan."""
