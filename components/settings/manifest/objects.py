"""Reads the objects of manifests, already parsed: what is ours, what is passed over, and why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...core.secret.bookkeeping import without_bookkeeping
from ...core.spec.config_fields import Fields, kind_of, printable
from ...errors import SpecError
from ..cluster_manifest import (
    ClusterPushConfig,
    ClusterSecretConfig,
    read_child_metadata,
    read_cluster_push,
    read_cluster_secret,
)
from ..own_annotations import OURS, REPLACE_IMMUTABLE, RESTORE, asked, refuse_labels
from ..push_manifest import PushConfig, read_push_spec
from ..secret_manifest import SecretConfig, read_secret_spec
from ..store_manifest import StoreConfig, StoreKind, read_store_spec
from .kinds import CLUSTER_SCOPED, is_near_group, is_near_name, meant_kind, standing
from .other_files import WRAPPED, Reason, holds_ours
from .stages import stage_of

_BOOKKEEPING = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_LONGEST = 100
_MOST_LISTS = 10
"""Lists within each other; kubectl writes one. An object of a program can even hold itself."""
_LIST = re.compile(r"lists?$", re.IGNORECASE)
FOREIGN = Reason("they are no stores or ExternalSecrets")
_ON_REQUEST = Reason("they are not supported, and `skip_unsupported` passes over them")
_EMPTY = Reason("there is nothing in it", warns=True)
"""A tool that failed can have emptied a file: what was in it is deleted."""
_EMPTY_LIST = Reason("there is nothing in it")


@dataclass(frozen=True)
class Manifests:
    """What was read.

    Attributes:
        stores: SecretStores and ClusterSecretStores, in order.
        secrets: ExternalSecrets, in order.
        pushes: PushSecrets, in order.
        cluster_secrets: ClusterExternalSecrets, in order.
        cluster_pushes: ClusterPushSecrets, in order.
        skipped: what was passed over, each with its place: objects of other API groups, files that are no manifests,
            and on request objects of ESO's kinds that are not supported.
        reasons: why, by the same places.
    """

    stores: tuple[StoreConfig, ...] = ()
    secrets: tuple[SecretConfig, ...] = ()
    skipped: tuple[str, ...] = ()
    pushes: tuple[PushConfig, ...] = ()
    cluster_secrets: tuple[ClusterSecretConfig, ...] = ()
    cluster_pushes: tuple[ClusterPushConfig, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to declare."""
        return not (self.stores or self.secrets or self.pushes or self.cluster_secrets or self.cluster_pushes)

    def __add__(self, other: "Manifests") -> "Manifests":
        return joined((self, other))

    def within(self, namespace: str | None) -> "Manifests":
        """The same, with a namespace for those objects that name none and need one.

        Raises:
            SpecError: an object names another one, which kubectl refuses too.
        """
        objects: list[StoreConfig | SecretConfig | PushConfig] = []
        if namespace:
            objects = [*self.stores, *self.secrets, *self.pushes]
        for each in objects:
            if each.namespace not in (None, namespace):
                raise SpecError(
                    f"{each.where.removesuffix(': spec')}: its metadata.namespace is {each.namespace!r}, and namespace "
                    f"{namespace!r} is given for all of them; take one of the two away"
                )
        return replace(
            self,
            stores=tuple(
                replace(each, namespace=namespace) if each.kind == "SecretStore" and not each.namespace else each
                for each in self.stores
            ),
            secrets=tuple(each if each.namespace else replace(each, namespace=namespace) for each in self.secrets),
            pushes=tuple(each if each.namespace else replace(each, namespace=namespace) for each in self.pushes),
        )

    def under(self, where: str) -> "Manifests":
        """The same, with the place that names their files before their own."""
        return replace(
            self,
            stores=tuple(replace(each, where=f"{where}: {each.where}") for each in self.stores),
            secrets=tuple(replace(each, where=f"{where}: {each.where}") for each in self.secrets),
            pushes=tuple(replace(each, where=f"{where}: {each.where}") for each in self.pushes),
            cluster_secrets=tuple(each.under(where) for each in self.cluster_secrets),
            cluster_pushes=tuple(each.under(where) for each in self.cluster_pushes),
        )


def joined(parts: Iterable[Manifests]) -> Manifests:
    """All of them, in order."""
    listed = list(parts)
    return Manifests(
        tuple(store for each in listed for store in each.stores),
        tuple(secret for each in listed for secret in each.secrets),
        tuple(place for each in listed for place in each.skipped),
        tuple(push for each in listed for push in each.pushes),
        tuple(secret for each in listed for secret in each.cluster_secrets),
        tuple(push for each in listed for push in each.cluster_pushes),
        {place: reason for each in listed for place, reason in each.reasons.items()},
    )


def passed_over(place: str, reason: Reason) -> Manifests:
    """Nothing but something that was passed over."""
    return Manifests(skipped=(place,), reasons={place: reason})


def read_documents(documents: Sequence[tuple[str, Any]], where: str, *, skip: bool) -> Manifests:
    """Read the documents of one text.

    Args:
        documents: each with its place.
        where: the text's own place.
        skip: pass over ESO's kinds that are not supported.

    Raises:
        SpecError: a document is not what it should be; the text names it.
    """
    if not documents:
        return passed_over(where, _EMPTY)
    return joined(_read(value, place, skip=skip) for place, value in documents)


def _read(value: Any, where: str, *, skip: bool, depth: int = 0) -> Manifests:
    items = _items(value, where)
    if depth > _MOST_LISTS:
        raise SpecError(f"{where}: a List stands in a List more than {_MOST_LISTS} times, or in itself")
    if items is None:
        return _read_object(value, where, skip=skip)
    if not items:
        return passed_over(where, _EMPTY_LIST)
    return joined(
        _read(item, f"{where}: items[{index}]", skip=skip, depth=depth + 1) for index, item in enumerate(items)
    )


def _items(value: Any, where: str) -> list[Any] | None:
    """The objects of a List; None where the value is none."""
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        return None
    version, items = value.get("apiVersion"), value.get("items")
    ending = _LIST.search(kind)
    of = kind[: ending.start()] if ending else kind
    if ending and (not of or meant_kind(of) is not None or is_near_group(str(version))):
        Fields(value, f"{where}: {_shown(kind)}").only("apiVersion", "kind", "metadata", "items")
        if not isinstance(items, list):
            problem = "is required" if items is None else f"expected a list, got {kind_of(items)}"
            raise SpecError(f"{where}: {_shown(kind)}.items {problem}; a List of nothing is written `items: []`")
    elif not _is_listed(items, typed=ending is not None) or meant_kind(kind) is not None:
        return None
    # As kubectl does: the API server leaves both out of the items of a list of one kind.
    inherited = {"apiVersion": version, "kind": of}
    return [
        {**inherited, **each} if of and ending and isinstance(each, Mapping) and not {*inherited} & {*each} else each
        for each in items
    ]


def _is_listed(items: Any, *, typed: bool) -> bool:
    """Whether these are the items of a List; kubectl takes anything that has items for one."""
    if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
        return False
    return typed or (bool(items) and all("apiVersion" in each and "kind" in each for each in items))


def _read_object(value: Any, where: str, *, skip: bool) -> Manifests:
    if stage := stage_of(value, where.partition(", document ")[0]):
        raise SpecError(f"{where}: {stage}")
    fields = Fields(value, where)
    version, kind = _head(fields, "apiVersion"), _head(fields, "kind")
    named = f"{where}: {_shown(kind)} {_name_of(value, kind)}"
    found = standing(version, kind)
    if found.foreign:
        return passed_over(named, WRAPPED if holds_ours(value) else FOREIGN)
    if found.problem:
        if skip and found.skippable:
            return passed_over(named, _ON_REQUEST)
        raise SpecError(f"{named}: {found.problem}")
    fields.where = named
    fields.only("metadata", "spec", "status")
    fields.ignore("status")
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    if metadata is None or spec is None:
        raise SpecError(f"{named}: {'metadata' if metadata is None else 'spec'} is required")
    metadata.where, spec.where = f"{named}: metadata", f"{named}: spec"
    metadata.only("name", "namespace", "labels", "annotations", *_BOOKKEEPING)
    name, namespace = metadata.text("name"), metadata.optional_text("namespace")
    labels, annotations = metadata.pairs("labels"), metadata.pairs("annotations")
    if kind not in ("SecretStore", "ClusterSecretStore"):
        return _read_secret(kind, spec, (name, namespace), labels, annotations)
    namespace = None if kind in CLUSTER_SCOPED else namespace
    read = read_store_spec(spec, cast("StoreKind", kind), name, namespace)
    return Manifests(stores=(replace(read, labels=labels),))


def _read_secret(
    kind: str,
    spec: Fields,
    place: tuple[str, str | None],
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
) -> Manifests:
    """What is no store: a kind that writes Secrets or parameters, with its name and namespace."""
    (name, namespace), named = place, spec.where.removesuffix(": spec")
    refuse_labels(labels, f"{named}: metadata.labels")
    own = asked(annotations, named)
    if kind in ("PushSecret", "ClusterPushSecret") and own.pop("replace_immutable", None) is not None:
        raise SpecError(f"{named}: annotation {REPLACE_IMMUTABLE!r} is for ExternalSecrets; leave it out")
    if kind in ("ExternalSecret", "ClusterExternalSecret") and own.pop("restore", None) is not None:
        raise SpecError(f"{named}: annotation {RESTORE!r} is for PushSecrets; leave it out")
    if kind == "ExternalSecret":
        looks = {**own, **_looks(labels, annotations)}
        return Manifests(secrets=(read_secret_spec(spec, name, namespace, manifest=True, looks=looks),))
    if kind == "PushSecret":
        return Manifests(pushes=(read_push_spec(spec, name, namespace, manifest=True, **own),))
    if kind == "ClusterExternalSecret":
        child = read_child_metadata(spec, "externalSecretMetadata")
        refuse_labels(child.labels, f"{named}: spec.externalSecretMetadata.labels")
        looks = {**own, **asked(child.annotations, named), **_looks(child.labels, child.annotations)}
        return Manifests(cluster_secrets=(read_cluster_secret(spec, name, manifest=True, looks=looks),))
    child = read_child_metadata(spec, "pushSecretMetadata")
    refuse_labels(child.labels, f"{named}: spec.pushSecretMetadata.labels")
    own |= asked(child.annotations, named)
    return Manifests(cluster_pushes=(read_cluster_push(spec, name, manifest=True, **own),))


def _head(fields: Fields, name: str) -> str:
    """The apiVersion or the kind; without them nothing says what an object is."""
    there = fields.names()
    if not fields.has(name):
        if name == "apiVersion" and not fields.has("kind"):
            near = [each for each in there if any(is_near_name(str(each), head) for head in ("apiVersion", "kind"))]
            hint = f"there is {' and '.join(map(repr, near))}" if near else "leave the file out (exclude)"
            raise SpecError(f"{fields.where}: it has neither apiVersion nor kind, so it is no manifest; {hint}")
        near = [each for each in there if is_near_name(str(each), name)]
        hint = f"; there is {' and '.join(map(repr, near))}" if near else ""
        raise SpecError(f"{fields.where}.{name} is required{hint}")
    return fields.text(name)


def _name_of(value: Mapping[str, Any], kind: str) -> str:
    metadata = value.get("metadata")
    given = metadata if isinstance(metadata, Mapping) else {}
    parts = ("name",) if kind in CLUSTER_SCOPED else ("namespace", "name")
    # As YAML writes it: a name that it takes for a boolean is `true` here too.
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in map(given.get, parts) if each]
    return "/".join(map(_shown, texts)) or "without a name"


def _shown(text: str) -> str:
    """A kind or name of a manifest, for errors and lists; not too long."""
    return printable(text)[:_LONGEST]


def _looks(labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, Any]:
    """What of an ExternalSecret's own metadata its Secret gets."""
    return {"labels": without_bookkeeping(labels), "annotations": _copied(annotations)}


def _copied(annotations: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in without_bookkeeping(annotations).items() if not name.startswith(OURS)}
