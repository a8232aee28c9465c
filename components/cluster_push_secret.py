"""ClusterPushSecret: a Kubernetes Secret of each namespace that is chosen, written to parameters by `pulumi up`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pulumi

from .arguments.construction import checks_arguments
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.provider_options import deletion_options
from .arguments.target import Template
from .core.secret.target_templates import check_templates
from .core.spec import target_specs
from .core.spec.argument_types import Expected, ObjectName
from .core.spec.push_specs import PushDeletionPolicy, UpdatePolicy
from .core.spec.refresh import RefreshSpec
from .core.spec.store_specs import compact
from .core.versions import ordered
from .errors import SpecError
from .parameter_store import ClusterSecretStore, SecretStore
from .program.account import check_reader
from .program.cluster import cluster_of_secret, provider_of_secret
from .program.declared_store import DeclaredStore, is_forced, stores_bag
from .program.ledger import Dependencies, is_made_here
from .program.namespace_wide import Names, Selectors, by_namespace, check_namespaces, choice_bag, may_come
from .program.operations import confidential, each_once, owner_of, told, undecided
from .program.provider_settings import unchanged
from .program.resources import ClusterPush
from .program.secret_entries import known
from .push_secret import Data, DataTo, Selector, Stores, check_data, check_rest, data_to_bags, note_pushes

__all__ = ["ClusterPushSecret"]

CLUSTER_PUSH_TYPE = "parameterstore:index:ClusterPushSecret"


@checks_arguments(
    instead={
        "namespace": "namespaces=[...], or namespace_selectors=[...]",
        "namespace_selector": "namespace_selectors=[[LabelRequirement(...)]]",
        "push_secret_spec": "its fields as arguments: stores=, secret=, data=, ...",
        "store": "stores=[the store]",
        "secret_store_refs": "stores=[the SecretStores and ClusterSecretStores]",
        **dict.fromkeys(("cluster", "context", "kubeconfig"), "cluster=Cluster(...) on the store"),
    }
)
class ClusterPushSecret(pulumi.ComponentResource):
    """Keys of a Kubernetes Secret of each namespace that is chosen, written to parameters (ESO: ClusterPushSecret).

    Attributes:
        provisioned_namespaces: the namespaces whose Secret is pushed.
        secret: name of the Secret that is pushed; None where labels say which.
        store_names: names of the stores that it is pushed to.
        synced_versions: namespace -> store -> parameter -> version that was written.
        status: namespace -> ESO's reason of condition Ready.
        message: namespace -> what the condition says.
        refresh_time: namespace -> when parameters were written last, ISO 8601 in UTC.
    """

    _takes_what_has_no_effect: ClassVar[bool] = False

    provisioned_namespaces: pulumi.Output[list[str]]
    secret: pulumi.Output[str | None]
    store_names: tuple[str, ...]
    synced_versions: pulumi.Output[Mapping[str, Mapping[str, Mapping[str, int | str]]]]
    status: pulumi.Output[Mapping[str, str]]
    message: pulumi.Output[Mapping[str, str]]
    refresh_time: pulumi.Output[Mapping[str, str]]

    def __init__(  # noqa: PLR0913 - ESO's fields, all by keyword
        self,
        name: str,
        *,
        stores: Stores,
        secret: pulumi.Input[ObjectName] | None = None,
        selector: Selector = None,
        data: Data = (),
        data_to: DataTo = (),
        template: Annotated[Template | None, Expected("a Template")] = None,
        namespace_selectors: Selectors = (),
        namespaces: Names = (),
        update_policy: UpdatePolicy = "Replace",
        deletion_policy: PushDeletionPolicy = "None",
        refresh_interval: str | int | None = None,
        adopt: bool = False,
        restore: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare what is pushed.

        Args:
            name: resource name.
            stores: the stores that are written to: ClusterSecretStores from every namespace, and each SecretStore from
                its own. Two namespaces may not write one parameter, so give SecretStores a `prefix` of their own.
            secret: see `PushSecret`.
            selector: see `PushSecret`.
            data: see `PushSecret`.
            data_to: see `PushSecret`.
            template: see `PushSecret`.
            namespace_selectors: labels; the Secret of each namespace that meets all of one selector is pushed
                (ESO: `namespaceSelectors`). Needs the right to list namespaces.
            namespaces: names of namespaces whose Secret is pushed, too.
            update_policy: see `PushSecret`.
            deletion_policy: see `PushSecret`; it also says what becomes of the parameters of a namespace that is not
                chosen any more.
            refresh_interval: see `PushSecret`.
            adopt: see `PushSecret`.
            restore: see `PushSecret`.
            opts: see `PushSecret`. `depends_on` may name namespaces that this program makes.

        Raises:
            InvalidArgumentsError: an argument can never work, or it is declared inside `apply`.
        """
        where = f"ClusterPushSecret {name!r}"
        dependencies = Dependencies.of(opts)
        refresh = RefreshSpec(interval=refresh_interval)
        made_here = is_made_here(secret, also=dependencies.secrets or dependencies.deferred)
        aliases = {id(each): each.pulumi_resource_name for each in stores}
        lenient = self._takes_what_has_no_effect
        variants = _variants(stores)
        try:
            bindings = {each.pulumi_resource_name: each.binding for each in stores}
            plainly(refresh.check, where)()
            owners = [namespace for namespace, _ in variants]
            choice = choice_bag(where, namespace_selectors, namespaces, owners, lenient=lenient)
            check_data(where, bindings, data, stores=len(stores), lenient=lenient)
            check_rest(where, bindings, aliases, (secret, selector), data, data_to, lenient=lenient)
            if template is not None:
                check_templates(target_specs.Target.from_bag({"template": known(template.to_bag())}))
            for namespace, own in variants:
                names = namespaces if namespace is None else [namespace]
                check_namespaces(where, [("", each.binding) for each in own], namespace, names)
            note_pushes(
                where,
                bindings,
                aliases,
                data=data,
                data_to=data_to,
                update_policy=update_policy,
                deletion_policy=deletion_policy,
                restore=restore,
                # Whether a namespace pushes is not known yet: its store must not expect what it may let go.
                deferred=True,
            )
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        super().__init__(CLUSTER_PUSH_TYPE, name, {}, opts)
        listed = list(bindings.values())
        main = listed[0]
        try:
            check_reader(self, opts, [each.account for each in listed])
            cluster = cluster_of_secret(self, opts, [each.cluster for each in listed])
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        operation = {
            **main.operation,
            **undecided(listed, None),
            "force": is_forced(),
            "late": dependencies.deferred,
            "pendingSecrets": made_here,
            **confidential(template),
        }
        provider = provider_of_secret(self, main.cluster)
        held = [unchanged(provider, where)] if provider else []
        bags: list[dict[str, Any]] = []
        for namespace, own in variants:
            used = {each.pulumi_resource_name: each.binding for each in own}
            fitting = [each for each in data_to if each.store is None or aliases[id(each.store)] in used]
            bags.append(compact({"namespace": namespace, **stores_bag(used), "dataTo": data_to_bags(aliases, fitting)}))
        push = ClusterPush(
            name,
            compact(
                {
                    "choice": choice,
                    **deletion_options(self),
                    "mayCome": may_come(namespaces, dependencies),
                    "secret": secret,
                    "owner": owner_of(self, main),
                    **(bags[0] if variants[0][0] is None else {"storesOf": bags}),
                    "cluster": cluster,
                    "selector": None if selector is None else [each.to_bag() for each in selector],
                    "data": [each.to_bag() for each in data],
                    "template": None if template is None else template.to_bag(),
                    "updatePolicy": None if update_policy == "Replace" else update_policy,
                    "deletionPolicy": None if deletion_policy == "None" else deletion_policy,
                    "adopt": adopt or None,
                    "restore": restore or None,
                    "refresh": refresh.to_bag() or None,
                    "operation": told(operation, [*(each.read for each in each_once(listed)), *held]),
                }
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.secret = pulumi.Output.from_input(secret)
        self.store_names = tuple(bindings)
        self.provisioned_namespaces = push.provisionedNamespaces
        self.synced_versions = push.of_each(
            "versions", lambda stores: {store: ordered(names) for store, names in sorted(stores.items())}
        )
        self.status, self.message = push.of_each("status"), push.of_each("message")
        self.refresh_time = push.of_each("refreshTime")
        self.register_outputs(
            {
                "provisionedNamespaces": self.provisioned_namespaces,
                "secret": self.secret,
                "syncedVersions": self.synced_versions,
                "status": self.status,
                "message": self.message,
                "refreshTime": self.refresh_time,
            }
        )


class ManifestClusterPush(ClusterPushSecret):
    """A ClusterPushSecret of a manifest, which may hold fields that have no effect, as ESO takes them."""

    _takes_what_has_no_effect = True


def _variants(
    stores: Sequence[SecretStore | ClusterSecretStore],
) -> list[tuple[pulumi.Input[str] | None, list[DeclaredStore]]]:
    """Namespaces and the stores that are written to from each; None stands for every namespace."""
    common = [each for each in stores if each.binding.namespace is None]
    owned = by_namespace(stores)
    return [(namespace, [*common, *own]) for namespace, own in owned] or [(None, [*common])]
