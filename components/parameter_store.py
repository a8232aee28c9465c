"""SecretStore and ClusterSecretStore: where parameters are read and as whom.

One store has one identity and one session an operation. What it creates of that identity is in identity/.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import pulumi

from .account_choice import AccountChoice, account_of_store
from .auth import AccessKeyAuth, AssumedRole, KmsKey, NewRole, PodIdentityAuth, SecretKeyRef, ServiceAccountAuth
from .cluster_choice import ClusterChoice, cluster_of_store
from .construction import construct_plainly
from .core.argument_types import Namespace
from .core.errors import SpecError
from .core.identity import StoreIdentity
from .core.specs import DEFAULT_REQUESTS_PER_SECOND
from .core.store_conditions import LabelRequirement, StoreCondition
from .identity.asked import Asked
from .identity.chain import Chain, declare_chain
from .invalid_arguments import InvalidArgumentsError
from .resources import Snapshot
from .sealing import ReferenceLedger, in_order, is_made_here
from .store_arguments import Cluster, StoreArguments, check_arguments

__all__ = [
    "AccessKeyAuth",
    "AssumedRole",
    "Cluster",
    "ClusterSecretStore",
    "InvalidArgumentsError",
    "KmsKey",
    "LabelRequirement",
    "NewRole",
    "PodIdentityAuth",
    "SecretKeyRef",
    "SecretStore",
    "ServiceAccountAuth",
    "StoreArguments",
    "StoreCondition",
]

construct_plainly(AccessKeyAuth, AssumedRole, Cluster, KmsKey, LabelRequirement, NewRole, PodIdentityAuth, SecretKeyRef)
construct_plainly(ServiceAccountAuth)
construct_plainly(
    StoreCondition,
    instead=dict.fromkeys(
        ("match_labels", "match_expressions", "namespace_selector"),
        "selector=[LabelRequirement('team', 'In', ['a'])], of which all must be met",
    ),
)

FORCE_SETTING = ("parameter-store", "forceSync")
FORCE_VARIABLE = "PARAMETER_STORE_FORCE_SYNC"


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
        ledger: collects what the store's secrets need.
        read: resolves when the store's snapshot has been read.
        problems: what the snapshot found, source -> why it cannot be used.
        state_id: id of the state that keeps the store; not known in a preview before the first `up`.
    """

    namespace: pulumi.Input[str] | None
    conditions: Sequence[StoreCondition]
    store: dict[str, Any] = field(repr=False)
    account: AccountChoice = field(repr=False)
    cluster: ClusterChoice = field(repr=False)
    operation: dict[str, Any] = field(repr=False)
    prefix: str
    ledger: ReferenceLedger
    read: pulumi.Output[bool]
    problems: pulumi.Output[Mapping[str, str] | None]
    state_id: pulumi.Output[str | None]


class _Store(pulumi.ComponentResource):
    """What both kinds of stores are.

    Attributes:
        region: AWS region of the parameters.
        versions: parameter -> version, of all parameters that the store's secrets refer to.
        policy_json: the policy of the role that reads, as one document; None where the store does not create that role.
        access: who may do what on what, and because of which secret key, for the roles that the store creates: rows
            with `identity`, `action`, `arn`, `condition` and `because`.
    """

    region: pulumi.Output[str]
    versions: pulumi.Output[Mapping[str, int]]
    policy_json: pulumi.Output[str | None]
    access: pulumi.Output[list[dict[str, str]]]

    def _declare(
        self,
        name: str,
        namespace: pulumi.Input[str] | None,
        conditions: Sequence[StoreCondition],
        given: StoreArguments,
    ) -> dict[str, pulumi.Output[Any]]:
        """Declare identity and snapshot; returns the outputs."""
        cluster, account = self._choose(name, given)
        ledger = ReferenceLedger(name)
        chain = declare_chain(_asked(name, namespace, given, ledger, cluster, account.region), self)
        in_cluster = bool(chain.bag.keys() & {"secretRef", "serviceAccountRef"})
        bag = {**chain.bag, **account.bag, **({"cluster": cluster.bag} if in_cluster else {})}
        operation = _operation(given, chain)
        references = ledger.seal()
        snapshot = Snapshot(
            name,
            {
                "store": bag,
                "references": references.apply(lambda found: found["all"]),
                "operation": {
                    **operation,
                    "force": is_forced(),
                    "pending": references.apply(lambda found: found["pending"]),
                    "waits": references.apply(lambda found: found["waits"]),
                    "secrets": references.apply(lambda found: found["secrets"]),
                    "targets": references.apply(lambda found: found["targets"]),
                    "parts": references.apply(lambda found: found["parts"]),
                },
            },
            pulumi.ResourceOptions(parent=self),
        )
        read = snapshot.versions.apply(lambda _: True)
        prefix = given.get("prefix", "")
        self.binding = StoreBinding(
            namespace=namespace,
            conditions=conditions,
            store=bag,
            account=account,
            cluster=cluster,
            operation=operation,
            prefix=prefix,
            ledger=ledger,
            read=read,
            problems=snapshot.problems,
            state_id=snapshot.stateId,
        )
        self.region = pulumi.Output.from_input(account.region)
        self.versions = in_order(snapshot.versions)
        self.policy_json = chain.policy_json
        self.access = chain.access
        outputs = {"region": self.region, "versions": self.versions}
        return {**outputs, "policyJson": self.policy_json, "access": self.access} if chain.made else outputs

    def _choose(self, name: str, given: StoreArguments) -> tuple[ClusterChoice, AccountChoice]:
        """The cluster and the account, where the store does not say them itself those of the rest of the program."""
        try:
            account = account_of_store(self, given.get("region"), own_credentials=given.get("auth") is not None)
            if isinstance(account.region, str):
                StoreIdentity(account.region)
            return cluster_of_store(self, given.get("cluster")), account
        except SpecError as error:
            raise InvalidArgumentsError(f"{type(self).__name__} {name!r}: {error}") from None


class SecretStore(_Store):
    """AWS SSM Parameter Store as one identity sees it, for one namespace (ESO: SecretStore with `provider.aws`).

    Attributes:
        namespace: namespace whose ExternalSecrets use the store; their Secrets are written there.
    """

    namespace: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        namespace: pulumi.Input[Namespace],
        opts: pulumi.ResourceOptions | None = None,
        **given: Unpack[StoreArguments],
    ) -> None:
        """Declare a store. AWS_SSM_ENDPOINT and AWS_STS_ENDPOINT name custom endpoints, as for ESO.

        Args:
            name: resource name.
            namespace: namespace of the store and its Secrets (ESO: `metadata.namespace`).
            opts: Pulumi resource options; providers for AWS and Kubernetes decide the account and the cluster, and are
                used for what the store creates.
            given: see `StoreArguments`.

        Raises:
            InvalidArgumentsError: an argument can never work; the text says which and what to write instead.
        """
        check_arguments("SecretStore", name, namespace, given)
        super().__init__("parameterstore:index:SecretStore", name, {}, opts)
        self.namespace = pulumi.Output.from_input(namespace)
        outputs = self._declare(name, namespace, (), given)
        self.register_outputs({"namespace": self.namespace, **outputs})


class ClusterSecretStore(_Store):
    """AWS SSM Parameter Store as one identity sees it, for several namespaces (ESO: ClusterSecretStore)."""

    def __init__(
        self,
        name: str,
        *,
        conditions: Sequence[StoreCondition] = (),
        opts: pulumi.ResourceOptions | None = None,
        **given: Unpack[StoreArguments],
    ) -> None:
        """Declare a store whose ExternalSecrets each name their namespace.

        Args:
            name: resource name.
            conditions: which namespaces may use it (ESO: `spec.conditions`). Default: all.
            opts: see `SecretStore`.
            given: see `StoreArguments`; every reference to a Secret or a ServiceAccount must name its namespace.

        Raises:
            InvalidArgumentsError: an argument can never work; the text says which and what to write instead.
        """
        where = f"ClusterSecretStore {name!r}"
        check_arguments("ClusterSecretStore", name, None, given)
        for at, condition in enumerate(conditions):
            if not condition.to_bag():
                raise InvalidArgumentsError(
                    f"{where}: conditions[{at}] has no effect: it admits no namespace; give it namespaces, "
                    "namespace_regexes or a selector, or leave it out"
                )
        super().__init__("parameterstore:index:ClusterSecretStore", name, {}, opts)
        self.register_outputs(self._declare(name, None, tuple(conditions), given))


_PROVIDER = "opts=ResourceOptions(provider=...) with an aws.Provider, or the setting aws:profile"
construct_plainly(
    SecretStore,
    ClusterSecretStore,
    instead={
        **dict.fromkeys(("access_key", "access_key_id", "secret_key", "secret_access_key"), "auth=AccessKeyAuth(...)"),
        **dict.fromkeys(("profile", "provider"), _PROVIDER),
        **dict.fromkeys(("context", "kubeconfig"), "cluster=Cluster(...)"),
    },
)


def _asked(
    name: str,
    namespace: pulumi.Input[str] | None,
    given: StoreArguments,
    ledger: ReferenceLedger,
    cluster: ClusterChoice,
    region: pulumi.Input[str],
) -> Asked:
    return Asked(
        name=name,
        namespace=namespace,
        region=region,
        auth=given.get("auth"),
        additional_roles=given.get("additional_roles", ()),
        role=given.get("role"),
        external_id=given.get("external_id"),
        session_tags=given.get("session_tags", {}),
        transitive_tag_keys=given.get("transitive_tag_keys", ()),
        kms_keys=given.get("kms_keys", ()),
        paths=given.get("paths", ()),
        uses=ledger.uses,
        cluster=cluster.asked,
        cluster_provider=cluster.provider,
    )


def is_forced() -> bool:
    """Whether everything is to be read, whatever an ExternalSecret's `refresh_interval` says."""
    said = os.environ.get(FORCE_VARIABLE, "").lower()
    return said not in ("", "0", "false") or bool(pulumi.Config(FORCE_SETTING[0]).get_bool(FORCE_SETTING[1]))


def _operation(given: StoreArguments, chain: Chain) -> dict[str, Any]:
    preview = pulumi.runtime.is_dry_run()
    role = given.get("role")
    return {
        "preview": preview,
        "decrypt": not preview or given.get("preview_decrypts", False),
        "requestsPerSecond": given.get("requests_per_second", DEFAULT_REQUESTS_PER_SECOND),
        "freshRole": chain.made or (not isinstance(role, AssumedRole) and is_made_here(role)),
    }
