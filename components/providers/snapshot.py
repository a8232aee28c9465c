"""The snapshot: one resource a store, that knows the version of every parameter the store's secrets refer to.

`check` asks for versions in batches and without decryption, so a preview shows what moved and decrypts nothing. In `up`
the values of changed names are decrypted into the process's memory, where the sync resources find them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

from ..core.errors import ParameterStoreError
from ..core.references import ParameterReference
from ..core.refresh import is_due
from ..core.specs import Operation, versions_from_bag
from ..core.store_specs import StoreSpec
from . import plain_errors
from .opening import process_memory
from .results import READ_DURING_UP, changed_keys, failure, take_operation

if TYPE_CHECKING:
    from .memory import StoreMemory

COMPARED = ("store", "references", "versions", "found", "problems")
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
        account: the AWS account that it was read in, where AWS said so.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    read_at: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Known:
        """What is stored."""
        return cls(
            versions=versions_from_bag(bag.get("versions")),
            found={find: versions_from_bag(names) for find, names in (bag.get("found") or {}).items()},
            problems=bag.get("problems") or {},
            read_at=bag.get(READ_AT) or {},
            account=bag.get("account"),
        )

    def to_bag(self) -> dict[str, Any]:
        """What is stored; empty maps that a plain store does not have are left out."""
        bag: dict[str, Any] = {
            "versions": dict(sorted(self.versions.items())),
            "problems": dict(sorted(self.problems.items())),
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
        others can go on.
        """
        inputs = dict(news)
        operation, all_known = take_operation(inputs)
        if not all_known:
            return CheckResult({**inputs, "note": READ_DURING_UP}, [])
        inputs["references"] = sorted(inputs["references"])
        before = Known() if changed_keys(olds, inputs, ("store",)) else Known.from_bag(olds)
        try:
            memory = process_memory().store(StoreSpec.from_bag(inputs["store"]), operation)
            if operation.preview and operation.fresh_role:
                memory.granted_in_up = frozenset(inputs["references"]) - frozenset(olds.get("references") or ())
            known = look(memory, inputs["references"], before, operation)
            if before.account and known.account != before.account:
                # The same name and version in another account is another parameter.
                inputs[ACCOUNT_WAS] = before.account
                known = look(memory, inputs["references"], Known(), operation)
            memory.unreadable = frozenset(known.problems)
            inputs.update(known.to_bag())
        except ParameterStoreError as error:
            return failure(inputs, error)
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when a version moved, a reference came or went, or a problem appeared or was solved."""
        return DiffResult(changes=bool(changed_keys(olds, news, COMPARED)) or ACCOUNT_WAS in news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to make: what `check` read is the result."""
        return CreateResult(f"parameters/{props['store']['region']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Nothing to change: what `check` read is the result."""
        return UpdateResult({key: value for key, value in news.items() if key != ACCOUNT_WAS})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh the versions, without decryption, so that `pulumi refresh` shows what moved in AWS."""
        outs = {key: value for key, value in props.items() if not key.startswith("__") and key != "found"}
        operation = Operation(preview=True, decrypt=False)
        memory = process_memory().store(StoreSpec.from_bag(outs["store"]), operation)
        outs.update(look(memory, outs["references"], Known(), operation).to_bag())
        return ReadResult(id_, outs, outs)


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
    memory.granted_in_up &= {source for source, problem in seen.problems.items() if problem.kind == "denied"}
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
        account=memory.account or before.account,
    )


def _of(known: Mapping[str, T], sources: set[str] | list[str]) -> dict[str, T]:
    return {source: known[source] for source in sources if source in known}


def _to_read(source: str, before: Known, operation: Operation, now: datetime) -> bool:
    waits = operation.waits.get(source, 0.0)
    return operation.force or is_due(waits, before.read_at.get(source), now)


def _decrypt_moved(memory: StoreMemory, known: list[str], before: Known) -> None:
    versions, found = memory.seen.versions, memory.seen.found
    moved = {
        f"{ParameterReference.parse(source).name}:{versions[source]}"
        for source in known
        if source in versions and versions[source] != before.versions.get(source)
    }
    moved |= {source for source in known if source in found and found[source] != before.found.get(source)}
    if moved:
        memory.read(sorted(moved), decrypt=True)
