"""Whose a Secret is: ours, somebody else's, or External Secrets Operator's; and what taking one over means."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..clients.kubernetes.managed_fields import data_keys_applied_by
from ..clients.kubernetes.metadata import OwnerReference, SecretMetadata
from ..core.bookkeeping import is_bookkeeping
from ..core.display import shown_manager
from ..core.errors import WriteError
from ..core.kubernetes_secret import FIELD_MANAGER, OWNER_ANNOTATION, Marks, shown_key
from ..core.specs import SecretSpec

ESO_GROUP = "external-secrets.io/"
ESO_MANAGER = "externalsecrets.external-secrets.io/"
ESO_MARKS = "reconcile.external-secrets.io/"
MOVING = "docs/moving-from-eso.md"


def marks(spec: SecretSpec) -> Marks:
    """The names of an ExternalSecret's marks on its Secret."""
    return Marks.of(spec.owner, shared=spec.target.shared)


def is_ours(live: SecretMetadata, owners: Collection[str], *, known: bool) -> bool:
    """Whether the Secret is ours alone: it says so, or all of its keys are those of one of us that would share it.

    Args:
        live: the Secret.
        owners: our own names.
        known: we wrote it in an earlier operation; then our fields tell, too, where somebody took its mark away.
    """
    mark = live.annotations.get(OWNER_ANNOTATION)
    if mark is not None:
        return mark in owners
    if known and data_keys_applied_by(live.managed_fields, FIELD_MANAGER):
        return True
    ours = [suffix for suffix, owner in _sharers(live).items() if owner in owners]
    return any(not foreign_keys(live, FIELD_MANAGER + suffix) for suffix in ours)


def foreign_keys(live: SecretMetadata, manager: str) -> frozenset[str]:
    """The keys of a Secret that only others have set."""
    theirs = frozenset(key for each in live.managed_fields for key in each.data_keys)
    return theirs - data_keys_applied_by(live.managed_fields, manager)


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


def refuse_foreign(spec: SecretSpec, live: SecretMetadata | None, owners: Collection[str], *, known: bool) -> None:
    """Raise where a Secret is in the way that is not ours to write.

    Args:
        spec: the ExternalSecret.
        live: the Secret that is there.
        owners: our own names, as a Secret of ours may bear them.
        known: see `is_ours`.

    Raises:
        WriteError: the text says whose it is and what to do.
    """
    if live is None or spec.target.creation_policy == "None":
        return
    where = f"Secret {spec.namespace}/{spec.name}"
    if live.deletion_timestamp:
        raise WriteError(
            f"{where} is being deleted, and waits for its finalizers since {live.deletion_timestamp.isoformat()}. Try "
            "again when it is gone, or have its finalizers removed."
        )
    operators = operators_reference(live)
    if operators and not spec.target.adopt:
        raise WriteError(
            f"{where}: the target is owned by another ExternalSecret, {operators.name!r} of External Secrets "
            "Operator. To take it over without a moment in which it is missing, set `adopt` on the target and see "
            f"{MOVING}; else choose another target name."
        )
    mark = live.annotations.get(OWNER_ANNOTATION)
    may_be_renamed = mark is not None and _one_program(mark, spec.owner) and not spec.target.shared
    if mark is not None and mark not in owners and not (may_be_renamed and spec.target.adopt):
        renamed = "; or set `adopt` on the target, if that one got this name" if may_be_renamed else ""
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret (written by ExternalSecret {mark}): "
            "the target is owned by another ExternalSecret, so it is not touched. Choose another target name, or "
            f"remove it there first{renamed}."
        )
    if spec.target.shared:
        refuse_taken_keys(spec, live, spec.plain_keys or frozenset())
        return
    if sharer := next((each for each in _sharers(live).values() if each not in owners), None):
        raise WriteError(
            f"{where} is shared by another ExternalSecret, {sharer}, whose keys would go, so it is not touched. Choose "
            "another target name, or creationPolicy CreateOrMerge to share it, too."
        )
    if is_ours(live, owners, known=known):
        return
    controller = next((each for each in live.owners if each.controller and each is not operators), None)
    if controller:
        raise WriteError(
            f"{where} is controlled by {controller.kind} {controller.name!r}, which would write it again, so it is not "
            "touched. Choose another target name, or creationPolicy Merge to add keys to it."
        )
    if not spec.target.adopt:
        by = ", ".join(sorted({shown_manager(each.manager) for each in live.managed_fields})) or "somebody else"
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret (written by {by}), so it is not "
            "touched. Choose another target name, delete that Secret first, set `adopt` on the target to take it over, "
            "or use creationPolicy Merge to add keys to it."
        )


def refuse_taken_keys(spec: SecretSpec, live: SecretMetadata, keys: Collection[str]) -> None:
    """Raise where a key of a shared Secret is kept by an ExternalSecret of another program.

    Within one program `preparing.claim` tells, which lets a key go from one to the other.

    Args:
        spec: the ExternalSecret.
        live: the Secret that is there.
        keys: the keys that it would write.

    Raises:
        WriteError: the text names the key and the other one.
    """
    for suffix, owner in sorted(_sharers(live).items()):
        theirs = data_keys_applied_by(live.managed_fields, FIELD_MANAGER + suffix)
        if not _one_program(owner, spec.owner) and (taken := sorted(theirs.intersection(keys))):
            raise WriteError(
                f"Secret {spec.namespace}/{spec.name}: key {shown_key(taken[0])} is written by another ExternalSecret, "
                f"{owner}, so it is not touched. Give one of them another key."
            )


def _sharers(live: SecretMetadata) -> dict[str, str]:
    """Suffix of the marks -> owner, of all ExternalSecrets that share the Secret."""
    prefix = f"{OWNER_ANNOTATION}-"
    return {
        name.removeprefix(OWNER_ANNOTATION): owner
        for name, owner in live.annotations.items()
        if name.startswith(prefix)
    }


def _one_program(owner: str, other: str) -> bool:
    """Whether two `project/stack/name` are of one stack."""
    return owner.split("/")[:2] == other.split("/")[:2]


def release_patch(mine: Marks) -> dict[str, Any]:
    """A merge patch that takes our marks off a Secret that stays when its ExternalSecret goes."""
    gone: dict[str, Any] = {"annotations": dict.fromkeys((mine.owner, mine.versions, mine.tags, mine.texts))}
    if mine.labels:
        gone["labels"] = dict.fromkeys(mine.labels)
    return {"metadata": gone}


def takeover_patch(live: SecretMetadata, wanted: Collection[str] = ()) -> dict[str, Any]:
    """A merge patch that makes External Secrets Operator and the garbage collector let go of a Secret, if need be.

    What the operator copied of other tools' bookkeeping goes too: Argo CD leaves alone what an ExternalSecret owns, and
    would prune the Secret by its tracking label as soon as nothing does.

    Args:
        live: the Secret.
        wanted: labels and annotations that are to stay, as they are declared.
    """
    copied = {
        path[2]
        for each in live.managed_fields
        if each.manager.startswith(ESO_MANAGER)
        for path in each.fields
        if path[:2] in (("metadata", "labels"), ("metadata", "annotations")) and is_bookkeeping(path[-1])
    }
    gone = copied.difference(wanted)
    labels = {key: None for key in live.labels if key.startswith(ESO_MARKS) or key in gone}
    annotations = {key: None for key in live.annotations if key.startswith(ESO_MARKS) or key in gone}
    patch: dict[str, Any] = {}
    if operators_reference(live):
        patch["ownerReferences"] = None
    if labels:
        patch["labels"] = labels
    if annotations:
        patch["annotations"] = annotations
    return {"metadata": patch} if patch else {}
