"""Declares components of what was read from manifests and settings: stores first, then the ExternalSecrets on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .auth import placed
from .core.config_fields import check_distinct
from .core.errors import SpecError
from .external_secret import ExternalSecret
from .parameter_store import ClusterSecretStore, SecretStore
from .secret_config import DataEntry, SecretConfig, StoreRef
from .store_arguments import StoreArguments
from .store_config import StoreConfig

Store = SecretStore | ClusterSecretStore


def declare_all(stores: Sequence[StoreConfig], secrets: Sequence[SecretConfig]) -> dict[str, ExternalSecret]:
    """Declare stores, and ExternalSecrets on them.

    A resource that comes from a manifest is named `namespace/name`, so that its name does not depend on what else there
    is; a ClusterSecretStore, and what comes from settings, bears its name alone. A manifest's ClusterSecretStore whose
    `auth` leaves namespaces to its users is one store for each of their namespaces, named `name@namespace`.

    Returns:
        Resource name -> ExternalSecret.

    Raises:
        SpecError: two have one name, or a store is not there; nothing was declared. Or see the components.
    """
    check_distinct([(_store_name(store), _place(store)) for store in stores], "stores")
    found = [
        {ref: _as_used_by(secret, find_store(ref, secret, stores)) for ref in _references(secret)} for secret in secrets
    ]
    names = [_secret_name(secret, uses.values()) for secret, uses in zip(secrets, found, strict=True)]
    check_distinct(list(zip(names, map(_place, secrets), strict=True)), "ExternalSecrets")
    used = (store for uses in found for store in uses.values())
    wanted = {_store_name(store): store for store in (*stores, *used) if not _leaves_namespaces_open(store)}
    made = {name: _declare_store(store) for name, store in wanted.items()}
    return {
        name: _declare_secret(name, secret, {ref: made[_store_name(store)] for ref, store in uses.items()})
        for name, secret, uses in zip(names, secrets, found, strict=True)
    }


def find_store(ref: StoreRef, secret: SecretConfig, stores: Sequence[StoreConfig]) -> StoreConfig:
    """The store that an ExternalSecret means.

    Raises:
        SpecError: there is none, or more than one.
    """
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


def _leaves_namespaces_open(store: StoreConfig) -> bool:
    """Whether whose credentials it reads with depends on who uses it (ESO: referent authentication)."""
    auth = store.given.get("auth")
    return store.kind == "ClusterSecretStore" and store.qualified and auth is not None and auth != placed(auth, "any")


def _as_used_by(secret: SecretConfig, store: StoreConfig) -> StoreConfig:
    auth, namespace = store.given.get("auth"), secret.namespace
    if auth is None or namespace is None or not _leaves_namespaces_open(store):
        return store
    given: StoreArguments = {**store.given, "auth": placed(auth, namespace)}
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
    namespace = secret.namespace or next((store.namespace for store in stores if store.namespace), None)
    if namespace is None:
        raise SpecError(f"{secret.where}: metadata.namespace is required, as its store has none of its own")
    return f"{namespace}/{secret.name}"


def _declare_store(store: StoreConfig) -> Store:
    name = _store_name(store)
    if store.kind == "ClusterSecretStore":
        return ClusterSecretStore(name, conditions=store.conditions, **store.given)
    if store.namespace is None:
        raise SpecError(f"{store.where}: metadata.namespace is required; write it, or give `namespace` for all of them")
    return SecretStore(name, namespace=store.namespace, **store.given)


def _declare_secret(name: str, secret: SecretConfig, stores: Mapping[StoreRef, Store]) -> ExternalSecret:
    def placed(each: DataEntry) -> Any:
        return each.entry if each.store is None else replace(each.entry, store=stores[each.store])

    target = secret.target if secret.target.name is not None else replace(secret.target, name=secret.name)
    return ExternalSecret(
        name,
        store=None if secret.store is None else stores[secret.store],
        data={key: placed(each) for key, each in secret.data.items()},
        data_from=[placed(each) for each in secret.data_from],
        namespace=secret.namespace,
        target=target,
        refresh_policy=secret.refresh_policy,
        refresh_interval=secret.refresh_interval,
    )
