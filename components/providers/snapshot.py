"""The snapshot: one resource a store, that knows the version of every parameter the store's secrets refer to.

`check` asks for versions in batches and without decryption, so a preview shows what moved and decrypts nothing. In `up`
the values of changed names are decrypted into the process's memory, where the sync resources find them.
"""

from __future__ import annotations

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

from ..core.errors import ParameterStoreError
from ..core.references import ParameterReference
from ..core.specs import Operation, versions_from_bag
from ..core.store_specs import StoreSpec
from . import plain_errors
from .opening import process_memory
from .results import READ_DURING_UP, changed_keys, failure, take_operation

if TYPE_CHECKING:
    from ..clients.aws.parameters import ParameterBatch
    from .memory import StoreMemory

COMPARED = ("store", "references", "versions", "problems")


class SnapshotProvider(ResourceProvider):
    """Reads parameter versions. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, _req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        plain_errors.install()

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Add to the inputs what AWS says now: versions by reference, and problems by reference.

        A missing or denied parameter does not fail the store: it is reported by the Secrets that need it, so that the
        others can go on.
        """
        inputs = dict(news)
        operation, known = take_operation(inputs)
        if not known:
            return CheckResult({**inputs, "note": READ_DURING_UP}, [])
        references = sorted(inputs["references"])
        before = versions_from_bag(olds.get("versions")) if olds.get("store") == inputs["store"] else {}
        try:
            memory = process_memory().store(StoreSpec.from_bag(inputs["store"]), operation)
            if operation.preview and operation.fresh_role:
                memory.granted_in_up = frozenset(references) - frozenset(olds.get("references") or ())
            versions, problems = read_versions(memory, references, before, operation)
        except ParameterStoreError as error:
            return failure(inputs, error)
        inputs["references"] = references
        inputs["versions"] = versions
        inputs["problems"] = problems
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when a version moved, a reference came or went, or a problem appeared or was solved."""
        return DiffResult(changes=bool(changed_keys(olds, news, COMPARED)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to make: what `check` read is the result."""
        return CreateResult(f"parameters/{props['store']['region']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Nothing to change: what `check` read is the result."""
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh the versions, without decryption, so that `pulumi refresh` shows what moved in AWS."""
        outs = {key: value for key, value in props.items() if not key.startswith("__")}
        operation = Operation(preview=True, decrypt=False)
        memory = process_memory().store(StoreSpec.from_bag(outs["store"]), operation)
        outs["versions"], outs["problems"] = read_versions(memory, outs["references"], {}, operation)
        return ReadResult(id_, outs, outs)


def read_versions(
    memory: StoreMemory, references: list[str], before: dict[str, int], operation: Operation
) -> tuple[dict[str, int], dict[str, str]]:
    """The versions of the references now, and why some could not be had.

    Where values may be decrypted, new references are decrypted in the same call that tells their version, and of the
    known ones just those that moved, at just the version seen.
    """
    new = [reference for reference in references if reference not in before] if operation.decrypt else []
    known = [reference for reference in references if reference not in new]
    batches: list[ParameterBatch] = []
    if known:
        batches.append(memory.read(known, decrypt=False))
    if new:
        batches.append(memory.read(new, decrypt=True))
    versions = {reference: parameter.version for batch in batches for reference, parameter in batch.found.items()}
    problems = {
        reference: problem.message
        for batch in batches
        for reference, problem in batch.problems.items()
        if not (operation.preview and reference in operation.pending)
    }
    # Of what is new to a policy of the store's own, only denials wait for up, where the policy is written.
    denied = {each for batch in batches for each, problem in batch.problems.items() if problem.kind == "denied"}
    memory.granted_in_up &= denied
    problems = {reference: text for reference, text in problems.items() if reference not in memory.granted_in_up}
    if operation.decrypt:
        moved = {
            f"{ParameterReference.parse(reference).name}:{versions[reference]}"
            for reference in known
            if reference in versions and versions[reference] != before[reference]
        }
        if moved:
            memory.read(sorted(moved), decrypt=True)
    return dict(sorted(versions.items())), dict(sorted(problems.items()))
