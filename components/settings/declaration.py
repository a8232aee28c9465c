"""Declares components of what was read: stores first, then the ExternalSecrets and PushSecrets on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import pulumi

from ..arguments.data import Find, PushDataTo
from ..arguments.store import StoreArguments
from ..core.services import service_named
from ..core.spec.config_fields import check_distinct
from ..core.spec.spelling import of_yaml
from ..display import some_of
from ..errors import SpecError
from ..external_secret import ExternalSecret, ManifestSecret
from ..parameter_store import ClusterSecretStore, SecretStore
from ..push_secret import ManifestPush, PushSecret
from .push_manifest import PushConfig
from .round_trips import reads_what_is_pushed
from .secret_manifest import DataEntry, SecretConfig, StoreRef
from .store_manifest import StoreConfig

Store = SecretStore | ClusterSecretStore
_PUSH = "PushSecret "
"""What stands before a PushSecret's name among those that wait for each other; no name has a space in it."""


class Declared(NamedTuple):
    """What was declared, by resource name.

    Attributes:
        secrets: the ExternalSecrets.
        pushes: the PushSecrets.
    """

    secrets: dict[str, ExternalSecret]
    pushes: dict[str, PushSecret]


@of_yaml()
def declare_all(
    stores: Sequence[StoreConfig],
    secrets: Sequence[SecretConfig],
    opts: pulumi.ResourceOptions | None = None,
    *,
    pushes: Sequence[PushConfig] = (),
) -> Declared:
    """Declare stores, and ExternalSecrets and PushSecrets on them.

    A resource that comes from a manifest is named `namespace/name`, so that its name does not depend on what else there
    is; a ClusterSecretStore, and what comes from settings, bears its name alone. A manifest's ClusterSecretStore whose
    `auth` leaves namespaces to its users is one store for each of their namespaces, named `name@namespace`.

    An ExternalSecret waits for those whose Secrets hold texts of its template, and for the PushSecrets that write what
    it reads; a PushSecret waits for the ExternalSecret that makes its Secret.

    Args:
        stores: the stores.
        secrets: the ExternalSecrets.
        opts: options of all of them, such as providers and a parent.
        pushes: the PushSecrets.

    Returns:
        The ExternalSecrets and the PushSecrets, by resource name.

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
    pushed = [
        [_as_used_by(push, store) for ref in dict.fromkeys(push.stores) for store in find_stores(ref, push, stores)]
        for push in pushes
    ]
    titles = [_secret_name(push, targets) for push, targets in zip(pushes, pushed, strict=True)]
    check_distinct(list(zip(titles, map(_place, pushes), strict=True)), "PushSecrets")
    makers = {
        (namespace, _target_name(secret)): name
        for name, namespace, secret in zip(names, namespaces, secrets, strict=True)
        if secret.target.creation_policy != "None"
    }
    needs = _needs(names, namespaces, secrets)
    for title, push, targets in zip(titles, pushes, pushed, strict=True):
        maker = None if push.secret is None else makers.get((_namespace(push, targets), push.secret))
        needs[_PUSH + title] = [maker] if maker else []
        for name, secret, uses in zip(names, secrets, found, strict=True):
            if name != maker and reads_what_is_pushed(secret, uses, push, targets):
                needs[name].append(_PUSH + title)
    order = _in_order(needs)
    used = (*(store for uses in found for store in uses.values()), *(store for each in pushed for store in each))
    wanted = {_store_name(store): store for store in (*stores, *used) if not _leaves_namespaces_open(store)}
    made = {name: _declare_store(store, opts) for name, store in wanted.items()}
    declared: dict[str, pulumi.Resource] = {}
    secrets_of: dict[str, ExternalSecret] = {}
    pushes_of: dict[str, PushSecret] = {}
    places = {name: at for at, name in enumerate(names)} | {_PUSH + title: at for at, title in enumerate(titles)}
    for name in order:
        at = places[name]
        waits = pulumi.ResourceOptions(depends_on=[declared[other] for other in needs[name]])
        options = pulumi.ResourceOptions.merge(opts, waits) if needs[name] else opts
        if name.startswith(_PUSH):
            used_by = {_store_name(store): made[_store_name(store)] for store in pushed[at]}
            data_to = _data_to_of(pushes[at], pushed[at], used_by)
            declared[name] = pushes_of[titles[at]] = _declare_push(titles[at], pushes[at], used_by, data_to, options)
        else:
            used_here = {ref: made[_store_name(store)] for ref, store in found[at].items()}
            declared[name] = secrets_of[name] = _declare_secret(name, secrets[at], used_here, options)
    return Declared({name: secrets_of[name] for name in names}, {title: pushes_of[title] for title in titles})


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
    there = ", ".join(f"{store.kind} {_store_name(store)}" for store in stores) or "none"
    kind = "PushSecret" if isinstance(secret, PushConfig) else "ExternalSecret"
    raise SpecError(f"{ref.where}: {kind} {secret.name!r}: there is no {what} (there are: {there})")


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


def _as_used_by(secret: SecretConfig | PushConfig, store: StoreConfig) -> StoreConfig:
    auth, namespace = store.given.get("auth"), secret.namespace
    if auth is None or namespace is None or not _leaves_namespaces_open(store):
        return store
    given: StoreArguments = {**store.given, "auth": auth.placed(namespace)}
    return replace(store, name=f"{store.name}@{namespace}", given=given)


def _references(secret: SecretConfig) -> list[StoreRef]:
    entries = (*secret.data.values(), *secret.data_from)
    return [ref for ref in (secret.store, *(entry.store for entry in entries)) if ref is not None]


def _place(read: StoreConfig | SecretConfig | PushConfig) -> str:
    return read.where.removesuffix(": spec")


def _store_name(store: StoreConfig) -> str:
    return f"{store.namespace}/{store.name}" if store.qualified and store.namespace else store.name


def _secret_name(secret: SecretConfig | PushConfig, stores: Iterable[StoreConfig]) -> str:
    if not secret.qualified:
        return secret.name
    namespace = _namespace(secret, stores)
    if namespace is None:
        raise SpecError(f"{secret.where}: metadata.namespace is required, as its store has none of its own")
    return f"{namespace}/{secret.name}"


def _namespace(secret: SecretConfig | PushConfig, stores: Iterable[StoreConfig]) -> str | None:
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
        if _PUSH in circle:
            raise SpecError(
                f"ExternalSecrets and PushSecrets wait for each other ({circle}), so that none of them can be first; "
                "have one of them read or write another parameter"
            ) from None
        raise SpecError(
            f"target.template.templateFrom: ExternalSecrets take texts from each other's Secrets ({circle}), so that "
            "none of them can be written first; have one of them take its texts from a ConfigMap"
        ) from None


def _target_name(secret: SecretConfig) -> str:
    # In manifests and settings it is a text.
    return secret.name if secret.target.name is None else str(secret.target.name)


def find_stores(ref: StoreRef, push: PushConfig, stores: Sequence[StoreConfig]) -> list[StoreConfig]:
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


def _data_to_of(push: PushConfig, targets: Sequence[StoreConfig], used: Mapping[str, Store]) -> list[PushDataTo]:
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
        made += [PushDataTo(used[_store_name(store)], **each.given) for store in fitting]
    return made


def _declare_push(
    name: str,
    push: PushConfig,
    stores: Mapping[str, Store],
    data_to: Sequence[PushDataTo],
    opts: pulumi.ResourceOptions | None,
) -> PushSecret:
    kind = ManifestPush if push.qualified else PushSecret
    made = kind(
        name,
        secret=push.secret,
        selector=push.selector,
        stores=list(stores.values()),
        data=push.data,
        data_to=data_to,
        template=push.template,
        namespace=push.namespace,
        update_policy=push.update_policy,
        deletion_policy=push.deletion_policy,
        refresh_interval=push.refresh_interval,
        adopt=push.adopt,
        opts=opts,
    )
    if push.by_default and pulumi.runtime.is_dry_run():
        pulumi.log.warn(
            f"PushSecret {name} pushes {some_of(push.by_default)} as type String, which is ESO's default: whoever may "
            "read parameters can read the value. Write secretType: SecureString into its metadata, or String if that "
            "is what you want.",
            made,
        )
    return made


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
