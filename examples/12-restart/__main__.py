"""A Deployment whose Pods start again when their Secret changes."""

import pulumi_kubernetes as kubernetes
from pulumi_parameter_store import ExternalSecret, SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
db = ExternalSecret("db", store=store, data={"password": "/prod/db/password"})

password = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": db.secret_name, "key": "password"}}}
kubernetes.apps.v1.Deployment(
    "api",
    metadata={"name": "api", "namespace": "team-a"},
    spec={
        "selector": {"matchLabels": {"app": "api"}},
        "template": {
            "metadata": {"labels": {"app": "api"}, "annotations": {"example.com/db-revision": db.revision}},
            "spec": {"containers": [{"name": "api", "image": "example.com/api:1", "env": [password]}]},
        },
    },
)
