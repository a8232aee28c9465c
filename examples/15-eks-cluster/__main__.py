"""An EKS cluster, its OIDC provider, and a store whose ServiceAccount takes a role by it."""

import json

import pulumi
import pulumi_aws as aws
from pulumi_parameter_store import ExternalSecret, NewRole, SecretStore, ServiceAccountAuth

statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}
role = aws.iam.Role("cluster", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
cluster = aws.eks.Cluster(
    "main",
    name="main",
    role_arn=role.arn,
    vpc_config={"subnet_ids": pulumi.Config().require_object("subnets")},
)
issuer = cluster.identities[0].oidcs[0].issuer
provider = aws.iam.OpenIdConnectProvider("main", url=issuer, client_id_lists=["sts.amazonaws.com"])
store = SecretStore(
    "team-a",
    namespace="team-a",
    region="eu-central-1",
    auth=ServiceAccountAuth(oidc_provider=provider, role=NewRole(name="parameter-store-team-a")),
)
ExternalSecret("db", store=store, data={"password": "/team-a/db"})
