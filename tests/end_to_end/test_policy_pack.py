"""The policy pack over the library's own resources: one refusal, and silence about the identities that it creates."""

import pytest

from tests.end_to_end.support import NAMESPACE, Project
from tests.support.paths import ROOT

pytestmark = pytest.mark.policy_pack
PROGRAM = """
from components.external_secret import *
from components.parameter_store import *

auth = ServiceAccountAuth(oidc_provider=PROVIDER)
store = SecretStore("team-a", namespace="team-a", region="eu-central-1", auth=auth)
pushes = SecretStore("pushing", namespace="team-a", region="eu-central-1", role=AssumedRole())
db = ExternalSecret("db", store=store, data={"user": RemoteRef("/app/db", property="user")}, data_from=[FIND])
PushSecret("out", stores=[pushes], secret=db.secret_name, data=[PushData("/out/user", "user")])
"""
PACK = (ROOT / "policies",)


def declare(project: Project, provider: str, find: str) -> None:
    project.write_program(PROGRAM.replace("PROVIDER", repr(provider)).replace("FIND", find))


def test_a_mandatory_rule_refuses_and_created_identities_are_fine(project: Project) -> None:
    values = project.put("/app/db", "user")
    iam = project.sandbox.aws.client("iam")
    issuer = {"Url": project.sandbox.kubernetes.issuer, "ClientIDList": ["sts.amazonaws.com"]}
    provider = iam.create_open_id_connect_provider(**issuer)["OpenIDConnectProviderArn"]
    declare(project, provider, "Find(name='db')")
    preview = project.preview(policy_packs=PACK)
    assert preview.result.exit_code == 1
    assert (
        "[mandatory] [severity: high]  find-scope  (pulumi-python:dynamic/parameterstore:SecretSync: db)"
        in preview.output
    )
    assert preview.output.count("[severity: ") == 1
    refused = project.up(policy_packs=PACK)
    assert refused.result.exit_code == 1
    assert "[mandatory] [severity: high]  find-scope" in refused.output
    assert project.cluster().get_secret(NAMESPACE, "db") is None

    declare(project, provider, "Find(path='/app', name='.*')")
    done = project.up(policy_packs=PACK)
    assert done.result.exit_code == 0, done.output
    assert "[severity: " not in done.output, done.output
    written = project.secret("db")
    assert written
    assert written["user"] == values["user"]
