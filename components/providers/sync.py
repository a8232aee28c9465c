"""The sync: one resource a Secret. It compares, says why by key, and writes the Secret with server-side apply.

`check` finds all that can be found before anything is written, and preview reports it. In `up` a failing `check` would
end the whole operation, whatever `--continue-on-error` says, so there a Secret's problem, also that its cluster does
not answer, is noted, and raised in place of its write. What `check` builds stays in memory until `create` or `update`
of the same operation writes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import UNKNOWN
from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.owner import Owner
from ..core.spec.specs import ExpectedTarget, Operation, SecretSpec
from ..core.spec.target_specs import Target
from ..core.versions import versions_to_bag
from ..errors import ClusterError, ParameterStoreError, WriteError
from .operation import process
from .operation.cluster_memory import Write
from .operation.preparation import prepare
from .operation.process import process_memory
from .operation.requests import completed, shortened
from .operation.results import PROBLEM, changed_keys, failure, known_owner, passed, take_operation, whole, worded
from .operation.template_reads import read_texts
from .operation.unfinished import UNFINISHED, UnfinishedError, recording_unfinished
from .secret.apply import apply, remove
from .secret.build import Built, build, build_write
from .secret.cluster_records import is_elsewhere, unless_unreachable, warn_of_move, written_to
from .secret.drift import find_drift
from .secret.observation import DECLARED, ClusterAnswer, Declaration, Observation
from .secret.observe import observe
from .secret.ownership import another_of, is_ours, refuse_foreign
from .secret.plan import REPLACED, Action, Plan
from .secret.planner import cannot_become, plan
from .secret.previous import IDENTITY, KEPT, REVISION, SHOWN, THERE, WRITTEN_TO, Previous
from .secret.reasons import Cause, Reason, lines
from .secret.recreation import refuse_uncreatable, refuse_undeletable
from .secret.source_versions import ACCOUNTS, WRITTEN_AT, Reading
from .secret.standing import standing_of
from .secret.store_reads import read

if TYPE_CHECKING:
    from .operation.memory import ProcessMemory

COMPARED = (*DECLARED, "__versions", "__found", "__missing")
WRITTEN = (*COMPARED, "storeName", *SHOWN, *KEPT, WRITTEN_AT, ACCOUNTS)


_NEEDED = ("owner", "namespace", "secretName")
"""What the state of every Secret has."""


_TO_DO = (THERE, "drift", PROBLEM)
"""The inputs that ask for a write, whatever else is as it was."""
_NOT_DONE = ("drift", UNFINISHED)
"""The outputs that do."""

AWAITED = ("secretName", WRITTEN_TO, REVISION)
"""The outputs that a program takes from the resource, or that a preview of its replacement compares with."""


class SecretMember:
    """Keeps one Kubernetes Secret, with the methods of `ResourceProvider`, all of whose bags are complete."""

    def check_all(self, asked: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[CheckResult]:
        """Check many Secrets, whose questions go out together; each as it was, and as it is declared."""
        memory = process_memory()
        checks = [_Check(olds, news, memory) for olds, news in asked]
        begun = [(each, each.declaration) for each in checks if each.declaration is not None]
        try:
            ended = build(plan(observe([declaration for _, declaration in begun], memory)), memory)
        except ParameterStoreError as error:
            for each, _ in begun:
                each.problem = error
        else:
            for (each, _), built in zip(begun, ended, strict=True):
                each.end(built, memory)
        return [each.result for each in checks]

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when the spec or a version differs, or the live Secret drifted; replaced when the target moves.

        A Secret whose type changes, or that was immutable, is deleted before it is created again under the same name.
        """
        memory = process_memory()
        changed = changed_keys(olds, news, COMPARED)
        moved = [key for key in changed if key in IDENTITY]
        if not contains_unknowns(news.get("cluster")) and is_elsewhere(olds, news, memory):
            moved.append("cluster")
        replaced = [] if moved or PROBLEM in news else _replaced(olds, news)
        if replaced or any(contains_unknowns(news.get(key)) for key in moved):
            # Of what depends on a resource that is deleted first, the engine asks with unknown inputs, and deletes it.
            old = SecretSpec.from_bag(whole(olds, *_NEEDED))
            revision = None if contains_unknowns(news.get(REVISION)) else news.get(REVISION)
            memory.cluster(old.cluster).note_rebuilt(old.namespace, old.name, old.owner, revision)
        return DiffResult(
            changes=bool(changed or moved)  # without a change the engine passes over a replacement
            or any(name in news for name in _TO_DO)
            or any(name in olds for name in _NOT_DONE),
            replaces=moved or replaced,
            delete_before_replace=bool(replaced),
        )

    def is_left(self, _key: str, bag: dict[str, Any]) -> bool:
        """Whether a Secret that could not be deleted is there, and still ours; deleting tells why nobody can say."""
        spec, memory = SecretSpec.from_bag(bag), process_memory()
        try:
            live = memory.cluster(written_to(spec, bag, memory)).live(spec.namespace, spec.name)
        except ClusterError:
            return True
        return live is not None and is_ours(live, [spec.owner.mark], known=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the Secret."""
        return CreateResult(_id(props), _write(props, {}, process_memory()))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write the Secret again; keys that are no longer wanted go."""
        return UpdateResult(_write(news, olds, process_memory()))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh: a Secret that is gone is removed from state; one that drifted says so in its outputs.

        Not in its inputs, which preview compares with: what nobody has repaired yet is said there as it is.
        """
        outs = {key: value for key, value in props.items() if key not in ("__provider", "drift")}
        memory = process_memory()
        spec, before = SecretSpec.from_bag(whole(outs, *_NEEDED)), Previous.of(outs, outs)
        if before and not before.nothing and spec.target.creation_policy != "None":
            with unless_unreachable(spec, outs, memory) as gone:
                live = memory.cluster(written_to(spec, outs, memory)).live(spec.namespace, spec.name)
            if gone or live is None:
                return ReadResult("", {})
            drift = find_drift(live, spec, before.keys, before.reading.all_versions).reasons
            if not (spec.target.shared or is_ours(live, [spec.owner.mark], known=live.uid == outs.get("uid"))):
                other = another_of(spec, live)
                if other is None:
                    return ReadResult("", {})
                # What forgot that it wrote the Secret would adopt it again, and take it from the other one.
                drift = (Reason(Cause.ANOTHER_TOOK_OVER, other.full_title),)
            if drift:
                outs["drift"] = lines(drift)
        inputs = {key: outs[key] for key in WRITTEN if key in outs}
        return ReadResult(id_, outs, inputs)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the Secret if it is still ours alone; one that is somebody else's too is left alone."""
        spec, memory = SecretSpec.from_bag(whole(props, *_NEEDED)), process_memory()
        with unless_unreachable(spec, props, memory):
            written = replace(spec, cluster=written_to(spec, props, memory))
            remove(written, props.get("uid"), process.requested_stack(), memory)


class SyncProvider(SecretMember, ResourceProvider):
    """The resource of one Kubernetes Secret. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        prepare()
        process.configure(req.config.get)

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Say by key why the Secret would change, and in `up` build what is to be written; see plan.py."""
        return self.check_all([(olds, news)])[0]

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """See `SecretMember`."""
        return super().diff(id_, completed(olds, WRITTEN), news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the Secret; one that is there but not as it should be stands in the state all the same."""
        id_ = _id(props)
        said = f"Secret {id_} is there, but is not finished; the state records it"
        with recording_unfinished(id_, props, said, lambda outs: shortened(outs, props, AWAITED)):
            made = super().create(props)
        return CreateResult(made.id, shortened(made.outs or {}, props, AWAITED))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write the Secret again; keys that are no longer wanted go."""
        made = super().update(id_, completed(olds, WRITTEN), news)
        return UpdateResult(shortened(made.outs or {}, news, AWAITED))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See `SecretMember`. What the outputs of an earlier version hold stays, so that nothing seems to change."""
        got = super().read(id_, completed(props, WRITTEN))
        return ReadResult(got.id, shortened(got.outs or {}, got.inputs or {}, (*AWAITED, *props)), got.inputs)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the Secret if it is still ours alone; one that is somebody else's too is left alone."""
        super().delete(id_, completed(props, WRITTEN))


def _id(props: Mapping[str, Any]) -> str:
    return f"{props['namespace']}/{props['secretName']}"


class _Check:
    """One Secret that is checked.

    Attributes:
        declaration: what is asked about; None where an input is not known yet, or there is a problem.
        problem: why it cannot be as it is declared.
    """

    def __init__(self, olds: dict[str, Any], news: dict[str, Any], memory: ProcessMemory) -> None:
        """Begin, with what the declaration alone tells."""
        self._olds, self._news = olds, news
        self._inputs = {**news, "owner": known_owner(news["owner"])}
        self._operation, self._known = take_operation(self._inputs)
        self.declaration: Declaration | None = None
        self.problem: ParameterStoreError | None = None
        if not self._known:
            if expected := ExpectedTarget.of_inputs(self._inputs):
                memory.targets.expect([expected])
            return
        try:
            _identify(self._inputs, olds, self._operation, memory)
            spec = SecretSpec.from_bag(self._inputs)
            memory.targets.declare(spec)
            self.declaration = Declaration(spec, self._operation, datetime.now(UTC), self._inputs, olds)
        except ParameterStoreError as error:
            self.problem = error

    def end(self, built: Built, memory: ProcessMemory) -> None:
        """Take what became of it."""
        try:
            inputs = {**built.plan.seen.declaration.news, **built.plan.inputs}
            inputs |= _revision(built.plan, self._olds, memory)
            self._inputs = inputs
            _remember(built, memory)
            if built.plan.refusal:
                raise built.plan.refusal
            if built.plan.deletes_first or (self._olds and _replaced(self._olds, inputs)):
                refuse_uncreatable(built, memory)
            elif built.plan.deletes:
                refuse_undeletable(built, memory)
            if self._olds:
                memory.targets.settle(built.plan.spec, None)
            moved = self._operation.preview and WRITTEN_TO in self._olds and THERE in inputs
            if moved and is_elsewhere(self._olds, inputs, memory):
                warn_of_move(self._olds, memory)
        except ParameterStoreError as error:
            self.problem = error

    @property
    def result(self) -> CheckResult:
        """What the engine is told."""
        if not self._known:
            told = {"owner": self._news["owner"], "note": Cause.READ_DURING_UP.value, **_unknown_revision(self._olds)}
            return passed({**self._inputs, **told})
        if self.problem is not None:
            if self._operation.preview:
                return failure(self._inputs, self.problem, self._operation)
            self._inputs[PROBLEM] = worded(self.problem, self._operation)
        if self._operation.preview:
            self._inputs["owner"] |= self._news["owner"]  # with the id that is not known yet
        return passed(self._inputs)


def _identify(inputs: dict[str, Any], olds: dict[str, Any], operation: Operation, memory: ProcessMemory) -> None:
    """See to it that nothing is written before the state has an id to mark it with.

    A targeted update passes over the store, so that in state of an earlier version there is none; what it wrote then
    stays as it is marked.

    Raises:
        WriteError: there is none, and the Secret has not been written yet.
    """
    owner = Owner.from_bag(inputs["owner"])
    recorded = memory.recorded_owner(owner.text, olds.get("owner"))
    if isinstance(recorded, dict) and recorded.get("entry"):
        inputs["owner"] = {**inputs["owner"], "entry": recorded["entry"]}
    if owner.state_id:
        memory.state_id(owner.state_id)
    elif not operation.preview and owner.is_urn:
        if recorded is None:
            raise WriteError(
                f"Secret {inputs['namespace']}/{inputs['secretName']}: the stack's state has no id yet to mark Secrets "
                "with, which an update of the store gives it. Run `pulumi up` without --target, or name the store, too."
            )
        inputs["owner"] = recorded


def _revision(planned: Plan, olds: Mapping[str, Any], memory: ProcessMemory) -> dict[str, Any]:
    """The Secret's revision, another one where its data get other content; chance, and nothing of the values.

    Where a preview does not know it, that is noted for what pushes the Secret.
    """
    spec, revision = planned.spec, planned.revision
    if not olds:
        revision = memory.cluster(spec.cluster).rebuilt_revision(spec.namespace, spec.name, spec.owner)
    if revision is None and planned.operation.preview:
        memory.cluster(spec.cluster).note_changing(spec.namespace, spec.name)
        return _unknown_revision(olds)
    return {REVISION: revision or secrets.token_hex(8)}


def _unknown_revision(olds: Mapping[str, Any]) -> dict[str, Any]:
    """A revision that a preview does not know, where there was one before."""
    return {REVISION: UNKNOWN} if REVISION in olds else {}


def _remember(built: Built, memory: ProcessMemory) -> None:
    """Keep what a check told for the rest of the operation."""
    planned, spec = built.plan, built.plan.spec
    if planned.keeps and planned.live is not None and spec.target.creation_policy != "None":
        if spec.owner.mark is not None:
            memory.keep(planned.live.uid, spec.owner.mark)
        if planned.previous is not None:
            memory.targets.settle(spec, planned.live.uid)
    if planned.skipped and not planned.refusal:
        memory.say_skipped(planned.skipped)
    if built.write and not (planned.refusal or planned.operation.preview):
        memory.cluster(spec.cluster).keep_wanted(spec.namespace, spec.name, spec.owner, built.write)


def _replaced(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    """What of the declaration cannot be changed in a Secret that is there."""
    if REPLACED in news:
        return ["target"]
    if contains_unknowns(news.get("target")):
        return []
    old, new = (Target[str].from_bag(bag.get("target") or {}) for bag in (olds, news))
    if new.shared or new.creation_policy == "None" or olds.get("__nothing"):
        return []
    return ["target"] if cannot_become(old, new) else []


def _write(props: dict[str, Any], olds: Mapping[str, Any], memory: ProcessMemory) -> dict[str, Any]:
    if PROBLEM in props:
        raise WriteError(props[PROBLEM])
    spec = SecretSpec.from_bag(props)
    before = SecretSpec.from_bag(whole(olds, *_NEEDED)) if olds else None
    cluster = memory.cluster(spec.cluster)
    write = cluster.take_wanted(spec.namespace, spec.name, spec.owner) or _built_again(spec, props, olds, memory)
    versions = versions_to_bag(Reading.from_bag(props).all_versions)
    recorded = {**{key: props[key] for key in WRITTEN if key in props}, "versions": versions}
    try:
        return {**recorded, **apply(spec, write, before, olds, memory)}
    except UnfinishedError as error:
        raise UnfinishedError(str(error), {**recorded, **error.outs}) from None


def _built_again(spec: SecretSpec, props: dict[str, Any], olds: Mapping[str, Any], memory: ProcessMemory) -> Write:
    """What `check` of another process built, built again at the versions that it saw."""
    # What the program told is gone by now, so no template of it is quoted.
    operation = Operation(preview=False, decrypt=True, confidential_texts=True)
    cluster = memory.cluster(spec.cluster)
    live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
    known = standing_of(spec, Previous.of(olds, props), memory)
    refuse_foreign(spec, live, known)
    reading = Reading.from_bag(props).with_tags(read(spec, operation, memory).tags)
    seen = Observation(Declaration(spec, operation, datetime.now(UTC), props, olds), cluster=ClusterAnswer(live, known))
    texts = read_texts(cluster, spec.namespace, spec.target.template, operation)
    return build_write(Plan(seen, action=Action.BUILD, reading=reading, texts=texts), memory)
