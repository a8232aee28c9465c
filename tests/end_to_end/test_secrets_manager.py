"""Secrets Manager from preview to destroy, by a role whose policy the store makes, where AWS evaluates policies."""

import json
import secrets
from collections import Counter
from typing import Any

import pytest

from tests.end_to_end.engines import Outcome
from tests.end_to_end.support import NAMESPACE, STORE, Project

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


@pytest.mark.slow
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
