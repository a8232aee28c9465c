"""Declares components of what was read from manifests and settings: stores first, then the ExternalSecrets on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pulumi

from ..arguments.data import Find
from ..arguments.store import StoreArguments
from ..core.services import service_named
from ..core.spec.config_fields import check_distinct
from ..errors import SpecError
from ..external_secret import ExternalSecret, ManifestSecret
from ..parameter_store import ClusterSecretStore, SecretStore
from .secret_manifest import DataEntry, SecretConfig, StoreRef
from .store_manifest import StoreConfig

Store = SecretStore | ClusterSecretStore


def declare_all(
    stores: Sequence[StoreConfig], secrets: Sequence[SecretConfig], opts: pulumi.ResourceOptions | None = None
) -> dict[str, ExternalSecret]:
    """Declare stores, and ExternalSecrets on them.

    A resource that comes from a manifest is named `namespace/name`, so that its name does not depend on what else there
    is; a ClusterSecretStore, and what comes from settings, bears its name alone. A manifest's ClusterSecretStore whose
    `auth` leaves namespaces to its users is one store for each of their namespaces, named `name@namespace`.

    An ExternalSecret waits for those whose Secrets hold texts of its template.

    Args:
        stores: the stores.
        secrets: the ExternalSecrets.
        opts: options of all of them, such as providers and a parent.

    Returns:
        Resource name -> ExternalSecret.

    Raises:
        SpecError: two have one name, a store is not there, or ExternalSecrets wait for each other; nothing was
            declared. Or see the components.
    """
    check_distinct([(_store_name(store), _place(store)) for store in stores], "stores")
    found = [
        {ref: _as_used_by(secret, find_store(ref, secret, stores)) for ref in _references(secret)} for secret in secrets
    ]
    for secret, read_from in zip(secrets, found, strict=True):
        _check_finds(secret, read_from)
    names = [_secret_name(secret, uses.values()) for secret, uses in zip(secrets, found, strict=True)]
    check_distinct(list(zip(names, map(_place, secrets), strict=True)), "ExternalSecrets")
    namespaces = [_namespace(secret, uses.values()) for secret, uses in zip(secrets, found, strict=True)]
    needs = _needs(names, namespaces, secrets)
    order = _in_order(needs)
    used = (store for uses in found for store in uses.values())
    wanted = {_store_name(store): store for store in (*stores, *used) if not _leaves_namespaces_open(store)}
    made = {name: _declare_store(store, opts) for name, store in wanted.items()}
    declared: dict[str, ExternalSecret] = {}
    places = {name: at for at, name in enumerate(names)}
    for name in order:
        at = places[name]
        uses = {ref: made[_store_name(store)] for ref, store in found[at].items()}
        waits = pulumi.ResourceOptions(depends_on=[declared[other] for other in needs[name]])
        options = pulumi.ResourceOptions.merge(opts, waits) if needs[name] else opts
        declared[name] = _declare_secret(name, secrets[at], uses, options)
    return {name: declared[name] for name in names}


def find_store(ref: StoreRef, secret: SecretConfig, stores: Sequence[StoreConfig]) -> StoreConfig:
    """The store that an ExternalSecret means; SpecError where there is none, or more than one."""
    named = [store for store in stores if store.name == ref.name and ref.kind in (None, store.kind)]
    fitting = [store for store in named if store.namespace is None or secret.namespace in (None, store.namespace)]
    if len(fitting) == 1:
        return fitting[0]
    what = f"{ref.kind or 'store'} {ref.name!r}"
    if fitting:
        raise SpecError(f"{ref.where}: there are {len(fitting)} with the name {ref.name!r}; say its kind and namespace")
    if secret.namespace is not None and named:
        what += f" for namespace {secret.namespace!r}"
    there = ", ".join(f"{store.kind} {_store_name(store)}" for store in stores) or "none"
    raise SpecError(f"{ref.where}: ExternalSecret {secret.name!r}: there is no {what} (there are: {there})")


def _check_finds(secret: SecretConfig, stores: Mapping[StoreRef, StoreConfig]) -> None:
    """Have each find checked by the service of its store, while nothing is declared yet."""
    for index, each in enumerate(secret.data_from):
        ref = each.store or secret.store
        if ref is not None and isinstance(each.entry, Find):
            try:
                service_named(stores[ref].given.get("service")).check(each.entry.source)
            except SpecError as error:
                raise SpecError(f"{secret.where}.dataFrom[{index}]: {error}") from None


def _leaves_namespaces_open(store: StoreConfig) -> bool:
    """Whether whose credentials it reads with depends on who uses it (ESO: referent authentication)."""
    auth = store.given.get("auth")
    return store.kind == "ClusterSecretStore" and store.qualified and auth is not None and auth != auth.placed("any")


def _as_used_by(secret: SecretConfig, store: StoreConfig) -> StoreConfig:
    auth, namespace = store.given.get("auth"), secret.namespace
    if auth is None or namespace is None or not _leaves_namespaces_open(store):
        return store
    given: StoreArguments = {**store.given, "auth": auth.placed(namespace)}
    return replace(store, name=f"{store.name}@{namespace}", given=given)


def _references(secret: SecretConfig) -> list[StoreRef]:
    entries = (*secret.data.values(), *secret.data_from)
    return [ref for ref in (secret.store, *(entry.store for entry in entries)) if ref is not None]


def _place(read: StoreConfig | SecretConfig) -> str:
    return read.where.removesuffix(": spec")


def _store_name(store: StoreConfig) -> str:
    return f"{store.namespace}/{store.name}" if store.qualified and store.namespace else store.name


def _secret_name(secret: SecretConfig, stores: Iterable[StoreConfig]) -> str:
    if not secret.qualified:
        return secret.name
    namespace = _namespace(secret, stores)
    if namespace is None:
        raise SpecError(f"{secret.where}: metadata.namespace is required, as its store has none of its own")
    return f"{namespace}/{secret.name}"


def _namespace(secret: SecretConfig, stores: Iterable[StoreConfig]) -> str | None:
    return secret.namespace or next((store.namespace for store in stores if store.namespace), None)


def _needs(
    names: Sequence[str], namespaces: Sequence[str | None], secrets: Sequence[SecretConfig]
) -> dict[str, list[str]]:
    """Which other ExternalSecrets make the Secrets that hold texts of each one's template."""
    listed = list(zip(names, namespaces, secrets, strict=True))
    makers: dict[tuple[str | None, str], list[str]] = {}
    for name, namespace, secret in listed:
        if secret.target.creation_policy != "None":
            makers.setdefault((namespace, _target_name(secret)), []).append(name)
    return {
        name: [
            maker
            for source in (secret.target.template.template_from if secret.target.template else ())
            if source.secret is not None
            for maker in makers.get((namespace, source.secret), ())
            if maker != name
        ]
        for name, namespace, secret in listed
    }


def _in_order(needs: Mapping[str, Collection[str]]) -> list[str]:
    """The names, each after those that it needs."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise SpecError(
            f"target.template.templateFrom: ExternalSecrets take texts from each other's Secrets ({circle}), so that "
            "none of them can be written first; have one of them take its texts from a ConfigMap"
        ) from None


def _target_name(secret: SecretConfig) -> str:
    # In manifests and settings it is a text.
    return secret.name if secret.target.name is None else str(secret.target.name)


def _declare_store(store: StoreConfig, opts: pulumi.ResourceOptions | None) -> Store:
    name = _store_name(store)
    if store.kind == "ClusterSecretStore":
        return ClusterSecretStore(name, conditions=store.conditions, opts=opts, **store.given)
    if store.namespace is None:
        raise SpecError(f"{store.where}: metadata.namespace is required; write it, or give `namespace` for all of them")
    return SecretStore(name, namespace=store.namespace, opts=opts, **store.given)


def _declare_secret(
    name: str, secret: SecretConfig, stores: Mapping[StoreRef, Store], opts: pulumi.ResourceOptions | None
) -> ExternalSecret:
    def placed(each: DataEntry) -> Any:
        entry: Any = each.entry
        return entry if each.store is None else replace(entry, store=stores[each.store])

    target: Any = secret.target
    kind = ManifestSecret if secret.qualified else ExternalSecret
    return kind(
        name,
        store=None if secret.store is None else stores[secret.store],
        data={key: placed(each) for key, each in secret.data.items()},
        data_from=[placed(each) for each in secret.data_from],
        namespace=secret.namespace,
        target=replace(target, name=_target_name(secret)),
        refresh_policy=secret.refresh_policy,
        refresh_interval=secret.refresh_interval,
        opts=opts,
    )
