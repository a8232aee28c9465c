"""What `access` and `cost` say of a stack is what its operations did at the wire."""

import json
from collections import Counter

import pytest

from components.__main__ import main
from sandbox.aws.iam.evaluation import Held, Question, decide
from tests.end_to_end.support import Project
from tests.end_to_end.test_cluster_wide import label
from tests.end_to_end.test_push import done, put_secret

pytestmark = pytest.mark.slow
PROGRAM = """
import pulumi_aws as aws
from components import (
    ClusterExternalSecret, ClusterPushSecret, ClusterSecretStore, ExternalSecret, Find, LabelRequirement, PushData,
    PushSecret, RemoteRef, SecretStore, ServiceAccountAuth,
)

provider = aws.iam.OpenIdConnectProvider("cluster", url=ISSUER, client_id_lists=["sts.amazonaws.com"])
auth = ServiceAccountAuth(oidc_provider=provider)
made = SecretStore("made", namespace="team-a", region="eu-central-1", auth=auth)
plain = SecretStore("plain", namespace="team-a", region="eu-central-1")
for number in range(11):
    data = {key: RemoteRef(f"/app/p{number}", property=key) for key in ("a", "b")}
    ExternalSecret(f"s{number}", store=made, data=data)
ExternalSecret("labels", store=made, data={"t": RemoteRef("/app/p0", metadata_policy="Fetch")})
ExternalSecret("found", store=plain, data_from=[Find(path="/found", name=".")])
ExternalSecret("tagged", store=plain, data_from=[Find(tags={"team": "a"})])
ExternalSecret("pinned", store=plain, data={"one": RemoteRef("/app/p1", version=1), "now": RemoteRef("/app/p1")})
PushSecret("push", stores=[plain], secret="pokedex-credentials", data=[PushData(f"/to/{n}", "k") for n in range(12)])
TEAMS = [[LabelRequirement("kind", "In", ["team"])]]
shared = ClusterSecretStore("shared", region="eu-central-1")
ClusterExternalSecret("wide", store=shared, data={"one": RemoteRef("/app/p1", property="a")}, namespace_selectors=TEAMS)
owns = [SecretStore(f"{n}-out", namespace=n, region="eu-central-1", prefix=f"/{n}/") for n in ("team-b", "team-c")]
ClusterPushSecret("out", stores=owns, secret="src", data=[PushData("one", "one")], namespace_selectors=TEAMS)
"""


def called(project: Project) -> Counter[str]:
    return Counter(each.operation for each in project.sandbox.aws.calls if each.service == "ssm")


def test_the_map_and_the_estimate_are_what_happened(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(11):
        project.put(f"/app/p{number}", "a", "b")
    for number in range(13):
        project.put(f"/found/p{number}", "a", "b")
    ssm = project.sandbox.aws.client("ssm")
    for number in range(3):
        project.put(f"/tagged/p{number}", "a")
        team = [{"Key": "team", "Value": "a"}]
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=f"/tagged/p{number}", Tags=team)
    put_secret(project, "k")
    for name in ("team-b", "team-c"):
        project.sandbox.kubernetes.create_namespace(name)
        label(project, name, kind="team")
        project.cluster("test").apply_secret(name, "src", {"data": {"one": "eA=="}}, force=True)
    project.write_program(PROGRAM.replace("ISSUER", repr(project.sandbox.kubernetes.issuer)))
    done(project.up())
    first = called(project)
    done(project.up())
    unchanged = called(project)
    assert done(project.preview()).changes == {}
    preview = called(project)
    capsys.readouterr()

    assert main(["cost", "--state", str(project.state_file), "--format", "json"]) == 0
    estimate = json.loads(capsys.readouterr().out)
    told = {
        name: sum((Counter(each[name]) for each in estimate["stores"]), Counter[str]())
        for name in ("first", "preview", "unchanged")
    }
    assert told == {"first": first, "preview": preview, "unchanged": unchanged}

    assert main(["access", "--state", str(project.state_file), "--format", "json"]) == 0
    found = json.loads(text := capsys.readouterr().out)
    assert main(["access", "--state", str(project.state_file), "--format", "html"]) == 0
    project._outputs += [text, capsys.readouterr().out]  # which are scanned for values
    resources = project.state()
    held = Held([json.loads(each["inputs"]["policy"]) for each in resources if "Policy" in each["type"].split(":")[-1]])
    (role,) = [each["outputs"]["arn"] for each in resources if each["type"] == "aws:iam/role:Role"]
    assert len(found["parameters"]) == 11 + 13 + 3 + 12 + 2
    for parameter in found["parameters"]:
        said = any(each["identity"] == role for each in parameter.get("readers", ()))
        assert said is decide(held, Question("ssm:GetParameters", parameter["arn"])).allowed, parameter
    assert len(found["deliveries"]) == 22 + 1 + 13 + 3 + 2 + 2
    wide = [each["secret"] for each in found["deliveries"] if each["externalSecret"] == "ClusterExternalSecret wide"]
    assert wide == ["team-b/wide", "team-c/wide"]
    assert {(each["secret"], each["key"]) for each in found["pushes"]} == {
        ("team-a/pokedex-credentials", "k"),
        ("team-b/src", "one"),
        ("team-c/src", "one"),
    }
    assert not [each for each in found["findings"] if each["kind"] in ("no-store", "known-during-up")]
