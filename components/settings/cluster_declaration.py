"""Declares cluster-wide kinds: finds the stores of each namespace that they may choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pulumi

from ..cluster_external_secret import ClusterExternalSecret, ManifestClusterSecret, Variant
from ..cluster_push_secret import ClusterPushSecret, ManifestClusterPush
from ..core.spec.config_fields import check_distinct
from ..core.spec.refresh import RefreshSpec
from ..display import some_of
from ..errors import SpecError
from .cluster_manifest import ClusterConfig, ClusterPushConfig, ClusterSecretConfig
from .push_manifest import PushConfig
from .round_trips import reads_what_is_pushed
from .secret_manifest import DataEntry, SecretConfig, StoreRef
from .store_lookup import (
    Store,
    as_used_by,
    check_finds,
    data_to_of,
    find_stores,
    leaves_namespaces_open,
    made_name,
    references,
    store_name,
    target_name,
    warn_of_type,
)
from .store_manifest import StoreConfig

Found = Mapping[str | None, Mapping[StoreRef, Sequence[StoreConfig]]]
"""Namespace -> the stores that each reference means there; None stands for every namespace."""


def stores_of(config: ClusterSecretConfig | ClusterPushConfig, stores: Sequence[StoreConfig]) -> Found:
    """The stores that a cluster-wide kind means.

    Args:
        config: it.
        stores: all stores that there are.

    Raises:
        SpecError: there is none, or one that cannot be used from namespaces that only the cluster tells.
    """
    child: SecretConfig | PushConfig = config.child
    refs = list(dict.fromkeys(references(child) if isinstance(child, SecretConfig) else child.stores))
    shared = [store for store in stores if store.kind == "ClusterSecretStore"]
    placed = sorted({store.namespace for store in stores if store.namespace is not None})
    common = _found(refs, child, shared)
    by_namespace: dict[str | None, Mapping[StoreRef, Sequence[StoreConfig]]] = {}
    if common is not None and _is_open(common) and not config.selectors:
        for namespace in config.namespaces:
            here = replace(child, namespace=namespace)
            by_namespace[namespace] = {ref: [as_used_by(here, store) for store in some] for ref, some in common.items()}
    elif common is not None:
        by_namespace[None] = common
    else:
        for namespace in placed:
            its = [store for store in stores if store.namespace in (None, namespace)]
            if (found := _found(refs, replace(child, namespace=namespace), its)) is not None:
                by_namespace[namespace] = found
    if by_namespace and common is None and not config.selectors:
        # A store of another namespace would read, and be granted, what it never uses.
        placed = sorted(map(str, by_namespace))
        by_namespace = {each: found for each, found in by_namespace.items() if each in config.namespaces}
        if not by_namespace:
            raise SpecError(
                f"{config.where}: none of its namespaces has all of the stores that it names, which {some_of(placed)} "
                f"{'has' if len(placed) == 1 else 'have'}; give one of its own SecretStores, or name others"
            )
    if not by_namespace:
        for ref in refs:  # says which one there is not
            find_stores(ref, child, stores)
        raise SpecError(f"{config.where}: no namespace has all of the stores that it names; give one SecretStores")
    _refuse_open(by_namespace)
    return by_namespace


def _refuse_open(by_namespace: Found) -> None:
    for ref, some in ((ref, some) for found in by_namespace.values() for ref, some in found.items()):
        if open_ones := [store.name for store in some if leaves_namespaces_open(store)]:
            raise SpecError(
                f"{ref.where}: ClusterSecretStore {open_ones[0]!r} reads as an account of the namespace that uses it, "
                "and only the cluster tells which namespaces the labels choose; write the namespace into its auth, "
                "choose by name (namespaces), or give each namespace a SecretStore"
            )


def _is_open(found: Mapping[StoreRef, Sequence[StoreConfig]]) -> bool:
    return any(leaves_namespaces_open(store) for some in found.values() for store in some)


def _found(
    refs: Sequence[StoreRef], child: SecretConfig | PushConfig, stores: Sequence[StoreConfig]
) -> Mapping[StoreRef, Sequence[StoreConfig]] | None:
    """What each reference means; None where one means nothing."""
    try:
        return {ref: find_stores(ref, child, stores) for ref in refs}
    except SpecError:
        return None


class Reader(NamedTuple):
    """Something that makes Secrets, in one or in several namespaces.

    Attributes:
        title: what it is called among those that wait for each other.
        target: name of the Secrets; None where it makes none.
        reads: what it reads, for each namespace that differs.
        is_wide: it is cluster-wide.
    """

    title: str
    target: str | None
    reads: Sequence[tuple[SecretConfig, Mapping[StoreRef, StoreConfig]]]
    is_wide: bool = False


class Writer(NamedTuple):
    """Something that pushes Secrets; `writes` and `is_wide` as of a Reader, `source` is the name of the Secrets."""

    title: str
    source: str | None
    writes: Sequence[tuple[PushConfig, Sequence[StoreConfig]]]
    is_wide: bool = False


@dataclass(frozen=True)
class WideKind:
    """A cluster-wide kind with its stores."""

    config: ClusterSecretConfig | ClusterPushConfig
    found: Found

    @property
    def stores(self) -> list[StoreConfig]:
        """All of its stores."""
        return [store for refs in self.found.values() for some in refs.values() for store in some]

    @property
    def node(self) -> Reader | Writer:
        """It among those that wait for each other."""
        child, title = self.config.child, _title(self.config)
        if isinstance(child, SecretConfig):
            reads = [(child, {ref: some[0] for ref, some in refs.items()}) for refs in self.found.values()]
            return Reader(title, made_name(child), reads, is_wide=True)
        writes = [(child, [store for some in refs.values() for store in some]) for refs in self.found.values()]
        return Writer(title, child.secret, writes, is_wide=True)

    def declare(self, made: Mapping[str, Store], opts: pulumi.ResourceOptions | None) -> pulumi.Resource:
        """Declare it, with the stores that were made, by their resource names.

        Raises:
            SpecError: see the component.
        """
        child = self.config.child
        if isinstance(child, SecretConfig):
            return _declare_secret(self.config, child, self.found, made, opts)
        return _declare_push(self.config, child, self.found, made, opts)


def wide_kinds(
    secrets: Sequence[ClusterSecretConfig], pushes: Sequence[ClusterPushConfig], stores: Sequence[StoreConfig]
) -> dict[str, WideKind]:
    """All cluster-wide kinds, by what they are called among those that wait for each other.

    Raises:
        SpecError: two have one name, a store is not there, or an entry can never work.
    """
    configs: list[ClusterSecretConfig | ClusterPushConfig] = [*secrets, *pushes]
    check_distinct([(_title(each), each.where.removesuffix(": spec")) for each in configs], "cluster-wide kinds")
    kinds = {_title(each): WideKind(each, stores_of(each, stores)) for each in configs}
    for kind in kinds.values():
        for refs in kind.found.values():
            if isinstance(kind.config.child, SecretConfig):
                check_finds(kind.config.child, {ref: some[0] for ref, some in refs.items()})
    return kinds


def wide_needs(
    readers: Sequence[Reader], writers: Sequence[Writer], wide: Mapping[str, WideKind]
) -> dict[str, list[str]]:
    """What waits for what, where a cluster-wide kind is one of the two.

    Who makes a Secret goes before who pushes it, and who writes a parameter before who reads it.

    Args:
        readers: the ExternalSecrets.
        writers: the PushSecrets.
        wide: the cluster-wide kinds.
    """
    nodes = [*readers, *writers, *(each.node for each in wide.values())]
    needs: dict[str, list[str]] = {each.title: [] for each in nodes}
    for reader in (each for each in nodes if isinstance(each, Reader)):
        for writer in (each for each in nodes if isinstance(each, Writer)):
            if not (reader.is_wide or writer.is_wide):
                continue
            if writer.source is not None and writer.source == reader.target:
                needs[writer.title].append(reader.title)
            elif any(
                reads_what_is_pushed(secret, uses, push, targets)
                for secret, uses in reader.reads
                for push, targets in writer.writes
            ):
                needs[reader.title].append(writer.title)
    return needs


def _title(config: ClusterSecretConfig | ClusterPushConfig) -> str:
    kind = "ClusterExternalSecret" if isinstance(config.child, SecretConfig) else "ClusterPushSecret"
    return f"{kind} {config.name}"


def _declare_secret(
    config: ClusterConfig[Any],
    child: SecretConfig,
    found: Found,
    made: Mapping[str, Any],
    opts: pulumi.ResourceOptions | None,
) -> ClusterExternalSecret:
    variants = []
    for namespace, refs in found.items():
        used = {ref: made[store_name(some[0])] for ref, some in refs.items()}

        def placed(each: DataEntry, used: Mapping[StoreRef, Store] = used) -> Any:
            entry: Any = each.entry
            return entry if each.store is None else replace(entry, store=used[each.store])

        variants.append(
            Variant(
                namespace,
                None if child.store is None else used[child.store],
                {key: placed(each) for key, each in sorted(child.data.items())},
                [placed(each) for each in child.data_from],
            )
        )
    target: Any = child.target
    return ManifestClusterSecret(
        config.name,
        lenient=config.qualified,
        variants=variants,
        namespace_selectors=config.selectors,
        namespaces=config.namespaces,
        external_secret_name=child.name,
        target=replace(target, name=target_name(child)),
        refresh=RefreshSpec(child.refresh_policy, child.refresh_interval),
        opts=opts,
    )


def _declare_push(
    config: ClusterConfig[Any],
    child: PushConfig,
    found: Found,
    made: Mapping[str, Any],
    opts: pulumi.ResourceOptions | None,
) -> ClusterPushSecret:
    listed = [store for refs in found.values() for some in refs.values() for store in some]
    targets = list({store_name(store): store for store in listed}.values())
    used = {store_name(store): made[store_name(store)] for store in targets}
    kind = ManifestClusterPush if config.qualified else ClusterPushSecret
    push = kind(
        config.name,
        secret=child.secret,
        selector=child.selector,
        stores=list(used.values()),
        data=child.data,
        data_to=data_to_of(child, targets, used),
        template=child.template,
        namespace_selectors=config.selectors,
        namespaces=config.namespaces,
        update_policy=child.update_policy,
        deletion_policy=child.deletion_policy,
        refresh_interval=child.refresh_interval,
        adopt=child.adopt,
        opts=opts,
    )
    warn_of_type("ClusterPushSecret", config.name, child, push)
    return push
