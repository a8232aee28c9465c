"""How a store's parameters are read, as the dynamic resources are told: region, identity and cluster.

Like all specs these survive the trip through a property bag and back; see specs.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..service import Service
from ..services import service_named
from .runner_specs import RunnerSpec
from .store_identity import StoreIdentity


def compact(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the keys that were not given: Pulumi drops None-valued inputs as well, so both sides stay comparable."""
    return {key: value for key, value in bag.items() if value is not None}


@dataclass(frozen=True)
class SecretKey:
    """One key of a Kubernetes Secret (ESO: SecretKeySelector); the namespace is always written out."""

    namespace: str
    name: str
    key: str

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The selector out of a property bag."""
        return cls(namespace=bag["namespace"], name=bag["name"], key=bag["key"])


@dataclass(frozen=True)
class AccessKeysSource:
    """Where static AWS access keys are kept: keys of Kubernetes Secrets (ESO: `auth.secretRef`)."""

    access_key_id: SecretKey
    secret_access_key: SecretKey
    session_token: SecretKey | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The source out of a property bag."""
        token = bag.get("sessionTokenSecretRef")
        return cls(
            access_key_id=SecretKey.from_bag(bag["accessKeyIDSecretRef"]),
            secret_access_key=SecretKey.from_bag(bag["secretAccessKeySecretRef"]),
            session_token=SecretKey.from_bag(token) if token else None,
        )


@dataclass(frozen=True)
class ServiceAccountSource:
    """The ServiceAccount whose role is taken by web identity (ESO: `auth.jwt.serviceAccountRef`).

    Attributes:
        namespace: its namespace.
        name: its name.
        audiences: audiences of the token besides the usual one.
    """

    namespace: str
    name: str
    audiences: tuple[str, ...] = ()

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The ServiceAccount out of a property bag."""
        return cls(namespace=bag["namespace"], name=bag["name"], audiences=tuple(bag.get("audiences") or ()))


@dataclass(frozen=True)
class ClusterSpec:
    """Which cluster, by the names of Pulumi's Kubernetes provider; what is left out defaults as kubectl's does.

    Attributes:
        kubeconfig: path of a kubeconfig, or its contents, which may hold credentials.
        context: context in it.
        cluster: cluster in it, in place of the context's.
        delete_unreachable: when the cluster cannot be reached, its Secrets count as deleted.
    """

    kubeconfig: str | None = field(default=None, repr=False)
    context: str | None = None
    cluster: str | None = None
    delete_unreachable: bool = False

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The cluster out of a property bag."""
        return cls(
            kubeconfig=bag.get("kubeconfig"),
            context=bag.get("context"),
            cluster=bag.get("cluster"),
            delete_unreachable=str(bag.get("deleteUnreachable", "")).lower() == "true",
        )


@dataclass(frozen=True)
class StoreSpec:
    """How one store's parameters are read: where and as whom.

    Attributes:
        identity: region, and the roles to take in order.
        service_account: whose token gives the base credentials; goes before `access_keys`, as in ESO.
        access_keys: where the base credentials are. With neither of the two, the SDK's default chain gives them.
        pod_role: role that the pod in which Pulumi runs must have, for EKS Pod Identity.
        cluster: where the ServiceAccount or the access keys are.
        runner: what Pulumi's AWS provider was told.
        service: the service of AWS that it reads from (ESO: `provider.aws.service`).
    """

    identity: StoreIdentity
    service_account: ServiceAccountSource | None = None
    access_keys: AccessKeysSource | None = None
    pod_role: str | None = None
    cluster: ClusterSpec = ClusterSpec()
    runner: RunnerSpec | None = None
    service: Service = field(default_factory=service_named)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The store out of a property bag.

        Raises:
            SpecError: the identity can never work; the program checked what it knew, so this is about Outputs.
        """
        account, keys = bag.get("serviceAccountRef"), bag.get("secretRef")
        return cls(
            identity=StoreIdentity(
                region=bag["region"],
                role=bag.get("role"),
                external_id=bag.get("externalID"),
                session_tags=tuple((tag["key"], tag["value"]) for tag in bag.get("sessionTags") or ()),
                transitive_tag_keys=tuple(bag.get("transitiveTagKeys") or ()),
                additional_roles=tuple(bag.get("additionalRoles") or ()),
            ),
            service_account=ServiceAccountSource.from_bag(account) if account else None,
            access_keys=AccessKeysSource.from_bag(keys) if keys else None,
            pod_role=bag.get("podIdentityRole"),
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
            runner=RunnerSpec.from_bag(bag["aws"]) if bag.get("aws") else None,
            service=service_named(bag.get("service")),
        )
