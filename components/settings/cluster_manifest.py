"""Reads the specs of ClusterExternalSecret and ClusterPushSecret: namespaces, and what each of them gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from ..arguments.store import LabelRequirement
from ..core.spec.argument_types import NAMESPACE
from ..core.spec.config_fields import Fields
from ..core.spec.refresh import parse_duration
from ..errors import SpecError
from .push_manifest import PushConfig, read_push_spec
from .secret_manifest import SecretConfig, read_secret_spec
from .store_manifest import label_selector

Config = TypeVar("Config", SecretConfig, PushConfig)

_CHOICE = ("namespaceSelectors", "refreshTime")
CLUSTER_SECRET_FIELDS = (
    *("externalSecretSpec", "externalSecretName", "externalSecretMetadata"),
    *(*_CHOICE, "namespaceSelector", "namespaces"),
)
"""The fields of a ClusterExternalSecret's spec."""
CLUSTER_PUSH_FIELDS = ("pushSecretSpec", "pushSecretName", "pushSecretMetadata", *_CHOICE)
"""The fields of a ClusterPushSecret's spec."""


@dataclass(frozen=True)
class ClusterConfig(Generic[Config]):
    """A cluster-wide kind as it was read.

    Attributes:
        where: where it was read, for errors.
        name: its name.
        child: what each namespace gets; its name is that of the child, and it has no namespace.
        selectors: labels of namespaces; each that meets all of one is chosen.
        namespaces: names of namespaces that are chosen, too.
        qualified: it comes from a manifest.
    """

    where: str = field(compare=False)
    name: str
    child: Config
    selectors: tuple[tuple[LabelRequirement, ...], ...]
    namespaces: tuple[str, ...] = ()
    qualified: bool = False

    def under(self, where: str) -> ClusterConfig[Config]:
        """The same, with the place that names its file before its own."""
        child = replace(self.child, where=f"{where}: {self.child.where}")
        return replace(self, where=f"{where}: {self.where}", child=child)


ClusterSecretConfig = ClusterConfig[SecretConfig]
ClusterPushConfig = ClusterConfig[PushConfig]


@dataclass(frozen=True)
class ChildMetadata:
    """Labels and annotations that each child gets (ESO: `externalSecretMetadata`, `pushSecretMetadata`)."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def read_child_metadata(fields: Fields, name: str) -> ChildMetadata:
    """The metadata of the children; both are empty where nothing is said.

    Raises:
        SpecError: it is not what it should be.
    """
    metadata = fields.mapping(name)
    if metadata is None:
        return ChildMetadata({}, {})
    metadata.only("labels", "annotations")
    made = ChildMetadata(metadata.pairs("labels"), metadata.pairs("annotations"))
    metadata.end()
    return made


def read_cluster_secret(
    fields: Fields, name: str, *, manifest: bool, looks: Mapping[str, Any] | None = None
) -> ClusterSecretConfig:
    """Read the spec of a ClusterExternalSecret, whose `externalSecretMetadata` was taken already.

    Args:
        fields: `spec` of a manifest, or what is left of an entry of `clusterExternalSecrets`.
        name: its name.
        manifest: see `read_secret_spec`.
        looks: see `read_secret_spec`.

    Raises:
        SpecError: a field is not what it should be; the text names it.
    """
    fields.only(*CLUSTER_SECRET_FIELDS)
    child_name = fields.optional_text("externalSecretName") or name
    names = fields.texts("namespaces")
    for each in names:
        if problem := NAMESPACE.problem(each):
            raise SpecError(f"{fields.where}.namespaces: {problem}")
    selectors = _selectors(fields, also="namespaceSelector")
    spec = fields.mapping("externalSecretSpec")
    if spec is None:
        raise SpecError(f"{fields.where}.externalSecretSpec is required")
    _end(fields, chosen=bool(selectors or names), named=", or names in namespaces")
    child = read_secret_spec(spec, child_name, None, manifest=manifest, looks=looks)
    return ClusterConfig(fields.where, name, child, selectors, tuple(names), qualified=manifest)


def read_cluster_push(fields: Fields, name: str, *, manifest: bool, adopt: bool = False) -> ClusterPushConfig:
    """Read the spec of a ClusterPushSecret; see `read_cluster_secret` and `read_push_spec`.

    Raises:
        SpecError: a field is not what it should be; the text names it.
    """
    fields.only(*CLUSTER_PUSH_FIELDS)
    child_name = fields.optional_text("pushSecretName") or name
    selectors = _selectors(fields)
    spec = fields.mapping("pushSecretSpec")
    if spec is None:
        raise SpecError(f"{fields.where}.pushSecretSpec is required")
    _end(fields, chosen=bool(selectors), named="")
    child = read_push_spec(spec, child_name, None, manifest=manifest, adopt=adopt)
    return ClusterConfig(fields.where, name, child, selectors, qualified=manifest)


def _selectors(fields: Fields, also: str | None = None) -> tuple[tuple[LabelRequirement, ...], ...]:
    """The selectors, with a single one that older manifests have besides."""
    listed = list(fields.entries("namespaceSelectors"))
    if also is not None and (single := fields.mapping(also)) is not None:
        listed.append(single)
    return tuple(map(label_selector, listed))


def _end(fields: Fields, *, chosen: bool, named: str) -> None:
    """Take the rest: namespaces are looked for in every `up`, so that it does not matter how often ESO does."""
    if (time := fields.duration("refreshTime")) is not None:
        Fields({}, f"{fields.where}.refreshTime").placed(parse_duration, time)
    fields.end()
    if not chosen:
        raise SpecError(f"{fields.where}: no namespaces are chosen; give labels in namespaceSelectors{named}")
