"""Builds in memory what is to be done to a Secret, decrypting no more than is needed, before anything is written.

A key whose parameter version and reference are as recorded, and which nobody touched in the cluster, is taken over from
the live Secret: server-side apply wants all of our keys, and decrypting them again would cost a KMS call each.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.managed_fields import data_keys_applied_by, fields_applied_by
from ...core.secret.extraction import assemble
from ...core.secret.kubernetes_secret import decoded, digests_mark, encoded, tags_contents, versions_mark
from ...core.secret.target_templates import Rendered, render_target
from ...core.secret.template_texts import named_texts
from ...errors import ParameterStoreError
from ..operation.cluster_memory import Write
from ..operation.progress import along
from .ownership import foreign_keys, is_ours, is_unmarked, marks, refuse_deletion_of_others, takeover_patch
from .plan import Action, Outcome, Plan
from .planner import conclude
from .refusals import refuse_deletion, refuse_rival
from .renewal import renewal
from .standing import claim
from .store_reads import decrypt, read_ahead

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from ...core.spec.specs import SecretSpec
    from ..operation.memory import ProcessMemory

SYNCED = "SecretSynced"


@dataclass(frozen=True)
class Built:
    """A plan that is ended, and what is to be done to the Secret, if its values are known in this operation."""

    plan: Plan
    write: Write | None = field(default=None, repr=False)


def build(plans: Iterable[Plan], process: ProcessMemory) -> list[Built]:
    """Build the Secrets that the plans name, and end the plans; what fails for one of them is its plan's refusal."""
    listed = list(plans)
    if len(listed) > 1:
        built = [each for each in listed if each.action is Action.BUILD and not each.refusal]
        read_ahead([(_fresh(each, each.reusable), each.reading, each.operation) for each in built], process)
    return [_built(each, process) for each in listed]


def _built(plan: Plan, process: ProcessMemory) -> Built:
    if plan.refusal:
        return Built(plan)
    uid = plan.live.uid if plan.live else None
    try:
        if plan.claims is not None:
            refuse_rival(plan.spec, claim(plan.spec, plan.claims, uid, process))
        if plan.action is Action.RENEW and not plan.operation.preview:
            return _renewed(plan, process)
        if plan.action is Action.BUILD:
            write = replace(build_write(plan, process), deletes_first=plan.deletes_first, unmarked=_is_unmarked(plan))
            outcome = Outcome(
                keys=write.keys,
                nothing=write.body is None,
                same_data=plan.is_frozen and write.body is not None and _same_data(plan, write.body, process),
                same_content=write.same_content,
                rival=claim(plan.spec, write.keys, uid, process),
            )
            return Built(conclude(plan, outcome), write)
    except ParameterStoreError as error:
        return Built(replace(plan, refusal=error))
    return Built(plan)


def _renewed(plan: Plan, process: ProcessMemory) -> Built:
    """Have the marks renewed, where there are any."""
    spec, before = plan.spec, plan.previous
    write = Write(None, "", "", renews=True)
    if before and plan.live is not None and not before.nothing:
        write = renewal(process.cluster(spec.cluster).client, spec, before.spec, plan.standing.marks)
    refuse_rival(spec, claim(spec, write.keys, plan.live.uid if plan.live else None, process))
    return Built(plan, write)


def _is_unmarked(plan: Plan) -> bool:
    """Whether the Secret that is there was taken for ours by its fields alone.

    What an adopted Secret bears does not matter, and a shared one is not told by its fields.
    """
    standing, target = plan.standing, plan.spec.target
    return not (target.adopt or target.shared) and standing.written and is_unmarked(plan.live, standing.marks)


def build_write(plan: Plan, process: ProcessMemory) -> Write:
    """Build one Secret in memory.

    Raises:
        ReadError: a value cannot be read.
        ExtractError: a property is missing, a value cannot be decoded, a template cannot be rendered.
        WriteError: the Secret would break a rule of Kubernetes.
        ClusterError: the live Secret cannot be read.
    """
    target = plan.spec.target
    live, operation, reusable = plan.live, plan.operation, plan.reusable
    held = _live_data(plan, process) if plan.previous and live else {}
    kept = {key: value for key, value in held.items() if key in reusable}
    fresh = _fresh(plan, kept)
    got = decrypt(fresh, plan.reading, operation, process)
    what = f"keys of Secret {fresh.namespace}/{fresh.name}"
    assembled = assemble(fresh, got, process.documents, lambda each: along(each, "built", what, process.tell))
    provided = {**assembled.data, **decoded(kept)}
    if not provided and target.deletion_policy != "Merge":
        return _nothing(plan)
    rendered = render_target(target, provided, plan.texts.texts, confidential=operation.confidential_texts)
    if target.creation_policy == "None":
        return Write(None, SYNCED, "secret synced; creationPolicy None writes no Secret", same_content=True)
    if target.creation_policy == "Merge" and live is None:
        missing = "secret will not be created due to creationPolicy Merge"
        return Write(None, "SecretMissing", missing, same_content=True)
    body = _body(plan, rendered)
    return Write(
        body,
        SYNCED,
        "secret synced",
        keys=frozenset(rendered.data),
        force=live is not None,
        live=live,
        cleanup=_cleanup(plan, rendered, live, process) if live else {},
        seals=target.immutable and live is not None and not _is_sealed(live),
        same_content=_same_content(plan, body["data"], held),
    )


def _fresh(plan: Plan, kept: Collection[str]) -> SecretSpec:
    """A Secret without the keys whose values the live one still has."""
    return replace(plan.spec, data={key: ref for key, ref in plan.spec.data.items() if key not in kept})


def _nothing(plan: Plan) -> Write:
    """What becomes of a Secret for which nothing was read (ESO: deletionPolicy)."""
    spec = plan.spec
    if spec.target.deletion_policy == "Retain":
        retained = "nothing was found; secret retained due to deletionPolicy Retain"
        return Write(None, SYNCED, retained, same_content=True)
    refuse_deletion(spec)
    if plan.live is not None:
        refuse_deletion_of_others(spec, plan.live, plan.standing)
    deleted = "secret deleted due to deletionPolicy Delete"
    return Write(None, "SecretDeleted", deleted, live=plan.live, delete=plan.live is not None, same_content=True)


def _body(plan: Plan, rendered: Rendered) -> dict[str, Any]:
    """The apply configuration: all that we want to own of the Secret."""
    spec, target, mine = plan.spec, plan.spec.target, marks(plan.spec)
    annotations = {
        **rendered.annotations,
        mine.owner: spec.owner.mark,
        mine.versions: versions_mark(plan.reading.all_versions),
    }
    if plan.reading.tags:
        annotations[mine.tags] = digests_mark(tags_contents(plan.reading.tags), secrets.token_hex(8))
    if plan.texts.texts:
        annotations[mine.texts] = digests_mark(named_texts(plan.texts.texts), secrets.token_hex(8))
    metadata: dict[str, Any] = {"name": spec.name, "namespace": spec.namespace, "annotations": annotations}
    if labels := {**rendered.labels, **mine.labels}:
        metadata["labels"] = labels
    if rendered.finalizers:
        metadata["finalizers"] = list(rendered.finalizers)
    if plan.live is not None:
        # This very object: a Secret that somebody makes in its place in the meantime is not touched.
        metadata["uid"] = plan.live.uid
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded(rendered.data)}
    if rendered.type or plan.live is None or ("type",) in fields_applied_by(plan.live.managed_fields, mine.manager):
        # A Secret that others made keeps its type, which cannot be changed.
        body["type"] = rendered.type or "Opaque"
    if target.immutable:
        body["immutable"] = True
    return body


def _cleanup(plan: Plan, rendered: Rendered, live: SecretMetadata, process: ProcessMemory) -> dict[str, Any]:
    """A merge patch that has the operator let go of an adopted Secret, and removes others' keys from one of our own."""
    spec = plan.spec
    patch: dict[str, Any] = {}
    if spec.target.adopt:
        patch = takeover_patch(live, {*rendered.labels, *rendered.annotations, *marks(spec).labels})
    if spec.target.shared:
        return patch
    # What a Secret held before it became ours need not be in its managedFields.
    ours = is_ours(live, [spec.owner.mark], known=False)
    held = foreign_keys(live, marks(spec).manager) if ours else frozenset(_live_data(plan, process))
    foreign = sorted(held - rendered.data.keys())
    return {**patch, "data": dict.fromkeys(foreign)} if foreign else patch


def _is_sealed(live: SecretMetadata) -> bool:
    return any(("immutable",) in each.fields for each in live.managed_fields)


def _same_content(plan: Plan, data: Mapping[str, str], held: Mapping[str, str]) -> bool:
    """Whether data are what the last update wrote, of which nothing is kept but what the live Secret holds.

    A key that somebody touched since is taken for the same where it is made of the same.

    Args:
        plan: the plan.
        data: what is to be written, encoded.
        held: what the live Secret holds, encoded.
    """
    before, live = plan.previous, plan.live
    if before is None:
        return False
    intact = plan.drift.intact
    if before.nothing:
        intact = data_keys_applied_by(live.managed_fields, marks(plan.spec).manager) if live else frozenset()
    elif before.keys not in (data.keys(), len(data)):
        return False
    written = {key: held[key] for key in held.keys() & intact}
    if any(data.get(key) != value for key, value in written.items()):
        return False
    touched = data.keys() - written.keys()
    return not touched or (not before.nothing and touched <= plan.unchanged) or plan.same_sources


def _same_data(plan: Plan, body: Mapping[str, Any], process: ProcessMemory) -> bool:
    """Whether the live Secret holds just the values of an apply configuration."""
    return _live_data(plan, process) == (body.get("data") or {})


def _live_data(plan: Plan, process: ProcessMemory) -> dict[str, str]:
    """The live Secret's values, encoded, if it is still the one whose metadata was seen."""
    spec = plan.spec
    secret = process.cluster(spec.cluster).client.get_secret(spec.namespace, spec.name)
    if secret is None or plan.live is None:
        return {}
    if secret["metadata"].get("resourceVersion") != plan.live.resource_version:
        return {}
    return dict(secret.get("data") or {})
