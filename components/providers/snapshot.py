"""The snapshot: one resource a store, that knows the version of every parameter the store's secrets refer to.

`check` asks for versions in batches and without decryption, so a preview shows what moved and decrypts nothing. In `up`
the values of changed names are decrypted into the process's memory, where the sync resources find them.
"""

from __future__ import annotations

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

from ..clients.aws.ssm.parameters import ProblemKind
from ..core.spec.refresh import is_due
from ..core.spec.specs import Operation, versions_from_bag
from ..core.spec.store_specs import StoreSpec
from ..core.ssm.references import ParameterReference
from ..errors import ParameterStoreError, ReadError
from .operation import plain_errors
from .operation.findings import Findings, find_unusable
from .operation.memory import TOLD_AT_MOST
from .operation.process import process_memory
from .operation.results import PROBLEM, changed_keys, failure, take_operation
from .secret.reasons import Cause

if TYPE_CHECKING:
    from .operation.memory import ProcessMemory, StoreMemory

STATE_ID = "stateId"
COMPARED = ("store", "references", "versions", "found", "problems", STATE_ID)
READ_AT = "__readAt"
ACCOUNT_WAS = "accountWas"
T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """What a snapshot knows of its sources, as it is stored.

    Attributes:
        versions: reference -> version.
        found: find -> full name -> version.
        problems: source -> why it could not be read.
        read_at: source -> when it was read last; of those alone that are not read at every apply.
        findings: what values were found not to give.
        account: the AWS account that it was read in, where AWS said so.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    read_at: Mapping[str, str] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    account: str | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Known:
        """What is stored."""
        return cls(
            versions=versions_from_bag(bag.get("versions")),
            found={find: versions_from_bag(names) for find, names in (bag.get("found") or {}).items()},
            problems=bag.get("problems") or {},
            read_at=bag.get(READ_AT) or {},
            findings=Findings.from_bag(bag),
            account=bag.get("account"),
        )

    def to_bag(self) -> dict[str, Any]:
        """What is stored; empty maps that a plain store does not have are left out."""
        bag: dict[str, Any] = {
            "versions": dict(sorted(self.versions.items())),
            "problems": dict(sorted({**self.problems, **self.findings.problems}.items())),
            **self.findings.to_bag(),
        }
        if self.found:
            bag["found"] = dict(sorted(self.found.items()))
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
        plain_errors.install()

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
            return CheckResult({**inputs, "note": Cause.READ_DURING_UP.value}, [])
        inputs["references"] = sorted(inputs["references"])
        before = Known() if changed_keys(olds, inputs, ("store",)) else Known.from_bag(olds)
        try:
            memory = process.store(StoreSpec.from_bag(inputs["store"]), operation)
            if operation.preview and operation.fresh_role:
                memory.granted_in_up = frozenset(inputs["references"]) - frozenset(olds.get("references") or ())
            known = look(memory, inputs["references"], before, operation)
            if before.account and known.account != before.account:
                # The same name and version in another account is another parameter.
                inputs[ACCOUNT_WAS] = before.account
                known = look(memory, inputs["references"], Known(), operation)
            memory.unreadable, memory.unusable = frozenset(known.problems), known.findings.unusable
            inputs.update(known.to_bag())
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error)
            _note_failure(inputs, before, operation, error, process)
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when a version moved, a reference or a problem came or went, or the state has no id yet."""
        changed = bool(changed_keys(olds, news, COMPARED))
        return DiffResult(changes=changed or PROBLEM in news or ACCOUNT_WAS in news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to make: what `check` read is the result."""
        return CreateResult(f"parameters/{props['store']['region']}", _read_by_check(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Nothing to change: what `check` read is the result."""
        return UpdateResult({key: value for key, value in _read_by_check(news).items() if key != ACCOUNT_WAS})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh the versions, without decryption, so that `pulumi refresh` shows what moved in AWS."""
        outs = {key: value for key, value in props.items() if not key.startswith("__") and key != "found"}
        operation = Operation(preview=True, decrypt=False)
        memory = process_memory().store(StoreSpec.from_bag(outs["store"]), operation)
        known = look(memory, outs["references"], Known(), operation)
        outs.update(replace(known, findings=Findings.from_bag(props).kept(memory)).to_bag())
        return ReadResult(id_, outs, outs)


def _note_failure(
    inputs: dict[str, Any], before: Known, operation: Operation, error: ParameterStoreError, process: ProcessMemory
) -> None:
    """Note that the store cannot be read. What is shown besides is what was known before; nothing of it is stored."""
    inputs.update(before.to_bag())
    inputs[PROBLEM] = f"{str(error).rstrip('.')}.{_left_alone(operation.secrets)}"
    try:
        process.store(StoreSpec.from_bag(inputs["store"]), operation).give_up(error)
    except ParameterStoreError:
        return  # there is no such store, so that nothing can be asked of it later either


def _left_alone(secrets: tuple[str, ...]) -> str:
    """What the failure of a store means for those that read from it: the engine skips them without a word."""
    if not secrets:
        return ""
    more = f" and {len(secrets) - TOLD_AT_MOST} more" if len(secrets) > TOLD_AT_MOST else ""
    return f" What reads from this store is left as it is: {', '.join(secrets[:TOLD_AT_MOST])}{more}"


def _read_by_check(props: dict[str, Any]) -> dict[str, Any]:
    if PROBLEM in props:
        raise ReadError(props[PROBLEM])
    return dict(props)


def _state_id(old: str | None, operation: Operation, process: ProcessMemory) -> Any:
    """The id of the state that keeps the store; `up` makes one where there is none, and preview does not know it."""
    if old is None and operation.preview:
        return UNKNOWN
    return process.state_id(old)


def look(memory: StoreMemory, sources: list[str], before: Known, operation: Operation) -> Known:
    """What the sources are now; those whose refresh interval has not passed are taken for what they were.

    Where values may be decrypted, new sources are decrypted in the same call that tells their version, and of the known
    ones just those that moved, references at just the version seen.
    """
    now = datetime.now(UTC)
    rested = {source for source in sources if not _to_read(source, before, operation, now)}
    wanted = [source for source in sources if source not in rested]
    known_before = before.versions.keys() | before.found.keys()
    new = [source for source in wanted if operation.decrypt and source not in known_before]
    known = [source for source in wanted if source not in new]
    for some, decrypt in ((known, False), (new, True)):
        if some:
            memory.read(some, decrypt=decrypt)
    seen = memory.seen
    # Of what is new to a policy of the store's own, only denials wait for up, where the policy is written.
    memory.granted_in_up &= {source for source, problem in seen.problems.items() if problem.kind is ProblemKind.DENIED}
    expected = memory.granted_in_up | (operation.pending if operation.preview else frozenset())
    if operation.decrypt:
        _decrypt_moved(memory, known, before)
    at = now.isoformat(timespec="seconds")
    return Known(
        versions=_of(before.versions, rested) | _of(seen.versions, wanted),
        found=_of(before.found, rested) | _of(seen.found, wanted),
        problems={
            source: each.message for source, each in _of(seen.problems, wanted).items() if source not in expected
        },
        read_at=_of(before.read_at, rested)
        | {source: at for source in wanted if source in operation.waits and source not in seen.problems},
        findings=find_unusable(memory, before.findings, _moved(wanted, seen.versions, before), operation),
        account=memory.account or before.account,
    )


def _of(known: Mapping[str, T], sources: set[str] | list[str]) -> dict[str, T]:
    return {source: known[source] for source in sources if source in known}


def _to_read(source: str, before: Known, operation: Operation, now: datetime) -> bool:
    waits = operation.waits.get(source, 0.0)
    return operation.force or is_due(waits, before.read_at.get(source), now)


def _moved(sources: list[str], versions: Mapping[str, int], before: Known) -> frozenset[str]:
    """The references that are new, or of another version than before."""
    return frozenset(each for each in sources if each in versions and versions[each] != before.versions.get(each))


def _decrypt_moved(memory: StoreMemory, known: list[str], before: Known) -> None:
    versions, found = memory.seen.versions, memory.seen.found
    moved = {
        f"{ParameterReference.parse(source).name}:{versions[source]}" for source in _moved(known, versions, before)
    }
    moved |= {source for source in known if source in found and found[source] != before.found.get(source)}
    if moved:
        memory.read(sorted(moved), decrypt=True)
