"""Says what a webhook or policy of the cluster made of a Secret while it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import WriteError
from .ownership import marks, named_key

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from ...core.spec.specs import SecretSpec
    from ..operation.memory import ProcessMemory

_BY = "a mutating webhook or policy of the cluster"


def see_to_altered(spec: SecretSpec, body: Mapping[str, Any], written: SecretMetadata, process: ProcessMemory) -> None:
    """Hold what the cluster keeps to what was sent.

    What else is set, such as a policy's labels, is told, as it takes nothing away; that a mark is missing, the next
    preview says.

    Args:
        spec: the Secret.
        body: what was sent.
        written: what the API server answered.
        process: the operation's memory.

    Raises:
        WriteError: a value or the type is another one.
    """
    where = f"Secret {spec.namespace}/{spec.name}"
    sent = body.get("data") or {}
    changed = [
        "its type" if path == ("type",) else named_key(spec, path[1])
        for path in sorted(written.altered)
        if path == ("type",) or (path[0] == "data" and path[1] in sent)
    ]
    if changed:
        raise WriteError(
            f"{where} was written, but does not hold what was sent: {_BY} changed {', '.join(changed)}. Exempt the "
            "Secret from it, or leave out what it sets, and run `pulumi up` again."
        )
    if told := _harmless(spec, written, sent):
        process.tell(f"{where} is not quite as it was sent: {_BY} {' and '.join(told)}")


def _harmless(spec: SecretSpec, written: SecretMetadata, sent: Mapping[str, Any]) -> list[str]:
    shared, told = spec.target.shared, []
    added = [path for path in written.altered if path[0] == "data" and path[1] not in sent]
    if added and not shared:
        told.append(f"added {len(added)} {'key' if len(added) == 1 else 'keys'}")
    if ("immutable",) in written.altered and not shared and not spec.target.immutable:
        told.append("made it immutable, so its data cannot be changed any more")
    parts = {path[1:] for path in written.altered if path[0] == "metadata"}
    if marked := {("annotations", name) for name in marks(spec).annotations}.intersection(parts):
        told.append("changed the marks by which it is known to be ours")
    if parts - marked:
        told.append("changed labels or annotations that are declared")
    return told
