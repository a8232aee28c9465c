"""Secrets Manager from preview to destroy, by a role whose policy the store makes, where AWS evaluates policies."""

import base64
import json
import secrets
from collections import Counter
from typing import Any

import pytest

from tests.end_to_end.engines import Outcome
from tests.end_to_end.support import NAMESPACE, STORE, Project

pytestmark = pytest.mark.slow

ISSUED = """
import pulumi
import pulumi_aws as aws
from components import ExternalSecret, Extract, Find, RemoteRef, SecretStore, ServiceAccountAuth, Target

provider = aws.iam.OpenIdConnectProvider("cluster", url=ISSUER, client_id_lists=["sts.amazonaws.com"])
store = SecretStore(
    "team-a", namespace="team-a", region="eu-central-1", service="SecretsManager",
    auth=ServiceAccountAuth(oidc_provider=provider),
)
parameters = SecretStore("parameters", namespace="team-a", region="eu-central-1")
ExternalSecret(
    "db",
    store=store,
    data={
        "password": RemoteRef("prod/db-secret", property="password"),
        "before": RemoteRef("prod/db-secret", version="AWSPREVIOUS", property="password"),
        "pinned": RemoteRef("prod/db-secret", version="uuid/VERSION", property="password"),
        "certificate": "bin",
        "tags": RemoteRef("bin", metadata_policy="Fetch"),
        "parameter": RemoteRef("/app/db", property="password", store=parameters),
    },
)
ExternalSecret("found", store=store, data_from=[Find(path="team/", tags={"env": "prod"})])
ExternalSecret("gone", store=store, data_from=[Extract("other")], target=Target(deletion_policy="Delete"))
"""


def done(outcome: Outcome) -> Outcome:
    assert outcome.result.exit_code == 0, outcome.output
    return outcome


def put(project: Project, name: str, *, binary: bool = False, **tags: str) -> tuple[str, str]:
    """Write a new version of a secret, and the secret where there is none; returns its password and its id."""
    client = project.sandbox.aws.client("secretsmanager")
    password = f"canary-{secrets.token_hex(8)}"
    project.guard(password)
    value = json.dumps({"password": password})
    content: dict[str, Any] = {"SecretBinary": value.encode()} if binary else {"SecretString": value}
    try:
        written = client.put_secret_value(SecretId=name, **content)
    except client.exceptions.ResourceNotFoundException:
        listed = [{"Key": key, "Value": each} for key, each in tags.items()]
        written = client.create_secret(Name=name, Tags=listed, **content)
    return password, written["VersionId"]


def called(project: Project) -> dict[str, int]:
    """What the last operation asked of Secrets Manager."""
    asked = Counter(call.operation for call in project.sandbox.aws.calls if call.service == "secretsmanager")
    return dict(asked)


def test_a_rotation_is_shown_and_written_and_read_once(project: Project) -> None:
    password, _ = put(project, "prod/db")
    project.stores = [{**STORE, "service": "SecretsManager"}]
    project.declare("db", "prod/db", "password")
    done(project.up())
    assert called(project) == {"DescribeSecret": 1, "GetSecretValue": 1}
    assert project.secret("db") == {"password": password}
    rotated, second = put(project, "prod/db")
    preview = done(project.preview())
    assert f"prod/db, version {second[:4]}…{second[-4:]} (AWSCURRENT), property password" in preview.output
    assert called(project) == {"DescribeSecret": 1}
    done(project.up())
    assert project.secret("db") == {"password": rotated}


def test_a_life_with_a_role_of_its_own(project: Project) -> None:
    old, version = put(project, "prod/db-secret")
    current, _ = put(project, "prod/db-secret")
    put(project, "bin", binary=True, owner="canary-tag-of-bin")
    found, _ = put(project, "team/a", env="prod")
    put(project, "team/b", env="production")
    other, _ = put(project, "other")
    project.guard("canary-tag-of-bin")
    parameter = project.put("/app/db", "password")
    issuer = project.sandbox.kubernetes.issuer
    project.write_program(ISSUED.replace("ISSUER", repr(issuer)).replace("VERSION", version))
    done(project.preview())
    done(project.up())
    made = project.secret("db") or {}
    assert (made["password"], made["before"], made["pinned"]) == (current, old, old)
    assert (made["parameter"], json.loads(made["tags"])) == (parameter["password"], {"owner": "canary-tag-of-bin"})
    assert json.loads(made["certificate"]).keys() == {"password"}
    assert project.secret("found") == {"team_a": json.dumps({"password": found})}
    assert project.secret("gone") == {"password": other}
    assert project.preview().changes == {}
    assert "GetSecretValue" not in called(project)

    aws = project.sandbox.aws
    rotated, _ = put(project, "prod/db-secret")
    aws.client("secretsmanager").delete_secret(SecretId="other", RecoveryWindowInDays=7)
    aws.faults.throttle("secretsmanager:DescribeSecret", calls=2)
    done(project.up())
    made = project.secret("db") or {}
    assert (made["password"], made["before"], made["pinned"]) == (rotated, current, old)
    assert project.secret("gone") is None
    done(project.destroy())
    assert project.cluster().get_secret(NAMESPACE, "db") is None


PUSHED = """
import pulumi
from components import AssumedRole, ExternalSecret, Extract, PushData, PushMetadata, PushSecret, SecretStore

store = SecretStore(
    "pushed", namespace="team-a", region="eu-central-1", service="SecretsManager", role=AssumedRole(),
    deletion={"recoveryWindowInDays": 7},
)
string = PushMetadata(tags={"team": "a"}, description="TEXT", replication_locations=["eu-west-1"])
push = PushSecret(
    "push",
    stores=[store],
    secret="src",
    data=[
        PushData("app/whole-secret", metadata=string),
        PushData("app/json", "user", property="db.user"),
        PushData("app/bytes", "user", metadata=PushMetadata(secret_push_format="binary")),
    ],
    deletion_policy="Delete",
    RESTORE
)
reading = SecretStore("reading", namespace="team-a", region="eu-central-1", service="SecretsManager")
ExternalSecret(
    "back", store=reading, data_from=[Extract("app/whole-secret")], opts=pulumi.ResourceOptions(depends_on=[push])
)
"""


def test_a_life_of_what_is_pushed_by_a_role_of_its_own(project: Project) -> None:
    aws = project.sandbox.aws
    client = aws.client("secretsmanager")
    text = PUSHED.replace("RESTORE", "")
    project.write_program(text.replace("TEXT", "first"))
    values = put_source(project)
    done(project.preview())
    done(project.up())
    assert json.loads(client.get_secret_value(SecretId="app/whole-secret")["SecretString"]) == values
    assert client.get_secret_value(SecretId="app/bytes")["SecretBinary"] == values["user"].encode()
    assert project.secret("back") == values
    assert project.preview().changes == {}
    assert set(called(project)) == {"DescribeSecret"}

    values = put_source(project)
    project.write_program(text.replace("TEXT", "second"))
    preview = done(project.preview())
    assert "app/whole-secret: update (description); value may change (Secret edited since" in preview.output
    assert set(called(project)) == {"DescribeSecret"}
    done(project.up())
    assert json.loads(client.get_secret_value(SecretId="app/json")["SecretString"]) == {"db": {"user": values["user"]}}
    assert client.describe_secret(SecretId="app/whole-secret")["Description"] == "second"
    done(project.destroy())
    told = client.describe_secret(SecretId="app/whole-secret")
    assert "DeletedDate" in told
    assert not told.get("ReplicationStatus")

    refused = project.up()
    assert refused.result.exit_code != 0
    assert "Set `restore` and `adopt`, as it is not this PushSecret's, to have it restored" in refused.output
    project.write_program(
        PUSHED.replace("RESTORE", "restore=True, adopt=True")
        .replace("TEXT", "second")
        .replace('PushData("app/json", "user", property="db.user"),', 'PushData("app/json", "user"),')
    )
    done(project.up())
    assert client.get_secret_value(SecretId="app/json")["SecretString"] == values["user"]
    assert project.preview().changes == {}
    done(project.destroy())


def put_source(project: Project) -> dict[str, str]:
    """Write the Secret that is pushed, with new values, which are kept out of all that is shown."""
    values = {name: f"canary-{secrets.token_hex(8)}" for name in ("user", "pass")}
    project.guard(*values.values())
    data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    project.cluster().apply_secret(NAMESPACE, "src", {"data": data}, force=True)
    return values
