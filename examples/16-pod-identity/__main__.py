"""Pulumi runs in a Pod of the cluster, and the store reads as that Pod, by EKS Pod Identity."""

import pulumi
import pulumi_aws as aws
from pulumi_parameter_store import ExternalSecret, PodIdentityAuth, SecretStore

# Makes the role and the association. The Pod itself may only read what the store's policy says.
admin = aws.Provider("admin", region="eu-central-1", profile="admin")
store = SecretStore(
    "team-a",
    namespace="team-a",
    region="eu-central-1",
    auth=PodIdentityAuth("main", "runner", namespace="ci"),
    opts=pulumi.ResourceOptions(providers=[admin]),
)
ExternalSecret("db", store=store, data={"password": "/team-a/db"})
