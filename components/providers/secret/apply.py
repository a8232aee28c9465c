"""Writes what was built: applies the Secret, removes what others left in it, deletes it, or lets it go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.cluster_errors import ConflictError, FieldConflictError
from ...core.secret.kubernetes_secret import OWNER_ANNOTATION, VERSIONS_ANNOTATION, Marks
from ...core.spec.owner import Owner
from ...core.spec.specs import SecretSpec
from ...display import plain, some_of
from ...errors import ParameterStoreError, WriteError
from ..operation.claims import Claim
from ..operation.targets import ClaimedError
from ..operation.unfinished import UnfinishedError
from .admission import see_to_altered
from .cluster_records import are_apart, unless_unreachable, written_to
from .guarded import delete, forced, guarded, overwrite
from .ownership import held_besides, is_ours, marks, refuse_inherited, refuse_taken_keys
from .standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...clients.kubernetes.client import KubernetesClient
    from ...clients.kubernetes.metadata import SecretMetadata
    from ..operation.cluster_memory import Write
    from ..operation.memory import ProcessMemory


_OF_NONE = "1"
"""A resource version that no Secret has: the API server makes one with it, and refuses to change one."""


def apply(
    spec: SecretSpec, write: Write, before: SecretSpec | None, recorded: Mapping[str, Any], process: ProcessMemory
) -> dict[str, Any]:
    """Do to the Secret what was built, and say what came of it: the outputs of the resource.

    Args:
        spec: the Secret.
        write: what was built.
        before: what was declared when it was written last; None where it is created.
        recorded: the outputs that the state holds; empty where it is created.
        process: the operation's clients and memory.

    Raises:
        WriteError: the API server refuses.
        UnfinishedError: it was created, but is not as it should be.
        ClusterError: the cluster cannot be reached.
    """
    client = process.cluster(spec.cluster).client
    if write.unmarked and write.uid != recorded.get("uid"):
        _refuse_unmarked(client, spec)
    uid = _carry_out(spec, write, process, new=before is None)
    if before is not None:
        _give_up(client, before, spec, recorded, process)
    if write.seals and write.body is not None:
        whole = {**write.body, "metadata": {**write.body["metadata"], "uid": uid}}
        with _noting_what_is_there(spec, process, new=before is None):
            client.apply_secret(spec.namespace, spec.name, whole, force=True, field_manager=marks(spec).manager)
    if uid and spec.owner.mark:
        process.keep(uid, spec.owner.mark)
    if uid and spec.target.creation_policy != "None":
        process.claims.claim([uid], Claim(spec.owner, spec.target.shared, write.keys))
    process.targets.settle(spec, uid)
    said = {"status": write.status, "message": write.message}
    if write.renews:
        said = {key: recorded[key] for key in said if key in recorded}
    return {
        **({"uid": uid} if uid else {}),
        "refreshTime": datetime.now(UTC).isoformat(timespec="seconds"),
        **said,
    }


def _carry_out(spec: SecretSpec, write: Write, process: ProcessMemory, *, new: bool) -> str | None:
    """Delete the Secret, write it, or leave it and say so; which object it is then."""
    if write.delete and write.live:
        _delete(spec, write.live, process)
        return None
    if write.body is None:
        if not write.renews and spec.target.creation_policy != "None":
            process.tell(f"Secret {spec.namespace}/{spec.name} is not written: {write.message}")
        return write.uid
    if write.deletes_first and write.live:
        _delete(spec, write.live, process)
    else:
        _refuse_kept(spec, write.uid if new else None, process)
    client = process.cluster(spec.cluster).client
    with _noting_what_is_there(spec, process, new=new):
        written = _apply(client, spec, write, process, creating=new or write.deletes_first)
        if spec.owner.mark:
            process.keep(written.uid, spec.owner.mark)
        see_to_altered(spec, write.body, written, process)
    return written.uid


@contextmanager
def _noting_what_is_there(spec: SecretSpec, process: ProcessMemory, *, new: bool) -> Iterator[None]:
    """Where the making of a Secret fails, see whether ours is there all the same: the state is to know it.

    Raises:
        UnfinishedError: it is there.
    """
    try:
        yield
    except ParameterStoreError as error:
        live = _ours(spec, process) if new else None
        if live is None:
            raise
        raise UnfinishedError(str(error), {"uid": live.uid, "status": "SecretSyncedError"}) from None


def _ours(spec: SecretSpec, process: ProcessMemory) -> SecretMetadata | None:
    """The live Secret, where it bears our mark or was written by this operation, and the cluster tells."""
    with suppress(ParameterStoreError):
        live = process.cluster(spec.cluster).client.get_secret_metadata(spec.namespace, spec.name)
        if live is not None:
            mark = spec.owner.mark
            marked = mark is not None and live.annotations.get(marks(spec).owner) == mark
            return live if marked or process.keeps(live.uid, mark) else None
    return None


def _refuse_unmarked(client: KubernetesClient, spec: SecretSpec) -> None:
    """Raise where a Secret without a mark is not the object that the state records: another stack may have made it."""
    live = client.get_secret_metadata(spec.namespace, spec.name)
    if live is not None and not is_ours(live, [spec.owner.mark], known=False):
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name} exists already and was not created by this ExternalSecret: it bears "
            "no mark, and is not the object that this stack wrote, so it is not touched. Delete it first, or set "
            "`adopt` on the target to take it over."
        )


def _refuse_kept(spec: SecretSpec, uid: str | None, process: ProcessMemory) -> None:
    """Raise where the object that had to be deleted before its Secret is created again is there."""
    cluster = process.cluster(spec.cluster)
    if uid is None or not cluster.is_rebuilt(spec.namespace, spec.name, spec.owner):
        return
    live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
    if live is not None and live.uid == uid:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name} has to be deleted and created again, and is still there: the option "
            "retain_on_delete keeps it, or somebody else holds it. Leave that option out, run `pulumi up` without this "
            "change, and then with it; or give the target another name."
        )


def _apply(
    client: KubernetesClient, spec: SecretSpec, write: Write, process: ProcessMemory, *, creating: bool
) -> SecretMetadata:
    body, force = dict(write.body or {}), write.force
    cleanup = write.cleanup
    if write.seals:
        del body["immutable"]
    if creating and write.uid and client.get_secret_metadata(spec.namespace, spec.name) is None:
        # It was deleted to be created again after this was built.
        body["metadata"] = {key: value for key, value in body["metadata"].items() if key != "uid"}
        force, cleanup = False, {}
    manager = marks(spec).manager
    if "uid" not in body["metadata"] and not spec.target.shared:
        return _make(client, spec, body)
    if force and spec.target.shared:
        written = _share(client, spec, body, write.keys, process)
    elif force and write.live:
        written = overwrite(client, spec, body, write.live)
    else:
        written = client.apply_secret(spec.namespace, spec.name, body, force=force, field_manager=manager)
    if cleanup:
        client.patch_secret(spec.namespace, spec.name, cleanup, resource_version=written.resource_version)
    return written


def _share(
    client: KubernetesClient, spec: SecretSpec, body: Mapping[str, Any], keys: Collection[str], process: ProcessMemory
) -> SecretMetadata:
    """Apply our part of a shared Secret, and take over what others set in it; not keys that became another program's.

    Whose they are is looked at again where others set some of our fields, and just that state of the Secret is changed.

    Raises:
        WriteError: another program's ExternalSecret writes a key since the Secret was looked at first.
    """
    manager = marks(spec).manager
    with suppress(FieldConflictError):
        return client.apply_secret(spec.namespace, spec.name, body, force=False, field_manager=manager)

    def refuse(live: SecretMetadata) -> None:
        refuse_taken_keys(spec, live, keys, standing_of(spec, None, process))

    return guarded(client, spec, None, refuse, partial(forced, client, spec, body))


def _make(client: KubernetesClient, spec: SecretSpec, body: Mapping[str, Any]) -> SecretMetadata:
    """Make a Secret of our own; one that somebody made under its name in the meantime is not touched.

    All stacks write under one field manager, so that the API server would let one of them overwrite another's.

    Raises:
        WriteError: there is one.
    """

    def apply(**named: str) -> SecretMetadata:
        whole = {**body, "metadata": {**body["metadata"], **named}}
        manager, force = marks(spec).manager, "uid" in named
        return client.apply_secret(spec.namespace, spec.name, whole, force=force, field_manager=manager)

    try:
        return apply(resourceVersion=_OF_NONE)
    except ConflictError:
        live = client.get_secret_metadata(spec.namespace, spec.name)
        if live is None:
            raise
        # Our own mark tells that it was made by this call, whose answer got lost so that the client tried again.
        if not is_ours(live, [spec.owner.mark], known=False):
            raise WriteError(
                f"Secret {spec.namespace}/{spec.name} was made by somebody else while this was running, so it is not "
                "touched. Run this again: preview says whose it is."
            ) from None
        return apply(uid=live.uid)


def _give_up(
    client: KubernetesClient, old: SecretSpec, new: SecretSpec, recorded: Mapping[str, Any], process: ProcessMemory
) -> None:
    """After a change of its name as a field manager, have the old one own nothing any more: what only it set goes.

    Where the ExternalSecret writes nothing any more, the Secret that it wrote is let go, in the cluster that it is in.
    """
    before, now = marks(old), marks(new)
    if new.target.creation_policy == "None":
        if old.target.creation_policy != "None":
            with unless_unreachable(old, recorded, process):
                _let_go(process.cluster(written_to(old, recorded, process)).client, old, process)
    elif before != now and old.target.creation_policy != "None":
        live = client.get_secret_metadata(new.namespace, new.name)
        if live is not None and live.annotations.get(before.owner) in (None, old.owner.mark, new.owner.mark):
            body = {"metadata": {"uid": live.uid, "resourceVersion": live.resource_version}}
            client.apply_secret(new.namespace, new.name, body, force=False, field_manager=before.manager)


def remove(spec: SecretSpec, uid: str | None, stack: str | None, process: ProcessMemory) -> None:
    """What becomes of the Secret when its ExternalSecret goes: deleted where it is ours alone, else let go.

    Args:
        spec: the Secret.
        uid: the object that was written, as far as the state records it.
        stack: `project/stack` of the entry of the state that goes, as far as it is known.
        process: the operation's clients and memory.

    Raises:
        WriteError: the API server refuses, another stack wrote it, or another ExternalSecret was to take it over and
            has not done so.
        ClusterError: the cluster cannot be reached.
    """
    policy, cluster, mark = spec.target.creation_policy, process.cluster(spec.cluster), spec.owner.mark
    # Where it is created again in this operation, `check` gets nothing of the state.
    cluster.recall(spec.namespace, spec.name, spec.owner, None, written=policy != "None")
    if process.is_inherited(spec.owner, stack):
        _refuse_marked_elsewhere(cluster.client, spec)
    rebuilt = cluster.is_rebuilt(spec.namespace, spec.name, spec.owner)
    if policy == "Owner" or (policy == "Orphan" and rebuilt):
        live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
        if live is None:
            return
        # One that took the Secret over from us, and let it go for good, took all marks off it.
        known = live.uid == uid and (rebuilt or VERSIONS_ANNOTATION in live.annotations)
        if not is_ours(live, [mark], known=known):
            _say_left(spec, live, process)
        elif holder := held_besides(live, mark):
            _let_go(cluster.client, spec, process)
            _tell_left(spec, holder, process)
        elif rebuilt:
            _delete(spec, live, process)
        elif not process.keeps(live.uid, mark):
            _remove_unclaimed(spec, live, process)
    else:
        _let_go(cluster.client, spec, process)


def _delete(spec: SecretSpec, live: SecretMetadata, process: ProcessMemory) -> None:
    """Delete the Secret that was looked at, and say so where it stays for now."""
    delete(process.cluster(spec.cluster).client, spec, live)
    if live.finalizers:
        process.tell(
            f"Secret {spec.namespace}/{spec.name} is there until its finalizers are removed: "
            f"{plain(some_of(live.finalizers))}"
        )


def _remove_unclaimed(spec: SecretSpec, live: SecretMetadata, process: ProcessMemory) -> None:
    """Delete a Secret of ours, unless an ExternalSecret of this operation declares it: then it stays.

    Raises:
        ClaimedError: that one has not done its work, so this entry stays in the state with its Secret.
    """
    client = process.cluster(spec.cluster).client
    claimant = process.targets.claimant(spec, live.uid, lambda one, other: are_apart(one, other, process))
    if claimant is None:
        _delete(spec, live, process)
    elif claimant.settled:
        _let_go(client, spec, process)
        _tell_left(spec, f"ExternalSecret {claimant.title} declares it", process)
    else:
        raise ClaimedError(
            f"Secret {spec.namespace}/{spec.name} is not deleted: ExternalSecret {claimant.title} is to take it "
            "over, and has not done so. See to that one's error, and run `pulumi up` again."
        )


def _say_left(spec: SecretSpec, live: SecretMetadata, process: ProcessMemory) -> None:
    """Say that a Secret stays, unless another resource of this operation has just taken it over."""
    mark = live.annotations.get(OWNER_ANNOTATION)
    if process.keeps(live.uid, mark):
        return
    if not mark:
        whose = "it bears no mark"
    elif Owner.of_mark(mark).is_same_resource(spec.owner):
        whose = "another entry of the state with this ExternalSecret keeps it"
    else:
        whose = f"it is that of ExternalSecret {Owner.of_mark(mark).full_title}"
    _tell_left(spec, whose, process)


def _tell_left(spec: SecretSpec, why: str, process: ProcessMemory) -> None:
    process.tell(f"Secret {spec.namespace}/{spec.name} stays, though ExternalSecret {spec.owner.title} goes: {why}")


def _refuse_marked_elsewhere(client: KubernetesClient, spec: SecretSpec) -> None:
    """Raise where the Secret bears the mark that a state of another stack recorded.

    Raises:
        WriteError: the text names that stack and what to do.
    """
    if spec.target.creation_policy == "None":
        return
    live = client.get_secret_metadata(spec.namespace, spec.name)
    if live is not None and live.annotations.get(marks(spec).owner) == spec.owner.mark:
        refuse_inherited(spec, spec.owner)


def _let_go(client: KubernetesClient, spec: SecretSpec, process: ProcessMemory) -> None:
    """Take our marks off a Secret that stays, where it has them and no other resource of this operation keeps it."""
    mine, mark = marks(spec), spec.owner.mark
    if process.is_inherited(spec.owner):
        _refuse_marked_elsewhere(client, spec)
    live = None if spec.target.creation_policy == "None" else client.get_secret_metadata(spec.namespace, spec.name)
    if live is None or live.annotations.get(mine.owner) != mark or process.keeps(live.uid, mark):
        return
    client.patch_secret(spec.namespace, spec.name, _release_patch(mine), resource_version=live.resource_version)


def _release_patch(mine: Marks) -> dict[str, Any]:
    """A merge patch that takes our marks off a Secret that stays when its ExternalSecret goes."""
    gone: dict[str, Any] = {"annotations": dict.fromkeys(mine.annotations)}
    if mine.labels:
        gone["labels"] = dict.fromkeys(mine.labels)
    return {"metadata": gone}
