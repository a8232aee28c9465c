"""A first Secret: one parameter becomes one key."""

import pulumi
from pulumi_parameter_store import OUTPUT, ExternalSecret, SecretStore, status_output

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
db = ExternalSecret("db", store=store, data={"password": "/prod/db/password"})
pulumi.export(OUTPUT, status_output({"db": db}))
