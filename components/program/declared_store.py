"""What both kinds of stores declare: the identity and the snapshot; and what their ExternalSecrets take from them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
from pulumi.runtime.settings import get_monitor

from ..arguments.auth import AssumedRole
from ..arguments.invalid import InvalidArgumentsError, plainly
from ..arguments.store import Store, StoreArguments, identity_of
from ..core.service import Service
from ..core.services import service_named
from ..core.spec import refresh
from ..core.spec.groups import PUSHES, SECRETS
from ..core.spec.spelling import is_of_yaml
from ..core.spec.store_conditions import StoreCondition
from ..core.spec.store_identity import Identity
from ..core.spec.store_specs import compact
from ..errors import SpecError
from .account import AccountChoice, account_of_store
from .cluster import ClusterChoice, cluster_of_store
from .grouping import Group, GroupingStore
from .identity.arguments import IdentityArguments
from .identity.chain import Chain, declare_chain
from .interruption import end_quietly
from .ledger import Dependencies, ReferenceLedger, in_order, is_made_here
from .provider_settings import unchanged
from .resources import Snapshot, detached, problems_of

FORCE_SETTING = ("parameter-store", "forceSync")


@dataclass(frozen=True)
class StoreBinding:
    """What a store's ExternalSecrets take from it; not meant for programs.

    Attributes:
        namespace: namespace of the Secrets, as given; None where each ExternalSecret names its own.
        conditions: which namespaces may use the store; empty for all.
        store: property bag of how parameters are read.
        account: in which account they are.
        cluster: where Secrets are written.
        operation: property bag of what the running operation is.
        prefix: what stands before the keys of its secrets.
        service: the service of AWS that it reads from.
        ledger: collects what the store's secrets need.
        read: resolves when the store's snapshot has been read.
        problems: what the snapshot found, source -> why it cannot be used.
        state_id: id of the state that keeps the store; not known in a preview before the first `up`.
        awaits_namespace: True where the store depends on a namespace that the program creates.
        secrets: keeps its ExternalSecrets in one resource; None where each has its own.
        pushes: the same of its PushSecrets.
    """

    namespace: pulumi.Input[str] | None
    conditions: Sequence[StoreCondition]
    store: dict[str, Any] = field(repr=False)
    account: AccountChoice = field(repr=False)
    cluster: ClusterChoice = field(repr=False)
    operation: dict[str, Any] = field(repr=False)
    prefix: str
    service: Service
    ledger: ReferenceLedger
    read: pulumi.Output[bool]
    problems: pulumi.Output[Mapping[str, str]]
    state_id: pulumi.Output[str | None]
    awaits_namespace: bool = False
    secrets: Group | None = None
    pushes: Group | None = None


def stores_bag(stores: Mapping[str, StoreBinding]) -> dict[str, Any]:
    """How the state keeps the stores of a PushSecret, by name; a part that is empty is None."""
    return {
        "stores": {name: each.store for name, each in stores.items()},
        "prefixes": {name: each.prefix for name, each in stores.items() if each.prefix} or None,
    }


class DeclaredStore(Store):
    """A store with all that belongs to it.

    Attributes:
        binding: what the store's ExternalSecrets take from it; not meant for programs.
    """

    binding: StoreBinding

    def _declare(
        self,
        name: str,
        namespace: pulumi.Input[str] | None,
        conditions: Sequence[StoreCondition],
        given: StoreArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> dict[str, pulumi.Output[Any]]:
        """Declare identity and snapshot; returns the outputs."""
        if get_monitor() is None:
            raise pulumi.RunError("this is a Pulumi program, and Pulumi does not run it; run `pulumi preview`")
        end_quietly()
        where = f"{type(self).__name__} {name!r}"
        cluster, account, identity = self._choose(where, given)
        ledger = ReferenceLedger(name)
        chain = declare_chain(
            IdentityArguments(name, namespace, given, identity, ledger.uses, ledger.pushes, cluster), self
        )
        in_cluster = bool(chain.bag.keys() & {"secretRef", "serviceAccountRef"})
        if in_cluster:
            plainly(cluster.check, where)()
        bag = {**chain.bag, **account.bag, **({"cluster": cluster.bag} if in_cluster else {})}
        service = service_named(given.get("service"))
        if service is not service_named():  # what is as by default is not stored
            bag["service"] = service.name
        if given.get("batch_reads"):
            bag["batchReads"] = True
        if given.get("deletion"):
            bag["deletion"] = {field_: value for field_, value in given["deletion"].items() if value}
        operation = _operation(given, chain)
        rate = given.get("requests_per_second")
        references = ledger.seal()
        held = [unchanged(account.provider, where, account.taken)] if account.provider else []
        if in_cluster and cluster.source is not None:
            held.append(unchanged(cluster.source, where))
        if held:
            references = pulumi.Output.all(references, *held).apply(lambda known: known[0])
        snapshot = Snapshot(
            name,
            {
                "store": bag,
                "role": chain.role,
                "references": references.apply(lambda found: found["all"]),
                "requestsPerSecond": None if rate == service.requests_per_second else rate,
                "operation": {
                    **operation,
                    "regionChoice": account.environment,
                    "force": is_forced(),
                    "pending": references.apply(lambda found: found["pending"]),
                    "waits": references.apply(lambda found: found["waits"]),
                    "secrets": references.apply(lambda found: found["secrets"]),
                    "targets": ledger.targets(),
                    "parts": references.apply(lambda found: found["parts"]),
                    "optional": references.apply(lambda found: found["optional"]),
                    "pushed": references.apply(lambda found: found["pushed"]),
                },
            },
            pulumi.ResourceOptions(parent=self),
        )
        read = snapshot.versions.apply(lambda _: True)
        awaits_namespace = Dependencies.of(opts).namespace
        self.binding = StoreBinding(
            namespace=namespace,
            conditions=conditions,
            store=bag,
            account=account,
            cluster=cluster,
            operation=operation,
            prefix=given.get("prefix", ""),
            service=service,
            ledger=ledger,
            read=read,
            problems=problems_of(snapshot),
            state_id=snapshot.stateId,
            awaits_namespace=awaits_namespace,
        )
        if given.get("grouped"):
            waits = [unchanged(cluster.source, where)] if cluster.source is not None else []
            told = {**operation, "force": is_forced()}
            pending = is_made_here(namespace, also=awaits_namespace)
            shared = {
                "namespace": namespace,
                "cluster": cluster.bag,
                "owner": {"id": detached(snapshot.stateId), "urn": detached(self.urn)},
                "operation": pulumi.Output.all(pending, read, *waits).apply(
                    lambda known: {**told, "pendingNamespace": known[0]}
                ),
            }
            store = GroupingStore(self, name, opts, cluster, account.provider, ledger)
            self.binding = replace(
                self.binding,
                secrets=Group(SECRETS, store, {**shared, "store": bag, "storeName": name}),
                pushes=Group(PUSHES, store, {**shared, **compact(stores_bag({name: self.binding}))}),
            )
        self.region = pulumi.Output.from_input(account.region)
        self.versions = in_order(snapshot.versions)
        self.policy_json = chain.policy_json
        self.access = chain.access
        outputs = {"region": self.region, "versions": self.versions}
        return {**outputs, "policyJson": self.policy_json, "access": self.access} if chain.made else outputs

    def _choose(
        self, where: str, given: StoreArguments
    ) -> tuple[ClusterChoice, AccountChoice, Identity[pulumi.Input[str]]]:
        """The cluster, the account and who reads; what the store does not say is as in the rest of the program."""
        try:
            account = account_of_store(self, given.get("region"), own_credentials=given.get("auth") is not None)
            return cluster_of_store(self, given.get("cluster")), account, identity_of(given, account.region)
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None


def declared(store: Store) -> DeclaredStore:
    """A store with what belongs to it.

    Raises:
        SpecError: it is neither a SecretStore nor a ClusterSecretStore.
    """
    if not isinstance(store, DeclaredStore):
        raise SpecError(f"{type(store).__name__} is neither a SecretStore nor a ClusterSecretStore")
    return store


def is_forced() -> bool:
    """Whether the program is to have everything read, whatever an ExternalSecret's `refresh_interval` says.

    Raises:
        pulumi.RunError: the variable says neither yes nor no.
    """
    try:
        by_variable = refresh.is_forced(os.environ)
    except SpecError as error:
        raise pulumi.RunError(str(error)) from None
    return by_variable or bool(pulumi.Config(FORCE_SETTING[0]).get_bool(FORCE_SETTING[1]))


def _operation(given: StoreArguments, chain: Chain) -> dict[str, Any]:
    preview = pulumi.runtime.is_dry_run()
    role = given.get("role")
    return {
        "preview": preview,
        "python": not is_of_yaml(),
        "decrypt": not preview or given.get("preview_decrypts", False),
        "requestsPerSecond": given.get("requests_per_second", service_named(given.get("service")).requests_per_second),
        "freshRole": chain.made or (not isinstance(role, AssumedRole) and is_made_here(role)),
    }
