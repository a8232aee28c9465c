"""The sync: one resource a Secret. It compares, says why by key, and writes the Secret with server-side apply.

`check` finds all that can be found before anything is written, and preview reports it. In `up` a failing `check` would
end the whole operation, whatever `--continue-on-error` says, so there a Secret's own problem is noted, and raised in
place of its write. What `check` builds stays in memory until `create` or `update` of the same operation writes it.
"""

from __future__ import annotations

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

from ..core.errors import ClusterError, ParameterStoreError, ReadError, SpecError, WriteError
from ..core.kubernetes_secret import OWNER_ANNOTATION
from ..core.specs import Operation, SecretSpec, versions_from_bag
from ..core.store_conditions import admits, not_admitted
from ..core.store_specs import ClusterSpec
from . import plain_errors
from .building import Wanted, build, unchanged_keys
from .drift import distinct_from, find_drift, is_ours
from .opening import process_memory
from .results import READ_DURING_UP, changed_keys, failure, take_operation

if TYPE_CHECKING:
    from ..clients.kubernetes.metadata import SecretMetadata

IDENTITY = ("cluster", "namespace", "secretName")
COMPARED = (*IDENTITY, "owner", "data", "store", "__versions")
WRITTEN = (*COMPARED, "keys")


class SyncProvider(ResourceProvider):
    """Keeps one Kubernetes Secret. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, _req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        plain_errors.install()

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Say by key why the Secret would change, and in `up` build what is to be written.

        Adds `keys` (secret key -> parameter, version and property) and `drift` (what was done to the live Secret).
        """
        inputs = dict(news)
        operation, known = take_operation(inputs)
        if not known:
            return CheckResult({**inputs, "note": READ_DURING_UP}, [])
        try:
            spec = SecretSpec.from_bag(inputs)
            _admit(spec, operation)
            wanted = _wanted_versions(spec, operation)
            inputs["__versions"] = wanted
            inputs["keys"] = {key: ref.describe(wanted.get(ref.reference)) for key, ref in spec.data.items()}
            _compare(spec, olds, inputs, wanted, operation)
        except ClusterError as error:
            return failure(inputs, error)
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error)
            inputs["problem"] = str(error)
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when the spec or a version differs, or the live Secret drifted; replaced when the target moves."""
        changed = changed_keys(olds, news, COMPARED)
        return DiffResult(
            changes=bool(changed) or "drift" in news or "drift" in olds or "problem" in news,
            replaces=[key for key in changed if key in IDENTITY],
            delete_before_replace=False,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the Secret."""
        return CreateResult(f"{props['namespace']}/{props['secretName']}", _write(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write the Secret again; keys that are no longer wanted go, other managers' keys stay."""
        return UpdateResult(_write(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh: a Secret that is gone is removed from state; one that drifted says so."""
        outs = {key: value for key, value in props.items() if key not in ("__provider", "drift")}
        spec = SecretSpec.from_bag(outs)
        live = process_memory().cluster(spec.cluster).live(spec.namespace, spec.name)
        if live is None or not is_ours(live, [spec.owner]):
            return ReadResult("", {})
        drift = find_drift(live, spec.data, versions_from_bag(outs["__versions"]))
        if drift.reasons:
            outs["drift"] = list(drift.reasons)
        inputs = {key: outs[key] for key in (*WRITTEN, "drift") if key in outs}
        return ReadResult(id_, outs, inputs)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the Secret if it is still ours; one that somebody else made in its place is left alone."""
        cluster = process_memory().cluster(ClusterSpec.from_bag(props.get("cluster") or {}))
        live = cluster.client.get_secret_metadata(props["namespace"], props["secretName"])
        if live is not None and is_ours(live, [props["owner"]]):
            cluster.client.delete_secret(props["namespace"], props["secretName"], uid=live.uid)


def _admit(spec: SecretSpec, operation: Operation) -> None:
    """Hold a namespace against its ClusterSecretStore's conditions, as far as its name alone did not decide.

    Raises:
        SpecError: none of them admits it.
        ClusterError: the namespace's labels cannot be read.
    """
    decided = admits(operation.conditions, spec.namespace)
    if decided is None and not (operation.preview and operation.pending_namespace):
        labels = process_memory().cluster(spec.cluster).labels(spec.namespace)
        decided = any(condition.admits_labels(labels) for condition in operation.conditions)
    if decided is False:
        raise SpecError(not_admitted(spec.namespace))


def _wanted_versions(spec: SecretSpec, operation: Operation) -> dict[str, int]:
    """The versions that the Secret is to be made of; asks SSM itself for what the snapshot did not (a targeted update).

    Raises:
        ReadError: a parameter is missing or denied.
    """
    snapshot = dict(operation.versions)
    problems = {reference: text for reference, text in operation.problems.items() if reference not in operation.pending}
    memory = process_memory().store(spec.store, operation)
    told_elsewhere = snapshot.keys() | problems.keys() | memory.granted_in_up
    unread = [reference for reference in spec.references if reference not in told_elsewhere]
    if unread:
        batch = memory.read(unread, decrypt=False)
        snapshot |= {reference: parameter.version for reference, parameter in batch.found.items()}
        problems |= {
            reference: problem.message
            for reference, problem in batch.problems.items()
            if not (operation.preview and reference in operation.pending)
        }
    told = [
        f"key {key}: {problems[ref.reference]}" for key, ref in sorted(spec.data.items()) if ref.reference in problems
    ]
    if told:
        raise ReadError("; ".join(told))
    return {reference: snapshot[reference] for reference in spec.references if reference in snapshot}


def _compare(
    spec: SecretSpec, olds: dict[str, Any], inputs: dict[str, Any], versions: dict[str, int], operation: Operation
) -> None:
    """Look at the live Secret, note drift in the inputs, and prepare the write where there is one to come.

    Raises:
        ParameterStoreError: the Secret belongs to somebody else, may not be written or cannot be built.
    """
    cluster = process_memory().cluster(spec.cluster)
    live = cluster.live(spec.namespace, spec.name)
    same_target = bool(olds) and not changed_keys(olds, inputs, IDENTITY)
    _refuse_foreign(spec, live, [spec.owner, olds["owner"]] if same_target else [spec.owner])
    changed, reusable = True, frozenset[str]()
    if same_target:
        old_spec, old_versions = SecretSpec.from_bag(olds), versions_from_bag(olds.get("__versions"))
        drift = find_drift(live, old_spec.data, old_versions)
        if drift.reasons:
            inputs["drift"] = distinct_from(drift.reasons, list(olds.get("drift") or []))
        changed = bool(drift.reasons) or bool(changed_keys(olds, inputs, COMPARED))
        reusable = unchanged_keys(spec, versions, old_spec, old_versions) & drift.intact
    if not changed:
        return
    if not (operation.preview and operation.pending_namespace):
        cluster.probe(spec)
    if operation.decrypt and len(versions) == len(spec.references):
        write = build(process_memory(), Wanted(spec, versions, live, reusable), operation)
        if not operation.preview:
            cluster.keep_wanted(spec.namespace, spec.name, write)


def _write(props: dict[str, Any]) -> dict[str, Any]:
    if "problem" in props:
        raise WriteError(props["problem"])
    spec = SecretSpec.from_bag(props)
    cluster = process_memory().cluster(spec.cluster)
    versions = versions_from_bag(props["__versions"])
    write = cluster.take_wanted(spec.namespace, spec.name)
    if write is None:
        live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
        _refuse_foreign(spec, live, [spec.owner])
        write = build(process_memory(), Wanted(spec, versions, live), Operation(preview=False, decrypt=True))
    written = cluster.client.apply_secret(spec.namespace, spec.name, write.body, force=write.over_our_own)
    return {
        **{key: props[key] for key in WRITTEN},
        "versions": versions,
        "uid": written.uid,
        "refreshTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "SecretSynced",
    }


def _refuse_foreign(spec: SecretSpec, live: SecretMetadata | None, owners: list[str]) -> None:
    """Raise where a Secret is in the way that somebody else made.

    Raises:
        WriteError: the text says who wrote it and what to do.
    """
    if live is None or is_ours(live, owners):
        return
    by = ", ".join(sorted({field.manager for field in live.managed_fields})) or "somebody else"
    mark = live.annotations.get(OWNER_ANNOTATION)
    if mark is not None:
        by = f"ExternalSecret {mark}"
    raise WriteError(
        f"Secret {spec.namespace}/{spec.name} exists already and was not created by this ExternalSecret "
        f"(written by {by}), so it is not touched. Choose another target name, or delete that Secret first."
    )
