"""The Secrets of one team, read as the Pod that runs this."""

import pulumi
from pulumi_parameter_store import OUTPUT, ExternalSecret, SecretStore, status_output

store = SecretStore("team-a", namespace="team-a", region="eu-central-1", requests_per_second=5)
db = ExternalSecret("db", store=store, data={"password": "/team-a/db/password"})
pulumi.export(OUTPUT, status_output({"db": db}))
