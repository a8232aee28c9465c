"""Reads an ExternalSecret's spec in the words of ESO's manifests: one reader for manifests and for settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ..arguments.data import Extract, Find, MergeRewrite, RegexpRewrite, RemoteRef, TransformRewrite
from ..arguments.store import LabelRequirement
from ..arguments.target import Target
from ..core.spec.choices import ConversionStrategy, check_choice
from ..core.spec.config_fields import Fields
from ..core.spec.refresh import RefreshPolicy, RefreshSpec
from ..core.spec.rewrite_specs import Rewrite, kind_of_rewrite
from ..errors import SpecError
from .store_manifest import KINDS, StoreKind
from .target_manifest import read_target

NO_GENERATOR = (
    "generators make values that no parameter holds, which is not supported; write the value to a parameter and "
    "refer to that"
)
_UNSUPPORTED = {
    "syncWindows": "values are read when `pulumi up` runs and at no other time; leave it out, and run it in the window"
}
SPEC_FIELDS = ("refreshPolicy", "refreshInterval", "target", "secretStoreRef", "data", "dataFrom", *_UNSUPPORTED)
"""The fields of a spec."""
REWRITES: dict[str, type[Rewrite]] = {kind.kind: kind for kind in (RegexpRewrite, TransformRewrite, MergeRewrite)}


@dataclass(frozen=True)
class StoreRef:
    """The store that something is read from.

    Attributes:
        name: its name.
        kind: its kind; None where the name alone decides.
        where: the place that names it, for errors.
        labels: what all stores that are meant have, in place of a name; None where it is named.
    """

    name: str
    kind: StoreKind | None
    where: str = field(compare=False)
    labels: tuple[LabelRequirement, ...] | None = None


@dataclass(frozen=True)
class DataEntry:
    """One entry of `data` or `dataFrom`.

    Attributes:
        entry: where the key, or the keys, come from; its store is filled in when it is declared.
        store: its own store; None for the ExternalSecret's.
    """

    entry: RemoteRef | Extract | Find
    store: StoreRef | None = None


@dataclass(frozen=True)
class SecretConfig:
    """An ExternalSecret as it was read; the arguments of the component.

    Attributes:
        where: where it was read, for errors.
        name: its name.
        namespace: its namespace; None for its store's.
        store: where its entries are read; None where each has its own.
        data: secret key -> where its value comes from.
        data_from: entries that give many keys.
        target: the Secret.
        refresh_policy: see `ExternalSecret`.
        refresh_interval: see `ExternalSecret`.
        qualified: it comes from a manifest, so its resource is named `namespace/name`.
        parent: the cluster-wide kind that it is a part of, for errors.
    """

    where: str = field(compare=False)
    name: str
    namespace: str | None
    store: StoreRef | None
    data: Mapping[str, DataEntry]
    data_from: tuple[DataEntry, ...] = ()
    target: Target = field(default_factory=Target)
    refresh_policy: RefreshPolicy = RefreshSpec.policy
    refresh_interval: str | None = None
    qualified: bool = False
    parent: str | None = field(default=None, compare=False)


def read_secret_spec(
    fields: Fields, name: str, namespace: str | None, *, manifest: bool, looks: Mapping[str, Any] | None = None
) -> SecretConfig:
    """Read a spec, taking all of its fields.

    Args:
        fields: `spec` of a manifest, or what is left of an entry of `externalSecrets`.
        name: name of the ExternalSecret.
        namespace: its namespace.
        manifest: as ESO has it: an hour between two readings unless `refreshInterval` says otherwise, and none of this
            library's own fields.
        looks: fields of `Target` that come from elsewhere: the labels and annotations of a manifest.

    Raises:
        SpecError: a field is not what it should be, or ESO would not admit it; the text names it.
    """
    fields.only(*SPEC_FIELDS)
    fields.refuse(_UNSUPPORTED)
    policy, interval = fields.optional_text("refreshPolicy"), fields.duration("refreshInterval")
    refresh = fields.placed(RefreshSpec.from_bag, {"policy": policy, "interval": interval})
    target = read_target(fields.mapping("target"), own=not manifest, looks=looks or {})
    config = SecretConfig(
        where=fields.where,
        name=name,
        namespace=namespace,
        store=store_ref(fields, "secretStoreRef", manifest=manifest),
        data=_read_data(fields, twice=target.deletion_policy != "Retain", manifest=manifest),
        data_from=tuple(_data_from(each, manifest=manifest) for each in fields.entries("dataFrom")),
        target=target,
        refresh_policy=refresh.policy,
        refresh_interval=interval if interval is not None or not manifest else "1h",
        qualified=manifest,
    )
    fields.end()
    if not config.data and not config.data_from:
        raise SpecError(f"{fields.where}: data and dataFrom are empty; name at least one key and its parameter")
    if config.store is None:
        for place, each in (*config.data.items(), *enumerate(config.data_from)):
            if each.store is None:
                where = f"key {place}" if isinstance(place, str) else f"dataFrom[{place}]"
                raise SpecError(f"{fields.where}.secretStoreRef is required: {where} has no sourceRef.storeRef either")
    return config


def _read_data(fields: Fields, *, twice: bool, manifest: bool) -> dict[str, DataEntry]:
    """The entries of `data`. With deletionPolicy Delete or Merge ESO lets a later entry replace one of the same key."""
    data: dict[str, DataEntry] = {}
    for entry in fields.entries("data"):
        entry.only("secretKey", "remoteRef", "sourceRef")
        key = entry.text("secretKey")
        if key in data and not twice:
            raise SpecError(f"{entry.where}.secretKey: {key!r} occurs twice; leave one of them out")
        data[key] = _remote_ref(entry, manifest=manifest)
    return data


def _remote_ref(entry: Fields, *, manifest: bool) -> DataEntry:
    ref, store = entry.mapping("remoteRef"), _source_ref(entry, manifest=manifest)
    entry.end()
    if ref is None:
        raise SpecError(f"{entry.where}.remoteRef is required")
    given = _only_here(manifest)
    # Older versions of ESO write a conversionStrategy into every manifest; here it has no effect.
    RemoteRef.only(ref, "conversionStrategy", without=given)
    conversion = ref.optional_text("conversionStrategy") or "Default"
    made = RemoteRef.read(ref, **given)
    ref.placed(check_choice, "conversionStrategy", conversion, get_args(ConversionStrategy))
    ref.placed(made.check)
    return DataEntry(made, store)


def _data_from(entry: Fields, *, manifest: bool) -> DataEntry:
    entry.only("extract", "find", "rewrite", "sourceRef")
    extract, find = entry.mapping("extract"), entry.mapping("find")
    rewrite = tuple(map(read_rewrite, entry.entries("rewrite")))
    store = _source_ref(entry, manifest=manifest)
    entry.end()
    if extract is not None and find is not None:
        raise SpecError(f"{entry.where}: extract and find do not go together; make two entries of them")
    if extract is not None:
        made: Extract | Find = Extract.read(extract, rewrite=rewrite, **_only_here(manifest))
    elif find is not None:
        made = Find.read(find, rewrite=rewrite)
    else:
        raise SpecError(f"{entry.where}: extract or find is required")
    entry.placed(made.check)
    return DataEntry(made, store)


def _only_here(manifest: bool) -> dict[str, Any]:  # noqa: FBT001  one of two readers
    """What a manifest cannot say, as ESO has no such field, and settings can."""
    return {"optional": False} if manifest else {}


def read_rewrite(entry: Fields) -> Rewrite:
    """One entry of `rewrite`.

    Raises:
        SpecError: it is not exactly one of the three kinds, or a field is not what it should be.
    """
    entry.only(*REWRITES)
    given = {kind: inner for kind in REWRITES if (inner := entry.mapping(kind))}
    values = {kind: REWRITES[kind].values_of(inner) for kind, inner in given.items()}
    entry.end()
    kind = entry.placed(kind_of_rewrite, values)
    make: Callable[..., Rewrite] = REWRITES[kind]
    return entry.placed(make, **values[kind])


def _source_ref(entry: Fields, *, manifest: bool) -> StoreRef | None:
    source = entry.mapping("sourceRef")
    if source is None:
        return None
    source.only("storeRef", "generatorRef")
    if source.has("generatorRef"):  # even an empty one: without it the entry would have no source
        raise SpecError(f"{source.where}.generatorRef: {NO_GENERATOR}")
    source.ignore("generatorRef")
    store = store_ref(source, "storeRef", manifest=manifest)
    source.end()
    if store is None:
        raise SpecError(f"{source.where}.storeRef is required")
    return store


def store_ref(fields: Fields, name: str, where: str | None = None, *, manifest: bool) -> StoreRef | None:
    """A reference as a manifest has it, or in settings just a name; errors call it `where`, or as its field."""
    where = where or f"{fields.where}.{name}"
    if not fields.is_mapping(name):
        text = fields.optional_text(name)
        if manifest and text is not None:
            raise SpecError(
                f"{where}: expected a mapping, got a string; write the store's name as `{name}.name`, "
                f"and its kind as `{name}.kind` ({' or '.join(KINDS)})"
            )
        return None if text is None else StoreRef(text, None, where)
    ref = fields.mapping(name)
    assert ref is not None, "it is a mapping"  # noqa: S101
    ref.where = where
    ref.only("name", "kind")
    made, kind = ref.optional_text("name"), ref.optional_text("kind") or "SecretStore"
    ref.end()
    if not made:
        return None
    if kind not in KINDS:
        raise SpecError(f"{ref.where}.kind: {kind!r} is not a kind of store; write {' or '.join(KINDS)}")
    return StoreRef(made, kind, ref.where)
