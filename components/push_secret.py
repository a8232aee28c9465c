"""PushSecret: keys of one Kubernetes Secret, written to parameters by every `pulumi up`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pulumi

from .arguments.construction import checks_arguments
from .arguments.data import PushData, PushMetadata
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.provider_options import unchanged
from .core.parameter.wanted_parameters import wanted_parameters
from .core.spec import push_specs
from .core.spec.argument_types import Expected, Instead, Items, Namespace, ObjectName
from .core.spec.push_specs import PushDeletionPolicy, UpdatePolicy
from .core.spec.refresh import RefreshSpec
from .core.spec.store_specs import compact
from .core.versions import versions_from_bag, versions_to_bag
from .errors import SpecError
from .parameter_store import ClusterSecretStore, SecretStore
from .program.account import check_reader
from .program.cluster import cluster_of_secret, provider_of_secret
from .program.declared_store import StoreBinding, is_forced
from .program.ledger import Dependencies, PushUse, is_made_here
from .program.operations import each_once, namespace_of, own_urn, to_compare, told, undecided
from .program.resources import SecretPush
from .program.secret_entries import known

__all__ = ["PushData", "PushMetadata", "PushSecret"]

PUSH_TYPE = "parameterstore:index:PushSecret"
Stores = Annotated[
    Sequence[Annotated[SecretStore | ClusterSecretStore, Expected("a SecretStore or ClusterSecretStore")]],
    Expected("a list of SecretStores and ClusterSecretStores"),
    Items("stores[{}]"),
]
Data = Annotated[
    Sequence[
        Annotated[
            PushData, Expected("a PushData"), Instead((str,), "write PushData('the/parameter', secret_key='key')")
        ]
    ],
    Expected("a list of PushData"),
    Items("data[{}]"),
]


@checks_arguments(
    instead={
        "store": "stores=[the store]",
        "secret_store_refs": "stores=[the SecretStores and ClusterSecretStores]",
        "selector": "secret=the Secret's name",
        **dict.fromkeys(("context", "kubeconfig"), "cluster=Cluster(...) on the store"),
    }
)
class PushSecret(pulumi.ComponentResource):
    """Keys of a Kubernetes Secret, written to a store's parameters (ESO: PushSecret).

    Attributes:
        secret: name of the Secret that is pushed.
        namespace: its namespace.
        store_names: names of the stores that it is pushed to.
        synced_versions: store -> parameter -> version that was written.
        status: ESO's reason of condition Ready: `Synced` or `SourceDeleted`.
        message: what the condition says.
        refresh_time: when parameters were written last, ISO 8601 in UTC.
    """

    _takes_what_has_no_effect: ClassVar[bool] = False

    secret: pulumi.Output[str]
    namespace: pulumi.Output[str]
    store_names: tuple[str, ...]
    synced_versions: pulumi.Output[Mapping[str, Mapping[str, int | str]]]
    status: pulumi.Output[str]
    message: pulumi.Output[str]
    refresh_time: pulumi.Output[str]

    def __init__(  # noqa: PLR0913 - ESO's fields, all by keyword
        self,
        name: str,
        *,
        secret: pulumi.Input[ObjectName],
        stores: Stores,
        data: Data,
        namespace: pulumi.Input[Namespace] | None = None,
        update_policy: UpdatePolicy = "Replace",
        deletion_policy: PushDeletionPolicy = "None",
        refresh_interval: str | int | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare what is pushed.

        Args:
            name: resource name.
            secret: name of the Secret (ESO: `selector.secret.name`). If this program makes it, pass its name as an
                Output, or name it in `depends_on`.
            stores: the stores that are written to, each under its own `prefix` (ESO: `secretStoreRefs`).
            data: what is written where (ESO: `data`).
            namespace: namespace of the Secret; required where no store has one. Default: that of the SecretStores.
            update_policy: `Replace`, or `IfNotExists`, which never overwrites what is there (ESO: `updatePolicy`).
            deletion_policy: `Delete` deletes what is not declared any more, and everything with the PushSecret; of
                `None` it stays, without our mark (ESO: `deletionPolicy`).
            refresh_interval: how old the last push must be before a Secret that was edited is pushed again, such as
                `1h`; `0` pushes it once (ESO: `refreshInterval`). Default: at every `up`. A changed declaration is
                always pushed.
            adopt: take parameters over that somebody else made. Without it they are refused.
            opts: Pulumi resource options. `depends_on` may name what makes the Secret. A Kubernetes provider decides
                the cluster, unless the store names its `cluster`. An AWS provider goes to the stores.

        Raises:
            InvalidArgumentsError: an argument can never work, or the PushSecret is declared inside `apply`.
        """
        where = f"PushSecret {name!r}"
        dependencies = Dependencies.of(opts)
        refresh = RefreshSpec(interval=refresh_interval)
        made_here = is_made_here(secret, also=dependencies.secrets or dependencies.deferred)
        try:
            bindings = {each.pulumi_resource_name: each.binding for each in stores}
            plainly(refresh.check, where)()
            self._check(where, bindings, data, stores=len(stores))
            listed = list(bindings.values())
            namespace = namespace_of(where, listed, [(where, each) for each in listed], namespace)
            for binding in bindings.values():
                uses = [
                    PushUse(
                        where,
                        _prefixed(binding.prefix, each.remote_key),
                        each.metadata.tier,
                        _key_of(each),
                        compares=update_policy == "Replace",
                        deletes=deletion_policy == "Delete",
                    )
                    for each in data
                ]
                binding.ledger.push(where, uses, deferred=dependencies.deferred)
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        super().__init__(PUSH_TYPE, name, {}, opts)
        main = listed[0]
        try:
            check_reader(self, opts, [each.account for each in listed])
            cluster = cluster_of_secret(self, opts, main.cluster)
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        operation = {
            **main.operation,
            **undecided(listed, namespace),
            **to_compare([("", each) for each in listed], namespace),
            "force": is_forced(),
            "late": dependencies.deferred,
            "pendingSecrets": made_here,
            "pendingNamespace": is_made_here(namespace, also=dependencies.namespace),
        }
        provider = provider_of_secret(self, main.cluster)
        held = [unchanged(provider, where)] if provider else []
        push = SecretPush(
            name,
            compact(
                {
                    "namespace": namespace,
                    "secret": secret,
                    "owner": {"id": main.state_id, "urn": own_urn(self)},
                    "stores": {alias: binding.store for alias, binding in bindings.items()},
                    "prefixes": {alias: each.prefix for alias, each in bindings.items() if each.prefix} or None,
                    "cluster": cluster,
                    "data": [each.to_bag() for each in data],
                    "updatePolicy": None if update_policy == "Replace" else update_policy,
                    "deletionPolicy": None if deletion_policy == "None" else deletion_policy,
                    "adopt": adopt or None,
                    "refresh": refresh.to_bag() or None,
                    "operation": told(operation, [*(each.read for each in each_once(listed)), *held]),
                }
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.secret = pulumi.Output.from_input(secret)
        self.namespace = pulumi.Output.from_input(namespace)
        self.store_names = tuple(bindings)
        self.synced_versions = push.versions.apply(
            lambda found: {
                store: versions_to_bag(dict(sorted(versions_from_bag(names).items())))
                for store, names in sorted((found or {}).items())
            }
        )
        self.status, self.message, self.refresh_time = push.status, push.message, push.refreshTime
        self.register_outputs(
            {
                "secret": self.secret,
                "namespace": self.namespace,
                "syncedVersions": self.synced_versions,
                "status": self.status,
                "message": self.message,
                "refreshTime": self.refresh_time,
            }
        )

    @classmethod
    def _check(cls, where: str, bindings: Mapping[str, StoreBinding], data: Sequence[PushData], *, stores: int) -> None:
        """Find what can never work, of what is known while the program runs."""
        if len(bindings) < stores or not stores:
            raise SpecError(f"{where}: stores: name at least one store, and each once, by names of their own")
        if not data and not cls._takes_what_has_no_effect:
            raise SpecError(f"{where}: data is empty; name at least one parameter, and the key that is written to it")
        read = [_read(each, f"{where}, data[{at}]") for at, each in enumerate(data)]
        for at, each in enumerate(read):
            if (idle := _idle(each)) and not cls._takes_what_has_no_effect:
                raise SpecError(f"{where}, data[{at}].metadata has no effect: {idle}; leave it out")
        plain = [each for given, each in zip(data, read, strict=True) if isinstance(given.remote_key, str)]
        for binding in bindings.values():
            if binding.service.writing is None:
                raise SpecError(f"{where}: service {binding.service.name} is not written to")
            try:
                wanted_parameters(plain, binding.prefix, binding.service.writing)
            except SpecError as error:
                raise SpecError(f"{where}: {error}") from None


class ManifestPush(PushSecret):
    """A PushSecret of a manifest, which may hold fields that have no effect, as ESO takes them."""

    _takes_what_has_no_effect = True


def _read(given: PushData, where: str) -> push_specs.PushData[str]:
    """An entry as it is known while the program runs, checked."""
    try:
        return push_specs.PushData.from_bag(known(given.to_bag()))
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from None


def _idle(each: push_specs.PushData[str]) -> str | None:
    """What of an entry changes nothing."""
    if each.metadata.encode_as_decoded and each.secret_key is not None:
        return "encodeAsDecoded is for the whole Secret"
    return each.metadata.without_effect


def _prefixed(prefix: str, name: pulumi.Input[str]) -> pulumi.Input[str]:
    return prefix + name if isinstance(name, str) else pulumi.Output.concat(prefix, name)


def _key_of(each: PushData) -> Any:
    """The KMS key that is asked for; None where nothing is encrypted."""
    metadata = each.metadata
    if metadata.secret_type != "SecureString":  # noqa: S105 - a type
        return None
    return push_specs.DEFAULT_KEY if metadata.kms_key_id is None else metadata.kms_key_id
