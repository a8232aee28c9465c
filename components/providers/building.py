"""Builds the Secret that is to be written, decrypting no more than what changed.

A key whose parameter version and reference are as recorded, and which nobody touched in the cluster, is taken over from
the live Secret: server-side apply wants all of our keys, and decrypting them again would cost a KMS call each.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..clients.kubernetes.metadata import SecretMetadata
from ..core.extraction import build_values
from ..core.kubernetes_secret import secret_body
from ..core.specs import Operation, SecretSpec
from .memory import ProcessMemory, Write


@dataclass(frozen=True)
class Wanted:
    """What a Secret is to be made of.

    Attributes:
        spec: the Secret.
        versions: reference -> version, complete unless something is only known during up.
        live: the Secret as it is now, if it is there and ours.
        reusable: secret keys whose live values are right.
    """

    spec: SecretSpec
    versions: Mapping[str, int]
    live: SecretMetadata | None = None
    reusable: frozenset[str] = frozenset()


def unchanged_keys(
    spec: SecretSpec, versions: Mapping[str, int], old_spec: SecretSpec, old_versions: Mapping[str, int]
) -> frozenset[str]:
    """The secret keys whose value cannot have changed: same store, same reference, same version."""
    if spec.store != old_spec.store:
        return frozenset()
    return frozenset(
        key
        for key, ref in spec.data.items()
        if old_spec.data.get(key) == ref
        and ref.reference in versions
        and versions[ref.reference] == old_versions.get(ref.reference)
    )


def build(memory: ProcessMemory, wanted: Wanted, operation: Operation) -> Write:
    """Build the Secret in memory.

    Raises:
        ReadError: a value cannot be read.
        ExtractError: a property is missing or cannot be read.
        WriteError: the Secret would be too large.
        ClusterError: the live Secret cannot be read.
    """
    spec = wanted.spec
    values = _live_values(memory, wanted) if wanted.live and wanted.reusable else {}
    fresh = {key: ref for key, ref in spec.data.items() if key not in values}
    needed = {ref.reference: wanted.versions[ref.reference] for ref in fresh.values()}
    values |= build_values(fresh, memory.store(spec.store, operation).values(needed))
    body = secret_body(spec.namespace, spec.name, spec.owner, wanted.versions, values)
    if wanted.live is not None:
        # This very object: a Secret that somebody makes in its place in the meantime is not touched.
        body["metadata"]["uid"] = wanted.live.uid
    return Write(body, over_our_own=wanted.live is not None)


def _live_values(memory: ProcessMemory, wanted: Wanted) -> dict[str, bytes]:
    """The reusable values, if the Secret is still the one whose metadata was looked at."""
    secret = memory.cluster(wanted.spec.cluster).client.get_secret(wanted.spec.namespace, wanted.spec.name)
    if secret is None or wanted.live is None:
        return {}
    if secret["metadata"].get("resourceVersion") != wanted.live.resource_version:
        return {}
    return _decoded(secret.get("data") or {}, wanted.reusable)


def _decoded(data: Mapping[str, str], keys: Iterable[str]) -> dict[str, bytes]:
    return {key: base64.b64decode(data[key]) for key in keys if key in data}
