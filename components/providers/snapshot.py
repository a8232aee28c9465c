"""The snapshot: one resource a store, which knows the version of all that the store's secrets refer to.

`check` asks for versions in batches and without decryption, so a preview shows what moved and decrypts nothing. In `up`
the values of changed names are decrypted into the process's memory, where the sync resources find them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

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

from ..core.service import TAGS_OF, ProblemKind, Service
from ..core.services import service_named
from ..core.spec.refresh import is_due, is_forced
from ..core.spec.specs import Operation
from ..core.spec.store_identity import refuse_other_environment
from ..core.spec.store_specs import StoreSpec
from ..core.versions import versions_from_bag, versions_to_bag
from ..display import some_of
from ..errors import ParameterStoreError, ReadError
from .operation.claims import parameter_places
from .operation.findings import Findings, find_unusable
from .operation.preparation import prepare
from .operation.process import process_memory
from .operation.results import PROBLEM, changed_keys, failure, passed, take_operation
from .secret.reasons import Cause

if TYPE_CHECKING:
    from .operation.memory import ProcessMemory, StoreMemory

STATE_ID = "stateId"
COMPARED = ("store", "references", "versions", "found", "problems", STATE_ID)
READ_AT = "__readAt"
ACCOUNT_WAS = "accountWas"
T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """What a snapshot records of its sources in the state.

    Attributes:
        versions: reference -> version.
        found: find -> full name -> version.
        problems: source -> why it could not be read.
        read_at: source -> when it was read last; of those alone that are not read at every apply.
        findings: what values were found not to give.
        account: the AWS account that it was read in, where AWS said so.
        service: what the store reads from.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    read_at: Mapping[str, str] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    account: str | None = None
    service: Service = field(default_factory=service_named)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Record:
        """The record out of a property bag."""
        return cls(
            versions=versions_from_bag(bag.get("versions")),
            found={find: versions_from_bag(names) for find, names in (bag.get("found") or {}).items()},
            problems=bag.get("problems") or {},
            read_at=bag.get(READ_AT) or {},
            findings=Findings.from_bag(bag),
            account=bag.get("account"),
            service=service_named(bag["store"].get("service")),
        )

    def to_bag(self) -> dict[str, Any]:
        """The record as it is stored; empty maps that a plain store does not have are left out."""
        bag: dict[str, Any] = {
            "versions": versions_to_bag(dict(sorted(self.versions.items()))),
            "problems": dict(sorted({**self.problems, **self.findings.problems(self.service)}.items())),
            **self.findings.to_bag(),
        }
        if self.found:
            bag["found"] = {find: versions_to_bag(names) for find, names in sorted(self.found.items())}
        if self.read_at:
            bag[READ_AT] = dict(sorted(self.read_at.items()))
        if self.account:
            bag["account"] = self.account
        return bag


class SnapshotProvider(ResourceProvider):
    """Reads parameter versions. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, _req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        prepare()

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Add to the inputs what AWS says now: versions by reference, names by find, and problems by source.

        A missing or denied parameter does not fail the store: it is reported by the Secrets that need it, so that the
        others can go on. A store that cannot be read at all fails here in preview. In `up` a failing `check` would end
        the whole operation, whatever `--continue-on-error` says, so there it is noted, and raised by `create` or
        `update`: only what needs this store is left as it is.
        """
        inputs = dict(news)
        operation, all_known = take_operation(inputs)
        process = process_memory()
        inputs[STATE_ID] = _state_id(olds.get(STATE_ID), operation, process)
        process.targets.expect(operation.targets)
        if not all_known:
            return passed({**inputs, "note": Cause.READ_DURING_UP.value})
        inputs["references"] = sorted(inputs["references"])
        previous = Record()
        try:
            spec = StoreSpec.from_bag(inputs["store"])
            _expect_pushed(spec, operation, process)
            refuse_other_environment(operation.region_choice, os.environ)
            is_forced(os.environ)  # refuses what is neither yes nor no
            if not changed_keys(olds, inputs, ("store",)):
                previous = Record.from_bag(olds)
            memory = process.store(spec, operation)
            if operation.preview and operation.fresh_role:
                memory.granted_in_up = frozenset(inputs["references"]) - frozenset(olds.get("references") or ())
            record = read_sources(memory, inputs["references"], previous, operation)
            if operation.pushed:
                # For the PushSecrets, which ask one after the other; nothing of it is recorded here.
                memory.read(operation.pushed - frozenset(inputs["references"]), decrypt=False)
                _expect_pushed(spec, operation, process)
            if previous.account and record.account != previous.account:
                # The same name and version in another account is another parameter.
                inputs[ACCOUNT_WAS] = previous.account
                record = read_sources(memory, inputs["references"], Record(), operation)
            memory.unreadable, memory.unusable = frozenset(record.problems), record.findings.unusable
            inputs.update(record.to_bag())
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error, operation)
            _note_failure(inputs, previous, operation, error, process)
        return passed(inputs)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when a version moved, a reference or a problem came or went, or the state has no id yet."""
        changed = bool(changed_keys(olds, news, COMPARED))
        return DiffResult(changes=changed or PROBLEM in news or ACCOUNT_WAS in news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to make: what `check` read is the result."""
        return CreateResult(f"parameters/{props['store']['region']}", _outputs(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Nothing to change: what `check` read is the result."""
        return UpdateResult({key: value for key, value in _outputs(news).items() if key != ACCOUNT_WAS})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh the versions, without decryption, so that `pulumi refresh` shows what moved in AWS.

        A store that cannot be read keeps what is recorded of it, so that the refresh of all else goes on.
        """
        outs = {key: value for key, value in props.items() if not key.startswith("__") and key != "found"}
        operation, process = Operation(preview=True, decrypt=False), process_memory()
        try:
            memory = process.store(StoreSpec.from_bag(outs["store"]), operation)
            record = read_sources(memory, outs.get("references") or [], Record(), operation)
        except ParameterStoreError as error:
            region = outs["store"]["region"]
            process.tell(
                f"warning: a store in {region} cannot be read, so what the state records of it stays as it is, and the "
                f"next preview fails: {error}"
            )
            kept = {key: value for key, value in props.items() if key != "__provider"}
            return ReadResult(id_, kept, kept)
        outs.update(replace(record, findings=Findings.from_bag(props).kept(memory)).to_bag())
        outs = dict(passed(outs).inputs)
        return ReadResult(id_, outs, outs)


def _expect_pushed(spec: StoreSpec, operation: Operation, process: ProcessMemory) -> None:
    """Note what the program pushes, so that no stale entry of the state takes it away; the account may not be known."""
    account = process.store(spec, operation).account
    process.claims.expect(place for name in operation.pushed for place in parameter_places(spec, name, account))


def _note_failure(
    inputs: dict[str, Any], previous: Record, operation: Operation, error: ParameterStoreError, process: ProcessMemory
) -> None:
    """Note that the store cannot be read. What is shown with that is the previous record; nothing of it is stored."""
    inputs.update(previous.to_bag())
    inputs[PROBLEM] = f"{str(error).rstrip('.')}.{_consequence(operation.secrets)}"
    try:
        process.store(StoreSpec.from_bag(inputs["store"]), operation).give_up(error)
    except ParameterStoreError:
        return  # there is no such store, so that nothing can be asked of it later either


def _consequence(secrets: tuple[str, ...]) -> str:
    """What the failure of a store means for the Secrets that read from it: the engine skips them without a word."""
    return f" What reads from this store is left as it is: {some_of(secrets)}" if secrets else ""


def _outputs(props: dict[str, Any]) -> dict[str, Any]:
    if PROBLEM in props:
        raise ReadError(props[PROBLEM])
    return dict(props)


def _state_id(old: str | None, operation: Operation, process: ProcessMemory) -> Any:
    """The id of the state that keeps the store; `up` makes one where there is none, and preview does not know it."""
    if old is None and operation.preview:
        return UNKNOWN
    return process.state_id(old)


def read_sources(memory: StoreMemory, sources: list[str], previous: Record, operation: Operation) -> Record:
    """Read the sources; those whose refresh interval has not passed are recorded as they were.

    Where values may be decrypted, new sources are decrypted in the same call that tells their version, and of the known
    ones just those that moved, references at just the version seen.
    """
    now = datetime.now(UTC)
    resting = {source for source in sources if not _is_due(source, previous, operation, now)}
    wanted = [source for source in sources if source not in resting]
    # What need not exist is asked for without decryption first, together with what is known.
    recorded = previous.versions.keys() | previous.found.keys() | operation.optional
    # Tags, which no record has, need no decryption: they go along with what is known, where something is.
    recorded |= {source for source in wanted if recorded and source.startswith(TAGS_OF)}
    new = [source for source in wanted if operation.decrypt and source not in recorded]
    known = [source for source in wanted if source not in new]
    for some, decrypt in ((known, False), (new, True)):
        if some:
            memory.read(some, decrypt=decrypt)
    seen = memory.seen
    # Of what is new to a policy of the store's own, only denials wait for up, where the policy is written.
    memory.granted_in_up &= {source for source, problem in seen.problems.items() if problem.kind is ProblemKind.DENIED}
    expected = memory.granted_in_up | (operation.pending if operation.preview else frozenset())
    expected |= {s for s in operation.optional if s in seen.problems and seen.problems[s].kind is ProblemKind.MISSING}
    if operation.decrypt:
        _decrypt_moved(memory, known, previous)
    at = now.isoformat(timespec="seconds")
    return Record(
        versions=_subset(previous.versions, resting) | _subset(seen.versions, wanted),
        found=_subset(previous.found, resting) | _subset(seen.found, wanted),
        problems={
            source: each.message for source, each in _subset(seen.problems, wanted).items() if source not in expected
        },
        read_at=_subset(previous.read_at, resting)
        | {source: at for source in wanted if source in operation.periods and source not in seen.problems},
        findings=find_unusable(memory, previous.findings, _moved(wanted, seen.versions, previous), operation),
        # A store that reads nothing would learn it from another one's answers if those came first: a matter of luck.
        account=(memory.account if sources else None) or previous.account,
        service=memory.service,
    )


def _subset(known: Mapping[str, T], sources: set[str] | list[str]) -> dict[str, T]:
    return {source: known[source] for source in sources if source in known}


def _is_due(source: str, previous: Record, operation: Operation, now: datetime) -> bool:
    period = operation.periods.get(source, 0.0)
    return operation.force or is_due(period, previous.read_at.get(source), now)


def _moved(sources: list[str], versions: Mapping[str, str], previous: Record) -> frozenset[str]:
    """The references that are new, or of another version than in the previous record."""
    return frozenset(each for each in sources if each in versions and versions[each] != previous.versions.get(each))


def _decrypt_moved(memory: StoreMemory, known: list[str], previous: Record) -> None:
    versions, found = memory.seen.versions, memory.seen.found
    moved = {memory.service.pinned(source, versions[source]) for source in _moved(known, versions, previous)}
    if memory.service.lists_values:
        moved |= {source for source in known if source in found and found[source] != previous.found.get(source)}
    if moved:
        memory.read(sorted(moved), decrypt=True)
