"""Reads a PushSecret's spec in the words of ESO's manifests: one reader for manifests and for settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ..arguments.data import PushData, PushMetadata
from ..arguments.store import LabelRequirement
from ..arguments.target import Template
from ..core.spec import push_specs
from ..core.spec.choices import check_choice
from ..core.spec.config_fields import Fields, camel, entries_of
from ..core.spec.push_specs import OF_ESO, PushConversion, PushDeletionPolicy, Tier, UpdatePolicy
from ..core.spec.refresh import RefreshSpec
from ..errors import SpecError
from .own_annotations import NO_PUSH_FIELDS
from .secret_manifest import StoreRef, read_rewrite, store_ref
from .store_manifest import KINDS, label_selector
from .target_manifest import read_template

_METADATA_VERSION = "kubernetes.external-secrets.io/v1alpha1"
_METADATA_KIND = "PushSecretMetadata"
PUSH_FIELDS = (
    *("secretStoreRefs", "selector", "data", "dataTo", "template"),
    *("updatePolicy", "deletionPolicy", "refreshInterval"),
)
"""The fields of a spec."""


@dataclass(frozen=True)
class DataToConfig:
    """One entry of `dataTo`.

    Attributes:
        where: where it was read, for errors.
        store: the stores that it is for, which are among those of the PushSecret.
        given: the arguments of `PushDataTo` besides its store.
    """

    where: str = field(compare=False)
    store: StoreRef
    given: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class PushConfig:
    """A PushSecret as it was read; the arguments of the component.

    Attributes:
        where: where it was read, for errors.
        name: its name.
        namespace: its namespace; None for that of its stores.
        stores: the stores that are written to.
        secret: name of the Secret; None where labels say which.
        data: what is written where.
        by_default: the remote keys of which nobody says the type or format, so that ESO's default holds.
        said: of each entry of `data`, then of `dataTo`, the fields that ESO has defaults for and the manifest says.
        update_policy: see `PushSecret`.
        deletion_policy: see `PushSecret`.
        refresh_interval: see `PushSecret`.
        adopt: see `PushSecret`.
        selector: labels of the Secrets; None where one is named.
        data_to: keys that match, and where they go.
        template: templates of further keys.
        restore: see `PushSecret`.
        qualified: it comes from a manifest, so its resource is named `namespace/name`.
        parent: the cluster-wide kind that it is a part of, for errors.
    """

    where: str = field(compare=False)
    name: str
    namespace: str | None
    stores: tuple[StoreRef, ...]
    secret: str | None
    data: tuple[PushData, ...]
    by_default: tuple[str, ...] = ()
    update_policy: UpdatePolicy = "Replace"
    deletion_policy: PushDeletionPolicy = "None"
    refresh_interval: str | None = None
    adopt: bool = False
    selector: tuple[LabelRequirement, ...] | None = None
    data_to: tuple[DataToConfig, ...] = ()
    template: Template | None = None
    restore: bool = False
    said: tuple[frozenset[str], ...] = ()
    qualified: bool = False
    parent: str | None = field(default=None, compare=False)


def read_push_spec(
    fields: Fields, name: str, namespace: str | None, *, manifest: bool, adopt: bool = False, restore: bool = False
) -> PushConfig:
    """Read a spec, taking all of its fields.

    Args:
        fields: `spec` of a manifest, or what is left of an entry of `pushSecrets`.
        name: name of the PushSecret.
        namespace: its namespace.
        manifest: as ESO has it: parameters are of type String, and an hour lies between two pushes, unless it says
            otherwise.
        adopt: see `PushSecret`; a field of its own in settings.
        restore: see `PushSecret`; a field of its own in settings.

    Raises:
        SpecError: a field is not what it should be, or ESO would not admit it; the text names it.
    """
    fields.only(*PUSH_FIELDS, *NO_PUSH_FIELDS)
    if manifest:
        fields.refuse(NO_PUSH_FIELDS)
    policies: list[Any] = []
    for policy, choices in (("updatePolicy", UpdatePolicy), ("deletionPolicy", PushDeletionPolicy)):
        said = fields.optional_text(policy) or get_args(choices)[0]
        fields.placed(check_choice, policy, said, get_args(choices))
        policies.append(said)
    interval = fields.duration("refreshInterval")
    fields.placed(RefreshSpec.from_bag, {"interval": interval})
    refs = _store_refs(fields, manifest=manifest)
    secret, selector = _source(fields)
    entries = [_entry(each, manifest=manifest) for each in fields.entries("data")]
    data_to = [_data_to(each, manifest=manifest) for each in fields.entries("dataTo")]
    template = fields.mapping("template")
    made = read_template(template) if template else None
    adopt = adopt if manifest else fields.flag("adopt")
    restore = restore if manifest else fields.flag("restore")
    fields.end()
    if not refs:
        raise SpecError(f"{fields.where}.secretStoreRefs is required: name the stores that are written to")
    return PushConfig(
        where=fields.where,
        name=name,
        namespace=namespace,
        stores=refs,
        secret=secret,
        data=tuple(data for data, _ in entries),
        by_default=(
            *(str(data.remote_key) for data, said in entries if manifest and not said),
            *(f"dataTo[{at}]" for at, (_, said) in enumerate(data_to) if manifest and not said),
        ),
        update_policy=policies[0],
        deletion_policy=policies[1],
        refresh_interval=interval if interval is not None or not manifest else "1h",
        adopt=adopt,
        selector=selector,
        data_to=tuple(each for each, _ in data_to),
        template=made,
        restore=restore,
        said=(*(said for _, said in entries), *(said for _, said in data_to)),
        qualified=manifest,
    )


def _store_refs(fields: Fields, *, manifest: bool) -> tuple[StoreRef, ...]:
    """References as a manifest has them, or in settings just names."""
    where = f"{fields.where}.secretStoreRefs"
    found = []
    for at, each in enumerate(entries_of(fields.raw("secretStoreRefs"), where)):
        ref = _store_ref(each, f"{where}[{at}]", manifest=manifest)
        if ref is None:
            raise SpecError(f"{where}[{at}].name is required")
        found.append(ref)
    return tuple(found)


def _store_ref(value: Any, where: str, *, manifest: bool) -> StoreRef | None:
    """A reference by name or by labels; None where it has neither."""
    if not isinstance(value, Mapping) or not value.get("labelSelector"):
        given = (
            {name: each for name, each in value.items() if name != "labelSelector"}
            if isinstance(value, Mapping)
            else value
        )
        return store_ref(Fields({"ref": given}, where), "ref", where, manifest=manifest)
    fields = Fields(value, where)
    fields.only("name", "kind", "labelSelector")
    kind, named = fields.optional_text("kind") or KINDS[0], fields.optional_text("name")
    selector = fields.mapping("labelSelector")
    fields.end()
    if named is not None or selector is None:
        raise SpecError(f"{where}: name and labelSelector do not go together; leave one out")
    if kind not in KINDS:
        raise SpecError(f"{where}.kind: {kind!r} is not a kind of store; write {' or '.join(KINDS)}")
    return StoreRef("", kind, where, label_selector(selector))


def _source(fields: Fields) -> tuple[str | None, tuple[LabelRequirement, ...] | None]:
    """The Secret's name, or the labels that Secrets must have."""
    selector = fields.mapping("selector")
    if selector is None:
        raise SpecError(f"{fields.where}.selector is required: name the Secret in selector.secret.name")
    selector.only("secret", "generatorRef")
    if selector.has("generatorRef"):
        raise SpecError(
            f"{selector.where}.generatorRef: generators make values that no Secret holds, which is not supported; "
            "write the value to a Secret, and name it in selector.secret.name"
        )
    selector.ignore("generatorRef")
    secret = selector.mapping("secret")
    selector.end()
    if secret is None:
        raise SpecError(f"{selector.where}.secret is required: name the Secret in selector.secret.name")
    secret.only("name", "selector")
    labels = secret.mapping("selector")
    if not labels:
        name = secret.text("name")
        secret.end()
        return name, None
    if secret.optional_text("name") is not None:
        raise SpecError(f"{secret.where}: name and selector do not go together; leave one out")
    return None, label_selector(labels)


def _data_to(entry: Fields, *, manifest: bool) -> tuple[DataToConfig, frozenset[str]]:
    """An entry of `dataTo`, and which of the fields it says that ESO has defaults for."""
    entry.only("storeRef", "remoteKey", "match", "rewrite", "metadata", "conversionStrategy")
    ref = _store_ref(entry.raw("storeRef") or {}, f"{entry.where}.storeRef", manifest=manifest)
    if ref is None:
        raise SpecError(f"{entry.where}: storeRef must specify either name or labelSelector")
    match, metadata = entry.mapping("match"), entry.mapping("metadata")
    regexp = None
    if match is not None:
        match.only("regexp")
        regexp = match.optional_text("regexp")
        match.end()
    made, said = _metadata(metadata, manifest=manifest)
    given: dict[str, Any] = {
        "match": regexp,
        "rewrite": tuple(map(read_rewrite, entry.entries("rewrite"))),
        "remote_key": entry.optional_text("remoteKey"),
        "metadata": made,
        "conversion_strategy": _conversion(entry),
    }
    entry.end()
    entry.placed(push_specs.PushDataTo(**given).check)
    return DataToConfig(entry.where, ref, given), said


def _conversion(entry: Fields) -> Any:
    said = entry.optional_text("conversionStrategy") or "None"
    entry.placed(check_choice, "conversionStrategy", said, get_args(PushConversion))
    return said


def _entry(entry: Fields, *, manifest: bool) -> tuple[PushData, frozenset[str]]:
    """An entry of `data`, and which of the fields it says that ESO has defaults for."""
    entry.only("match", "metadata", "conversionStrategy")
    conversion = _conversion(entry)
    match, metadata = entry.mapping("match"), entry.mapping("metadata")
    entry.end()
    if match is None:
        raise SpecError(f"{entry.where}.match is required")
    match.only("secretKey", "remoteRef")
    key, remote = match.optional_text("secretKey"), match.mapping("remoteRef")
    match.end()
    if remote is None:
        raise SpecError(f"{match.where}.remoteRef is required")
    remote.only("remoteKey", "property")
    name, prop = remote.text("remoteKey"), remote.optional_text("property")
    remote.end()
    made, said = _metadata(metadata, manifest=manifest)
    data = PushData(name, key, prop, made, conversion)
    entry.placed(data.check)
    return data, said


def _metadata(fields: Fields | None, *, manifest: bool) -> tuple[PushMetadata, frozenset[str]]:
    """PushSecretMetadata, as strictly as ESO reads it, and which of the fields it says that ESO has defaults for."""
    kind = "String" if manifest else PushMetadata.secret_type
    if fields is None:
        return PushMetadata(secret_type=kind), frozenset()
    fields.only("apiVersion", "kind", "spec")
    for name, expected in (("apiVersion", _METADATA_VERSION), ("kind", _METADATA_KIND)):
        got = fields.optional_text(name) or ""
        if got != expected:
            raise SpecError(f'{fields.where}: unexpected {name} "{got}", expected "{expected}"')
    spec = fields.mapping("spec")
    fields.end()
    if spec is None:
        return PushMetadata(secret_type=kind), frozenset()
    spec = spec.renamed("kmsKeyId", "kmsKeyID")  # ESO reads names without regard to case, and writes both
    PushMetadata.only(spec)
    named = frozenset(each for each in OF_ESO if spec.has(camel(each)))
    policy, public = _resource_policy(spec)
    said = spec.optional_text("secretType")
    tier = spec.mapping("tier")
    tier_type, policies = None, ()
    if tier is not None:
        tier.only("type", "policies")
        tier_type, policies = tier.optional_text("type"), _policies(tier)
        tier.end()
    known: dict[str, Any] = {
        "secret_type": said or kind,
        "tier": tier_type or get_args(Tier)[0],
        "policies": policies,
        "resource_policy": policy,
        "block_public_policy": public,
    }
    return PushMetadata.read(spec, **known), named


def _resource_policy(spec: Fields) -> tuple[str | None, bool]:
    """A policy of its own, and whether it may let everybody in."""
    policy = spec.mapping("resourcePolicy")
    if policy is None:
        return None, False
    if policy.has("policySourceRef"):
        raise SpecError(
            f"{policy.where}.policySourceRef: a policy that is in a ConfigMap or Secret is not supported; write it, as "
            "JSON, into resourcePolicy.policy"
        )
    policy.only("policy", "blockPublicPolicy", "policySourceRef")
    policy.ignore("policySourceRef")
    found = policy.optional_text("policy"), policy.flag("blockPublicPolicy")
    policy.end()
    return found


def _policies(tier: Fields) -> Any:
    where = f"{tier.where}.policies"
    found = entries_of(tier.raw("policies"), where)
    for at, each in enumerate(found):
        if not isinstance(each, Mapping):
            raise SpecError(f"{where}[{at}]: expected a mapping with Type, Version and Attributes, as AWS writes them")
    return tuple(found)
