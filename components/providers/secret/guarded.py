"""Changes just the Secret that was looked at: one that changes hands between the look and the write is not touched.

All stacks write their own Secrets under one field manager, and a Secret that is taken over keeps its uid. So neither
tells the API server that it is another's by now; its resource version does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ...clients.kubernetes.cluster_errors import ConflictError, UidMismatchError
from ...core.secret.kubernetes_secret import OWNER_ANNOTATION
from ...errors import WriteError
from .ownership import marks, sharers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...clients.kubernetes.client import KubernetesClient
    from ...clients.kubernetes.metadata import SecretMetadata
    from ...core.spec.specs import SecretSpec

T = TypeVar("T")
_TRIES = 10
"""How often others may change a Secret between a look at it and the write."""


def guarded(
    client: KubernetesClient,
    spec: SecretSpec,
    seen: SecretMetadata | None,
    refuse: Callable[[SecretMetadata], None],
    act: Callable[[str | None], T],
) -> T:
    """Do something to a Secret as it was looked at; where others changed it since, look again.

    Args:
        client: the cluster's.
        spec: the Secret.
        seen: what the look found; None to begin with one.
        refuse: raises where the Secret of a new look is not to be touched.
        act: what is done, with the resource version of the look; None where there is no Secret.

    Raises:
        WriteError: the API server refuses, or `refuse` does.
    """
    live = seen
    for left in reversed(range(_TRIES)):
        if live is None and (live := client.get_secret_metadata(spec.namespace, spec.name)) is not None:
            refuse(live)
        try:
            return act(live.resource_version if live else None)
        except ConflictError as error:
            if isinstance(error, UidMismatchError) or not left:
                raise
            live = None
    raise AssertionError


def delete(client: KubernetesClient, spec: SecretSpec, seen: SecretMetadata) -> None:
    """Delete the Secret that was looked at.

    Raises:
        WriteError: the API server refuses, or somebody else holds it by now.
    """

    def act(version: str | None) -> None:
        client.delete_secret(spec.namespace, spec.name, uid=seen.uid, resource_version=version)

    guarded(client, spec, seen, _unless_taken(spec, seen), act)


def overwrite(
    client: KubernetesClient, spec: SecretSpec, body: Mapping[str, Any], seen: SecretMetadata
) -> SecretMetadata:
    """Apply a Secret of our own over what was looked at.

    Raises:
        WriteError: the API server refuses, somebody else holds it by now, or it is being deleted.
    """
    refuse_taken = _unless_taken(spec, seen)

    def refuse(live: SecretMetadata) -> None:
        refuse_taken(live)
        if live.deletion_timestamp:
            raise WriteError(
                f"Secret {spec.namespace}/{spec.name} was deleted by somebody else while this was running, and waits "
                "for its finalizers. Run this again when it is gone."
            )

    return guarded(client, spec, seen, refuse, partial(forced, client, spec, body))


def forced(client: KubernetesClient, spec: SecretSpec, body: Mapping[str, Any], version: str | None) -> SecretMetadata:
    """Apply a Secret as it has this resource version, and take over what others set in it."""
    guard = {} if version is None else {"resourceVersion": version}
    whole = {**body, "metadata": {**body["metadata"], **guard}}
    return client.apply_secret(spec.namespace, spec.name, whole, force=True, field_manager=marks(spec).manager)


def _unless_taken(spec: SecretSpec, seen: SecretMetadata) -> Callable[[SecretMetadata], None]:
    """A check for `guarded`: nobody holds the Secret who did not when it was looked at."""

    def refuse(live: SecretMetadata) -> None:
        if _holders(live) - _holders(seen) - {spec.owner.mark}:
            raise WriteError(
                f"Secret {spec.namespace}/{spec.name} was taken over by somebody else while this was running, so it is "
                "not touched. Run this again: preview says whose it is."
            )

    return refuse


def _holders(live: SecretMetadata) -> set[str | None]:
    """The marks on a Secret, and what controls it."""
    own = {live.annotations[OWNER_ANNOTATION]} if OWNER_ANNOTATION in live.annotations else set()
    controllers = {f"{each.kind} {each.name}" for each in live.owners if each.controller}
    return {*own, *sharers(live).values(), *controllers}
