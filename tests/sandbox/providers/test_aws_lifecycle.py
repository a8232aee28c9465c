"""Every AWS type through its life: foretold, created, read back unchanged, updated, found gone, deleted twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.engine.values import Secret, Unknown, equal
from sandbox.providers.aws.provider import TYPES
from tests.sandbox.providers.support import Plugin, Resource, is_unchanged

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
OTHER_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}],
    }
)
READ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:Get*", "Resource": "*"}]})
WRITE = READ.replace("Get", "Put")
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
KEY = "aws:kms/key:Key"
CLUSTER = "aws:eks/cluster:Cluster"
READER = "arn:aws:iam::123456789012:role/reader"
NODES = {"roleArn": READER, "vpcConfig": {"subnetIds": ["subnet-1"]}}


@dataclass(frozen=True)
class Case:
    """A type, what it is made with, what changes in place, what that makes unknown in its preview, its import ID."""

    token: str
    inputs: Callable[[Plugin], dict[str, Any]]
    change: dict[str, Any] = field(default_factory=dict)
    stirred: tuple[str, ...] = ()
    import_id: Callable[[Resource], str] = lambda made: made.id


CASES = [
    Case(
        ROLE,
        lambda _: {"assumeRolePolicy": TRUST, "tags": {"team": "a", "gone": "x"}},
        {
            "assumeRolePolicy": OTHER_TRUST,
            "description": "reads",
            "maxSessionDuration": 7200,
            "tags": {"team": "b", "new": "y"},
        },
    ),
    Case(POLICY, lambda _: {"policy": READ, "description": "d", "tags": {"team": "a"}}, {"policy": WRITE, "tags": {}}),
    Case(
        "aws:iam/rolePolicy:RolePolicy",
        lambda plugin: {"role": plugin.make(ROLE, "r", {"assumeRolePolicy": TRUST}).id, "policy": READ},
        {"policy": WRITE},
    ),
    Case(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda plugin: {
            "role": plugin.make(ROLE, "r", {"assumeRolePolicy": TRUST}).id,
            "policyArn": plugin.make(POLICY, "p", {"policy": READ}).id,
        },
    ),
    Case(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        lambda _: {"url": "https://oidc.example.com/id/X", "clientIdLists": ["sts.amazonaws.com"]},
        {"thumbprintLists": ["a" * 40], "tags": {"team": "a"}},
    ),
    Case(CLUSTER, lambda _: {**NODES, "tags": {"team": "a"}}),
    Case(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        lambda plugin: {
            "clusterName": plugin.make(CLUSTER, "c", NODES).id,
            "namespace": "team-a",
            "serviceAccount": "runner",
            "roleArn": READER,
        },
        {"roleArn": f"{READER}-2"},
        import_id=lambda made: f"{made.inputs['clusterName']},{made.id}",
    ),
    Case(
        "aws:eks/accessEntry:AccessEntry",
        lambda plugin: {
            "clusterName": plugin.make(CLUSTER, "c", NODES).id,
            "principalArn": READER,
            "kubernetesGroups": ["readers"],
            "tags": {"team": "a"},
        },
        {"kubernetesGroups": ["others"]},
    ),
    Case(
        "aws:ssm/parameter:Parameter",
        lambda _: {"name": "/prod/db", "type": "SecureString", "value": Secret("one"), "tags": {"team": "a"}},
        {"value": Secret("two"), "description": "the database", "tags": {"team": "b"}},
        stirred=("version",),
    ),
    Case(
        KEY,
        lambda _: {"description": "one", "deletionWindowInDays": 7, "tags": {"team": "a"}},
        {"description": "two", "enableKeyRotation": True, "isEnabled": False, "tags": {}},
    ),
    Case(
        "aws:kms/alias:Alias",
        lambda plugin: {"name": "alias/team-a", "targetKeyId": plugin.make(KEY, "k", {}).outputs["keyId"]},
        {},
    ),
]
each_type = pytest.mark.parametrize("case", CASES, ids=lambda case: case.token.rpartition(":")[2])


@pytest.fixture
def plugin(aws_plugin: Plugin, aws: AwsApi) -> Plugin:
    assert aws.calls == []
    return aws_plugin


def test_every_type_has_a_case() -> None:
    assert {case.token for case in CASES} == set(TYPES)


@each_type
def test_life(plugin: Plugin, case: Case) -> None:
    made = plugin.make(case.token, "it", case.inputs(plugin))
    assert made.id
    read = plugin.read(made)
    assert read is not None
    assert read.id == made.id
    assert equal(read.inputs, made.inputs)
    assert equal(read.outputs, made.outputs)
    assert is_unchanged(
        plugin.diff(made, plugin.checked(made.token, "it", case.inputs(plugin) | made.inputs, made.inputs))
    )

    if case.change:
        made = _change(plugin, made, case)

    plugin.delete(made)
    assert plugin.read(made) is None
    plugin.delete(made)


def _change(plugin: Plugin, made: Resource, case: Case) -> Resource:
    news = plugin.checked(made.token, "it", {**made.inputs, **case.change}, made.inputs)
    difference = plugin.diff(made, news)
    assert not difference.replaces
    assert set(difference.diffs) == set(case.change)
    foretold = plugin.update(made, news, preview=True).outputs
    changed = plugin.update(made, news)
    for key, value in foretold.items():
        if key in case.stirred:
            assert isinstance(value, Unknown)
        else:
            assert equal(value, changed.outputs[key]), key
    again = plugin.read(changed)
    assert again is not None
    assert is_unchanged(plugin.diff(again, news)), "what was asked for is what is there"
    return changed


@each_type
def test_preview_foretells_inputs_and_leaves_the_rest_unknown(plugin: Plugin, case: Case) -> None:
    inputs = plugin.checked(case.token, "it", case.inputs(plugin))
    foretold = plugin.foretell(case.token, "it", inputs)
    made = plugin.create(case.token, "it", inputs)
    known = {key for key, value in foretold.items() if not isinstance(value, Unknown)}
    assert known == {key for key in inputs if not key.startswith("__")}
    assert set(made.outputs) <= set(foretold), "a preview names every output that there will be"


@each_type
def test_preview_calls_nothing(plugin: Plugin, aws: AwsApi, case: Case) -> None:
    inputs = plugin.checked(case.token, "it", case.inputs(plugin))
    aws.clear_calls()
    plugin.foretell(case.token, "it", inputs)
    assert aws.calls == []


@each_type
def test_import_finds_inputs_that_need_no_change(plugin: Plugin, case: Case) -> None:
    made = plugin.make(case.token, "it", case.inputs(plugin))
    imported = plugin.read(Resource(case.token, "it", case.import_id(made), {}, {}))
    assert imported is not None
    for key in TYPES[case.token].required:
        assert key in imported.inputs
    assert is_unchanged(plugin.diff(imported, plugin.checked(case.token, "it", imported.inputs, imported.inputs)))


@each_type
def test_failed_create_is_one_line_and_leaves_nothing(plugin: Plugin, aws: AwsApi, case: Case) -> None:
    inputs = plugin.checked(case.token, "it", case.inputs(plugin))
    service = case.token.partition(":")[2].partition("/")[0]
    aws.faults.deny(f"{service}:*")
    aws.faults.error(f"{service}:*")
    with pytest.raises(Exception, match=r"InternalServerError|AccessDenied") as caught:
        plugin.create(case.token, "it", inputs)
    assert "Traceback" not in str(caught.value)
