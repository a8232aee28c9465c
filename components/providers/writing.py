"""Writes what was built: applies the Secret, removes what others left in it, deletes it, or lets it go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..core.specs import SecretSpec
from .opening import process_memory
from .ownership import is_ours, marks, release_patch

if TYPE_CHECKING:
    from ..clients.kubernetes.client import KubernetesClient
    from .cluster_memory import Write


def carry_out(spec: SecretSpec, write: Write, before: SecretSpec | None) -> dict[str, Any]:
    """Do to the Secret what was built, and say what came of it: the outputs of the resource.

    Args:
        spec: the Secret.
        write: what was built.
        before: what was declared when it was written last; None where it is created.

    Raises:
        WriteError: the API server refuses.
        ClusterError: the cluster cannot be reached.
    """
    client = process_memory().cluster(spec.cluster).client
    uid = write.uid
    if write.delete and uid:
        client.delete_secret(spec.namespace, spec.name, uid=uid)
        uid = None
    elif write.body is not None:
        if write.anew and uid:
            client.delete_secret(spec.namespace, spec.name, uid=uid)
        uid = _apply(client, spec, write, creating=before is None or write.anew)
    if before is not None:
        _give_up(client, before, spec)
    if write.seals and write.body is not None:
        whole = {**write.body, "metadata": {**write.body["metadata"], "uid": uid}}
        client.apply_secret(spec.namespace, spec.name, whole, force=True, field_manager=marks(spec).manager)
    return {
        **({"uid": uid} if uid else {}),
        "refreshTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": write.status,
        "message": write.message,
    }


def _apply(client: KubernetesClient, spec: SecretSpec, write: Write, *, creating: bool) -> str:
    body, force = dict(write.body or {}), write.force
    cleanup = write.cleanup
    if write.seals:
        del body["immutable"]
    if creating and write.uid and client.get_secret_metadata(spec.namespace, spec.name) is None:
        # It was deleted to be made anew after this was built.
        body["metadata"] = {key: value for key, value in body["metadata"].items() if key != "uid"}
        force, cleanup = False, {}
    manager = marks(spec).manager
    written = client.apply_secret(spec.namespace, spec.name, body, force=force, field_manager=manager)
    if cleanup:
        client.patch_secret(spec.namespace, spec.name, cleanup, resource_version=written.resource_version)
    return written.uid


def _give_up(client: KubernetesClient, old: SecretSpec, new: SecretSpec) -> None:
    """After a change of its name as a field manager, have the old one own nothing any more: what only it set goes.

    Where the ExternalSecret writes nothing any more, the Secret that it wrote is let go.
    """
    before, now = marks(old), marks(new)
    if new.target.creation_policy == "None":
        _let_go(client, old)
    elif before != now and old.target.creation_policy != "None":
        live = client.get_secret_metadata(new.namespace, new.name)
        if live is not None:
            body = {"metadata": {"uid": live.uid}}
            client.apply_secret(new.namespace, new.name, body, force=False, field_manager=before.manager)


def remove(spec: SecretSpec) -> None:
    """What becomes of the Secret when its ExternalSecret goes: deleted where it is ours alone, else let go.

    Raises:
        WriteError: the API server refuses.
        ClusterError: the cluster cannot be reached.
    """
    policy, cluster = spec.target.creation_policy, process_memory().cluster(spec.cluster)
    # What waits to be written under this name means that the Secret is made anew.
    if policy == "Owner" or (policy == "Orphan" and cluster.waits(spec.namespace, spec.name, spec.owner)):
        live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
        if live is not None and is_ours(live, [spec.owner], known=True):
            cluster.client.delete_secret(spec.namespace, spec.name, uid=live.uid)
    else:
        _let_go(cluster.client, spec)


def _let_go(client: KubernetesClient, spec: SecretSpec) -> None:
    """Take our marks off a Secret that stays, where it has them."""
    mine = marks(spec)
    live = None if spec.target.creation_policy == "None" else client.get_secret_metadata(spec.namespace, spec.name)
    if live is not None and live.annotations.get(mine.owner) == spec.owner:
        client.patch_secret(spec.namespace, spec.name, release_patch(mine), resource_version=live.resource_version)
