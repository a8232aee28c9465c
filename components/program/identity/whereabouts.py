"""Where a store's identity lives: account, partition, and the cluster's OIDC provider."""

from dataclasses import dataclass
from typing import Any

import pulumi

from ...arguments.auth import OIDC_PROVIDER_TYPE, EksCluster, OidcProvider


@dataclass(frozen=True)
class Account:
    """An AWS account: its twelve digits, its partition, and the ARN of the identity that runs Pulumi."""

    id: str
    partition: str
    caller: str


@dataclass(frozen=True)
class Oidc:
    """A cluster's OIDC provider in IAM: its ARN, and its issuer without `https://`, as condition keys name it."""

    arn: str
    issuer: str


def account_of(parent: pulumi.Resource) -> pulumi.Output[Account]:
    """The account that `parent`'s AWS provider works in (one sts:GetCallerIdentity)."""
    import pulumi_aws as aws  # noqa: PLC0415  see the package's text

    options = pulumi.InvokeOptions(parent=parent)
    caller = aws.get_caller_identity_output(opts=options)
    partition = aws.get_partition_output(opts=options)
    return pulumi.Output.all(caller.account_id, partition.partition, caller.arn).apply(lambda got: Account(*got))


def role_of_runner(account: pulumi.Output[Account], parent: pulumi.Resource) -> pulumi.Output[str]:
    """ARN of the principal that runs Pulumi, as a trust policy names it: for a session the role behind it."""
    import pulumi_aws as aws  # noqa: PLC0415  see the package's text

    context = aws.iam.get_session_context_output(
        arn=account.apply(lambda known: known.caller), opts=pulumi.InvokeOptions(parent=parent)
    )
    return context.issuer_arn


def oidc_of(provider: OidcProvider, account: pulumi.Output[Account]) -> pulumi.Output[Oidc]:
    """The OIDC provider, given as its ARN, its URL, its resource, or the EKS cluster's resource."""
    given: Any = provider
    if isinstance(provider, pulumi.Resource):
        if provider.pulumi_resource_type == OIDC_PROVIDER_TYPE:
            return pulumi.Output.from_input(given.arn).apply(_by_arn)
        given = given.identities[0].oidcs[0].issuer
    return pulumi.Output.all(given, account).apply(lambda got: _by_arn(got[0]) if _is_arn(got[0]) else _by_url(*got))


def cluster_name(cluster: EksCluster) -> pulumi.Output[str]:
    """The name of an EKS cluster, given as its name or its resource."""
    named: Any = cluster
    return pulumi.Output.from_input(named.name if isinstance(cluster, pulumi.Resource) else named)


def cluster_arn(cluster: EksCluster, account: pulumi.Output[Account], region: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of an EKS cluster, given as its name or its resource."""
    if isinstance(cluster, pulumi.Resource):
        known: Any = cluster
        return pulumi.Output.from_input(known.arn)
    return pulumi.Output.all(cluster, account, region).apply(
        lambda got: f"arn:{got[1].partition}:eks:{got[2]}:{got[1].id}:cluster/{got[0]}"
    )


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")


def _by_arn(arn: str) -> Oidc:
    return Oidc(arn, arn.partition(":oidc-provider/")[2])


def _by_url(url: str, account: Account) -> Oidc:
    issuer = url.removeprefix("https://").rstrip("/")
    return Oidc(f"arn:{account.partition}:iam::{account.id}:oidc-provider/{issuer}", issuer)
