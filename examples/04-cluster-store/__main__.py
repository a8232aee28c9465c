"""One store for several namespaces, and a Secret in each of them."""

from pulumi_parameter_store import ClusterSecretStore, ExternalSecret, StoreCondition

TEAMS = ["team-a", "team-b"]

store = ClusterSecretStore("shared", region="eu-central-1", conditions=[StoreCondition(namespaces=TEAMS)])
for team in TEAMS:
    ExternalSecret(f"{team}-ca", store=store, namespace=team, target="ca", data={"ca.crt": "/shared/ca"})
