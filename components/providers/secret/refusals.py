"""What may not be done to a Secret, and why; whose it is decides ownership.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...core.secret.parts import Part
from ...core.spec.specs import SecretSpec, label
from ...display import shown_word, some_of
from ...errors import ExtractError, WriteError
from .ownership import named_key

if TYPE_CHECKING:
    from ..operation.claims import Rival
    from ..operation.findings import Finding
    from .observation import FixedFields


def refuse_rival(spec: SecretSpec, rival: Rival | None) -> None:
    """Raise where another ExternalSecret of the program is in the way.

    Raises:
        WriteError: it writes the Secret and does not share it, or writes one of the keys.
    """
    if rival is None:
        return
    other = rival.owner.beside(spec.owner)
    where = f"Secret {spec.namespace}/{spec.name}"
    if rival.key is not None:
        raise WriteError(
            f"{where}: {named_key(spec, rival.key)} is written by another ExternalSecret, {other}, of this "
            "program too; give one of them another key"
        )
    raise WriteError(
        f"{where}: the target is owned by another ExternalSecret, {other}, of this program; give one of them another "
        "target name, or both creationPolicy CreateOrMerge"
    )


def refuse_unusable(spec: SecretSpec, known: Mapping[str | None, Mapping[str, Finding]]) -> None:
    """Raise ExtractError where the last `up` found that a value cannot give what is wanted, by store and source."""
    many = len(spec.data_from)  # they come first
    told, own = [], set()
    for index, (where, origin) in enumerate(spec.origins):
        part = Part.of(origin, members=index < many)
        found = known.get(origin.store, {}).get(origin.source)
        if part is not None and found is not None and part.label in found.parts:
            own.add((origin.store, origin.source, part.label))
            service = spec.service_of(origin.store)
            told.append(
                f"{where}: {service.noun} {origin.source}: {found.parts[part.label]} "
                f"({service.described(origin.source, found.version)}, as the last `pulumi up` read it)"
            )
    if not told:
        return
    every = {
        (name, source, part)
        for name, of_store in known.items()
        for source in of_store
        for part in of_store[source].parts
    }
    if others := sorted(f"{label((name, source))}, {part}" for name, source, part in every - own):
        told.append(f"besides, other Secrets' {some_of(others, by='; ')} cannot be taken either")
    raise ExtractError("; ".join(told))


def refuse_deletion(spec: SecretSpec) -> None:
    """Raise WriteError where a Secret for which nothing is left is not ours to delete."""
    if spec.target.creation_policy != "Owner":
        raise WriteError(
            f"unable to delete Secret {spec.namespace}/{spec.name}, for which no {spec.noun} is left: creationPolicy "
            f"{spec.target.creation_policy} is not Owner, so it is not ours to delete; write deletionPolicy Retain"
        )


def refuse_fixed(spec: SecretSpec, fixed: FixedFields) -> None:
    """Raise where a Secret that others made would have to be deleted and created again, and nobody has asked for that.

    Raises:
        WriteError: the text says what cannot be changed of it.
    """
    where = f"Secret {spec.namespace}/{spec.name}"
    if fixed.immutable:
        if spec.target.shared:
            raise WriteError(f"{where} is immutable, so that no key can be added to it; choose another target name")
        if not spec.target.replace_immutable:
            raise WriteError(
                f"{where} is immutable, so it cannot be taken over as it is. Delete it first, or set immutable and "
                "replace_immutable on the target to delete and create it again."
            )
    elif spec.target.shared:
        raise WriteError(
            f"{where} has the type {shown_word(fixed.type or '')}, which cannot be changed; leave template.type out"
        )


def refuse_frozen(spec: SecretSpec) -> None:
    """Raise WriteError where an immutable Secret's data would change, and it may not be replaced."""
    if spec.target.immutable and not spec.target.replace_immutable:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name}: the target is immutable, and its data would change. Pin the "
            f"{spec.noun}s' versions, give the target another name, or set replace_immutable to delete and create it "
            "again."
        )


def refuse_shared(spec: SecretSpec, old: SecretSpec) -> None:
    """Raise WriteError where a Secret would have to be replaced that is, or when it was written was, not ours alone."""
    sharing = next((each.target.creation_policy for each in (old, spec) if each.target.shared), None)
    if sharing:
        raise WriteError(
            f"Secret {spec.namespace}/{spec.name} would have to be deleted and created again, as Kubernetes does "
            f"not allow this change; but with creationPolicy {sharing} it is not ours alone. Give the target another "
            "name, or delete it."
        )
