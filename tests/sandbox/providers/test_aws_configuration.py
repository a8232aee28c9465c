"""Whom the provider acts as, where, and what it says when that is not clear."""

import json

import pytest

from sandbox.aws import AwsApi
from tests.sandbox.providers.support import Plugin, failure_of
from tests.support.roles import create_role

WHO = "aws:index/getCallerIdentity:getCallerIdentity"
WHERE = "aws:index/getRegion:getRegion"


def test_environment_is_enough(aws_plugin: Plugin, aws: AwsApi) -> None:
    identity = aws_plugin.invoke(WHO)
    assert identity == {
        "id": aws.account,
        "accountId": aws.account,
        "arn": f"arn:aws:iam::{aws.account}:user/sandbox",
        "userId": identity["userId"],
    }
    assert aws_plugin.invoke(WHERE)["region"] == aws.region


@pytest.mark.parametrize("as_text", [False, True], ids=["nested", "as JSON text"])
def test_configuration_wins(aws: AwsApi, *, as_text: bool) -> None:
    role = create_role(aws, "deployer")
    endpoints = [{"sts": aws.url, "ssm": aws.url}]
    roles = [{"roleArn": role, "sessionName": "trial"}]
    with Plugin("aws", {"AWS_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true"}) as plugin:
        plugin.configure(
            region="eu-west-1",
            accessKey="AKIAOWN0000000000000",
            secretKey="x",
            endpoints=json.dumps(endpoints) if as_text else endpoints,
            assumeRoles=json.dumps(roles) if as_text else roles,
            skipCredentialsValidation="true",
        )
        arn = plugin.invoke(WHO)["arn"]
        assert arn == f"arn:aws:sts::{aws.account}:assumed-role/deployer/trial"
        assert plugin.invoke(WHERE)["region"] == "eu-west-1"
        assert [call.access_key_id for call in aws.calls if call.operation == "AssumeRole"] == ["AKIAOWN0000000000000"]


def test_unknown_option_is_named(aws_plugin: Plugin) -> None:
    text = failure_of(lambda: aws_plugin.configure(defaultTags={"tags": {"a": "b"}}))
    assert "does not know the option defaultTags" in text
    aws_plugin.configure()


def test_missing_region_and_credentials_are_named(aws: AwsApi) -> None:
    with Plugin(
        "aws", {"AWS_ENDPOINT_URL": aws.url, "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    ) as it:
        it.configure()
        assert "set the option aws:region" in failure_of(it.invoke, WHO)
        it.configure(region="eu-west-1")
        assert "Unable to locate credentials" in failure_of(it.invoke, WHO)
