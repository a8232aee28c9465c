"""A store that makes its own identity, and reads what a customer key encrypts."""

import pulumi
import pulumi_aws as aws
from pulumi_parameter_store import ExternalSecret, KmsKey, SecretStore, ServiceAccountAuth

ISSUER = "https://kubernetes.default.svc.cluster.local"  # of an EKS cluster: cluster.identities[0].oidcs[0].issuer

provider = aws.iam.OpenIdConnectProvider("cluster", url=ISSUER, client_id_lists=["sts.amazonaws.com"])
key = aws.kms.Key("parameters", description="parameters of team-a")
password = aws.ssm.Parameter("password", name="/prod/db", type="SecureString", key_id=key.arn, value="example")
store = SecretStore(
    "team-a",
    namespace="team-a",
    region="eu-central-1",
    auth=ServiceAccountAuth(oidc_provider=provider),
    kms_keys=[KmsKey(key.arn, ["/prod/*"])],
)
ExternalSecret("db", store=store, data={"password": password.name})
pulumi.export("access", store.access)
