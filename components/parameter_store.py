"""SecretStore and ClusterSecretStore: where parameters are read and as whom.

One store has one identity and one session an operation. What it creates of that identity is in identity/.
"""

from collections.abc import Sequence
from typing import Unpack

import pulumi

from .arguments.auth import (
    AccessKeyAuth,
    AssumedRole,
    KmsKey,
    NewRole,
    PodIdentityAuth,
    SecretKeyRef,
    ServiceAccountAuth,
)
from .arguments.construction import checks_arguments
from .arguments.invalid import InvalidArgumentsError, plainly
from .arguments.store import Cluster, LabelRequirement, StoreArguments, StoreCondition, check_arguments
from .core.spec.argument_types import Namespace
from .core.spec.store_conditions import refuse_contradiction
from .program.declared_store import DeclaredStore

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

_PROVIDER = "opts=ResourceOptions(provider=...) with an aws.Provider, or the setting aws:profile"
_INSTEAD = {
    **dict.fromkeys(("access_key", "access_key_id", "secret_key", "secret_access_key"), "auth=AccessKeyAuth(...)"),
    **dict.fromkeys(("profile", "provider"), _PROVIDER),
    **dict.fromkeys(("context", "kubeconfig"), "cluster=Cluster(...)"),
}


@checks_arguments(instead=_INSTEAD)
class SecretStore(DeclaredStore):
    """AWS SSM Parameter Store as one identity sees it, for one namespace (ESO: SecretStore with `provider.aws`).

        store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
        ExternalSecret("db", store=store, data={"password": "/prod/db/password"})

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
        outputs = self._declare(name, namespace, (), given, opts)
        self.register_outputs({"namespace": self.namespace, **outputs})


@checks_arguments(instead=_INSTEAD)
class ClusterSecretStore(DeclaredStore):
    """AWS SSM Parameter Store as one identity sees it, for several namespaces (ESO: ClusterSecretStore).

    store = ClusterSecretStore("shared", region="eu-central-1")
    ExternalSecret("db", store=store, namespace="team-a", data={"password": "/prod/db/password"})
    """

    def __init__(
        self,
        name: str,
        *,
        conditions: Sequence[StoreCondition] = (),
        opts: pulumi.ResourceOptions | None = None,
        **given: Unpack[StoreArguments],
    ) -> None:
        """Declare a store whose ExternalSecrets each name their namespace.

        Every reference of its `auth` to a Secret or a ServiceAccount must name a namespace.

        Args:
            name: resource name.
            conditions: which namespaces may use it (ESO: `spec.conditions`). Default: all.
            opts: see `SecretStore`.
            given: see `StoreArguments`.

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
            plainly(refuse_contradiction)(f"{where}: conditions[{at}].selector", condition.selector or ())
        super().__init__("parameterstore:index:ClusterSecretStore", name, {}, opts)
        self.register_outputs(self._declare(name, None, tuple(conditions), given, opts))
