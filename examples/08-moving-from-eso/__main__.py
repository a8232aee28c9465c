"""A Secret of External Secrets Operator is taken over."""

from pulumi_parameter_store import ExternalSecret, Extract, SecretStore, Target

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret("db", store=store, data_from=[Extract("/prod/db")], target=Target(adopt=True))
