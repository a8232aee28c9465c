"""As whom a store reads: what programs say of base credentials, and of roles that the store creates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

import pulumi

from ..core.spec import store_specs
from ..core.spec.argument_types import (
    Between,
    Expected,
    Instead,
    MayBeSecret,
    Namespace,
    ObjectName,
    OfType,
    PolicyArn,
    RoleName,
    RolePath,
    TagKey,
    TagValue,
)
from ..core.spec.fields import Declaration, Elsewhere
from .annotations import Input
from .construction import checks_arguments

EKS_CLUSTER_TYPE = "aws:eks/cluster:Cluster"
OIDC_PROVIDER_TYPE = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

if TYPE_CHECKING:
    import pulumi_aws as aws

    OidcProvider = Input[str] | aws.iam.OpenIdConnectProvider | aws.eks.Cluster
    EksCluster = Input[str] | aws.eks.Cluster
else:
    # pulumi_aws costs seconds to import, so that its classes are known by their type tokens while a program runs.
    OidcProvider = Annotated[
        Input[str] | pulumi.Resource,
        OfType((OIDC_PROVIDER_TYPE, EKS_CLUSTER_TYPE)),
        Expected("the ARN or URL of an OIDC provider, an aws.iam.OpenIdConnectProvider or an aws.eks.Cluster"),
    ]
    EksCluster = Annotated[
        Input[str] | pulumi.Resource,
        OfType((EKS_CLUSTER_TYPE,)),
        Expected("the name of an EKS cluster, or an aws.eks.Cluster"),
    ]


@checks_arguments()
class SecretKeyRef(store_specs.SecretKeyRef[Input[str]]):
    """One key of a Kubernetes Secret (ESO: SecretKeySelector)."""


@checks_arguments()
class AccessKeyAuth(store_specs.AccessKeyAuth[Input[str]]):
    """Read with static AWS access keys that a Kubernetes Secret holds (ESO: `auth.secretRef`)."""


@checks_arguments()
@dataclass(frozen=True)
class KmsKey:
    """A customer managed key that encrypts some of the store's SecureStrings.

    Attributes:
        arn: the key's ARN, not an alias; may be an Output.
        parameters: names, or patterns such as `/prod/*` over the names that the store's secrets refer to. `*` stands
            for any characters; there is no other wildcard. Default: all.
    """

    arn: Input[str]
    parameters: Sequence[str] = ("*",)


@checks_arguments()
@dataclass(frozen=True)
class NewRole:
    """Name, path, tags and limits of an IAM role that a store creates.

    Attributes:
        name: its name. Default: the store's name and a random suffix, by Pulumi's naming. With a name of your own, a
            change that needs a new role cannot keep the old one until the new one is there. Up to 64 letters, digits
            and `_+=,.@-`.
        path: IAM path, such as `/team-a/`.
        permissions_boundary: ARN of the managed policy that bounds whatever is attached to the role.
        tags: tags of the role, up to 50. IAM takes keys that differ in case alone for one.
        max_session_duration: seconds that one session may last, 3600 (the default) to 43200. A chained role's session
            ends after an hour whatever is set here.
        managed_policies: managed policies that the role may have, 10 unless AWS raised the account's quota to up to 20.
    """

    name: Input[RoleName] | None = None
    path: Input[RolePath] = "/"
    permissions_boundary: Input[PolicyArn] | None = None
    tags: Mapping[TagKey, Annotated[Input[TagValue], MayBeSecret()]] = field(default_factory=dict)
    max_session_duration: Annotated[Input[int], Between(3600, 43200)] = 3600
    managed_policies: Annotated[int, Between(1, 20)] = 10


@checks_arguments()
@dataclass(frozen=True)
class ServiceAccountAuth(store_specs.ServiceAccountAuth[Input[str]]):
    """Read as the role of a ServiceAccount, by IRSA (ESO: `auth.jwt.serviceAccountRef`).

    The ServiceAccount is there already and bears the annotation `eks.amazonaws.com/role-arn`; or, where `oidc_provider`
    is given, the store creates it, with a role of its own that nobody else may take. Its name is then the store's by
    default.

    Attributes:
        oidc_provider: the cluster's OIDC provider in IAM: its ARN or URL, its resource, or the EKS cluster's resource.
            Preview does not look whether IAM has it; without it AWS refuses the token in `up`.
        role: name, path, tags and limits of a role that is created.
    """

    oidc_provider: Annotated[OidcProvider | None, Elsewhere()] = None
    role: Annotated[NewRole, Elsewhere()] = field(default_factory=NewRole)


@checks_arguments()
@dataclass(frozen=True)
class PodIdentityAuth(Declaration):
    """Read as the pod that Pulumi runs in, by EKS Pod Identity; the store creates the role and the association.

    The agent on the node gives credentials to pods of the ServiceAccount alone (with ESO it works for the controller's
    pod alone), so that Pulumi must run in such a pod: that of a CI runner in the cluster, say.

    Attributes:
        cluster: the EKS cluster's name, or its resource.
        service_account: the ServiceAccount that Pulumi's own pod runs as.
        namespace: its namespace; required in a ClusterSecretStore. Default: the store's.
        role: its name, path, tags and limits.
    """

    cluster: EksCluster
    service_account: Input[ObjectName]
    namespace: Input[Namespace] | None = None
    role: Annotated[NewRole, Elsewhere()] = field(default_factory=NewRole)

    def placed(self, namespace: Input[str] | None) -> PodIdentityAuth:
        """The same, with a namespace if it names none."""
        return replace(self, namespace=self.namespace or namespace)


@checks_arguments()
@dataclass(frozen=True)
class AssumedRole:
    """A role that the store creates and assumes last, in place of one given by its ARN (ESO: `provider.aws.role`).

    Attributes:
        principals: ARNs of who may assume it. Default: the identity before it in the store's chain: the last of
            `additional_roles`, else the role that `auth` creates, else the identity that runs Pulumi.
        role: its name, path, tags and limits.
        allow_wildcards: a principal may be a wildcard, which is refused otherwise.
    """

    principals: Sequence[Input[str]] = ()
    role: NewRole = field(default_factory=NewRole)
    allow_wildcards: bool = False


Auth = Annotated[
    AccessKeyAuth | ServiceAccountAuth | PodIdentityAuth,
    Instead((str, pulumi.Output), "the ARN of a role goes into `role`"),
]
