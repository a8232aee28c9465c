"""The provider's functions: policy documents as the real provider writes them, partitions, unknown functions."""

import json
from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.providers.aws.functions import FUNCTIONS
from sandbox.providers.aws.session import Clients
from tests.sandbox.providers.support import Plugin, failure_of


def document(**arguments: Any) -> Any:
    answer = FUNCTIONS["aws:iam/getPolicyDocument:getPolicyDocument"](Clients({}), arguments)
    assert json.loads(answer["json"]) == json.loads(answer["minifiedJson"])
    assert " " not in answer["minifiedJson"]
    return json.loads(answer["json"])


def test_statement_with_everything() -> None:
    statement = {
        "sid": "Read",
        "actions": ["ssm:GetParameters", "ssm:PutParameter"],
        "resources": ["arn:aws:ssm:*:*:parameter/a"],
        "principals": [
            {"type": "AWS", "identifiers": ["1"]},
            {"type": "Service", "identifiers": ["a", "b"]},
        ],
        "conditions": [
            {"test": "StringEquals", "variable": "aws:x", "values": ["1", "2"]},
            {"test": "StringEquals", "variable": "aws:y", "values": ["3"]},
        ],
    }
    assert document(policyId="Id", statements=[statement]) == {
        "Version": "2012-10-17",
        "Id": "Id",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["ssm:PutParameter", "ssm:GetParameters"],
                "Resource": "arn:aws:ssm:*:*:parameter/a",
                "Principal": {"AWS": "1", "Service": ["b", "a"]},
                "Condition": {"StringEquals": {"aws:x": ["1", "2"], "aws:y": "3"}},
            }
        ],
    }


def test_everybody_is_a_star() -> None:
    statement = {"effect": "Deny", "notActions": ["a:b"], "principals": [{"type": "*", "identifiers": ["*"]}]}
    assert document(statements=[statement])["Statement"] == [{"Effect": "Deny", "NotAction": "a:b", "Principal": "*"}]


def test_sources_come_first_and_overrides_win_by_sid() -> None:
    source = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Effect": "Deny"}]})
    override = json.dumps({"Statement": [{"Sid": "B", "Effect": "Deny"}]})
    made = document(
        sourcePolicyDocuments=[source],
        statements=[{"sid": "A", "effect": "Deny"}, {"sid": "B"}],
        overridePolicyDocuments=[override],
    )
    assert made["Statement"] == [{"Sid": "A", "Effect": "Deny"}, {"Effect": "Deny"}, {"Sid": "B", "Effect": "Deny"}]


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov")]
)
def test_partition_follows_the_region(region: str, partition: str) -> None:
    answer = FUNCTIONS["aws:index/getPartition:getPartition"](Clients({"region": region}), {})
    assert (answer["partition"], answer["id"]) == (partition, partition)


def test_unknown_function_names_the_known_ones(aws_plugin: Plugin) -> None:
    text = failure_of(aws_plugin.invoke, "aws:ec2/getAmi:getAmi")
    assert text.startswith("the sandbox has no function aws:ec2/getAmi:getAmi; it has ")
    assert "aws:index/getRegion:getRegion" in text


def test_the_role_behind_a_session_keeps_its_path(aws: AwsApi, aws_plugin: Plugin) -> None:
    aws.client("iam").create_role(RoleName="ci", Path="/deploy/", AssumeRolePolicyDocument="{}")
    role = f"arn:aws:iam::{aws.account}:role/deploy/ci"
    session = f"arn:aws:sts::{aws.account}:assumed-role/ci/run-1"
    found = aws_plugin.invoke("aws:iam/getSessionContext:getSessionContext", arn=session)
    assert (found["issuerArn"], found["issuerName"], found["sessionName"]) == (role, "ci", "run-1")


def test_whoever_is_no_session_is_its_own_issuer(aws_plugin: Plugin) -> None:
    user = "arn:aws:iam::123456789012:user/alice"
    assert aws_plugin.invoke("aws:iam/getSessionContext:getSessionContext", arn=user)["issuerArn"] == user
