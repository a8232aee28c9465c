"""Stores with a role, with access keys in a Secret and with a ServiceAccount; properties, tags and a version."""

from pulumi_parameter_store import (
    AccessKeyAuth,
    ExternalSecret,
    RemoteRef,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
)

team_a = SecretStore(
    "team-a-store",
    namespace="team-a",
    region="eu-central-1",
    role="arn:aws:iam::123456789012:role/team-a",
    auth=AccessKeyAuth(SecretKeyRef("awssm-secret", "access-key"), SecretKeyRef("awssm-secret", "secret-access-key")),
)
team_b = SecretStore(
    "team-b-store", namespace="team-b", region="eu-central-1", auth=ServiceAccountAuth("my-serviceaccount")
)
ExternalSecret(
    "friends",
    store=team_a,
    data={
        "my_name": RemoteRef("friendslist", property="name.first"),
        "first_friend": RemoteRef("friendslist", property="friends.1.first", version=1),
    },
)
ExternalSecret("friends-tags", store=team_a, data={"tags": RemoteRef("friendslist", metadata_policy="Fetch")})
ExternalSecret("api", store=team_b, data={"token": "/team-b/api"})
