"""Mistakes that a new user makes and that types can find. mypy finds each: `make lint` fails where an `ignore` is unused.

pyright has to find the same lines, see test_types.py. Nothing here is ever run.
"""

import pulumi

from components import ExternalSecret, Extract, Find, PushData, PushSecret, RemoteRef, SecretStore, ServiceAccountAuth

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")

ExternalSecret("x", stor=store, data={"a": "/dev/team-a/db"})  # type: ignore[call-arg]
SecretStore("team-a", namespace="team-a", regoin="eu-central-1")  # type: ignore[call-arg]
ExternalSecret("x", store=store, data=["/dev/team-a/db"])  # type: ignore[arg-type]
ExternalSecret("x", store=store, data={"a": 5})  # type: ignore[dict-item]
ExternalSecret("x", store=store, data={"a": {"key": "/dev/team-a/db"}})  # type: ignore[dict-item]
SecretStore("team-a", region="eu-central-1")  # type: ignore[call-arg]
ExternalSecret("x", store=store, data_from=[Find(path=pulumi.Output.from_input("/dev"))])  # type: ignore[arg-type]
ExternalSecret("x", store="team-a", data={"a": "/dev/team-a/db"})  # type: ignore[arg-type]
ExternalSecret("x", store=store, data={"a": "/dev/team-a/db"}, target={"name": "foo"})  # type: ignore[arg-type]
ExternalSecret("x", store=store, data={"a": "/a"}, refresh_policy="periodic")  # type: ignore[arg-type]
ExternalSecret("x", store=store, data_from=Extract("/dev/team-a/db"))  # type: ignore[arg-type]
ExternalSecret("x", store=store, data={"a": RemoteRef("/db", "user", "1", "Base46")})  # type: ignore[arg-type]
# Of the same kinds, in other places:
ExternalSecret("x", store=store, data={"a": RemoteRef("/db", proprty="user")})  # type: ignore[call-arg]
SecretStore("t", namespace="team-a", auth="arn:aws:iam::123456789012:role/x")  # type: ignore[arg-type]
SecretStore("t", namespace="team-a", auth=ServiceAccountAuth(oidc_providr="x"))  # type: ignore[call-arg]
SecretStore("t", namespace="team-a", requests_per_second="10")  # type: ignore[arg-type]
SecretStore("t", namespace="team-a", service="secretsmanager")  # type: ignore[arg-type]
PushSecret("p", stores=store, secret="s", data=[PushData("/to", "k")])  # type: ignore[arg-type]
PushSecret("p", stores=[store], secret="s", data=[PushData("/to", "k")], update_policy="replace")  # type: ignore[arg-type]
