"""Identities that a store creates: with its own policy the program reads, on an AWS that evaluates policies."""

import json

import pytest

from sandbox.aws.iam.needs import Permission
from tests.whole_program.support import NAMESPACE, Outcome, Project

PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import *

provider = aws.iam.OpenIdConnectProvider("cluster", url=ISSUER, client_id_lists=["sts.amazonaws.com"])
store = SecretStore("team-a", namespace="team-a", region="eu-central-1", IDENTITY)
for name in SECRETS:
    ExternalSecret(name, store=store, data={"user": RemoteRef(f"/app/{name}", property="user")})
pulumi.export("policy", store.policy_json)
pulumi.export("access", store.access)
"""
IRSA = "auth=ServiceAccountAuth(oidc_provider=provider)"
ASSUMED = "role=AssumedRole(), external_id='ext', session_tags={'team': 'a'}, transitive_tag_keys=['team']"
KINDS = {"irsa": IRSA, "assumed": ASSUMED, "irsa then assumed": f"{IRSA}, role=AssumedRole()"}


def declare(project: Project, identity: str, *names: str) -> None:
    issuer = project.sandbox.kubernetes.issuer
    text = PROGRAM.replace("ISSUER", repr(issuer)).replace("IDENTITY", identity).replace("SECRETS", repr(list(names)))
    project.write_program(text)


def read_permissions(project: Project) -> set[Permission]:
    """What was read, by sessions of roles."""
    return {each for who, each in project.sandbox.aws.granted if ":assumed-role/" in who}


def done(outcome: Outcome) -> Outcome:
    assert outcome.result.exit_code == 0, outcome.output
    return outcome


@pytest.mark.parametrize("identity", KINDS.values(), ids=KINDS)
def test_life(project: Project, identity: str) -> None:
    values = {name: project.put(f"/app/{name}", "user") for name in ("one", "two")}
    declare(project, identity, "one")
    preview = done(project.preview())
    assert "values are read during up" in preview.output
    assert project.reads(decrypt=False) == []
    done(project.up())
    assert project.secret("one") == values["one"]
    assert {each.resource.rpartition("parameter")[2] for each in read_permissions(project)} == {"/app/one"}
    assert project.preview().changes == {}

    declare(project, identity, "one", "two")
    preview = done(project.preview())
    assert "/app/two" in preview.output
    done(project.up())
    assert project.secret("two") == values["two"]
    assert project.preview().changes == {}

    declare(project, identity, "two")
    done(project.up())
    assert project.secret("one") is None
    assert project.preview().changes == {}
    done(project.destroy())
    assert project.sandbox.aws.client("iam").list_roles()["Roles"] == []
    assert project.cluster().get_secret(NAMESPACE, "two") is None


def test_policy_and_access_say_who_may_what_and_why(project: Project) -> None:
    project.put("/app/one", "user")
    declare(project, IRSA, "one")
    done(project.up())
    outputs = project.outputs()
    arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app/one"
    (statement,) = json.loads(outputs["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [arn]}
    (row,) = outputs["access"]
    assert row["identity"].startswith("arn:aws:iam::123456789012:role/team-a-")
    del row["identity"]
    assert row == {
        "action": "ssm:GetParameters",
        "arn": arn,
        "condition": "",
        "because": "ExternalSecret 'one', key user",
    }
