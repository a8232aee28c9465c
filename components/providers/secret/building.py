"""Builds in memory what is to be done to a Secret, decrypting no more than is needed, before anything is written.

A key whose parameter version and reference are as recorded, and which nobody touched in the cluster, is taken over from
the live Secret: server-side apply wants all of our keys, and decrypting them again would cost a KMS call each.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.managed_fields import fields_applied_by
from ...core.secret.extraction import assemble
from ...core.secret.kubernetes_secret import decoded, digests_mark, encoded, tags_contents, versions_mark
from ...core.secret.target_templates import Rendered, render_target
from ...core.secret.template_texts import TemplateTexts, named_texts
from ...core.spec.specs import Operation, SecretSpec
from ..operation.cluster_memory import Write
from ..operation.opening import process_memory
from .foretelling import refuse_deletion
from .ownership import foreign_keys, is_ours, marks, takeover_patch
from .reading import Reading, decrypt

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata

SYNCED = "SecretSynced"


@dataclass(frozen=True)
class Wanted:
    """What a Secret is to be made of.

    Attributes:
        spec: the Secret.
        reading: the versions of its sources.
        texts: templates out of the cluster.
        live: the Secret as it is now, if it is there.
        reusable: secret keys whose live values are right.
    """

    spec: SecretSpec
    reading: Reading
    texts: TemplateTexts = field(default_factory=dict, repr=False)
    live: SecretMetadata | None = None
    reusable: frozenset[str] = frozenset()


def reusable_keys(spec: SecretSpec, reading: Reading, old: SecretSpec, before: Reading) -> frozenset[str]:
    """The secret keys whose value cannot have changed: same store, same reference, same version, and no template."""
    if spec.stores != old.stores or spec.target.template or old.target.template:
        return frozenset()
    anew = reading.made_anew(before)
    return frozenset(
        key
        for key, ref in spec.data.items()
        if old.data.get(key) == ref
        and ref.store is None
        and ref.source in reading.versions
        and reading.versions[ref.source] == before.versions.get(ref.source)
        and ref.source not in anew
    )


def build(wanted: Wanted, operation: Operation) -> Write:
    """Build the Secret in memory.

    Raises:
        ReadError: a value cannot be read.
        ExtractError: a property is missing, a value cannot be decoded, a template cannot be rendered.
        WriteError: the Secret would break a rule of Kubernetes.
        ClusterError: the live Secret cannot be read.
    """
    spec, target = wanted.spec, wanted.spec.target
    kept = _live_values(wanted) if wanted.live and wanted.reusable else {}
    fresh = replace(spec, data={key: ref for key, ref in spec.data.items() if key not in kept})
    provided = {**assemble(fresh, decrypt(fresh, wanted.reading, operation)).data, **kept}
    if not provided and target.deletion_policy != "Merge":
        return _nothing(wanted)
    rendered = render_target(target, provided, wanted.texts, confidential=operation.confidential_texts)
    if target.creation_policy == "None":
        return Write(None, SYNCED, "secret synced; creationPolicy None writes no Secret")
    if target.creation_policy == "Merge" and wanted.live is None:
        return Write(None, "SecretMissing", "secret will not be created due to creationPolicy Merge")
    return Write(
        _body(wanted, rendered),
        SYNCED,
        "secret synced",
        keys=frozenset(rendered.data),
        force=wanted.live is not None,
        uid=wanted.live.uid if wanted.live else None,
        cleanup=_cleanup(wanted, rendered, wanted.live) if wanted.live else {},
        seals=target.immutable and wanted.live is not None and not _is_sealed(wanted.live),
    )


def _nothing(wanted: Wanted) -> Write:
    """What becomes of a Secret for which nothing was read (ESO: deletionPolicy)."""
    spec = wanted.spec
    if spec.target.deletion_policy == "Retain":
        return Write(None, SYNCED, "nothing was found; secret retained due to deletionPolicy Retain")
    refuse_deletion(spec)
    uid = wanted.live.uid if wanted.live else None
    return Write(None, "SecretDeleted", "secret deleted due to deletionPolicy Delete", uid=uid, delete=uid is not None)


def _body(wanted: Wanted, rendered: Rendered) -> dict[str, Any]:
    """The apply configuration: all that we want to own of the Secret."""
    spec, target, mine = wanted.spec, wanted.spec.target, marks(wanted.spec)
    annotations = {
        **rendered.annotations,
        mine.owner: spec.owner.mark,
        mine.versions: versions_mark(wanted.reading.all_versions),
    }
    if wanted.reading.tags:
        annotations[mine.tags] = digests_mark(tags_contents(wanted.reading.tags), secrets.token_hex(8))
    if wanted.texts:
        annotations[mine.texts] = digests_mark(named_texts(wanted.texts), secrets.token_hex(8))
    metadata: dict[str, Any] = {"name": spec.name, "namespace": spec.namespace, "annotations": annotations}
    if labels := {**rendered.labels, **mine.labels}:
        metadata["labels"] = labels
    if rendered.finalizers:
        metadata["finalizers"] = list(rendered.finalizers)
    if wanted.live is not None:
        # This very object: a Secret that somebody makes in its place in the meantime is not touched.
        metadata["uid"] = wanted.live.uid
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded(rendered.data)}
    if rendered.type or wanted.live is None or ("type",) in fields_applied_by(wanted.live.managed_fields, mine.manager):
        # A Secret that others made keeps its type, which cannot be changed.
        body["type"] = rendered.type or "Opaque"
    if target.immutable:
        body["immutable"] = True
    return body


def _cleanup(wanted: Wanted, rendered: Rendered, live: SecretMetadata) -> dict[str, Any]:
    """A merge patch that has the operator let go of an adopted Secret, and removes others' keys from one of our own."""
    spec = wanted.spec
    patch: dict[str, Any] = {}
    if spec.target.adopt:
        patch = takeover_patch(live, {*rendered.labels, *rendered.annotations, *marks(spec).labels})
    if spec.target.shared:
        return patch
    # What a Secret held before it became ours need not be in its managedFields.
    ours = is_ours(live, [spec.owner.mark], known=False)
    held = foreign_keys(live, marks(spec).manager) if ours else frozenset(_live_data(wanted))
    foreign = sorted(held - rendered.data.keys())
    return {**patch, "data": dict.fromkeys(foreign)} if foreign else patch


def _is_sealed(live: SecretMetadata) -> bool:
    return any(("immutable",) in each.fields for each in live.managed_fields)


def same_data(wanted: Wanted, body: Mapping[str, Any]) -> bool:
    """Whether the live Secret holds just the values of an apply configuration."""
    return _live_data(wanted) == (body.get("data") or {})


def _live_values(wanted: Wanted) -> dict[str, bytes]:
    """The reusable values, if the Secret is still the one whose metadata was looked at."""
    return decoded({key: value for key, value in _live_data(wanted).items() if key in wanted.reusable})


def _live_data(wanted: Wanted) -> dict[str, str]:
    spec = wanted.spec
    secret = process_memory().cluster(spec.cluster).client.get_secret(spec.namespace, spec.name)
    if secret is None or wanted.live is None:
        return {}
    if secret["metadata"].get("resourceVersion") != wanted.live.resource_version:
        return {}
    return dict(secret.get("data") or {})
