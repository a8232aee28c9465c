"""PushSecret: keys of one Kubernetes Secret, written to parameters by every `pulumi up`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

import pulumi

from .arguments.construction import checks_arguments
from .arguments.data import ITSELF, PushData, PushDataTo, PushMetadata
from .arguments.effects import check_push_effects
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.store import LabelRequirement
from .arguments.target import Template
from .core.parameter.wanted_parameters import entries_of, wanted_parameters
from .core.secret.kubernetes_secret import secret_key_problem
from .core.secret.target_templates import check_templates
from .core.spec import push_specs, target_specs
from .core.spec.argument_types import Expected, Instead, Items, MayRepeat, Namespace, ObjectName
from .core.spec.groups import PUSHES
from .core.spec.push_specs import PushDeletionPolicy, UpdatePolicy
from .core.spec.refresh import RefreshSpec
from .core.spec.store_conditions import refuse_contradiction
from .core.spec.store_specs import compact
from .core.versions import ordered
from .errors import SpecError
from .parameter_store import ClusterSecretStore, SecretStore
from .program.account import check_reader
from .program.cluster import cluster_of_secret, provider_of_secret
from .program.declared_store import StoreBinding, is_forced, stores_bag
from .program.grouping import Groupable
from .program.ledger import Dependencies, PushUse, is_made_here
from .program.operations import confidential, each_once, namespace_of, owner_of, to_compare, told, undecided
from .program.provider_settings import unchanged
from .program.resources import SecretPush
from .program.secret_entries import known

__all__ = ["PushData", "PushDataTo", "PushMetadata", "PushSecret"]

Stores = Annotated[
    Sequence[Annotated[SecretStore | ClusterSecretStore, Expected("a SecretStore or ClusterSecretStore"), ITSELF]],
    Expected("a list of SecretStores and ClusterSecretStores"),
    Instead((str,), "write stores=[store], with the SecretStore itself and not its name"),
    Items("stores[{}]"),
    MayRepeat(),
]
Selector = Annotated[
    Sequence[Annotated[LabelRequirement, Expected("a LabelRequirement")]] | None,
    Expected("a list of LabelRequirements"),
    Items("selector[{}]"),
]
Data = Annotated[
    Sequence[
        Annotated[
            PushData, Expected("a PushData"), Instead((str,), "write PushData('the/parameter', secret_key='key')")
        ]
    ],
    Expected("a list of PushData"),
    Instead((str, Mapping), 'write data=[PushData("/the/parameter", "key")]'),
    Items("data[{}]"),
    MayRepeat(),
]
DataTo = Annotated[
    Sequence[
        Annotated[
            PushDataTo, Expected("a PushDataTo"), Instead((PushData,), "an entry for a single key goes into data")
        ]
    ],
    Expected("a list of PushDataTo"),
    Items("dataTo[{}]"),
]


@checks_arguments(
    instead={
        "store": "stores=[the store]",
        "secret_store_refs": "stores=[the SecretStores and ClusterSecretStores]",
        **dict.fromkeys(("cluster", "context", "kubeconfig"), "cluster=Cluster(...) on the store"),
    }
)
class PushSecret(Groupable):
    """Keys of a Kubernetes Secret, written to a store's parameters (ESO: PushSecret).

    Attributes:
        store_names: names of the stores that it is pushed to.
    """

    _kind = PUSHES

    store_names: tuple[str, ...]

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
        namespace: pulumi.Input[Namespace] | None = None,
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
            stores: the stores that are written to, each under its own `prefix` (ESO: `secretStoreRefs`).
            secret: name of the Secret (ESO: `selector.secret.name`). If this program makes it, pass its name as an
                Output, or name it in `depends_on`.
            selector: in its place, labels of which a Secret must meet all; each Secret that has them is pushed, and no
                two may write one parameter (ESO: `selector.secret.selector`).
            data: what is written where (ESO: `data`).
            data_to: all keys that match, each to a parameter, or all to one (ESO: `dataTo`).
            template: further keys, made of those of the Secret, which stay beside them; of it `data` and
                `template_from` count (ESO: `template`).
            namespace: namespace of the Secret; required where no store has one. Default: that of the SecretStores.
            update_policy: `Replace`, or `IfNotExists`, which never overwrites what is there (ESO: `updatePolicy`).
            deletion_policy: `Delete` deletes what is not declared any more, and everything with the PushSecret; of
                `None` it stays, without our mark (ESO: `deletionPolicy`).
            refresh_interval: how old the last push must be before a Secret that was edited is pushed again, such as
                `1h`; `0` pushes it once (ESO: `refreshInterval`). Default: at every `up`. A changed declaration is
                always pushed.
            adopt: take parameters over that somebody else made. Without it they are refused.
            restore: restore what is marked for deletion, and push to it. Without it that is refused.
            opts: Pulumi resource options. `depends_on` may name what makes the Secret. A Kubernetes provider decides
                the cluster, unless the store names its `cluster`. An AWS provider goes to the stores.

        Raises:
            InvalidArgumentsError: an argument can never work, or the PushSecret is declared inside `apply`.
        """
        where = f"PushSecret {name!r}"
        dependencies = Dependencies.of(opts)
        refresh = RefreshSpec(interval=refresh_interval)
        made_here = is_made_here(secret, also=dependencies.secrets or dependencies.deferred)
        aliases = {id(each): each.pulumi_resource_name for each in stores}
        try:
            bindings = {each.pulumi_resource_name: each.binding for each in stores}
            plainly(refresh.check, where)()
            lenient = self._takes_what_has_no_effect
            check_data(where, bindings, data, stores=len(stores), lenient=lenient)
            check_rest(where, bindings, aliases, (secret, selector), data, data_to, lenient=lenient)
            if not lenient:
                plainly(check_push_effects, where)(template, refresh_interval)
            if template is not None:
                check_templates(target_specs.Target.from_bag({"template": known(template.to_bag())}), where="template")
            listed = list(bindings.values())
            namespace = namespace_of(where, listed, [(where, each) for each in listed], namespace)
            note_pushes(
                where,
                bindings,
                aliases,
                data=data,
                data_to=data_to,
                update_policy=update_policy,
                deletion_policy=deletion_policy,
                restore=restore,
                deferred=dependencies.deferred,
            )
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        main = listed[0]
        group = self._begin(name, opts, main.pushes if len(listed) == 1 else None)
        try:
            check_reader(self, opts, [each.account for each in listed])
            cluster = cluster_of_secret(self, opts, [each.cluster for each in listed])
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        own_operation = {
            **undecided(listed, namespace),
            **to_compare([("", each) for each in listed], namespace),
            **confidential(template),
        }
        declared = {
            "secret": secret,
            "selector": None if selector is None else [each.to_bag() for each in selector],
            "data": [each.to_bag() for each in data],
            "dataTo": data_to_bags(aliases, data_to),
            "template": None if template is None else template.to_bag(),
            "updatePolicy": None if update_policy == "Replace" else update_policy,
            "deletionPolicy": None if deletion_policy == "None" else deletion_policy,
            "adopt": adopt or None,
            "restore": restore or None,
            "refresh": refresh.to_bag() or None,
        }
        provider = provider_of_secret(self, main.cluster)
        self._declared, self._namespace, self.store_names = secret, namespace, tuple(bindings)
        if group is not None:
            elsewhere = None if namespace is main.namespace else namespace
            member = {**declared, "namespace": elsewhere, "operation": own_operation or None}
            if self._is_taken(group, opts, provider, member, {}):
                return
        operation = {
            **main.operation,
            **own_operation,
            "force": is_forced(),
            "late": dependencies.deferred,
            "pendingSecrets": made_here,
            "pendingNamespace": is_made_here(namespace, also=dependencies.namespace or main.awaits_namespace),
        }
        held = [unchanged(provider, where)] if provider else []
        self._kept = SecretPush(
            name,
            compact(
                {
                    "namespace": namespace,
                    "owner": owner_of(self, main),
                    **stores_bag(bindings),
                    **declared,
                    "cluster": cluster,
                    "operation": told(operation, [*(each.read for each in each_once(listed)), *held]),
                }
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # They stand in the state as the push's.
        self.register_outputs({})

    @cached_property
    def secret(self) -> pulumi.Output[str | None]:
        """Name of the Secret that is pushed; None where labels say which."""
        return pulumi.Output.from_input(self._declared)

    @cached_property
    def synced_versions(self) -> pulumi.Output[Mapping[str, Mapping[str, int | str]]]:
        """Store -> parameter -> version that was written."""
        return self._kept.of("versions").apply(
            lambda found: {store: ordered(names) for store, names in sorted((found or {}).items())}
        )


class ManifestPush(PushSecret):
    """A PushSecret of a manifest, which may hold fields that have no effect, as ESO takes them."""

    _takes_what_has_no_effect = True


def check_data(
    where: str, bindings: Mapping[str, StoreBinding], data: Sequence[PushData], *, stores: int, lenient: bool
) -> None:
    """Find what of stores and entries can never work, as far as it is known while the program runs.

    Args:
        where: what errors begin with.
        bindings: the stores, by name.
        data: the entries.
        stores: how many stores were named.
        lenient: fields that have no effect are taken, as ESO does.

    Raises:
        SpecError: the text says what and where.
    """
    if len(bindings) < stores or not stores:
        raise SpecError(f"{where}: stores: name at least one store, and each once, by names of their own")
    read = [_read(each, f"{where}, data[{at}]") for at, each in enumerate(data)]
    for at, each in enumerate(read):
        looked_for = each.secret_key if each.conversion_strategy == "None" else None
        if problem := looked_for and secret_key_problem(looked_for):
            raise SpecError(f"{where}, data[{at}]: {problem}")
        if (idle := _idle(each)) and not lenient:
            raise SpecError(f"{where}, data[{at}].metadata has no effect: {idle}; leave it out")
        _check_fields(f"{where}, data[{at}]", each.metadata, bindings, lenient=lenient)
    plain = entries_of(each for given, each in zip(data, read, strict=True) if isinstance(given.remote_key, str))
    for binding in bindings.values():
        if binding.service.writing is None:
            raise SpecError(f"{where}: service {binding.service.name} is not written to")
        try:
            wanted_parameters(plain, binding.prefix, binding.service.writing)
        except SpecError as error:
            raise SpecError(f"{where}: {error}") from None


def check_rest(
    where: str,
    bindings: Mapping[str, StoreBinding],
    aliases: Mapping[int, str],
    source: tuple[Any, Sequence[LabelRequirement] | None],
    data: Sequence[PushData],
    data_to: Sequence[PushDataTo],
    *,
    lenient: bool,
) -> None:
    """Check what is pushed as a whole; see `check_data`.

    Args:
        where: what errors begin with.
        bindings: the stores, by name.
        aliases: id of a store -> its name.
        source: the Secret's name, and its labels.
        data: single entries.
        data_to: entries that match.
        lenient: see `check_data`.

    Raises:
        SpecError: the text says what and where.
    """
    if (source[0] is None) == (source[1] is None):
        raise SpecError(f"{where}: name the Secret in `secret`, or its labels in `selector`, and not both")
    if source[1] is not None and not source[1]:
        raise SpecError(f"{where}: selector is empty, which would push every Secret; give it a LabelRequirement")
    refuse_contradiction(f"{where}: selector", source[1] or ())
    if not (data or data_to) and not lenient:
        raise SpecError(f"{where}: data and data_to are empty; name at least one parameter, and what goes into it")
    for at, each in enumerate(data_to):
        if each.store is not None and id(each.store) not in aliases:
            raise SpecError(f"{where}, dataTo[{at}]: its store is none of `stores`; add it there")
        alias = None if each.store is None else aliases[id(each.store)]
        its = bindings if alias is None else {alias: bindings[alias]}
        _check_fields(f"{where}, dataTo[{at}]", each.metadata, its, lenient=lenient)
        try:
            push_specs.PushDataTo.from_bag(known(each.to_bag()))
        except SpecError as error:
            raise SpecError(f"{where}, dataTo[{at}]: {error}") from None


def note_pushes(  # noqa: PLR0913 - all but three by keyword
    where: str,
    bindings: Mapping[str, StoreBinding],
    aliases: Mapping[int, str],
    *,
    data: Sequence[PushData],
    data_to: Sequence[PushDataTo],
    update_policy: UpdatePolicy,
    deletion_policy: PushDeletionPolicy,
    restore: bool,
    deferred: bool,
) -> None:
    """Note with the stores what is written to them.

    Raises:
        SpecError: see `ReferenceLedger.push`.
    """
    for alias, binding in bindings.items():
        uses = [_use(where, binding.prefix, each, update_policy, deletion_policy, restore) for each in data]
        uses += [
            _use(f"{where}, dataTo[{at}]", binding.prefix, each, update_policy, deletion_policy, restore)
            for at, each in enumerate(data_to)
            if each.store is None or aliases[id(each.store)] == alias
        ]
        binding.ledger.push(where, uses, deferred=deferred)


def _read(given: PushData, where: str) -> push_specs.PushData[str]:
    """An entry as it is known while the program runs, checked."""
    try:
        return push_specs.PushData.from_bag(known(given.to_bag()))
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from None


def _check_fields(
    where: str, metadata: push_specs.PushMetadata[Any], bindings: Mapping[str, StoreBinding], *, lenient: bool
) -> None:
    """Refuse fields that are for another service; of manifests those that ESO's defaults fill are left alone."""
    for alias, binding in bindings.items():
        writing = binding.service.writing
        if writing is None:
            continue
        foreign = sorted(metadata.given - set(writing.fields))
        if found := [each for each in foreign if not (lenient and each in push_specs.OF_ESO)]:
            raise SpecError(
                f"{where}.metadata.{found[0]} is not for service {binding.service.name}, of store {alias}; leave it "
                "out, or push there by a PushSecret of its own"
            )


def _idle(each: push_specs.PushData[str]) -> str | None:
    """What of an entry changes nothing."""
    if each.metadata.encode_as_decoded and each.secret_key is not None:
        return "encodeAsDecoded is for the whole Secret"
    return each.metadata.without_effect


def data_to_bags(aliases: Mapping[int, str], data_to: Sequence[PushDataTo]) -> list[dict[str, Any]] | None:
    """Entries as they are stored, each with its store; None where there is none."""
    own = [{} if each.store is None else {"store": aliases[id(each.store)]} for each in data_to]
    return [{**each.to_bag(), **store} for each, store in zip(data_to, own, strict=True)] or None


def _use(
    where: str,
    prefix: str,
    each: PushData | PushDataTo,
    update_policy: UpdatePolicy,
    deletion_policy: PushDeletionPolicy,
    restore: bool,  # noqa: FBT001
) -> PushUse:
    """What an entry does to parameters; only the Secret tells the names of one without a remote key."""
    return PushUse(
        where,
        None if each.remote_key is None else _prefixed(prefix, each.remote_key),
        each.metadata.for_permissions(),
        compares=update_policy == "Replace",
        deletes=deletion_policy == "Delete",
        restores=restore,
    )


def _prefixed(prefix: str, name: pulumi.Input[str]) -> pulumi.Input[str]:
    return prefix + name if isinstance(name, str) else pulumi.Output.concat(prefix, name)
