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
    PushMetadata, PushSecret, RemoteRef, SecretStore, ServiceAccountAuth,
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

kept = {"namespace": "team-a", "region": "eu-central-1", "service": "SecretsManager"}
vault = SecretStore("vault", auth=ServiceAccountAuth("vault", oidc_provider=provider), **kept)
refs = {"now": "s0", "before": RemoteRef("s0", version="AWSPREVIOUS"), "pinned": RemoteRef("s0", version="uuid/ID")}
refs |= {f"tags{number}": RemoteRef(f"s{number}", metadata_policy="Fetch") for number in (0, 1)}
ExternalSecret("refs", store=vault, data=refs)
ExternalSecret("below", store=vault, data_from=[Find(path="team/", name="."), Find(path="team/", name="2$")])
ExternalSecret("labelled", store=vault, data_from=[Find(tags={"team": "a"}), Find(name="^s1$")])
batches = SecretStore("batches", batch_reads=True, **kept)
ExternalSecret("many", store=batches, data={"old": refs["before"], **{f"k{at}": f"s{at}" for at in range(21)}})
policy = '{"Version": "2012-10-17", "Statement": []}'
copied = PushMetadata(replication_locations=["eu-west-1"], tags={"a": "b"})
like = {"all": copied, "open": PushMetadata(resource_policy=policy)}
data = [PushData(f"to/{name}", "k", metadata=metadata) for name, metadata in like.items()]
data += [PushData("to/json", "k", property=name) for name in "ab"]
PushSecret("send", stores=[vault], secret="pokedex-credentials", data=data, deletion_policy="Delete", restore=True)
wider = ClusterSecretStore("wider", region="eu-central-1", service="SecretsManager")
ClusterExternalSecret("each", store=wider, data={"one": "s2"}, namespace_selectors=TEAMS)
outs = [SecretStore(f"{n}-kept", **kept | {"namespace": n}, prefix=f"{n}/") for n in ("team-b", "team-c")]
ClusterPushSecret("keep", stores=outs, secret="src", data=[PushData("one", "one")], namespace_selectors=TEAMS)
"""


def called(project: Project) -> Counter[str]:
    kept = ("ssm", "secretsmanager")
    return Counter(each.operation for each in project.sandbox.aws.calls if each.service in kept)


def put_secrets(project: Project) -> str:
    """Write secrets; returns the id of a version that bears no stage any more."""
    client = project.sandbox.aws.client("secretsmanager")
    for number in range(21):
        client.create_secret(Name=f"s{number}", SecretString="x")
    for number in range(3):
        client.create_secret(Name=f"team/{number}", SecretString="x", Tags=[{"Key": "team", "Value": "ab"[number % 2]}])
    first: str = client.describe_secret(SecretId="s0")["VersionIdsToStages"].popitem()[0]
    client.put_secret_value(SecretId="s0", SecretString="y")
    return first


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
    text = PROGRAM.replace("ISSUER", repr(project.sandbox.kubernetes.issuer))
    project.write_program(text.replace("uuid/ID", f"uuid/{put_secrets(project)}"))
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
    held = Held([json.loads(each["inputs"]["policy"]) for each in resources if "policy" in each.get("inputs", {})])
    roles = [each["outputs"]["arn"] for each in resources if each["type"] == "aws:iam/role:Role"]
    made, vault = sorted(roles, key=lambda arn: arn.rpartition("/")[2])
    assert len(found["parameters"]) == 11 + 13 + 3 + 12 + 2 + 21 + 3 + 3 + 2
    for parameter in found["parameters"]:
        of_vault = parameter["service"] == "SecretsManager"
        action, role = ("secretsmanager:GetSecretValue", vault) if of_vault else ("ssm:GetParameters", made)
        said = {each["identity"] for each in parameter.get("readers", ())} & {*roles}
        arn = parameter["arn"].replace("-??????", "-AbC123")
        current = {"secretsmanager:versionstage": ["AWSCURRENT"]}
        assert said == ({role} if decide(held, Question(action, arn, current)).allowed else set()), parameter
    assert len(found["deliveries"]) == 22 + 1 + 13 + 3 + 2 + 2 + 5 + 4 + 3 + 22 + 2
    wide = [each["secret"] for each in found["deliveries"] if each["externalSecret"] == "ClusterExternalSecret wide"]
    assert wide == ["team-b/wide", "team-c/wide"]
    assert {(each["secret"], each["key"]) for each in found["pushes"]} == {
        ("team-a/pokedex-credentials", "k"),
        ("team-b/src", "one"),
        ("team-c/src", "one"),
    }
    wrong = ("no-store", "known-during-up", "not-granted", "unused-grant", "cannot-be-read", "cannot-be-written")
    assert not [each for each in found["findings"] if each["kind"] in wrong]
