"""What ExternalSecrets and PushSecrets that were read refer to: their stores, and the names of their Secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..arguments.data import Find, PushDataTo
from ..arguments.store import StoreArguments
from ..core.services import service_named
from ..errors import SpecError
from ..parameter_store import ClusterSecretStore, SecretStore
from .push_manifest import PushConfig
from .secret_manifest import SecretConfig, StoreRef
from .store_manifest import StoreConfig

Store = SecretStore | ClusterSecretStore


def find_store(ref: StoreRef, secret: SecretConfig | PushConfig, stores: Sequence[StoreConfig]) -> StoreConfig:
    """The store that an ExternalSecret or PushSecret means; SpecError where there is none, or more than one."""
    named = [store for store in stores if store.name == ref.name and ref.kind in (None, store.kind)]
    fitting = [store for store in named if store.namespace is None or secret.namespace in (None, store.namespace)]
    if len(fitting) == 1:
        return fitting[0]
    what = f"{ref.kind or 'store'} {ref.name!r}"
    if fitting:
        raise SpecError(f"{ref.where}: there are {len(fitting)} with the name {ref.name!r}; say its kind and namespace")
    if secret.namespace is not None and named:
        what += f" for namespace {secret.namespace!r}"
    there = ", ".join(f"{store.kind} {store_name(store)}" for store in stores) or "none"
    if secret.qualified:  # a manifest's place names it already
        raise SpecError(f"{ref.where}: there is no {what} (there are: {there}); put its manifest beside the others")
    kind = "PushSecret" if isinstance(secret, PushConfig) else "ExternalSecret"
    who = secret.parent or f"{kind} {secret.name!r}"
    raise SpecError(f"{ref.where}: {who}: there is no {what} (there are: {there})")


def find_stores(ref: StoreRef, push: SecretConfig | PushConfig, stores: Sequence[StoreConfig]) -> list[StoreConfig]:
    """The stores that a PushSecret means, by name or by labels.

    Raises:
        SpecError: there is none, or more than one of a name.
    """
    if ref.labels is None:
        return [find_store(ref, push, stores)]
    found = [
        store
        for store in stores
        if store.kind == ref.kind
        and (store.namespace is None or push.namespace in (None, store.namespace))
        and all(each.matches(store.labels) for each in ref.labels)
    ]
    if not found:
        raise SpecError(f"{ref.where}: labelSelector does not match any store")
    return found


def data_to_of(push: PushConfig, targets: Sequence[StoreConfig], used: Mapping[str, Store]) -> list[PushDataTo]:
    """The entries of `dataTo`, each for one store.

    Raises:
        SpecError: an entry names a store that the PushSecret does not.
    """
    made = []
    for each in push.data_to:
        names = {store.name.partition("@")[0] for store in targets}
        if each.store.labels is None and each.store.name not in names:
            raise SpecError(f"{each.where}: storeRef {each.store.name!r} not found in secretStoreRefs")
        fitting = [
            store
            for store in targets
            if each.store.kind in (None, store.kind)
            and (
                store.name.partition("@")[0] == each.store.name
                if each.store.labels is None
                else all(label.matches(store.labels) for label in each.store.labels)
            )
        ]
        if not fitting:
            raise SpecError(f"{each.where}: labelSelector does not match any store in secretStoreRefs")
        made += [PushDataTo(used[store_name(store)], **each.given) for store in fitting]
    return made


def leaves_namespaces_open(store: StoreConfig) -> bool:
    """Whether whose credentials it reads with depends on who uses it (ESO: referent authentication)."""
    auth = store.given.get("auth")
    return store.kind == "ClusterSecretStore" and store.qualified and auth is not None and auth != auth.placed("any")


def as_used_by(secret: SecretConfig | PushConfig, store: StoreConfig) -> StoreConfig:
    """A store as it is for the namespace of an ExternalSecret or PushSecret."""
    auth, namespace = store.given.get("auth"), secret.namespace
    if auth is None or namespace is None or not leaves_namespaces_open(store):
        return store
    given: StoreArguments = {**store.given, "auth": auth.placed(namespace)}
    return replace(store, name=f"{store.name}@{namespace}", given=given)


def references(secret: SecretConfig) -> list[StoreRef]:
    """The stores that an ExternalSecret names."""
    entries = (*secret.data.values(), *secret.data_from)
    return [ref for ref in (secret.store, *(entry.store for entry in entries)) if ref is not None]


def place_of(read: StoreConfig | SecretConfig | PushConfig) -> str:
    """Where something was read, for errors."""
    return read.where.removesuffix(": spec")


def store_name(store: StoreConfig) -> str:
    """The resource name of a store."""
    return f"{store.namespace}/{store.name}" if store.qualified and store.namespace else store.name


def check_finds(secret: SecretConfig, stores: Mapping[StoreRef, StoreConfig]) -> None:
    """Have each find checked by the service of its store, while nothing is declared yet.

    Raises:
        SpecError: one can never work.
    """
    for index, each in enumerate(secret.data_from):
        ref = each.store or secret.store
        if ref is not None and isinstance(each.entry, Find):
            try:
                service_named(stores[ref].given.get("service")).check(each.entry.source)
            except SpecError as error:
                raise SpecError(f"{secret.where}.dataFrom[{index}]: {error}") from None


def target_name(secret: SecretConfig) -> str:
    """Name of the Secret that is written."""
    # In manifests and settings it is a text.
    return secret.name if secret.target.name is None else str(secret.target.name)


def made_name(secret: SecretConfig) -> str | None:
    """Name of the Secret that is made; None where none is."""
    return None if secret.target.creation_policy == "None" else target_name(secret)
