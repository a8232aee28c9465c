"""What an operation costs at the wire: N distinct parameters need ceil(N/10) version reads, however many Secrets."""

import base64
from collections import Counter

import pytest

from tests.end_to_end.support import Project
from tests.support.roles import create_role

pytestmark = pytest.mark.slow

PARAMETERS = 23


def test_reads_are_batched_over_all_secrets_of_a_store(project: Project) -> None:
    for number in range(PARAMETERS):
        project.put(f"/app/p{number:02}", "a", "b")
        project.declare(f"s{number:02}", f"/app/p{number:02}", "a", "b")
    project.declare("same-again", "/app/p00", "a")
    assert project.preview().result.exit_code == 0
    assert (len(project.reads(decrypt=False)), len(project.reads(decrypt=True))) == (3, 0)
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert (len(project.reads(decrypt=False)), len(project.reads(decrypt=True))) == (0, 3)
    assert len(project.writes()) == PARAMETERS + 1
    assert project.up().changes == {}
    looks = [(call.verb, call.metadata_only) for call in project.sandbox.kubernetes.calls]
    assert looks == [("get", True)] * 3 + [("list", True)]
    assert (len(project.reads(decrypt=False)), len(project.reads(decrypt=True)), project.writes()) == (3, 0, [])
    for number in range(12):
        project.put(f"/app/p{number:02}", "a", "b")
    project.up()
    assert (len(project.reads(decrypt=False)), len(project.reads(decrypt=True))) == (3, 2)
    assert sorted(name for names in project.reads(decrypt=True) for name in names) == [
        f"/app/p{number:02}:2" for number in range(12)
    ]
    assert len(project.writes()) == 13


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_role_costs_one_call_to_sts_per_store_and_operation(project: Project, operation: str) -> None:
    role = create_role(project.sandbox.aws, "reader")
    project.stores = [{**project.stores[0], "role": role}]
    for number in range(12):
        project.put(f"/app/p{number:02}", "a")
        project.declare(f"s{number:02}", f"/app/p{number:02}", "a")
    outcome = getattr(project, operation)()
    assert outcome.result.exit_code == 0, outcome.output
    assert [call.operation for call in project.sandbox.aws.calls if call.service == "sts"] == ["AssumeRole"]


def test_access_keys_come_from_a_secret_of_the_cluster(project: Project) -> None:
    values = project.put("/app/db", "user")
    keys = {"id": "QUtJQVNBTkRCT1gwMDAwMDAwMDA=", "key": "c2FuZGJveA=="}
    project.cluster("admin").apply_secret("team-a", "aws-keys", {"data": keys}, force=False)
    refs = {
        "accessKeyIDSecretRef": {"name": "aws-keys", "key": "id"},
        "secretAccessKeySecretRef": {"name": "aws-keys", "key": "key"},
    }
    project.stores = [{**project.stores[0], "auth": {"secretRef": refs}}]
    project.declare("db", "/app/db", "user")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        project.environment.pop(name)
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("db") == values
    assert {call.access_key_id for call in project.sandbox.aws.calls} == {"AKIASANDBOX000000000"}


def test_pushed_parameters_cost_a_write_each_and_their_versions_a_call_for_ten(project: Project) -> None:
    project.stores = [{**project.stores[0], "requestsPerSecond": 1000}]
    for secret in ("one", "two", "three"):
        values = {f"k{number}": f"canary-{secret}-{number}" for number in range(4)}
        project.guard(*values.values())
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        project.cluster().apply_secret("team-a", secret, {"data": data}, force=True)
    project.config["parameter-store:pushSecrets"] = [
        {
            "name": secret,
            "secretStoreRefs": ["team-a"],
            "selector": {"secret": {"name": secret}},
            "data": [
                {"match": {"secretKey": f"k{number}", "remoteRef": {"remoteKey": f"/{secret}/{number}"}}}
                for number in range(4)
            ],
        }
        for secret in ("one", "two", "three")
    ]
    first = project.up()
    assert first.result.exit_code == 0, first.output
    assert asked(project) == {"GetParameters": 2, "PutParameter": 12}
    looks = [(call.verb, call.resource) for call in project.sandbox.kubernetes.calls]
    assert sorted(looks) == [("get", "namespaces"), *[("get", "secrets")] * 3]  # the first is: which cluster it is
    assert project.up().changes == {}
    assert asked(project) == {"GetParameters": 2}
    assert len(project.sandbox.kubernetes.calls) == 3
    assert project.reads(decrypt=True) == []


def asked(project: Project) -> dict[str, int]:
    """The calls of the last operation, by name."""
    return dict(Counter(call.operation for call in project.sandbox.aws.calls))
