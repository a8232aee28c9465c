"""Refuses what may not be written, and builds in memory what is to be: the second half of the sync's `check`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import OWNER_ANNOTATION
from ...core.spec.owner import Owner
from ...core.spec.specs import Operation, SecretSpec
from ...core.spec.target_specs import Target
from ...display import shown_word
from ...errors import WriteError
from ..operation.cluster_memory import ClusterMemory, Write
from ..operation.opening import process_memory
from .before import OUTCOME, Before
from .building import Wanted, build, reusable_keys, same_data
from .drift import Drift
from .foretelling import foretell
from .ownership import Standing, is_ours, is_unmarked, refuse_foreign, refuse_taken_keys, taken_from
from .reading import Reading
from .renewal import MARKS_RENEWED, renewal
from .standing import claim, keep, standing_of
from .template_texts import Texts

REBUILT = "__rebuilt"


@dataclass(frozen=True)
class Change:
    """A Secret that is to be written, and what is known of it.

    Attributes:
        spec: what is declared.
        before: what the last update left.
        reading: what it is made of.
        texts: templates out of the cluster.
        live: the Secret as it is now.
        drift: what became of it since the last update.
        renews: nothing changes but its marks.
    """

    spec: SecretSpec
    before: Before | None
    reading: Reading
    texts: Texts
    live: SecretMetadata | None
    drift: Drift
    renews: bool = False

    @property
    def standing(self) -> Standing:
        """What the state says of the Secret."""
        return standing_of(self.spec, self.before)

    @property
    def reusable(self) -> frozenset[str]:
        """The keys whose live values are right."""
        if self.before is None:
            return frozenset()
        same = reusable_keys(self.spec, self.reading, self.before.spec, self.before.reading)
        return same & self.drift.intact


def cannot_become(old: Target[str], new: Target[str]) -> bool:
    """Whether a Secret has to be deleted and created again: its type differs, or it shall not be immutable any more."""
    types = [each.template.type if each.template else None for each in (old, new)]
    return types[0] != types[1] or (old.immutable and not new.immutable)


def prepare(change: Change, inputs: dict[str, Any], operation: Operation) -> None:
    """Hold a change against the cluster, and keep what it comes to for `create` or `update` of this operation.

    Raises:
        ParameterStoreError: the Secret is somebody else's, may not be written, or cannot be built.
    """
    spec, before, live = change.spec, change.before, change.live
    cluster = process_memory().cluster(spec.cluster)
    standing = change.standing
    refuse_foreign(spec, live, standing)
    keep(spec, live)
    if before and live is not None and not before.nothing and cannot_become(before.spec.target, spec.target):
        _refuse_shared(spec, before)
    fixed = None
    if live is not None and (before is None or before.nothing) and not is_ours(live, standing.marks, known=False):
        fixed = _fixed(change, cluster)
    if fixed:
        inputs["drift"] = [f"Secret deleted and created again, for {fixed}"]
    if spec.target.creation_policy != "None" and not (operation.preview and operation.pending_namespace):
        cluster.probe(spec.namespace, spec.name)
    if change.renews and before:
        _renew(change, before, inputs, operation)
    elif operation.decrypt and change.reading.complete and change.texts.complete:
        _build(change, cluster, inputs, operation, anew=bool(fixed))
    elif before and _is_frozen(before, live) and _data_may_change(change):
        _foresee_frozen(change, before, inputs)
    keys = inputs.get("__keys", spec.plain_keys)
    told = foretell(spec, change.reading, live, keys, before.known_keys if before else frozenset())
    _foretell_takeover(change, told)
    inputs.update(told)


def _fixed(change: Change, cluster: ClusterMemory) -> str | None:
    """What cannot be changed of a Secret that others made, if it is to be deleted and created again because of that.

    Raises:
        WriteError: nobody has asked for that.
    """
    spec, where = change.spec, f"Secret {change.spec.namespace}/{change.spec.name}"
    secret = cluster.client.get_secret(spec.namespace, spec.name) or {}
    if secret.get("immutable"):
        if spec.target.shared:
            raise WriteError(f"{where} is immutable, so that no key can be added to it; choose another target name")
        if not spec.target.replace_immutable:
            raise WriteError(
                f"{where} is immutable, so it cannot be taken over as it is. Delete it first, or set immutable and "
                "replace_immutable on the target to delete and create it again."
            )
        return "it is immutable"
    wanted = spec.target.template.type if spec.target.template else None
    if wanted is None or wanted == secret.get("type", wanted):
        return None
    if spec.target.shared:
        raise WriteError(
            f"{where} has the type {shown_word(secret['type'])}, which cannot be changed; leave template.type out"
        )
    return f"its type {shown_word(secret['type'])} cannot be changed"


def _build(change: Change, cluster: ClusterMemory, inputs: dict[str, Any], operation: Operation, *, anew: bool) -> None:
    spec, before = change.spec, change.before
    wanted = Wanted(spec, change.reading, change.texts.texts, change.live, change.reusable)
    # What an adopted Secret bears does not matter, and a shared one is not told by its fields.
    asked = spec.target.adopt or spec.target.shared
    unmarked = not asked and change.standing.written and is_unmarked(change.live, change.standing.marks)
    write = replace(build(wanted, operation), anew=anew, unmarked=unmarked)
    if write.body is None:
        inputs["__nothing"] = True
    elif spec.target.template and spec.target.template.template_from:
        inputs["__keyCount"] = len(write.keys)
    elif write.keys != spec.plain_keys:
        inputs["__keys"] = sorted(write.keys)
    claim(spec, write.keys, change.live.uid if change.live else None)
    if change.live is not None:
        refuse_taken_keys(spec, change.live, write.keys, change.standing)
    if before and write.body is not None and _is_frozen(before, change.live) and not same_data(wanted, write.body):
        _replace_frozen(spec, before, inputs)
    if not operation.preview:
        cluster.keep_wanted(spec.namespace, spec.name, spec.owner, write)


def _renew(change: Change, before: Before, inputs: dict[str, Any], operation: Operation) -> None:
    """Have the marks renewed, where there are any; what is known of the Secret's keys stays."""
    spec = change.spec
    inputs.update({key: before.rest[key] for key in OUTCOME if key in before.rest})
    if operation.preview:
        return
    cluster = process_memory().cluster(spec.cluster)
    write = Write(None, "", "", renews=True)
    if change.live is not None and not before.nothing:
        write = renewal(cluster.client, spec, before.spec, change.standing.marks)
    claim(spec, write.keys, change.live.uid if change.live else None)
    cluster.keep_wanted(spec.namespace, spec.name, spec.owner, write)


def _foretell_takeover(change: Change, told: dict[str, Any]) -> None:
    """Say whose Secret is taken over, and that one is taken for ours which the state does not record."""
    spec, live = change.spec, change.live
    notes = [told["note"]] if "note" in told else []
    if other := taken_from(spec, live, change.standing):
        told["takenOver"] = [f"the Secret from ExternalSecret {other.full_title}", *told.get("takenOver", ())]
    elif change.renews and live is not None:
        notes.append(MARKS_RENEWED)
    elif change.before is None and live is not None and _bears_mark_of(spec, live):
        notes.append("the Secret is there and bears our mark, though the state does not record it: it is taken over")
    if notes:
        told["note"] = "; ".join(notes)


def _bears_mark_of(spec: SecretSpec, live: SecretMetadata) -> bool:
    mark = live.annotations.get(OWNER_ANNOTATION)
    same = mark is not None and Owner.of_mark(mark).is_same_resource(spec.owner)
    return same or is_ours(live, [spec.owner.mark], known=False)


def _is_frozen(before: Before, live: SecretMetadata | None) -> bool:
    return before.spec.target.immutable and live is not None and not before.nothing


def _data_may_change(change: Change) -> bool:
    before = change.before
    assert before is not None, "only a Secret that we wrote is frozen"  # noqa: S101
    now, then = change.spec, before.spec
    declared = (now.data, now.data_from, now.target.template) != (then.data, then.data_from, then.target.template)
    new, old = change.reading, before.reading
    moved = (new.versions, new.found, new.missing) != (old.versions, old.found, old.missing)
    return declared or moved or bool(new.made_anew(old))


def _foresee_frozen(change: Change, before: Before, inputs: dict[str, Any]) -> None:
    """Say what a preview, which knows no values, can say of an immutable Secret."""
    spec = change.spec
    keys = spec.plain_keys
    surely = keys is not None and keys != before.keys and not spec.target.skips_missing
    if surely or spec.target.replace_immutable or not spec.target.immutable:
        _replace_frozen(spec, before, inputs)
    else:
        inputs["note"] = "the target is immutable: up fails where a value has changed, unless replace_immutable is set"


def _replace_frozen(spec: SecretSpec, before: Before, inputs: dict[str, Any]) -> None:
    """Delete and create an immutable Secret again where its declaration allows that.

    Raises:
        WriteError: it does not.
    """
    _refuse_shared(spec, before)
    if spec.target.immutable and not spec.target.replace_immutable:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name}: the target is immutable, and its data would change. Pin the "
            "parameters' versions, give the target another name, or set replace_immutable to delete and create it "
            "again."
        )
    inputs[REBUILT] = True


def _refuse_shared(spec: SecretSpec, before: Before) -> None:
    sharing = next((each.target.creation_policy for each in (before.spec, spec) if each.target.shared), None)
    if sharing:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name} would have to be deleted and created again, as Kubernetes does "
            f"not allow this change; but with creationPolicy {sharing} it is not ours alone. Give the target another "
            "name, or delete it."
        )
