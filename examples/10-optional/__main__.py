"""A parameter that need not exist."""

from pulumi_parameter_store import ExternalSecret, RemoteRef, SecretStore, Target, Template

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret(
    "app",
    store=store,
    data={"token": "/app/token", "feature": RemoteRef("/app/feature-key", optional=True)},
    target=Target(
        template=Template({"config": '{{ index . "feature" | default "off" }}'}, merge_policy="Merge"),
    ),
)
