"""ClusterExternalSecret: a Kubernetes Secret in each namespace that is chosen, kept by every `pulumi up`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi

from .arguments.construction import checks_arguments
from .arguments.data import Extract, Find, RemoteRef
from .arguments.effects import check_effects
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.provider_options import deletion_options
from .arguments.store import LabelRequirement
from .arguments.target import Target
from .core.spec.argument_types import Expected, Items, ObjectName
from .core.spec.owner import urn_in
from .core.spec.refresh import RefreshPolicy, RefreshSpec
from .core.spec.store_specs import compact
from .core.versions import ordered
from .errors import SpecError
from .external_secret import Data, DataFrom
from .parameter_store import ClusterSecretStore, SecretStore
from .program.account import check_reader
from .program.cluster import cluster_of_secret, provider_of_secret
from .program.declared_store import DeclaredStore, is_forced
from .program.ledger import CLUSTER_TYPE, Dependencies
from .program.namespace_wide import Names, Selectors, by_namespace, check_namespaces, choice_bag, may_come
from .program.operations import confidential, each_once, owner_of, told, undecided
from .program.provider_settings import unchanged
from .program.resources import ClusterSync
from .program.secret_entries import Entry, bag_of, check, entries_of, note_uses, pending_sources

__all__ = ["ClusterExternalSecret"]

SecretStores = Annotated[
    Sequence[Annotated[SecretStore, Expected("a SecretStore")]], Expected("a list of SecretStores"), Items("stores[{}]")
]


@dataclass(frozen=True)
class Variant:
    """What is declared for one namespace, or for all of them.

    Attributes:
        namespace: the one; None for all.
        store: where its entries are read; None where each has its own.
        data: secret key -> where its value comes from.
        data_from: entries that give many keys.
    """

    namespace: pulumi.Input[str] | None
    store: DeclaredStore | None
    data: Mapping[str, RemoteRef] = field(repr=False)
    data_from: Sequence[Extract | Find] = field(repr=False)


@checks_arguments(
    instead={
        "namespace": "namespaces=[...], or namespace_selectors=[...]",
        "namespace_selector": "namespace_selectors=[[LabelRequirement(...)]]",
        "external_secret_spec": "its fields as arguments: store=, data=, target=, ...",
        "secret_store_ref": "store=the ClusterSecretStore, or stores=[the SecretStores]",
        **dict.fromkeys(("cluster", "context", "kubeconfig"), "cluster=Cluster(...) on the store"),
    }
)
class ClusterExternalSecret(pulumi.ComponentResource):
    """A Kubernetes Secret in each namespace that is chosen (ESO: ClusterExternalSecret).

    Attributes:
        provisioned_namespaces: the namespaces that have the Secret.
        secret_name: name of the Secret, which is the same in each.
        synced_versions: namespace -> parameter -> version that the Secret was written from.
        revision: namespace -> the revision of its Secret, as `ExternalSecret.revision`; take `revision["team-a"]`.
        status: namespace -> ESO's reason of condition Ready.
        message: namespace -> what the condition says.
        refresh_time: namespace -> when its Secret was written last, ISO 8601 in UTC.
    """

    _takes_what_has_no_effect = False

    provisioned_namespaces: pulumi.Output[list[str]]
    secret_name: pulumi.Input[str]
    store_name: str
    synced_versions: pulumi.Output[Mapping[str, Mapping[str, int | str]]]
    revision: pulumi.Output[Mapping[str, str]]
    status: pulumi.Output[Mapping[str, str]]
    message: pulumi.Output[Mapping[str, str]]
    refresh_time: pulumi.Output[Mapping[str, str]]

    def __init__(  # noqa: PLR0913 - ESO's fields, all by keyword
        self,
        name: str,
        *,
        store: Annotated[ClusterSecretStore | None, Expected("a ClusterSecretStore")] = None,
        stores: SecretStores = (),
        data: Data | None = None,
        data_from: DataFrom = (),
        namespace_selectors: Selectors = (),
        namespaces: Names = (),
        external_secret_name: ObjectName | None = None,
        target: Annotated[Target | pulumi.Input[str] | None, Expected("a Target, or the Secret's name")] = None,
        refresh_policy: RefreshPolicy = "Periodic",
        refresh_interval: str | int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare Secrets.

        Args:
            name: resource name.
            store: where the parameters are read for all namespaces (ESO: `externalSecretSpec.secretStoreRef`).
            stores: in its place, the SecretStores of the namespaces, one for each.
            data: see `ExternalSecret`.
            data_from: see `ExternalSecret`.
            namespace_selectors: labels; a namespace that meets all of one selector gets the Secret, and loses it when
                it does not any more (ESO: `namespaceSelectors`). Needs the right to list namespaces.
            namespaces: names of namespaces that get it, too (ESO: `namespaces`).
            external_secret_name: name of the ExternalSecret that stands for it in each namespace, and so of the Secret,
                unless `target` names another (ESO: `externalSecretName`). Default: the resource name.
            target: see `ExternalSecret`.
            refresh_policy: see `ExternalSecret`.
            refresh_interval: see `ExternalSecret`.
            opts: see `ExternalSecret`. `depends_on` may name namespaces that this program makes.

        Raises:
            InvalidArgumentsError: an argument can never work, or it is declared inside `apply`.
        """
        where = f"ClusterExternalSecret {name!r}"
        refs = {key: ref if isinstance(ref, RemoteRef) else RemoteRef(ref) for key, ref in sorted((data or {}).items())}
        owned = by_namespace(stores)
        if stores and store is not None:
            raise InvalidArgumentsError(f"{where}: store and stores do not go together; leave one of them out")
        if len(owned) < len(stores):
            raise InvalidArgumentsError(f"{where}: stores: two are for one namespace; leave one of them out")
        named = target.name if isinstance(target, Target) else target
        if external_secret_name is not None and named is not None:
            raise InvalidArgumentsError(
                f"{where}: external_secret_name has no effect, as target names the Secret; leave one of the two out"
            )
        variants = [Variant(namespace, own[0], refs, data_from) for namespace, own in owned]
        self._declare(
            name,
            variants or [Variant(None, store, refs, data_from)],
            (namespace_selectors, namespaces),
            external_secret_name or name,
            target if isinstance(target, Target) else Target(target),
            RefreshSpec(refresh_policy, refresh_interval),
            opts,
        )

    def _declare(
        self,
        name: str,
        variants: Sequence[Variant],
        chosen: tuple[Sequence[Sequence[LabelRequirement]], Sequence[pulumi.Input[str]]],
        child: str,
        wanted: Target,
        refresh: RefreshSpec,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        where = f"ClusterExternalSecret {name!r}"
        dependencies = Dependencies.of(opts)
        secret_name = child if wanted.name is None else wanted.name
        try:
            plainly(refresh.check, where)()
            owners = [each.namespace for each in variants]
            choice = choice_bag(where, *chosen, owners, lenient=self._takes_what_has_no_effect)
            if not self._takes_what_has_no_effect:
                plainly(check_effects, where)(variants[0].data_from, wanted, refresh.policy, refresh.interval)
            read = [_read(where, each, secret_name, wanted, chosen[1]) for each in variants]
            entries = [each for some in read for each in some]
            for some in read:
                note_uses(where, some, refresh.period, dependencies)
            own = [each.store.binding for each in variants if each.store is not None]
            bindings = each_once([*own, *(each.store.binding for each in entries)])
            for binding in bindings:
                binding.ledger.expect(urn_in(name, "*"), None, secret_name)
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        super().__init__(CLUSTER_TYPE, name, {}, opts)
        main = bindings[0]
        try:
            check_reader(self, opts, [each.account for each in bindings])
            cluster = cluster_of_secret(self, opts, [each.cluster for each in own or bindings])
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        operation = {
            **main.operation,
            **undecided(bindings, None),
            "force": is_forced(),
            "late": dependencies.deferred,
            "pending": pending_sources([each.source for each in entries], dependencies),
            "pendingSecrets": dependencies.secrets,
            **confidential(wanted.template),
        }
        provider = provider_of_secret(self, main.cluster)
        held = [unchanged(provider, where)] if provider else []
        bags = [compact(bag_of(each.store, some)) for each, some in zip(variants, read, strict=True)]
        of_one = [{"namespace": at, **bag} for at, bag in zip(owners, bags, strict=True)]
        sync = ClusterSync(
            name,
            compact(
                {
                    "choice": choice,
                    **deletion_options(self),
                    "mayCome": may_come(chosen[1], dependencies),
                    "secretName": secret_name,
                    "owner": owner_of(self, main),
                    **({"storesOf": of_one} if owners != [None] else bags[0]),
                    "cluster": cluster,
                    "target": wanted.to_bag() or None,
                    "refresh": refresh.to_bag() or None,
                    "operation": told(operation, [*(binding.read for binding in bindings), *held]),
                }
            ),
            pulumi.ResourceOptions(parent=self),
        )
        named = [each.store for each in variants if each.store is not None] or [each.store for each in entries]
        self.store_name = ", ".join(dict.fromkeys(each.pulumi_resource_name for each in named))
        self.secret_name = secret_name
        self.provisioned_namespaces = sync.provisionedNamespaces
        self.synced_versions = sync.of_each("versions", ordered)
        self.revision = sync.of_each("revision")
        self.status, self.message = sync.of_each("status"), sync.of_each("message")
        self.refresh_time = sync.of_each("refreshTime")
        self.register_outputs(
            {
                "provisionedNamespaces": self.provisioned_namespaces,
                "secretName": secret_name,
                "syncedVersions": self.synced_versions,
                "revision": self.revision,
                "status": self.status,
                "message": self.message,
                "refreshTime": self.refresh_time,
            }
        )


class ManifestClusterSecret(ClusterExternalSecret):
    """A ClusterExternalSecret of a manifest or of settings."""

    def __init__(  # noqa: PLR0913 - see above
        self,
        name: str,
        *,
        variants: Sequence[Variant],
        namespace_selectors: Sequence[Sequence[LabelRequirement]],
        namespaces: Sequence[str],
        external_secret_name: str,
        target: Target,
        refresh: RefreshSpec,
        lenient: bool,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        """Declare it, with what each namespace reads, where their SecretStores differ.

        Args:
            name: resource name.
            variants: what is read for all namespaces, or for each that has SecretStores.
            namespace_selectors: see `ClusterExternalSecret`.
            namespaces: see `ClusterExternalSecret`.
            external_secret_name: see `ClusterExternalSecret`.
            target: see `ClusterExternalSecret`.
            refresh: when parameters are read again.
            lenient: fields that have no effect are taken, as ESO does.
            opts: Pulumi resource options.
        """
        self._takes_what_has_no_effect = lenient
        chosen = (namespace_selectors, namespaces)
        self._declare(name, variants, chosen, external_secret_name, target, refresh, opts)


def _read(
    where: str, variant: Variant, secret_name: pulumi.Input[str], wanted: Target, names: Sequence[Any]
) -> list[Entry]:
    """The entries of a variant, checked.

    Raises:
        SpecError: one can never work.
    """
    entries = list(entries_of(where, variant.store, variant.data, variant.data_from))
    check(where, secret_name, wanted, entries)
    placed = [(f"{where}, {each.place}" if each.alias else where, each.store.binding) for each in entries]
    check_namespaces(where, placed, variant.namespace, names if variant.namespace is None else [variant.namespace])
    return entries
