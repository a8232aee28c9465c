"""A first Secret: one parameter becomes one key."""

from pulumi_parameter_store import ExternalSecret, SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret("db", store=store, data={"password": "/prod/db/password"})
