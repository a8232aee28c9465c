"""The sync: one resource a Secret. It compares, says why by key, and writes the Secret with server-side apply.

`check` finds all that can be found before anything is written, because only a failure found there is one clean line in
preview and up. What it builds stays in memory until `create` or `update` of the same operation writes it.
"""

from datetime import UTC, datetime
from typing import Any

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult

from ..clients.kubernetes.metadata import SecretMetadata
from ..core.errors import ParameterStoreError, ReadError, WriteError
from ..core.extraction import build_values
from ..core.kubernetes_secret import secret_body
from ..core.specs import ClusterSpec, Operation, SecretSpec, versions_from_bag
from .drift import distinct_from, drift_reasons, is_ours
from .memory import Write
from .opening import process_memory
from .results import READ_DURING_UP, changed_keys, failure, take_operation

IDENTITY = ("cluster", "namespace", "secretName")
COMPARED = (*IDENTITY, "owner", "data", "store", "__versions")
WRITTEN = (*COMPARED, "keys")


class SyncProvider(ResourceProvider):
    """Keeps one Kubernetes Secret. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Say by key why the Secret would change, and in `up` build what is to be written.

        Adds `keys` (secret key -> parameter, version and property) and `drift` (what was done to the live Secret).
        """
        inputs = dict(news)
        operation, known = take_operation(inputs)
        versions = inputs.pop("versions", None)
        problems = inputs.pop("problems", None)
        if not known:
            return CheckResult({**inputs, "note": READ_DURING_UP}, [])
        spec = SecretSpec.from_bag(inputs)
        try:
            wanted = _wanted_versions(spec, versions_from_bag(versions), problems or {}, operation)
            inputs["__versions"] = wanted
            inputs["keys"] = {key: ref.describe(wanted.get(ref.reference)) for key, ref in spec.data.items()}
            _compare(spec, olds, inputs, wanted, operation)
        except ParameterStoreError as error:
            return failure(inputs, error)
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when the spec or a version differs, or the live Secret drifted; replaced when the target moves."""
        changed = changed_keys(olds, news, COMPARED)
        return DiffResult(
            changes=bool(changed) or "drift" in news or "drift" in olds,
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
        drift = drift_reasons(live, spec.data, versions_from_bag(outs["__versions"]))
        if drift:
            outs["drift"] = drift
        inputs = {key: outs[key] for key in (*WRITTEN, "drift") if key in outs}
        return ReadResult(id_, outs, inputs)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the Secret if it is still ours; one that somebody else made in its place is left alone."""
        cluster = process_memory().cluster(ClusterSpec.from_bag(props.get("cluster") or {}))
        live = cluster.client.get_secret_metadata(props["namespace"], props["secretName"])
        if live is not None and is_ours(live, [props["owner"]]):
            cluster.client.delete_secret(props["namespace"], props["secretName"], uid=live.uid)


def _wanted_versions(
    spec: SecretSpec, snapshot: dict[str, int], problems: dict[str, str], operation: Operation
) -> dict[str, int]:
    """The versions that the Secret is to be made of; asks SSM itself for what the snapshot did not (a targeted update).

    Raises:
        ReadError: a parameter is missing or denied.
    """
    problems = {reference: text for reference, text in problems.items() if reference not in operation.pending}
    unread = [reference for reference in spec.references if reference not in snapshot and reference not in problems]
    if unread:
        batch = process_memory().store(spec.store, operation).read(unread, decrypt=False)
        snapshot = snapshot | {reference: parameter.version for reference, parameter in batch.found.items()}
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
    spec: SecretSpec, olds: dict[str, Any], inputs: dict[str, Any], wanted: dict[str, int], operation: Operation
) -> None:
    """Look at the live Secret, note drift in the inputs, and prepare the write where there is one to come.

    Raises:
        ParameterStoreError: the Secret belongs to somebody else, may not be written or cannot be built.
    """
    cluster = process_memory().cluster(spec.cluster)
    live = cluster.live(spec.namespace, spec.name)
    same_target = bool(olds) and not changed_keys(olds, inputs, IDENTITY)
    owners = [spec.owner, olds["owner"]] if same_target else [spec.owner]
    if live is not None and not is_ours(live, owners):
        raise WriteError(_foreign(spec, live))
    changed = not same_target or bool(changed_keys(olds, inputs, COMPARED))
    if same_target:
        drift = drift_reasons(live, olds["data"], versions_from_bag(olds.get("__versions")))
        if drift:
            inputs["drift"] = distinct_from(drift, list(olds.get("drift") or []))
            changed = True
    if not changed:
        return
    if not (operation.preview and operation.pending_namespace):
        cluster.probe(spec)
    if operation.decrypt and len(wanted) == len(spec.references):
        write = _build(spec, wanted, live, operation)
        if not operation.preview:
            cluster.keep_wanted(spec.namespace, spec.name, write)


def _build(spec: SecretSpec, wanted: dict[str, int], live: SecretMetadata | None, operation: Operation) -> Write:
    values = process_memory().store(spec.store, operation).values(wanted)
    body = secret_body(spec.namespace, spec.name, spec.owner, wanted, build_values(spec.data, values))
    if live is not None:
        # This very object: a Secret that somebody makes in its place in the meantime is not touched.
        body["metadata"]["uid"] = live.uid
    return Write(body, over_our_own=live is not None)


def _write(props: dict[str, Any]) -> dict[str, Any]:
    spec = SecretSpec.from_bag(props)
    cluster = process_memory().cluster(spec.cluster)
    wanted = versions_from_bag(props["__versions"])
    write = cluster.take_wanted(spec.namespace, spec.name)
    if write is None:
        live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
        if live is not None and not is_ours(live, [spec.owner]):
            raise WriteError(_foreign(spec, live))
        write = _build(spec, wanted, live, Operation(preview=False, decrypt=True))
    written = cluster.client.apply_secret(spec.namespace, spec.name, write.body, force=write.over_our_own)
    return {
        **{key: props[key] for key in WRITTEN},
        "versions": wanted,
        "uid": written.uid,
        "refreshTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "SecretSynced",
    }


def _foreign(spec: SecretSpec, live: SecretMetadata) -> str:
    by = ", ".join(sorted({field.manager for field in live.managed_fields})) or "somebody else"
    return (
        f"Secret {spec.namespace}/{spec.name} exists already and was not created by this ExternalSecret "
        f"(written by {by}), so it is not touched. Choose another target name, or delete that Secret first."
    )
