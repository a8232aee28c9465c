"""Whether a Secret that has to be deleted could be, and created again: asked first, as nothing would bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...clients.kubernetes.cluster_errors import ConflictError, ForbiddenError, NamespaceTerminatingError, RefusedError
from ...errors import WriteError
from ..operation.cluster_memory import PROBE

if TYPE_CHECKING:
    from ..operation.memory import ProcessMemory
    from .build import Built


def refuse_undeletable(built: Built, process: ProcessMemory) -> None:
    """Ask by a dry run whether the live Secret may be deleted.

    Raises:
        WriteError: it may not.
    """
    live, spec = built.plan.live, built.plan.spec
    if live is None:
        return
    try:
        process.cluster(spec.cluster).client.delete_secret(spec.namespace, spec.name, uid=live.uid, dry_run=True)
    except ForbiddenError as error:
        raise WriteError(f"Secret {spec.namespace}/{spec.name} has to be deleted, and cannot be: {error}") from None
    except RefusedError:
        return  # such as a webhook that takes no dry run: the deletion itself says it, and nothing is lost


def refuse_uncreatable(built: Built, process: ProcessMemory) -> None:
    """Ask by dry runs whether the live Secret may be deleted, and the cluster would take the one in its place.

    In a preview without values; then what webhooks and policies say is a warning, as they may take the Secret itself.

    Raises:
        WriteError: not so; the live Secret is to stay as it is.
    """
    planned, spec = built.plan, built.plan.spec
    if planned.live is None:
        return
    refuse_undeletable(built, process)
    body = dict(built.write.body or {}) if built.write else {}
    kept = {key: value for key, value in body.get("metadata", {}).items() if key in ("labels", "annotations")}
    cluster = process.cluster(spec.cluster)
    try:
        cluster.client.try_create_secret(spec.namespace, spec.name, {**body, "metadata": kept}, field_manager=PROBE)
    except ConflictError:
        return  # all is in order, but for the live one
    except RefusedError as error:
        if isinstance(error, ForbiddenError) and not (_of_rights(error) or error.by_admission):
            return  # a quota, in which the live one counts
        said = f"Secret {spec.namespace}/{spec.name} has to be deleted and created again, and could not be created"
        if not body and error.by_admission:
            process.tell_once(
                f"admission to {spec.namespace}", f"warning: {said}: {error} That was a dry run without values"
            )
            return
        raise WriteError(f"{said}, so it stays as it is: {error}") from None


def _of_rights(error: ForbiddenError) -> bool:
    return bool(error.verb) or isinstance(error, NamespaceTerminatingError)
