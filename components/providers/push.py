"""The push: one resource a PushSecret. It compares, says why by parameter, and writes the parameters.

`check` finds all that can be found before anything is written, and preview reports it; see sync.py, which does the same
for Secrets. What `check` builds stays in memory until `create` or `update` of the same operation writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from ..core.spec.owner import Owner
from ..core.spec.push_specs import PushSpec
from ..core.spec.refresh import is_due
from ..core.spec.specs import Operation
from ..errors import ParameterStoreError, WriteError
from .operation import process
from .operation.deliveries import Delivery
from .operation.preparation import prepare
from .operation.process import process_memory
from .operation.results import PROBLEM, changed_keys, failure, known_owner, passed, take_operation, worded
from .operation.unfinished import UNFINISHED, UnfinishedError, recording_unfinished
from .parameter.dispatch import UndeliveredError, deliver
from .parameter.intent import Action, Intent, intents, lines
from .parameter.push_record import (
    CLUSTER_ID,
    PUSHED_AT,
    RECORDED,
    SOURCES,
    Place,
    Pushed,
    PushRecord,
    record_to_bag,
    written_of,
)
from .parameter.resolution import check_contents, claim, let_go, resolve, stays
from .parameter.survey import Survey, recorded_live, survey, with_tags, writing_of

if TYPE_CHECKING:
    from .operation.memory import ProcessMemory

DECLARED = (
    "namespace",
    "secret",
    "selector",
    "owner",
    "data",
    "dataTo",
    "template",
    "stores",
    "prefixes",
    "cluster",
    "updatePolicy",
    "deletionPolicy",
    "adopt",
    "restore",
    "refresh",
)
CHANGES = "changes"
READ_DURING_UP = "values are read during up: an input is not known yet"
SOURCE_MADE_HERE = "values are read during up, which makes the Secret first"
WRITTEN = (*DECLARED, *RECORDED, PUSHED_AT)
_IN_PART = "some of it is written, which the state records; the rest failed"


class PushMember:
    """Keeps the parameters of one PushSecret, with the methods of `ResourceProvider`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Say by parameter what would change, and in `up` build what is to be written."""
        inputs = {**news, "owner": known_owner(news["owner"])}
        operation, known = take_operation(inputs)
        if not known:
            return passed({**inputs, "owner": news["owner"], "note": READ_DURING_UP})
        memory = process_memory()
        try:
            _identify(inputs, olds, operation, memory)
            inputs |= _checked(inputs, olds, operation, memory)
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error, operation)
            inputs[PROBLEM] = worded(error, operation)
        if operation.preview:
            inputs["owner"] |= news["owner"]  # with the id that is not known yet
        return passed(inputs)

    def check_all(self, asked: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[CheckResult]:
        """Check many; each as it was, and as it is declared."""
        return [self.check(olds, news) for olds, news in asked]

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when something is to be done or recorded; nothing of it needs a new resource."""
        changed = changed_keys(olds, news, (*DECLARED, SOURCES))
        asks = any(name in news for name in (CHANGES, PROBLEM, "note"))
        return DiffResult(changes=bool(changed) or asks or UNFINISHED in olds)

    def is_left(self, _key: str, _bag: dict[str, Any]) -> bool:
        """Whether what could not be deleted is to be tried again."""
        return True

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the parameters."""
        return CreateResult(_id(props), _write(props, {}, process_memory()))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write what changed; what is not wanted any more is deleted, or loses our mark."""
        return UpdateResult(_write(news, olds, process_memory()))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh: parameters that are gone are removed from the record; without any the resource is gone, too."""
        outs = {key: value for key, value in props.items() if key != "__provider"}
        record = PushRecord.from_bag(outs)
        operation, memory = Operation(preview=True, decrypt=False), process_memory()
        live = recorded_live(record, operation, memory)
        kept = {place: each for place, each in record.parameters.items() if place in live}
        if record.parameters and not kept:
            return ReadResult("", {})
        outs |= record_to_bag(kept, record.sources, record.accounts)
        return ReadResult(id_, outs, {key: outs[key] for key in WRITTEN if key in outs})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the parameters that bear our mark, or take it off them, as deletionPolicy says."""
        record, memory = PushRecord.from_bag(props), process_memory()
        _refuse_inherited(record, memory, process.requested_stack())
        operation = Operation(preview=False, decrypt=True)
        live = recorded_live(record, operation, memory, leaves=record.deletion_policy != "Delete")
        live = with_tags(live, live, record.stores, operation, memory)
        deliveries: list[Delivery] = []
        for place, each in sorted(live.items()):
            spec = record.stores[place[0]]
            store, wanted = memory.store(spec, operation), record.parameters[place].wanted
            deletes = record.deletion_policy == "Delete"
            if found := let_go(place[1], each, wanted, spec, record.mark, store, deletes):
                deliveries.append(found)
            else:
                memory.tell(stays(place[1], spec))
        deliver(deliveries, memory)


class PushProvider(PushMember, ResourceProvider):
    """The resource of one PushSecret. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, _req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        prepare()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the parameters; what was written stands in the state, also where the rest failed."""
        with recording_unfinished(_id(props), props, _IN_PART):
            return super().create(props)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write what changed; what was written stands in the state, also where the rest failed."""
        with recording_unfinished(id_, news, _IN_PART):
            return super().update(id_, olds, news)


def _id(props: Mapping[str, Any]) -> str:
    return f"{props['namespace']}/{props.get('secret') or '*'}"


def _identify(inputs: dict[str, Any], olds: Mapping[str, Any], operation: Operation, memory: ProcessMemory) -> None:
    """See to it that nothing is written before the state has an id to mark it with.

    Raises:
        WriteError: there is none.
    """
    owner = Owner.from_bag(inputs["owner"])
    if owner.state_id:
        memory.state_id(owner.state_id)
    elif not operation.preview:
        if "owner" not in olds:
            raise WriteError(
                f"PushSecret {owner.title}: the stack's state has no id yet to mark parameters with, which an update "
                "of the store gives it. Run `pulumi up` without --target, or name the store, too."
            )
        inputs["owner"] = olds["owner"]


def _refuse_inherited(record: PushRecord, memory: ProcessMemory, asked_for: str | None = None) -> None:
    """Raise WriteError where the state records parameters of another stack, whose state was copied or moved here."""
    if record.owner is None or not record.parameters or not memory.is_inherited(record.owner, asked_for):
        return
    raise WriteError(record.owner.refusal("what this pushes was", "PushSecret"))


def _checked(
    inputs: Mapping[str, Any], olds: Mapping[str, Any], operation: Operation, memory: ProcessMemory
) -> dict[str, Any]:
    """What `check` adds to the inputs."""
    spec, record, now = PushSpec.from_bag(inputs), PushRecord.from_bag(olds), datetime.now(UTC)
    memory.stack = spec.owner.stack
    _refuse_inherited(record, memory)
    last = olds.get(PUSHED_AT)
    changed = bool(changed_keys(olds, inputs, DECLARED))
    due = operation.force or is_due(spec.refresh.period, last, now) or changed
    remade = bool(record.parameters) and bool(changed_keys(olds, inputs, ("template", "updatePolicy")))
    claim(spec, _declared_places(spec), {}, memory)
    deleted = record.is_of_deleted_source and not changed
    seen = survey(spec, record, operation, memory, remade=remade, rests=not due, still_deleted=deleted)
    if seen.rests and seen.is_edited:
        memory.say_skipped(f"PushSecret {spec.owner.title} is not pushed again, as its time has not come")
    if seen.contents is None and operation.texts_may_come:
        return {"note": SOURCE_MADE_HERE}
    claim(spec, seen.wanted, seen.accounts, memory)
    listed = intents(seen, operation)
    check_contents(listed, seen)
    told: list[Intent] = listed
    if operation.decrypt and not seen.awaited and not any(each.action is Action.UNKNOWN for each in listed):
        resolved = resolve(listed, seen, operation, memory)
        told = list(resolved.intents)
        if not operation.preview:
            memory.deliveries.keep(spec.owner.text, resolved.deliveries)
        recorded = _foretold(resolved.recorded, seen) if operation.preview else resolved.recorded
        bag = record_to_bag(recorded, seen.sources, seen.accounts)
    else:
        bag = _expected(listed, seen, record)
    changes = lines(told, seen)
    source = {SOURCES: olds[SOURCES]} if not due and record.sources else {}
    pushed_at = last if not due and last else now.isoformat(timespec="seconds")
    place = {CLUSTER_ID: seen.cluster_id} if seen.cluster_id else {}
    return {**bag, **source, **place, PUSHED_AT: pushed_at, **({CHANGES: changes} if changes else {})}


def _declared_places(spec: PushSpec) -> set[Place]:
    """The parameters that are named, whatever the Secret holds: nothing else takes them away, should all else fail."""
    return {(store, spec.prefixes.get(store, "") + each.remote_key) for store in spec.stores for each in spec.data}


def _foretold(recorded: Mapping[Place, Pushed], seen: Survey) -> dict[Place, Pushed]:
    """What will be recorded, without versions that only the write tells."""
    found = {}
    for place, each in recorded.items():
        live = seen.live.get(place)
        if writing_of(seen.spec.stores[place[0]]).foretells or (live and live.version == each.version):
            found[place] = each
        elif place in seen.pushed:
            found[place] = seen.pushed[place]
    return found


def _expected(listed: list[Intent], seen: Survey, record: PushRecord) -> dict[str, Any]:
    """What a preview without values says of versions: those that there are; of what is created, nothing."""
    kept = {place: each for place, each in record.parameters.items() if place not in seen.stale}
    if any(not each.is_idle for each in listed):
        return record_to_bag(kept, record.sources, record.accounts)
    return record_to_bag(kept, seen.sources, seen.accounts)


def _write(props: dict[str, Any], olds: Mapping[str, Any], memory: ProcessMemory) -> dict[str, Any]:
    if PROBLEM in props:
        raise WriteError(props[PROBLEM])
    spec = PushSpec.from_bag(props)
    deliveries = memory.deliveries.take(spec.owner.text)
    # Without any, `check` was in another process. And it was told inputs, which hold what an update that failed was to
    # write: what it wrote is in the outputs.
    if deliveries is None or UNFINISHED in olds:
        operation = Operation(preview=False, decrypt=True)
        checked = _checked(props, olds, operation, memory)
        for line in checked.get(CHANGES) or ():
            if line not in (props.get(CHANGES) or ()):
                memory.tell(f"PushSecret {spec.owner.title}, an update of which failed: {line}")
        props = {**props, **checked}
        deliveries = memory.deliveries.take(spec.owner.text) or ()
    try:
        deliver(deliveries, memory, spec.owner.text)
    except UndeliveredError as error:
        outs = written_of(olds, {key: props[key] for key in WRITTEN if key in props}, error.undone)
        if outs is None:
            raise
        raise UnfinishedError(str(error), {**outs, "status": "Errored"}) from None
    gone = props.get(SOURCES) is None and spec.selector is None
    message = "source secret deleted; provider secrets cleaned up" if gone else "PushSecret synced successfully"
    if not gone and spec.update_policy == "IfNotExists":
        message += ". Existing secrets in providers unchanged."
    return {
        **{key: props[key] for key in WRITTEN if key in props},
        "status": "SourceDeleted" if gone else "Synced",
        "message": message,
        "refreshTime": datetime.now(UTC).isoformat(timespec="seconds"),
    }
