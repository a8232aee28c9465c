"""SecretStore: where parameters are read and as whom. One store, one identity, one session an operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .core.errors import SpecError
from .core.identity import StoreIdentity
from .core.specs import DEFAULT_REQUESTS_PER_SECOND, compact
from .resources import Found, Snapshot
from .sealing import ReferenceLedger, is_made_here

SERVICE = "ParameterStore"


class InvalidArgumentsError(SpecError, pulumi.RunError):
    """An argument of a component is wrong. Pulumi shows the text alone, without a traceback."""


@dataclass(frozen=True)
class SecretKeyRef:
    """One key of a Kubernetes Secret in the store's namespace (ESO: SecretKeySelector).

    Attributes:
        name: name of the Secret.
        key: key in its data.
    """

    name: pulumi.Input[str]
    key: pulumi.Input[str]


@dataclass(frozen=True)
class AccessKeyAuth:
    """Read with static AWS access keys that a Kubernetes Secret holds (ESO: `auth.secretRef`).

    The keys are read by the provider, used in its memory and stored nowhere else.

    Attributes:
        access_key_id: where the access key ID is (ESO: accessKeyIDSecretRef).
        secret_access_key: where the secret access key is (ESO: secretAccessKeySecretRef).
        session_token: where the session token of temporary keys is, if any (ESO: sessionTokenSecretRef).
    """

    access_key_id: SecretKeyRef
    secret_access_key: SecretKeyRef
    session_token: SecretKeyRef | None = None


@dataclass(frozen=True)
class Cluster:
    """The cluster that Secrets are written to.

    Attributes:
        kubeconfig: path of a kubeconfig file; default: KUBECONFIG, ~/.kube/config, or the pod's own account.
        context: context in it; default: its current context.
    """

    kubeconfig: pulumi.Input[str] | None = None
    context: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class StoreBinding:
    """What a store's ExternalSecrets take from it; not meant for programs.

    Attributes:
        namespace: namespace of the Secrets, as given.
        store: property bag of how parameters are read.
        cluster: property bag of where Secrets are written.
        operation: property bag of what the running operation is.
        ledger: collects the references of the store's secrets.
        snapshot: the store's parameter versions.
        found: the snapshot's versions and problems.
    """

    namespace: pulumi.Input[str]
    store: dict[str, Any]
    cluster: dict[str, Any]
    operation: dict[str, Any]
    ledger: ReferenceLedger
    snapshot: Snapshot
    found: pulumi.Output[Found]


class SecretStore(pulumi.ComponentResource):
    """AWS SSM Parameter Store as one identity sees it (ESO: SecretStore with `provider.aws`).

    Attributes:
        namespace: namespace whose ExternalSecrets use the store; their Secrets are written there.
        region: AWS region of the parameters.
        versions: parameter -> version, of all parameters that the store's secrets refer to.
    """

    namespace: pulumi.Output[str]
    region: pulumi.Output[str]
    versions: pulumi.Output[Mapping[str, int]]

    def __init__(  # noqa: PLR0913  keyword-only, and each is a field of ESO's SecretStore or a limit of AWS
        self,
        name: str,
        *,
        namespace: pulumi.Input[str],
        region: pulumi.Input[str],
        role: pulumi.Input[str] | None = None,
        auth: AccessKeyAuth | None = None,
        cluster: Cluster | None = None,
        service: str = SERVICE,
        requests_per_second: float = DEFAULT_REQUESTS_PER_SECOND,
        preview_decrypts: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a store. AWS_SSM_ENDPOINT and AWS_STS_ENDPOINT name custom endpoints, as for ESO.

        Args:
            name: resource name.
            namespace: namespace of the store and its Secrets (ESO: `metadata.namespace`).
            region: AWS region, such as `eu-central-1` (ESO: `provider.aws.region`).
            role: ARN of a role to assume before reading (ESO: `provider.aws.role`); may be an Output of a role that
                this program creates. Default: read as whoever the base credentials belong to.
            auth: base credentials; default: the SDK's default chain of whoever runs Pulumi.
            cluster: where Secrets are written; default: as kubectl chooses.
            service: only `ParameterStore` (ESO: `provider.aws.service`).
            requests_per_second: how much of the account's shared rate limit (AWS's default quota is 40 a second) one
                operation may use. Raise it where the account's higher throughput is switched on.
            preview_decrypts: decrypt in preview too, so that it finds missing JSON properties and undecodable values.
                Default: preview reads versions only.
            opts: Pulumi resource options.

        Raises:
            InvalidArgumentsError: an argument can never work; the text says which and what to write instead.
        """
        _check(name, service, namespace, region, role, requests_per_second)
        super().__init__("parameterstore:index:SecretStore", name, {}, opts)
        self.namespace = pulumi.Output.from_input(namespace)
        self.region = pulumi.Output.from_input(region)
        cluster = cluster or Cluster()
        cluster_bag = compact({"kubeconfig": cluster.kubeconfig, "context": cluster.context})
        bag = compact(
            {
                "region": region,
                "role": role,
                "secretRef": _access_keys_bag(namespace, auth) if auth else None,
                "cluster": cluster_bag if auth else None,
            }
        )
        preview = pulumi.runtime.is_dry_run()
        operation = {
            "preview": preview,
            "decrypt": not preview or preview_decrypts,
            "requestsPerSecond": requests_per_second,
            "freshRole": is_made_here(role),
        }
        ledger = ReferenceLedger(name)
        references = ledger.seal()
        snapshot = Snapshot(
            name,
            {
                "store": bag,
                "references": references.apply(lambda found: found["all"]),
                "operation": {**operation, "pending": references.apply(lambda found: found["pending"])},
            },
            pulumi.ResourceOptions(parent=self),
        )
        found = pulumi.Output.all(snapshot.versions, snapshot.problems).apply(lambda both: Found(*both))
        self.binding = StoreBinding(namespace, bag, cluster_bag, operation, ledger, snapshot, found)
        self.versions = snapshot.versions
        self.register_outputs({"namespace": self.namespace, "region": self.region, "versions": self.versions})


def _check(
    name: str,
    service: str,
    namespace: pulumi.Input[str],
    region: pulumi.Input[str],
    role: pulumi.Input[str] | None,
    requests_per_second: float,
) -> None:
    where = f"SecretStore {name!r}"
    if service != SERVICE:
        raise InvalidArgumentsError(f"{where}: service {service!r} is not supported; only {SERVICE!r} is")
    if not requests_per_second > 0:
        raise InvalidArgumentsError(f"{where}: requests_per_second must be above 0, not {requests_per_second}")
    if isinstance(namespace, str) and not namespace:
        raise InvalidArgumentsError(f"{where}: namespace is empty; name the namespace that the Secrets are for")
    try:
        StoreIdentity(
            region=region if isinstance(region, str) else "eu-central-1", role=role if isinstance(role, str) else None
        )
    except SpecError as error:
        raise InvalidArgumentsError(f"{where}: {error}") from None


def _access_keys_bag(namespace: pulumi.Input[str], auth: AccessKeyAuth) -> dict[str, Any]:
    def selector(ref: SecretKeyRef) -> dict[str, Any]:
        return {"name": ref.name, "key": ref.key}

    return compact(
        {
            "namespace": namespace,
            "accessKeyIDSecretRef": selector(auth.access_key_id),
            "secretAccessKeySecretRef": selector(auth.secret_access_key),
            "sessionTokenSecretRef": selector(auth.session_token) if auth.session_token else None,
        }
    )
