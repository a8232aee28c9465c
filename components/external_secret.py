"""ExternalSecret: one Kubernetes Secret made of parameters, kept as declared by every `pulumi up`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated

import pulumi

from .arguments.construction import checks_arguments
from .arguments.data import ITSELF, Extract, Find, MergeRewrite, RegexpRewrite, RemoteRef, TransformRewrite
from .arguments.effects import check_effects
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.target import Target, Template, TemplateItem, TemplateSource
from .core.spec.argument_types import Expected, Instead, Items, MayRepeat, Namespace
from .core.spec.groups import SECRETS
from .core.spec.refresh import RefreshPolicy, RefreshSpec
from .core.spec.store_specs import compact
from .errors import SpecError
from .parameter_store import ClusterSecretStore, SecretStore
from .program.account import check_reader
from .program.cluster import cluster_of_secret, provider_of_secret
from .program.declared_store import StoreBinding, is_forced
from .program.grouping import Groupable
from .program.ledger import Dependencies, in_order, is_made_here
from .program.operations import confidential, each_once, namespace_of, owner_of, to_compare, told, undecided
from .program.provider_settings import unchanged
from .program.resources import SecretSync
from .program.secret_entries import Entry, bag_of, check, entries_of, note_uses, pending_sources
from .push_secret import PushData, PushDataTo, PushMetadata, PushSecret

__all__ = [
    "ExternalSecret",
    "Extract",
    "Find",
    "MergeRewrite",
    "PushData",
    "PushDataTo",
    "PushMetadata",
    "PushSecret",
    "RegexpRewrite",
    "RemoteRef",
    "Target",
    "Template",
    "TemplateItem",
    "TemplateSource",
    "TransformRewrite",
]

Store = SecretStore | ClusterSecretStore

Data = Annotated[
    Mapping[
        Annotated[str, Expected("texts as secret keys")],
        Annotated[
            RemoteRef | pulumi.Input[str],
            Expected("a RemoteRef or a parameter's name"),
            Instead((Extract, Find), "an Extract or a Find goes into data_from"),
            Instead((Mapping,), "write RemoteRef(key, property=...)"),
        ],
    ],
    Expected("a mapping of secret keys to RemoteRefs or parameter names"),
    Instead((str, Sequence), 'write data={"key": "/the/parameter"}'),
    Items("key {}"),
]
DataFrom = Annotated[
    Sequence[
        Annotated[Extract | Find, Expected("an Extract or a Find"), Instead((str,), "write Extract('/the/parameter')")]
    ],
    Expected("a list of Extract and Find"),
    Instead((str, Mapping), 'write data_from=[Extract("/the/parameter")]'),
    Items("dataFrom[{}]"),
    MayRepeat(),
]


@checks_arguments(
    instead={
        "secret_store_ref": "store=the SecretStore or ClusterSecretStore",
        **dict.fromkeys(("cluster", "context", "kubeconfig"), "cluster=Cluster(...) on the store"),
    }
)
class ExternalSecret(Groupable):
    """A Kubernetes Secret whose keys come from a store's parameters (ESO: ExternalSecret).

        ExternalSecret("db", store=store, data={"user": RemoteRef("/prod/db", property="user"), "ca.crt": "/prod/ca"})

    Attributes:
        target_name: the Secret's name as it was declared, whether the Secret exists or not.
        store_name: name of the store that it is read from, or of all of them.
        entries: what it reads, as it was declared; not meant for programs.
    """

    _kind = SECRETS

    target_name: pulumi.Input[str]
    store_name: str
    entries: tuple[Entry, ...]

    def __init__(  # noqa: PLR0913 - ESO's fields, all by keyword
        self,
        name: str,
        *,
        store: Annotated[Store, ITSELF] | None = None,
        data: Data | None = None,
        data_from: DataFrom = (),
        namespace: pulumi.Input[Namespace] | None = None,
        target: Annotated[Target | pulumi.Input[str] | None, Expected("a Target, or the Secret's name")] = None,
        refresh_policy: RefreshPolicy = "Periodic",
        refresh_interval: str | int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a Secret.

        Args:
            name: resource name.
            store: where the parameters are read (ESO: `secretStoreRef`); may be left out if every entry has its own.
            data: secret key -> remote reference; a string, or an Output of one, is the parameter's name
                (ESO: `data[].secretKey`).
            data_from: entries that give many keys at once; later ones, and `data`, go before earlier ones
                (ESO: `dataFrom`).
            namespace: namespace of the Secret; required with a ClusterSecretStore. Default: the SecretStore's.
            target: the Secret, or just its name (ESO: `target`). Default: the resource name, as in ESO.
            refresh_policy: `Periodic` reads again as `refresh_interval` says, `OnChange` only when this declaration
                changes, `CreatedOnce` never (ESO: `refreshPolicy`). A changed declaration is always applied.
            refresh_interval: how old the last sync must be before parameters are read again, such as `1h`; `0` reads
                once (ESO: `refreshInterval`). For `Periodic` alone. Default: they are read at every apply.
            opts: Pulumi resource options. `depends_on` may name the resources that create the parameters. A Kubernetes
                provider decides the cluster, unless the store names its `cluster`. An AWS provider goes to the store.

        Raises:
            InvalidArgumentsError: an argument can never work, or the ExternalSecret is declared inside `apply`.
        """
        where = f"ExternalSecret {name!r}"
        dependencies = Dependencies.of(opts)
        try:
            given = sorted((data or {}).items())
            refs = {key: ref if isinstance(ref, RemoteRef) else RemoteRef(ref) for key, ref in given}
            wanted = target if isinstance(target, Target) else Target(target)
            secret_name = name if wanted.name is None else wanted.name
            refresh = RefreshSpec(refresh_policy, refresh_interval)
            plainly(refresh.check, where)()
            if not self._takes_what_has_no_effect:
                plainly(check_effects, where)(data_from, wanted, refresh_policy, refresh_interval)
            entries = list(entries_of(where, store, refs, data_from))
            check(where, secret_name, wanted, entries)
            bindings = [each.store.binding for each in entries]
            own = [store.binding] if store else []
            placed = [(f"{where}, {each.place}" if each.alias else where, each.store.binding) for each in entries]
            namespace = namespace_of(where, [*own, *bindings], placed, namespace)
            note_uses(where, entries, refresh.period, dependencies)
            for binding in each_once(bindings):
                binding.ledger.expect(name, namespace, secret_name)
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        aliases = [each.alias for each in entries if each.alias is not None]
        main = store.binding if store else bindings[0]
        group = self._begin(name, opts, main.secrets if store and not aliases else None)
        try:
            check_reader(self, opts, [binding.account for binding in (main, *bindings)])
            cluster = cluster_of_secret(self, opts, [binding.cluster for binding in ([main] if store else bindings)])
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        provider = provider_of_secret(self, main.cluster)
        own_operation = {
            **undecided(bindings, namespace),
            **to_compare(_places(entries), namespace),
            **confidential(wanted.template),
        }
        declared = {
            **bag_of(store, entries),
            "target": wanted.to_bag() or None,
            "refresh": refresh.to_bag() or None,
        }
        self.entries = tuple(entries)
        self.store_name = ", ".join(dict.fromkeys([*([store.pulumi_resource_name] if store else []), *aliases]))
        self.target_name = secret_name
        self._namespace = namespace
        if group is not None:
            member = {
                **{key: value for key, value in declared.items() if key not in ("store", "storeName")},
                "namespace": None if namespace is main.namespace else namespace,
                "secretName": None if secret_name == name else secret_name,
                "operation": own_operation or None,
            }
            if self._is_taken(group, opts, provider, member, {"secretName": secret_name}):
                return
        operation = {
            **main.operation,
            **own_operation,
            "force": is_forced(),
            "late": dependencies.deferred,
            "pending": pending_sources([each.source for each in entries], dependencies),
            "pendingSecrets": dependencies.secrets,
            "pendingNamespace": is_made_here(namespace, also=dependencies.namespace or main.awaits_namespace),
        }
        held = [unchanged(provider, where)] if provider else []
        self._kept = SecretSync(
            name,
            compact(
                {
                    "namespace": namespace,
                    "secretName": secret_name,
                    "owner": owner_of(self, main),
                    **declared,
                    "cluster": cluster,
                    "operation": told(operation, [*(binding.read for binding in each_once(bindings)), *held]),
                }
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # They stand in the state as the sync's.
        self.register_outputs({})

    @cached_property
    def secret_name(self) -> pulumi.Output[str]:
        """Name of the Secret, for `secretKeyRef`s; known to exist once it is resolved."""
        return self._kept.of("secretName")

    @cached_property
    def synced_versions(self) -> pulumi.Output[Mapping[str, int | str]]:
        """Parameter -> version that the Secret was written from."""
        return in_order(self._kept.of("versions"))

    @cached_property
    def revision(self) -> pulumi.Output[str]:
        """A string that changes exactly when the Secret's data are written with other content; it says nothing of them.

        It is for an annotation of the Pods that use the Secret, so that they start again. A preview knows it where no
        value can have changed.
        """
        return self._kept.of("revision")


class ManifestSecret(ExternalSecret):
    """An ExternalSecret of a manifest, which may hold fields that have no effect, as ESO takes them."""

    _takes_what_has_no_effect = True


def _places(entries: Sequence[Entry]) -> list[tuple[str, StoreBinding]]:
    """The stores, each with the place that errors name: the entry, where the store is the entry's own."""
    return [("" if each.alias is None else each.place, each.store.binding) for each in entries]
