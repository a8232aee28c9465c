"""Whose a Secret is: ours, somebody else's, or External Secrets Operator's; and what taking one over means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from ...clients.kubernetes.managed_fields import data_keys_applied_by
from ...clients.kubernetes.metadata import OwnerReference, SecretMetadata
from ...core.secret.bookkeeping import is_bookkeeping
from ...core.secret.kubernetes_secret import FIELD_MANAGER, OWNER_ANNOTATION, Marks, shown_key
from ...core.spec.owner import Owner, shown_mark
from ...core.spec.specs import SecretSpec
from ...display import UNNAMED_KEY, plain, shown_manager
from ...errors import WriteError

ESO_GROUP = "external-secrets.io/"
ESO_MANAGER = "externalsecrets.external-secrets.io/"
ESO_MARKS = "reconcile.external-secrets.io/"
MOVING = "docs/moving-from-eso.md"
RENAMED_STORE = " If a store with `grouped` got another name, give the store its old one by `aliases`."


@dataclass(frozen=True)
class Standing:
    """What an ExternalSecret's state says of its Secret.

    Attributes:
        marks: the marks by which it knows a Secret of its own: its mark, and that of the state's last record.
        written: the state records that it wrote the Secret.
        state_ids: the ids of the stack's state, as far as they are known.
        inherited: marks that the state records, and that name another stack: it was renamed, moved or copied.
    """

    marks: frozenset[str]
    written: bool = False
    state_ids: frozenset[str] = frozenset()
    inherited: frozenset[str] = frozenset()


def marks(spec: SecretSpec) -> Marks:
    """The names of an ExternalSecret's marks on its Secret."""
    return Marks.of(spec.owner.mark or spec.owner.text, shared=spec.target.shared)


def is_ours(live: SecretMetadata, ours: Collection[str | None], *, known: bool) -> bool:
    """Whether the Secret is ours alone: it says so, or all of its keys are those of one of us that would share it.

    Args:
        live: the Secret.
        ours: the marks by which we know our own.
        known: we wrote this very object in an earlier operation; then our fields tell, too, where somebody took its
            mark away or emptied it.
    """
    if mark := live.annotations.get(OWNER_ANNOTATION):
        return mark in ours
    if known and data_keys_applied_by(live.managed_fields, FIELD_MANAGER):
        return True
    sharing = [suffix for suffix, mark in sharers(live).items() if mark in ours]
    return any(not foreign_keys(live, FIELD_MANAGER + suffix) for suffix in sharing)


def bears_mark_of(spec: SecretSpec, live: SecretMetadata) -> bool:
    """Whether the Secret says that it is the ExternalSecret's, or that of another entry of the state with the same."""
    same = Owner.of_mark(live.annotations.get(OWNER_ANNOTATION, "")).is_same_resource(spec.owner)
    return same or is_ours(live, [spec.owner.mark], known=False)


def another_of(spec: SecretSpec, live: SecretMetadata) -> Owner | None:
    """The other ExternalSecret whose mark the Secret bears, if it does."""
    mark = live.annotations.get(OWNER_ANNOTATION)
    return None if not mark or bears_mark_of(spec, live) else Owner.of_mark(mark)


def is_unmarked(live: SecretMetadata | None, ours: Collection[str | None]) -> bool:
    """Whether a Secret of ours bears no mark any more, so that only its fields tell that it is ours."""
    return live is not None and not is_ours(live, ours, known=False) and is_ours(live, ours, known=True)


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


def refuse_foreign(spec: SecretSpec, live: SecretMetadata | None, standing: Standing) -> None:
    """Raise where a Secret is in the way that is not ours to write.

    Args:
        spec: the ExternalSecret.
        live: the Secret that is there.
        standing: what its state says of it.

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
    if operators and standing.written and not spec.target.adopt:
        raise WriteError(
            f"{where} was taken over by ExternalSecret {operators.name!r} of External Secrets Operator. Set `adopt` on "
            "the target, run `pulumi up`, and then delete that ExternalSecret in the cluster. If you delete it first, "
            f"Kubernetes deletes the Secret with it, and the next `pulumi up` makes it again. See {MOVING}."
        )
    if operators and not spec.target.adopt:
        raise WriteError(
            f"{where}: the target is owned by another ExternalSecret, {operators.name!r} of External Secrets "
            "Operator. To take it over without a moment in which it is missing, set `adopt` on the target and see "
            f"{MOVING}; else choose another target name."
        )
    refuse_marked(spec, live, standing)
    if spec.target.shared:
        refuse_taken_keys(spec, live, spec.plain_keys or frozenset(), standing)
        return
    sharer = next((mark for mark in sharers(live).values() if mark not in standing.marks), None)
    if sharer is not None:
        raise WriteError(
            f"{where} is shared by another ExternalSecret, {Owner.of_mark(sharer).beside(spec.owner)}, whose keys "
            "would go, so it is not touched. Choose another target name, or creationPolicy CreateOrMerge to share it, "
            "too."
        )
    if is_ours(live, standing.marks, known=standing.written):
        return
    controller = next((each for each in live.owners if each.controller and each is not operators), None)
    if controller:
        raise WriteError(
            f"{where} is controlled by {controller.kind} {controller.name!r}, which would write it again, so it is not "
            "touched. Choose another target name, or creationPolicy Merge to add keys to it."
        )
    if not spec.target.adopt:
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret (written by {writers(live)}), so it is "
            "not touched. Choose another target name, delete that Secret first, set `adopt` on the target to take it "
            "over, or use creationPolicy Merge to add keys to it."
        )


def writers(live: SecretMetadata) -> str:
    """Who has written a Secret, as far as their names may be shown."""
    return ", ".join(sorted({shown_manager(each.manager) for each in live.managed_fields})) or "somebody else"


def refuse_marked(spec: SecretSpec, live: SecretMetadata, standing: Standing) -> None:
    """Raise where a Secret bears the mark of another ExternalSecret, unless `adopt` asks for it.

    A Secret that the state records as ours, and that was taken over from here, is not taken back: two states that
    both say `adopt` would take it from each other for ever.

    Raises:
        WriteError: the text says whose it is and what to do.
    """
    mark, where = live.annotations.get(OWNER_ANNOTATION), f"Secret {spec.namespace}/{spec.name}"
    adopts = spec.target.adopt and not spec.target.shared
    if spec.target.creation_policy == "None" or (adopts and mark in standing.inherited):
        return
    if moved := standing.inherited.intersection({mark or "", *sharers(live).values()}):
        refuse_inherited(spec, Owner.of_mark(min(moved)))
    if mark is None or mark in standing.marks or (not mark and standing.written):
        return
    other = Owner.of_mark(mark)
    near = other.is_of_program(spec.owner, standing.state_ids)
    if adopts and (near or not standing.written):
        return
    if not mark:
        raise WriteError(
            f"{where} exists already and was not created by this ExternalSecret: its annotation {OWNER_ANNOTATION} is "
            "empty, so it is not touched. Choose another target name, or remove that annotation if nobody keeps the "
            "Secret."
        )
    what = (
        f"{where} exists already and was not created by this ExternalSecret (written by ExternalSecret "
        f"{other.full_title}): the target is owned by another ExternalSecret"
    )
    if spec.target.shared:
        advice = "Choose another target name, or remove it there first."
    elif near:
        # A manifest and settings know no aliases; their resources have no parents either.
        advice = (
            "Choose another target name, or remove it there first; or set `adopt` on the target, if that one got this "
            "name or another parent"
        )
        if other.kind in ("", spec.owner.kind):  # no alias leads from one kind to another
            advice += f", or in Python give this one its URN: ResourceOptions(aliases=[{shown_urn(other)}])"
        advice += "."
    elif standing.written:
        advice = (
            "It was taken over from here. Remove this ExternalSecret, which leaves the Secret alone, or give it "
            "another target name."
        )
    else:
        advice = (
            "Choose another target name, or remove it there first; or set `adopt` on the target to take it over from "
            f"there, see {MOVING}."
        )
        # A group is its store's child, and the state of a store that gets another name begins anew.
        advice += RENAMED_STORE if other.resource == spec.owner.resource else ""
    kept = ", which another state keeps" if other.title == spec.owner.title and not near else ""
    raise WriteError(f"{what}{kept}, so it is not touched. {advice}")


def refuse_inherited(spec: SecretSpec, recorded: Owner) -> NoReturn:
    """Raise because the state records a Secret of another stack.

    Args:
        spec: the ExternalSecret.
        recorded: it as the state records it.

    Raises:
        WriteError: the text names the other stack and what to do.
    """
    raise WriteError(recorded.refusal(f"Secret {spec.namespace}/{spec.name} was", "ExternalSecret"))


def refuse_deletion_of_others(spec: SecretSpec, live: SecretMetadata, standing: Standing) -> None:
    """Raise where a Secret for which nothing is left was never ours: `adopt` is to write it.

    Raises:
        WriteError: the text says so.
    """
    if not is_ours(live, standing.marks, known=standing.written):
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name} was not created by this ExternalSecret, and no {spec.noun} is left "
            "to take it over with, so it is not deleted. Delete it yourself, or choose another target name."
        )


def held_besides(live: SecretMetadata, ours: str | None) -> str | None:
    """Who else holds on to a Secret that bears our mark, so that it stays when we go; None where nobody does."""
    if controller := next((each for each in live.owners if each.controller), None):
        return plain(f"it is controlled by {controller.kind} {controller.name!r}")
    sharer = next((mark for mark in sharers(live).values() if mark != ours), None)
    return None if sharer is None else f"it is shared by ExternalSecret {Owner.of_mark(sharer).full_title}"


def shown_urn(owner: Owner) -> str:
    """An owner's URN as Python's source has it, for an advice."""
    return repr(shown_mark(owner.resource)) if owner.is_urn else '"<its URN>"'


def taken_from(spec: SecretSpec, live: SecretMetadata | None, standing: Standing) -> Owner | None:
    """The other ExternalSecret whose Secret is taken over, if one is."""
    mark = live.annotations.get(OWNER_ANNOTATION) if live is not None else None
    if not mark or mark in standing.marks or spec.target.shared or spec.target.creation_policy == "None":
        return None
    return Owner.of_mark(mark)


def named_key(spec: SecretSpec, key: str) -> str:
    """What errors call a key that an ExternalSecret writes."""
    return f"key {shown_key(key) if spec.may_name(key) else UNNAMED_KEY}"


def refuse_taken_keys(spec: SecretSpec, live: SecretMetadata, keys: Collection[str], standing: Standing) -> None:
    """Raise where a key of a shared Secret is kept by an ExternalSecret of another program.

    Within one program `refuse_rival` tells, which lets a key go from one to the other.

    Args:
        spec: the ExternalSecret.
        live: the Secret that is there.
        keys: the keys that it would write.
        standing: what its state says of the Secret.

    Raises:
        WriteError: the text names the key and the other one.
    """
    for suffix, mark in sorted(sharers(live).items()):
        theirs = data_keys_applied_by(live.managed_fields, FIELD_MANAGER + suffix)
        other = Owner.of_mark(mark)
        if mark in standing.marks or other.is_of_program(spec.owner, standing.state_ids):
            continue
        if taken := sorted(theirs.intersection(keys)):
            raise WriteError(
                f"Secret {spec.namespace}/{spec.name}: {named_key(spec, taken[0])} is written by another "
                f"ExternalSecret, {other.beside(spec.owner)}, so it is not touched. Give one of them another key."
            )


def sharers(live: SecretMetadata) -> dict[str, str]:
    """Suffix of the marks -> mark, of all ExternalSecrets that share the Secret."""
    prefix = f"{OWNER_ANNOTATION}-"
    return {
        name.removeprefix(OWNER_ANNOTATION): mark for name, mark in live.annotations.items() if name.startswith(prefix)
    }


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
