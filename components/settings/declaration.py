"""Declares components of what was read: stores first, then the ExternalSecrets and PushSecrets on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pulumi

from ..arguments.data import PushDataTo
from ..cluster_external_secret import ClusterExternalSecret
from ..cluster_push_secret import ClusterPushSecret
from ..core.spec.config_fields import check_distinct
from ..core.spec.spelling import of_yaml
from ..errors import SpecError
from ..external_secret import ExternalSecret, ManifestSecret
from ..parameter_store import ClusterSecretStore, SecretStore
from ..push_secret import ManifestPush, PushSecret
from .cluster_declaration import Reader, Writer, wide_kinds, wide_needs
from .cluster_manifest import ClusterPushConfig, ClusterSecretConfig
from .push_defaults import as_eso, warn_of_defaults
from .push_manifest import PushConfig
from .round_trips import reads_what_is_pushed
from .secret_manifest import DataEntry, SecretConfig, StoreRef
from .store_lookup import (
    Store,
    as_used_by,
    check_finds,
    data_to_of,
    find_store,
    find_stores,
    leaves_namespaces_open,
    made_name,
    place_of,
    references,
    store_name,
    target_name,
)
from .store_manifest import StoreConfig

_PUSH = "PushSecret "
"""What stands before a PushSecret's name among those that wait for each other; no name has a space in it."""
_NAMESPACE_FOR_ALL = "write it, or give `namespace` for all of them (for `render`: --namespace)"


class Declared(dict[str, ExternalSecret]):
    """What was declared: the ExternalSecrets by resource name, and the other kinds beside them.

    Attributes:
        pushes: the PushSecrets, by resource name.
        cluster_secrets: the ClusterExternalSecrets, by resource name.
        cluster_pushes: the ClusterPushSecrets, by resource name.
    """

    def __init__(
        self,
        secrets: Mapping[str, ExternalSecret],
        pushes: Mapping[str, PushSecret],
        cluster_secrets: Mapping[str, ClusterExternalSecret],
        cluster_pushes: Mapping[str, ClusterPushSecret],
    ) -> None:
        super().__init__(secrets)
        self.pushes = dict(pushes)
        self.cluster_secrets = dict(cluster_secrets)
        self.cluster_pushes = dict(cluster_pushes)

    @property
    def secrets(self) -> dict[str, ExternalSecret]:
        """The ExternalSecrets alone."""
        return dict(self)


@of_yaml()
def declare_all(
    stores: Sequence[StoreConfig],
    secrets: Sequence[SecretConfig],
    opts: pulumi.ResourceOptions | None = None,
    *,
    pushes: Sequence[PushConfig] = (),
    cluster_secrets: Sequence[ClusterSecretConfig] = (),
    cluster_pushes: Sequence[ClusterPushConfig] = (),
    grouped: bool = False,
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
        cluster_secrets: the ClusterExternalSecrets.
        cluster_pushes: the ClusterPushSecrets.
        grouped: each store keeps its ExternalSecrets in one resource, and its PushSecrets in another.

    Returns:
        All but the stores, by resource name.

    Raises:
        SpecError: two have one name, a store is not there, or ExternalSecrets wait for each other; nothing was
            declared. Or see the components.
    """
    check_distinct([(store_name(store), place_of(store)) for store in stores], "stores")
    found = [
        {ref: as_used_by(secret, find_store(ref, secret, stores)) for ref in references(secret)} for secret in secrets
    ]
    for secret, read_from in zip(secrets, found, strict=True):
        check_finds(secret, read_from)
    names = [_secret_name(secret, uses.values()) for secret, uses in zip(secrets, found, strict=True)]
    check_distinct(list(zip(names, map(place_of, secrets), strict=True)), "ExternalSecrets")
    namespaces = [_namespace(secret, uses.values()) for secret, uses in zip(secrets, found, strict=True)]
    pushed = [
        [as_used_by(push, store) for ref in dict.fromkeys(push.stores) for store in find_stores(ref, push, stores)]
        for push in pushes
    ]
    titles = [_secret_name(push, targets) for push, targets in zip(pushes, pushed, strict=True)]
    check_distinct(list(zip(titles, map(place_of, pushes), strict=True)), "PushSecrets")
    makers = {
        (namespace, target_name(secret)): name
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
    wide = wide_kinds(cluster_secrets, cluster_pushes, stores)
    readers = [
        Reader(name, made_name(each), [(each, uses)]) for name, each, uses in zip(names, secrets, found, strict=True)
    ]
    writers = [
        Writer(_PUSH + title, push.secret, [(push, targets)])
        for title, push, targets in zip(titles, pushes, pushed, strict=True)
    ]
    needs = {title: [*needs.get(title, ()), *more] for title, more in wide_needs(readers, writers, wide).items()}
    order = _in_order(needs)
    used = (
        *(store for uses in found for store in uses.values()),
        *(store for each in pushed for store in each),
        *(store for kind in wide.values() for store in kind.stores),
    )
    wanted = {store_name(store): store for store in (*stores, *used) if not leaves_namespaces_open(store)}
    made = {name: _declare_store(store, opts, grouped=grouped) for name, store in wanted.items()}
    declared: dict[str, pulumi.Resource] = {}
    secrets_of: dict[str, ExternalSecret] = {}
    pushes_of: dict[str, PushSecret] = {}
    places = {name: at for at, name in enumerate(names)} | {_PUSH + title: at for at, title in enumerate(titles)}
    for name in order:
        waits = pulumi.ResourceOptions(depends_on=[declared[other] for other in needs[name]])
        options = pulumi.ResourceOptions.merge(opts, waits) if needs[name] else opts
        if name in wide:
            declared[name] = wide[name].declare(made, options)
            continue
        at = places[name]
        if name.startswith(_PUSH):
            used_by = {store_name(store): made[store_name(store)] for store in pushed[at]}
            data_to = data_to_of(pushes[at], pushed[at], used_by)
            declared[name] = pushes_of[titles[at]] = _declare_push(titles[at], pushes[at], used_by, data_to, options)
        else:
            used_here = {ref: made[store_name(store)] for ref, store in found[at].items()}
            declared[name] = secrets_of[name] = _declare_secret(name, secrets[at], used_here, options)
    return Declared(
        {name: secrets_of[name] for name in names},
        {title: pushes_of[title] for title in titles},
        {wide[title].config.name: each for title, each in declared.items() if isinstance(each, ClusterExternalSecret)},
        {wide[title].config.name: each for title, each in declared.items() if isinstance(each, ClusterPushSecret)},
    )


def _secret_name(secret: SecretConfig | PushConfig, stores: Iterable[StoreConfig]) -> str:
    if not secret.qualified:
        return secret.name
    namespace = _namespace(secret, stores)
    if namespace is None:
        raise SpecError(
            f"{secret.where}: metadata.namespace is required, as its store has none of its own; {_NAMESPACE_FOR_ALL}"
        )
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
            makers.setdefault((namespace, target_name(secret)), []).append(name)
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


def _declare_push(
    name: str,
    push: PushConfig,
    stores: Mapping[str, Store],
    data_to: Sequence[PushDataTo],
    opts: pulumi.ResourceOptions | None,
) -> PushSecret:
    kind = ManifestPush if push.qualified else PushSecret
    data, data_to = as_eso(push, data_to, list(stores.values()))
    made = kind(
        name,
        secret=push.secret,
        selector=push.selector,
        stores=list(stores.values()),
        data=data,
        data_to=data_to,
        template=push.template,
        namespace=push.namespace,
        update_policy=push.update_policy,
        deletion_policy=push.deletion_policy,
        refresh_interval=push.refresh_interval,
        adopt=push.adopt,
        restore=push.restore,
        opts=opts,
    )
    warn_of_defaults("PushSecret", name, push, list(stores.values()), made)
    return made


def _declare_store(store: StoreConfig, opts: pulumi.ResourceOptions | None, *, grouped: bool) -> Store:
    name, given = store_name(store), store.given
    if grouped:
        given = {**given, "grouped": True}
    if store.kind == "ClusterSecretStore":
        return ClusterSecretStore(name, conditions=store.conditions, opts=opts, **given)
    if store.namespace is None:
        raise SpecError(f"{store.where}: metadata.namespace is required; {_NAMESPACE_FOR_ALL}")
    return SecretStore(name, namespace=store.namespace, opts=opts, **given)


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
        target=replace(target, name=target_name(secret)),
        refresh_policy=secret.refresh_policy,
        refresh_interval=secret.refresh_interval,
        opts=opts,
    )
