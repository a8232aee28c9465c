"""The two roles of a CI: one that previews, and one that runs `up`. An administrator runs this once an account."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from grants import BOUNDARY, PREVIEW_RULES, UP_RULES, Account, preview, read, trust, up

settings = pulumi.Config()
provider = aws.iam.OpenIdConnectProvider(
    "ci", url=f"https://{settings.require('issuer')}", client_id_lists=[settings.require("audience")]
)
account = Account(
    id=aws.get_caller_identity().account_id,
    region=pulumi.Config("aws").require("region"),
    state_bucket=settings.require("stateBucket"),
    state_key=settings.require("stateKey"),
    parameter_key=settings.require("parameterKey"),
    parameters=tuple(settings.require_object("parameters")),
    cluster=settings.require("cluster"),
)
# No role that the CI makes may do more than this, whatever its policy says.
aws.iam.Policy("boundary", name=BOUNDARY, policy=read(account))

ROLES = [("preview", preview(account), "previews", PREVIEW_RULES), ("up", up(account), "ups", UP_RULES)]
for name, policy, subjects, rules in ROLES:
    role = aws.iam.Role(
        name,
        name=f"pulumi-{name}",
        assume_role_policy=provider.arn.apply(
            lambda arn, subjects=subjects: trust(
                arn, settings.require("issuer"), settings.require("audience"), settings.require_object(subjects)
            )
        ),
    )
    aws.iam.RolePolicy(name, role=role.name, policy=policy)
    # In the cluster the role is in a group, and the group has rights in the namespaces that have Secrets.
    group = f"pulumi-{name}"
    aws.eks.AccessEntry(name, cluster_name=account.cluster, principal_arn=role.arn, kubernetes_groups=[group])
    rights = kubernetes.rbac.v1.ClusterRole(name, metadata={"name": group}, rules=rules)
    for namespace in settings.require_object("namespaces"):
        kubernetes.rbac.v1.RoleBinding(
            f"{name}-{namespace}",
            metadata={"name": group, "namespace": namespace},
            role_ref={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": rights.metadata["name"]},
            subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}],
        )
    pulumi.export(name, role.arn)
