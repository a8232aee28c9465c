"""What the dynamic resources are told: plain specs that survive the trip through a property bag and back.

A bag is what Pulumi stores in state and shows in previews, so its keys are spelled as in ESO's manifests and it never
holds a secret value. Numbers come back from the wire as floats; the `from_bag` functions put that right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ...errors import SpecError
from ..service import Service
from ..services import service_named
from ..spec.owner import Owner
from .entries import DataFrom, Find, Origin, RemoteRef, data_from_bag
from .refresh import NEVER, RefreshSpec
from .store_conditions import StoreCondition, admits, not_admitted, not_its_namespace
from .store_specs import ClusterSpec, StoreSpec
from .target_specs import Target

StoreSource = tuple[str | None, str]
"""What is read where: a store's name in entries, None for the ExternalSecret's own, and a source, see service.py."""


@dataclass(frozen=True)
class SecretSpec:
    """One Kubernetes Secret that an ExternalSecret keeps: where it is, whose it is, and what its keys are made of.

    Attributes:
        namespace: namespace of the Secret.
        name: name of the Secret (ESO: `target.name`).
        owner: the ExternalSecret, by which the Secret is marked so that nobody else's is ever touched.
        data: secret key -> where its value comes from.
        stores: how parameters are read, by the stores' names in entries; None is the ExternalSecret's own.
        cluster: where the Secret is written.
        data_from: entries that give many keys at once, in order; `data` goes before them.
        target: what the Secret looks like, and what becomes of it.
        refresh: when parameters are read again.
    """

    namespace: str
    name: str
    owner: Owner
    data: Mapping[str, RemoteRef[str, str, str]]
    stores: Mapping[str | None, StoreSpec]
    cluster: ClusterSpec
    data_from: tuple[DataFrom, ...] = ()
    target: Target[str] = field(default_factory=Target)
    refresh: RefreshSpec = field(default_factory=RefreshSpec)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The Secret out of a property bag."""
        stores: dict[str | None, StoreSpec] = {
            name: StoreSpec.from_bag(store) for name, store in (bag.get("stores") or {}).items()
        }
        if bag.get("store"):
            stores[None] = StoreSpec.from_bag(bag["store"])
        return cls(
            namespace=bag["namespace"],
            name=bag["secretName"],
            owner=Owner.from_bag(bag["owner"]),
            data={key: RemoteRef.from_bag(ref) for key, ref in sorted((bag.get("data") or {}).items())},
            stores=stores,
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
            data_from=tuple(map(data_from_bag, bag.get("dataFrom") or ())),
            target=Target.from_bag(bag.get("target") or {}),
            refresh=RefreshSpec.from_bag(bag.get("refresh") or {}),
        )

    @property
    def origins(self) -> tuple[tuple[str, Origin], ...]:
        """All that is read, each with what the user calls the place: `key a`, `dataFrom[0].find`."""
        return (
            *((f"dataFrom[{index}].{entry.kind}", entry) for index, entry in enumerate(self.data_from)),
            *((f"key {key}", ref) for key, ref in self.data.items()),
        )

    @property
    def store_sources(self) -> tuple[StoreSource, ...]:
        """All that is read, each once, in order."""
        return tuple(dict.fromkeys((origin.store, origin.source) for _, origin in self.origins))

    def service_of(self, store: str | None) -> Service:
        """The service that a store reads from, by the store's name in entries."""
        return self.stores[store].service if store in self.stores else service_named()

    @property
    def noun(self) -> str:
        """What messages call one of the things that the Secret is made of."""
        nouns = {self.service_of(store).noun for store, _ in self.store_sources}
        return nouns.pop() if len(nouns) == 1 else "value"

    @property
    def store_names(self) -> tuple[str | None, ...]:
        """The names in entries of the stores that are read from, in order."""
        return tuple(dict.fromkeys(store for store, _ in self.store_sources))

    def may_lack(self, origin: Origin) -> bool:
        """Whether it is no error that what an entry reads does not exist.

        ESO takes missing tags for an error, whatever deletionPolicy says.
        """
        if isinstance(origin, Find):
            return self.target.skips_missing
        return origin.optional or (self.target.skips_missing and origin.metadata_policy != "Fetch")

    @property
    def has_optional(self) -> bool:
        """Whether it is no error that some of what is read does not exist, whatever deletionPolicy says."""
        return any(not isinstance(origin, Find) and origin.optional for _, origin in self.origins)

    @property
    def plain_keys(self) -> frozenset[str] | None:
        """The Secret's keys, where they are known before anything is read; else None."""
        return self.target.plain_keys(None if self.data_from else self.data.keys())

    def may_name(self, key: str) -> bool:
        """Whether previews, errors and the state may name a key; one out of a rendered text can be a value."""
        template = self.target.template
        return not (template and template.template_from) or key in self.data or key in template.data


@dataclass(frozen=True)
class ExpectedTarget:
    """The Secret of an ExternalSecret, as far as the program knows it: None is known to the engine alone."""

    secret: str
    namespace: str | None = None
    name: str | None = None

    @classmethod
    def of_inputs(cls, inputs: Mapping[str, Any]) -> Self | None:
        """The Secret of a sync whose inputs are not all known; None where not even the ExternalSecret is."""
        owner = inputs["owner"]
        urn = owner.get("urn") if isinstance(owner, Mapping) else None
        known = {field: inputs.get(key) for field, key in (("namespace", "namespace"), ("name", "secretName"))}
        texts = {field: value for field, value in known.items() if isinstance(value, str)}
        return cls(Owner(urn).name, **texts) if isinstance(urn, str) else None

    def may_be(self, namespace: str, name: str) -> bool:
        """Whether it can be this Secret."""
        return self.namespace in (None, namespace) and self.name in (None, name)


@dataclass(frozen=True)
class Operation:
    """What the running operation is, told by the program and stripped by `check`: it is neither shown nor stored.

    Attributes:
        preview: True in `pulumi preview` and in the preview phase of `pulumi up`.
        decrypt: True where values may be decrypted: in `up`, and in preview if the user asked for full validation.
        pending: references that another resource of the same program makes, so that in preview they may be missing.
        pending_namespace: True where the namespace is made by the same program.
        pending_secrets: True where it waits for other ExternalSecrets, whose Secrets may hold texts of its template.
        fresh_role: True where the store's role is made by the same program, so that AWS may need time to know it.
        requests_per_second: the share of the account's rate limit that this operation may use; None for all of it.
        deferred: True where a secret waits for resources that may yet write its parameters, and so reads by itself.
        force: True where everything is read, whatever `refreshInterval` says.
        periods: for a snapshot, source -> seconds between two readings; 0, which is every apply, is left out.
        confidential_texts: True where a template text of the program is one of Pulumi's secrets.
        conditions: of each store whose conditions a namespace's name alone does not meet, which namespaces may use it.
        store_namespaces: SecretStores whose namespace the program could not compare with the Secret's: the entry that
            reads from it, empty where it is the ExternalSecret's own store, and the namespace that it is for.
        secrets: for a snapshot, what errors call the ExternalSecrets that read from the store.
        targets: for a snapshot, the Secrets of those.
        parts: for a snapshot, source -> what is wanted of its value, see parts.py.
        optional: for a snapshot, the sources that nobody misses who asks for them.
        pushed: for a snapshot, the names to which PushSecrets push by the store.
        python: whether what is declared was written in Python, and not in YAML, as which errors spell fields.
        region_choice: what of the program's environment chose the region; empty where something else did.
    """

    preview: bool
    decrypt: bool
    pending: frozenset[str] = frozenset()
    pending_namespace: bool = False
    pending_secrets: bool = False
    fresh_role: bool = False
    requests_per_second: float | None = None
    deferred: bool = False
    force: bool = False
    confidential_texts: bool = False
    periods: Mapping[str, float] = field(default_factory=dict)
    conditions: tuple[tuple[StoreCondition, ...], ...] = ()
    store_namespaces: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    targets: tuple[ExpectedTarget, ...] = ()
    parts: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    pushed: frozenset[str] = frozenset()
    python: bool | None = None
    region_choice: Mapping[str, str] = field(default_factory=dict)

    def admits(self, namespace: str, labels: Mapping[str, str] | None) -> bool:
        """Whether it is known that every store is for a namespace, as far as the program could not tell.

        Args:
            namespace: the namespace.
            labels: its labels; None where they are not known.

        Returns:
            False where it takes the labels to tell.

        Raises:
            SpecError: a store is not for it, or does not admit it.
        """
        for where, own in self.store_namespaces:
            if own != namespace:
                raise SpecError(f"{where}: {not_its_namespace(own, namespace)}".removeprefix(": "))
        for conditions in self.conditions:
            decided = admits(conditions, namespace)
            if decided is None and not (self.preview and self.pending_namespace):
                if labels is None:
                    return False
                decided = any(condition.admits_labels(labels) for condition in conditions)
            if decided is False:
                raise SpecError(not_admitted(namespace))
        return True

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The operation out of a property bag; a bag without one (an older program) counts as `up`."""
        preview = bool(bag.get("preview", False))
        return cls(
            preview=preview,
            decrypt=bool(bag.get("decrypt", not preview)),
            pending=frozenset(bag.get("pending") or ()),
            pending_namespace=bool(bag.get("pendingNamespace", False)),
            pending_secrets=bool(bag.get("pendingSecrets", False)),
            fresh_role=bool(bag.get("freshRole", False)),
            requests_per_second=bag.get("requestsPerSecond"),
            deferred=bool(bag.get("late", False)),
            force=bool(bag.get("force", False)),
            confidential_texts=bool(bag.get("confidentialTexts", False)),
            periods={source: NEVER if wait < 0 else wait for source, wait in (bag.get("waits") or {}).items()},
            conditions=tuple(tuple(map(StoreCondition.from_bag, each)) for each in bag.get("conditions") or ()),
            store_namespaces=tuple((each["place"], each["namespace"]) for each in bag.get("storeNamespaces") or ()),
            secrets=tuple(bag.get("secrets") or ()),
            targets=tuple(ExpectedTarget(**each) for each in bag.get("targets") or ()),
            parts={source: tuple(parts) for source, parts in (bag.get("parts") or {}).items()},
            optional=frozenset(bag.get("optional") or ()),
            pushed=frozenset(bag.get("pushed") or ()),
            python=bag.get("python"),
            region_choice=bag.get("regionChoice") or {},
        )

    @property
    def texts_may_come(self) -> bool:
        """Whether template texts in the cluster are not what they will be when the Secret is written."""
        return self.preview and (self.deferred or self.pending_namespace or self.pending_secrets)


def label(place: StoreSource) -> str:
    """How a place is named in state, previews and errors: the source, after the store where it is another one."""
    store, source = place
    return source if store is None else f"{store}: {source}"
