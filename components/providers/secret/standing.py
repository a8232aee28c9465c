"""What the running operation knows of an ExternalSecret's Secret: what its state says, and who else wants it."""

from __future__ import annotations

from dataclasses import replace

from ...clients.kubernetes.metadata import SecretMetadata
from ...core.secret.kubernetes_secret import OWNER_ANNOTATION, shown_key
from ...core.spec.owner import Owner
from ...core.spec.specs import SecretSpec
from ...errors import WriteError
from ..operation.claims import Claim
from ..operation.opening import process_memory
from .before import Before
from .ownership import Standing


def claim(spec: SecretSpec, keys: frozenset[str], uid: str | None) -> None:
    """Note that an ExternalSecret writes keys of a Secret in this operation.

    Args:
        spec: the ExternalSecret.
        keys: the keys, as far as they are known.
        uid: the Secret that is there, if one is.

    Raises:
        WriteError: another one of the program writes the Secret and does not share it, or writes one of the keys.
        ClusterError: the kubeconfig cannot be used.
    """
    if spec.target.creation_policy == "None":
        return
    process = process_memory()
    route = process.cluster(spec.cluster).client.route
    places = [(*route, spec.namespace, spec.name), *([uid] if uid else [])]
    refused = process.claims.claim(places, Claim(spec.owner, spec.target.shared, keys))
    if refused is None:
        return
    owner, key = refused
    other = owner.beside(spec.owner)
    where = f"Secret {spec.namespace}/{spec.name}"
    if key is not None:
        raise WriteError(
            f"{where}: key {shown_key(key)} is written by another ExternalSecret, {other}, of this program too; give "
            "one of them another key"
        )
    raise WriteError(
        f"{where}: the target is owned by another ExternalSecret, {other}, of this program; give one of them another "
        "target name, or both creationPolicy CreateOrMerge"
    )


def standing_of(spec: SecretSpec, before: Before | None) -> Standing:
    """What the state says of the Secret, as far as this operation was told."""
    process = process_memory()
    written = before is not None and before.wrote
    known, was_written = process.cluster(spec.cluster).recall(
        spec.namespace, spec.name, spec.owner, before.spec.owner if before else None, written=written
    )
    return Standing(frozenset(known), written or was_written, frozenset(process.state_ids))


def recognised(spec: SecretSpec, before: Before | None, live: SecretMetadata | None) -> SecretSpec:
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
    found, process = Owner.of_mark(mark), process_memory()
    if not any(found.is_same_resource(each) for each in (spec.owner, *([before.spec.owner] if before else []))):
        return spec
    process.cluster(spec.cluster).recall(spec.namespace, spec.name, spec.owner, found, written=False)
    if process.recorded_owner(spec.owner.text, None) is not None:
        return spec
    return replace(spec, owner=replace(spec.owner, entry=process.entry(spec.owner.text)))


def keep(spec: SecretSpec, live: SecretMetadata | None) -> None:
    """Note that a Secret is kept by this ExternalSecret, so that no other entry of the state deletes it."""
    if live is not None and spec.owner.mark is not None and spec.target.creation_policy != "None":
        process_memory().keep(live.uid, spec.owner.mark)
