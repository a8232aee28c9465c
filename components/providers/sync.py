"""The sync: one resource a Secret. It compares, says why by key, and writes the Secret with server-side apply.

`check` finds all that can be found before anything is written, and preview reports it. In `up` a failing `check` would
end the whole operation, whatever `--continue-on-error` says, so there a Secret's problem, also that its cluster does
not answer, is noted, and raised in place of its write. What `check` builds stays in memory until `create` or `update`
of the same operation writes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.owner import Owner
from ..core.spec.specs import Operation, SecretSpec
from ..core.spec.store_conditions import admits, not_admitted, not_its_namespace
from ..errors import ParameterStoreError, SpecError, WriteError
from .operation import plain_errors
from .operation.cluster_memory import Write
from .operation.opening import process_memory
from .operation.results import PROBLEM, READ_DURING_UP, changed_keys, failure, take_operation
from .secret.before import IDENTITY, KEPT, SHOWN, Before
from .secret.building import Wanted, build
from .secret.cluster_records import THERE, is_elsewhere, take_settings, unless_unreachable, written_to
from .secret.comparing import COMPARED, compare
from .secret.drift import find_drift
from .secret.ownership import is_ours, refuse_foreign
from .secret.preparing import REBUILT, cannot_become
from .secret.reading import ACCOUNTS, WRITTEN_AT, Reading, read
from .secret.standing import standing_of
from .secret.template_texts import read_texts
from .secret.writing import carry_out, remove

WRITTEN = (*COMPARED, *SHOWN, *KEPT, WRITTEN_AT, ACCOUNTS)


class SyncProvider(ResourceProvider):
    """Keeps one Kubernetes Secret. Stateless: its pickle in state is only its dotted path."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        plain_errors.install()
        take_settings(req.config.get)

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Say by key why the Secret would change, and in `up` build what is to be written; see comparing.py."""
        inputs = {**news, "owner": _known_owner(news["owner"])}
        operation, known = take_operation(inputs)
        if not known:
            return CheckResult({**inputs, "owner": news["owner"], "note": READ_DURING_UP}, [])
        try:
            _identify(inputs, olds, operation)
            spec = SecretSpec.from_bag(inputs)
            targets = process_memory().targets
            targets.declare(spec)
            _admit(spec, operation)
            compare(spec, olds, inputs, operation)
            if olds:
                targets.settle(spec, None)
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error)
            inputs[PROBLEM] = str(error)
        if operation.preview:
            inputs["owner"] |= news["owner"]  # with the id that is not known yet
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Changed when the spec or a version differs, or the live Secret drifted; replaced when the target moves.

        A Secret whose type changes, or that was immutable, is deleted before it is made anew under the same name.
        """
        changed = changed_keys(olds, news, COMPARED)
        moved = [key for key in changed if key in IDENTITY]
        # What has a problem may be no spec at all; its update says so, and nothing is written.
        if PROBLEM not in news and is_elsewhere(SecretSpec.from_bag(news), olds, news):
            moved.append("cluster")
        rebuilt = [] if moved or PROBLEM in news else _rebuilt(olds, news)
        if rebuilt:
            old = SecretSpec.from_bag(olds)
            process_memory().cluster(old.cluster).note_rebuilt(old.namespace, old.name, old.owner)
        return DiffResult(
            changes=bool(changed) or THERE in news or "drift" in news or "drift" in olds or PROBLEM in news,
            replaces=moved or rebuilt,
            delete_before_replace=bool(rebuilt),
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the Secret."""
        return CreateResult(f"{props['namespace']}/{props['secretName']}", _write(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write the Secret again; keys that are no longer wanted go."""
        return UpdateResult(_write(news, olds))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh: a Secret that is gone is removed from state; one that drifted says so in its outputs.

        Not in its inputs, which preview compares with: what nobody has repaired yet is said there as it is.
        """
        outs = {key: value for key, value in props.items() if key not in ("__provider", "drift")}
        spec, before = SecretSpec.from_bag(outs), Before.of(outs, outs)
        if before and not before.nothing and spec.target.creation_policy != "None":
            with unless_unreachable(spec, outs) as gone:
                live = process_memory().cluster(written_to(spec, outs)).live(spec.namespace, spec.name)
            if (
                gone
                or live is None
                or not (spec.target.shared or is_ours(live, [spec.owner.mark], known=live.uid == outs.get("uid")))
            ):
                return ReadResult("", {})
            drift = find_drift(live, spec, before.keys, before.reading.all_versions)
            if drift.reasons:
                outs["drift"] = list(drift.reasons)
        inputs = {key: outs[key] for key in WRITTEN if key in outs}
        return ReadResult(id_, outs, inputs)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the Secret if it is still ours alone; one that is somebody else's too is left alone."""
        spec = SecretSpec.from_bag(props)
        with unless_unreachable(spec, props):
            remove(replace(spec, cluster=written_to(spec, props)), props.get("uid"))


def _known_owner(bag: Any) -> Any:
    """The owner without an id that is not known yet: all else can be told without it."""
    if isinstance(bag, dict) and contains_unknowns(bag.get("id")):
        return {key: value for key, value in bag.items() if key != "id"}
    return bag


def _identify(inputs: dict[str, Any], olds: dict[str, Any], operation: Operation) -> None:
    """See to it that nothing is written before the state has an id to mark it with.

    A targeted update passes over the store, so that in state of an earlier version there is none; what it wrote then
    stays as it is marked.

    Raises:
        WriteError: there is none, and the Secret has not been written yet.
    """
    owner = Owner.from_bag(inputs["owner"])
    recorded = process_memory().recorded_owner(owner.text, olds.get("owner"))
    if isinstance(recorded, dict) and recorded.get("entry"):
        inputs["owner"] = {**inputs["owner"], "entry": recorded["entry"]}
    if owner.state_id:
        process_memory().state_id(owner.state_id)
    elif not operation.preview and owner.is_urn:
        if recorded is None:
            raise WriteError(
                f"Secret {inputs['namespace']}/{inputs['secretName']}: the stack's state has no id yet to mark Secrets "
                "with, which an update of the store gives it. Run `pulumi up` without --target, or name the store, too."
            )
        inputs["owner"] = recorded


def _admit(spec: SecretSpec, operation: Operation) -> None:
    """Check that every store is for the Secret's namespace, as far as the program could not tell.

    Raises:
        SpecError: a store is not for it, or does not admit it.
        ClusterError: the namespace's labels cannot be read.
    """
    for place, own in operation.store_namespaces:
        if own != spec.namespace:
            raise SpecError(f"{place}: {not_its_namespace(own, spec.namespace)}".removeprefix(": "))
    for conditions in operation.conditions:
        decided = admits(conditions, spec.namespace)
        if decided is None and not (operation.preview and operation.pending_namespace):
            labels = process_memory().cluster(spec.cluster).labels(spec.namespace)
            decided = any(condition.admits_labels(labels) for condition in conditions)
        if decided is False:
            raise SpecError(not_admitted(spec.namespace))


def _rebuilt(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    """What of the declaration cannot be changed in a Secret that is there."""
    if REBUILT in news:
        return ["target"]
    old, new = SecretSpec.from_bag(olds).target, SecretSpec.from_bag(news).target
    if new.shared or new.creation_policy == "None" or olds.get("__nothing"):
        return []
    return ["target"] if cannot_become(old, new) else []


def _write(props: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    if PROBLEM in props:
        raise WriteError(props[PROBLEM])
    spec = SecretSpec.from_bag(props)
    before = SecretSpec.from_bag(olds) if olds else None
    cluster = process_memory().cluster(spec.cluster)
    write = cluster.take_wanted(spec.namespace, spec.name, spec.owner) or _built_late(spec, props, olds or {})
    versions = Reading.from_bag(props).all_versions
    outs = carry_out(spec, write, before, olds or {})
    return {**{key: props[key] for key in WRITTEN if key in props}, "versions": versions, **outs}


def _built_late(spec: SecretSpec, props: dict[str, Any], olds: dict[str, Any]) -> Write:
    """What `check` of another process built, built again at the versions that it saw."""
    # What the program told is gone by now, so no template of it is quoted.
    operation = Operation(preview=False, decrypt=True, confidential_texts=True)
    cluster = process_memory().cluster(spec.cluster)
    live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
    refuse_foreign(spec, live, standing_of(spec, Before.of(olds, props)))
    reading = Reading.from_bag(props)
    tags = read(spec, operation).tags
    texts = read_texts(cluster, spec, operation)
    return build(Wanted(spec, reading.with_tags(tags), texts.texts, live), operation)
