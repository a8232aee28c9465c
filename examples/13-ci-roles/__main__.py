"""The two roles of a CI: one that previews, and one that runs `up`. An administrator runs this once an account."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from grants import BOUNDARY, PREVIEW_RULES, UP_RULES, Account, preview, read, trust, up

settings = pulumi.Config()
# An account has one provider for an issuer. Where another program made it, `provider` is its ARN.
issuer, audience = settings.require("issuer"), settings.require("audience")
provider = pulumi.Output.from_input(
    settings.get("provider")
    or aws.iam.OpenIdConnectProvider("ci", url=f"https://{issuer}", client_id_lists=[audience]).arn
)
# The clusters' names, and by which context of the kubeconfig each is reached; without one by the current context.
clusters = {
    name: kubernetes.Provider(name, context=context) if context else None
    for name, context in settings.require_object("clusters").items()
}
account = Account(
    id=aws.get_caller_identity().account_id,
    region=pulumi.Config("aws").require("region"),
    state_bucket=settings.require("stateBucket"),
    state_key=settings.require("stateKey"),
    parameter_key=settings.require("parameterKey"),
    parameters=tuple(settings.require_object("parameters")),
    clusters=tuple(clusters),
)
# No role that the CI makes may do more than this, whatever its policy says.
aws.iam.Policy("boundary", name=BOUNDARY, policy=read(account))

API = "rbac.authorization.k8s.io"
ROLES = [("preview", preview(account), "previews", PREVIEW_RULES), ("up", up(account), "ups", UP_RULES)]
for name, policy, subjects, rules in ROLES:
    role = aws.iam.Role(
        name,
        name=f"pulumi-{name}",
        assume_role_policy=provider.apply(
            lambda arn, subjects=subjects: trust(arn, issuer, audience, settings.require_object(subjects))
        ),
    )
    aws.iam.RolePolicy(name, role=role.name, policy=policy)
    # In a cluster the role is in a group, and the group has rights in the namespaces that have Secrets.
    group = f"pulumi-{name}"
    for cluster, reached_by in clusters.items():
        aws.eks.AccessEntry(
            f"{name}-{cluster}", cluster_name=cluster, principal_arn=role.arn, kubernetes_groups=[group]
        )
        there = pulumi.ResourceOptions(provider=reached_by)
        rights = kubernetes.rbac.v1.ClusterRole(f"{name}-{cluster}", metadata={"name": group}, rules=rules, opts=there)
        for namespace in settings.require_object("namespaces"):
            kubernetes.rbac.v1.RoleBinding(
                f"{name}-{cluster}-{namespace}",
                metadata={"name": group, "namespace": namespace},
                role_ref={"apiGroup": API, "kind": "ClusterRole", "name": rights.metadata["name"]},
                subjects=[{"apiGroup": API, "kind": "Group", "name": group}],
                opts=there,
            )
    pulumi.export(name, role.arn)
