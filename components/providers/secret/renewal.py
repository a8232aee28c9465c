"""Renews the marks on a Secret and nothing else: no value is read from AWS, and nothing is rendered again.

The URN or the state's id may change while the Secret stays what it is: its ExternalSecret moved and took its state
along by `aliases`, the stack got another name, or an earlier version wrote the Secret.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.managed_fields import fields_applied_by
from ...clients.kubernetes.metadata import parse_secret_metadata
from ...core.spec.specs import SecretSpec
from ...errors import WriteError
from ..operation.cluster_memory import Write
from .ownership import is_ours, marks

if TYPE_CHECKING:
    from ...clients.kubernetes.client import KubernetesClient


def renewal(client: KubernetesClient, spec: SecretSpec, old: SecretSpec, ours: Collection[str]) -> Write:
    """The Secret as it is, with new marks: what we own of it, under the name that we write as now.

    Raises:
        WriteError: the Secret is not what it was a moment ago.
        ClusterError: it cannot be read.
    """
    secret = client.get_secret(spec.namespace, spec.name)
    live = parse_secret_metadata(secret) if secret else None
    if secret is None or live is None or not (spec.target.shared or is_ours(live, ours, known=False)):
        raise WriteError(f"Secret {spec.namespace}/{spec.name} changed while it was looked at; run this again")
    before, now = marks(old), marks(spec)
    owned = fields_applied_by(live.managed_fields, before.manager)

    def kept(*path: str) -> dict[str, Any]:
        holder: Any = secret
        for step in path:
            holder = holder.get(step) or {}
        return {key: value for key, value in holder.items() if (*path, key) in owned}

    annotations = kept("metadata", "annotations")
    for was, becomes in zip(before.annotations, now.annotations, strict=True):
        if was in annotations:
            annotations[becomes] = annotations.pop(was)
    metadata: dict[str, Any] = {
        "name": spec.name,
        "namespace": spec.namespace,
        "uid": live.uid,
        "annotations": {**annotations, now.owner: spec.owner.mark},
    }
    if labels := kept("metadata", "labels"):
        metadata["labels"] = labels
    if any(path[:2] == ("metadata", "finalizers") for path in owned) and spec.target.template:
        metadata["finalizers"] = list(spec.target.template.finalizers)
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": kept("data")}
    body |= {field: secret[field] for field in ("type", "immutable") if (field,) in owned and field in secret}
    keys = frozenset(body["data"])
    return Write(body, "", "", keys=keys, force=True, live=live, renews=True)
