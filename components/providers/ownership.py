"""Whose a Secret is: ours, somebody else's, or External Secrets Operator's; and what taking one over means."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..clients.kubernetes.managed_fields import data_keys_applied_by
from ..clients.kubernetes.metadata import OwnerReference, SecretMetadata
from ..core.errors import WriteError
from ..core.kubernetes_secret import FIELD_MANAGER, OWNER_ANNOTATION, Marks
from ..core.specs import SecretSpec

ESO_GROUP = "external-secrets.io/"
ESO_MARKS = "reconcile.external-secrets.io/"
MOVING = "docs/moving-from-eso.md"


def marks(spec: SecretSpec) -> Marks:
    """The names of an ExternalSecret's marks on its Secret."""
    return Marks.of(spec.owner, shared=spec.target.shared)


def is_ours(live: SecretMetadata, owners: Collection[str]) -> bool:
    """Whether the Secret is one that we created: it says so, or the mark is gone but our fields are still there."""
    mark = live.annotations.get(OWNER_ANNOTATION)
    if mark is None:
        return bool(data_keys_applied_by(live.managed_fields, FIELD_MANAGER))
    return mark in owners


def operators_reference(live: SecretMetadata) -> OwnerReference | None:
    """The ExternalSecret of External Secrets Operator that controls the Secret, if one does."""
    return next(
        (
            each
            for each in live.owners
            if each.controller and each.kind == "ExternalSecret" and each.api_version.startswith(ESO_GROUP)
        ),
        None,
    )


def refuse_foreign(spec: SecretSpec, live: SecretMetadata | None, owners: Collection[str]) -> None:
    """Raise where a Secret is in the way that is not ours to write.

    Args:
        spec: the ExternalSecret.
        live: the Secret that is there.
        owners: our own names, as a Secret of ours may bear them.

    Raises:
        WriteError: the text says whose it is and what to do.
    """
    if live is None or spec.target.creation_policy == "None":
        return
    where = f"Secret {spec.namespace}/{spec.name}"
    operators = operators_reference(live)
    if operators and not spec.target.adopt:
        raise WriteError(
            f"{where}: the target is owned by another ExternalSecret, {operators.name!r} of External Secrets "
            "Operator. To take it over without a moment in which it is missing, set `adopt` on the target and see "
            f"{MOVING}; else choose another target name."
        )
    mark = live.annotations.get(OWNER_ANNOTATION)
    if mark is not None and mark not in owners:
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret (written by ExternalSecret {mark}): "
            "the target is owned by another ExternalSecret, so it is not touched. Choose another target name, or "
            "remove it there first."
        )
    if spec.target.shared or is_ours(live, owners):
        return
    controller = next((each for each in live.owners if each.controller and each is not operators), None)
    if controller:
        raise WriteError(
            f"{where} is controlled by {controller.kind} {controller.name!r}, which would write it again, so it is not "
            "touched. Choose another target name, or creationPolicy Merge to add keys to it."
        )
    if not spec.target.adopt:
        by = ", ".join(sorted({each.manager for each in live.managed_fields})) or "somebody else"
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret (written by {by}), so it is not "
            "touched. Choose another target name, delete that Secret first, set `adopt` on the target to take it over, "
            "or use creationPolicy Merge to add keys to it."
        )


def release_patch(mine: Marks) -> dict[str, Any]:
    """A merge patch that takes our marks off a Secret that stays when its ExternalSecret goes."""
    gone: dict[str, Any] = {"annotations": dict.fromkeys((mine.owner, mine.versions, mine.tags, mine.texts))}
    if mine.labels:
        gone["labels"] = dict.fromkeys(mine.labels)
    return {"metadata": gone}


def takeover_patch(live: SecretMetadata) -> dict[str, Any]:
    """A merge patch that makes External Secrets Operator and the garbage collector let go of a Secret, if need be."""
    labels = {key: None for key in live.labels if key.startswith(ESO_MARKS)}
    annotations = {key: None for key in live.annotations if key.startswith(ESO_MARKS)}
    patch: dict[str, Any] = {}
    if operators_reference(live):
        patch["ownerReferences"] = None
    if labels:
        patch["labels"] = labels
    if annotations:
        patch["annotations"] = annotations
    return {"metadata": patch} if patch else {}
