"""Parameters of another account, by a chain of roles."""

from pulumi_parameter_store import ExternalSecret, SecretStore

ACCOUNT = "123456789012"

store = SecretStore(
    "other-account",
    namespace="team-a",
    region="eu-central-1",
    additional_roles=[f"arn:aws:iam::{ACCOUNT}:role/hop"],
    role=f"arn:aws:iam::{ACCOUNT}:role/reader",
    external_id="example",
    session_tags={"team": "a"},
)
ExternalSecret("db", store=store, data={"password": "/prod/db"})
