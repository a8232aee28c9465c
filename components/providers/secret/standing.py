"""What the running operation knows of an ExternalSecret's Secret: what its state says, and who else wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import OWNER_ANNOTATION
from ...core.spec.owner import Owner
from ...core.spec.specs import SecretSpec
from ..operation.claims import Claim
from .ownership import Standing
from .previous import Previous

if TYPE_CHECKING:
    from ..operation.claims import Rival
    from ..operation.memory import ProcessMemory


def claim(spec: SecretSpec, keys: frozenset[str], uid: str | None, process: ProcessMemory) -> Rival | None:
    """Note that an ExternalSecret writes keys of a Secret in this operation, unless another one is in its way.

    Args:
        spec: the ExternalSecret.
        keys: the keys, as far as they are known.
        uid: the Secret that is there, if one is.
        process: the operation's clients and memory.

    Raises:
        ClusterError: the kubeconfig cannot be used.
    """
    if spec.target.creation_policy == "None":
        return None
    route = process.cluster(spec.cluster).client.route
    places = [(*route, spec.namespace, spec.name), *([uid] if uid else [])]
    return process.claims.claim(places, Claim(spec.owner, spec.target.shared, keys))


def standing_of(spec: SecretSpec, before: Previous | None, process: ProcessMemory) -> Standing:
    """What the state says of the Secret, as far as this operation was told."""
    written = before is not None and before.wrote
    known, was_written = process.cluster(spec.cluster).recall(
        spec.namespace, spec.name, spec.owner, before.spec.owner if before else None, written=written
    )
    process.stack = spec.owner.stack
    inherited = frozenset(mark for mark in known if process.is_inherited(Owner.of_mark(mark)))
    return Standing(frozenset(known) - inherited, written or was_written, frozenset(process.state_ids), inherited)


def recognised(
    spec: SecretSpec, before: Previous | None, live: SecretMetadata | None, process: ProcessMemory
) -> SecretSpec:
    """Know a Secret by the mark of another entry of the state with the very same ExternalSecret, too.

    What an interrupted `up` wrote, and what `pulumi state rename` of the SecretSync alone leaves in the state, look the
    same from here: a Secret with our mark that this entry does not record. It is ours, and a mark that the other entry
    does not have keeps that one from deleting it.

    Returns:
        The same, with the mark that it gets from now on.
    """
    mark = live.annotations.get(OWNER_ANNOTATION) if live is not None else None
    if mark is None or spec.target.shared or spec.target.creation_policy == "None":
        return spec
    found = Owner.of_mark(mark)
    if not any(found.is_same_resource(each) for each in (spec.owner, *([before.spec.owner] if before else []))):
        return spec
    process.cluster(spec.cluster).recall(spec.namespace, spec.name, spec.owner, found, written=False)
    if process.recorded_owner(spec.owner.text, None) is not None:
        # Who took the Secret over was cut off before its state was saved, or is not declared any more.
        return spec if found.entry == spec.owner.entry else replace(spec, owner=replace(spec.owner, entry=found.entry))
    return replace(spec, owner=replace(spec.owner, entry=process.entry(spec.owner.text)))
