"""How a store's parameters are read, as the dynamic resources are told: region, identity and cluster.

Like all specs these survive the trip through a property bag and back; see specs.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Generic, Self

from ..service import Service
from ..services import service_named
from .argument_types import DATA_KEY, NAMESPACE, OBJECT_NAME, Characters, MayBeSecret
from .fields import Declaration, Named, Text, fields_of
from .runner_specs import RunnerSpec
from .store_identity import StoreIdentity

UNREACHABLE_VARIABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
"""The variable by which a cluster that cannot be reached is gone."""
OF_PROVIDER = "ofProvider"
"""The key of a cluster's bag that says that Pulumi's SDK made it, which fills in what the environment says."""


def compact(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the keys that were not given: Pulumi drops None-valued inputs as well, so both sides stay comparable."""
    return {key: value for key, value in bag.items() if value is not None}


@dataclass(frozen=True)
class SecretKeyRef(Declaration, Generic[Text]):
    """One key of a Kubernetes Secret (ESO: SecretKeySelector).

    Attributes:
        name: name of the Secret.
        key: key in its data.
        namespace: its namespace; required in a ClusterSecretStore, and the store's own in a SecretStore. The state
            always has it.
    """

    name: Annotated[Text, OBJECT_NAME]
    key: Annotated[Text, DATA_KEY]
    namespace: Annotated[Text | None, NAMESPACE] = None


@dataclass(frozen=True)
class AccessKeyAuth(Declaration, Generic[Text]):
    """Read with static AWS access keys that a Kubernetes Secret holds (ESO: `auth.secretRef`).

    The keys are read by the provider, used in its memory and stored nowhere else.

    Attributes:
        access_key_id: where the access key ID is (ESO: accessKeyIDSecretRef).
        secret_access_key: where the secret access key is (ESO: secretAccessKeySecretRef).
        session_token: where the session token of temporary keys is, if any (ESO: sessionTokenSecretRef).
    """

    access_key_id: Annotated[SecretKeyRef[Text], Named("accessKeyIDSecretRef")]
    secret_access_key: Annotated[SecretKeyRef[Text], Named("secretAccessKeySecretRef")]
    session_token: Annotated[SecretKeyRef[Text] | None, Named("sessionTokenSecretRef")] = None

    def placed(self, namespace: Text | None) -> Self:
        """The same, with a namespace for every reference that names none."""
        keys = {each.attribute: getattr(self, each.attribute) for each in fields_of(AccessKeyAuth)}
        return replace(
            self, **{name: key and replace(key, namespace=key.namespace or namespace) for name, key in keys.items()}
        )


@dataclass(frozen=True)
class ServiceAccountAuth(Declaration, Generic[Text]):
    """Read as the role of a ServiceAccount, by IRSA (ESO: `auth.jwt.serviceAccountRef`).

    Attributes:
        service_account: its name.
        namespace: its namespace; required in a ClusterSecretStore, and the store's own in a SecretStore. The state
            always has it.
        audiences: audiences of its tokens besides `sts.amazonaws.com` or the one that it is annotated with.
    """

    service_account: Annotated[Text | None, OBJECT_NAME, Named("name")] = None
    namespace: Annotated[Text | None, NAMESPACE] = None
    audiences: Sequence[Text] = ()

    def placed(self, namespace: Text | None) -> Self:
        """The same, with a namespace if it names none."""
        return replace(self, namespace=self.namespace or namespace)


@dataclass(frozen=True)
class Cluster(Declaration, Generic[Text]):
    """Which cluster, by the names of Pulumi's Kubernetes provider.

    Attributes:
        kubeconfig: path of a kubeconfig file, or its contents, as Pulumi's Kubernetes provider takes them; contents are
            secret in the state. Default: KUBECONFIG, ~/.kube/config, or the pod's own account.
        context: context in it; default: its current context.
        cluster: name of a cluster in it; default: the context's.
    """

    kubeconfig: Annotated[Text | None, Characters(empty=False, any=True), MayBeSecret()] = field(
        default=None, repr=False
    )
    context: Text | None = None
    cluster: Text | None = None


@dataclass(frozen=True)
class ClusterSpec(Cluster[str]):
    """A cluster as it is stored.

    Attributes:
        delete_unreachable: when the cluster cannot be reached, its Secrets count as deleted; None where the provider
            says nothing of it.
    """

    delete_unreachable: bool | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The cluster out of a property bag, which has what Pulumi's provider was given: a word."""
        said = bag.get("deleteUnreachable")
        unreachable = None if said is None else str(said).lower() == "true"
        return super().from_bag(bag, delete_unreachable=unreachable, **given)


def without_environment(cluster: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """What a provider says of a cluster, without what the environment says, too: that differs between machines.

    Args:
        cluster: a cluster's bag, as a program told it.
        environ: the environment of the process that reaches the cluster. The program may have changed its own.
    """
    bag = {name: value for name, value in cluster.items() if name != OF_PROVIDER}
    if OF_PROVIDER not in cluster:
        return bag
    if bag.get("kubeconfig") == environ.get("KUBECONFIG"):
        bag.pop("kubeconfig", None)
    said = environ.get(UNREACHABLE_VARIABLE, "").lower()
    same = ("1", "t", "true") if said in ("1", "t", "true") else ("0", "f", "false")
    if said and str(bag.get("deleteUnreachable")).lower() in same:
        del bag["deleteUnreachable"]
    return bag


def deletion_from_bag(bag: Mapping[str, Any]) -> dict[str, Any]:
    """How what is pushed is deleted; numbers become floats on Pulumi's wire."""
    return {name: value if isinstance(value, bool) else int(value) for name, value in bag.items()}


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
        deletion: how what is pushed to it is deleted, by ESO's names.
    """

    identity: StoreIdentity
    service_account: ServiceAccountAuth[str] | None = None
    access_keys: AccessKeyAuth[str] | None = None
    pod_role: str | None = None
    cluster: ClusterSpec = ClusterSpec()
    runner: RunnerSpec | None = None
    service: Service = field(default_factory=service_named)
    deletion: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The store out of a property bag; the program checked what it knew, so errors are about Outputs."""
        account, keys = bag.get("serviceAccountRef"), bag.get("secretRef")
        return cls(
            identity=StoreIdentity.from_bag(bag),
            service_account=ServiceAccountAuth.from_bag(account) if account else None,
            access_keys=AccessKeyAuth.from_bag(keys) if keys else None,
            pod_role=bag.get("podIdentityRole"),
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
            runner=RunnerSpec.from_bag(bag["aws"]) if bag.get("aws") else None,
            service=service_named(bag.get("service"), in_batches=bool(bag.get("batchReads"))),
            deletion=deletion_from_bag(bag.get("deletion") or {}),
        )
