"""Denials: one denied name fails the whole batch, in AWS's words, for the caller that asked."""

import pytest

from sandbox.aws import AwsApi
from sandbox.aws.iam.needs import required
from sandbox.aws.iam.permission import Permission
from sandbox.aws.iam.state import State
from sandbox.aws.request import AwsRequest
from tests.sandbox.aws.support import code_of, error_of
from tests.support.roles import create_role, keys_of

ARN = "arn:aws:ssm:eu-central-1:123456789012:"


def test_one_denied_name_fails_the_batch_in_aws_words(aws: AwsApi) -> None:
    role = create_role(aws, "reader")
    reader = aws.client("ssm", **keys_of(aws.client("sts").assume_role(RoleArn=role, RoleSessionName="up-1")))
    for name in ("/prod/w", "/prod/x", "/prod/y"):
        aws.put_parameter(name, "v")
    aws.faults.deny(action="ssm:GetParameters", name="prod/x")
    code, message = error_of(lambda: reader.get_parameters(Names=["/prod/w", "/prod/x:1", "/prod/y"]))
    assert code == "AccessDeniedException"
    assert message == (
        "User: arn:aws:sts::123456789012:assumed-role/reader/up-1 is not authorized to perform: ssm:GetParameters on "
        "resource: arn:aws:ssm:eu-central-1:123456789012:parameter/prod/x because no identity-based policy allows the "
        "ssm:GetParameters action"
    )
    assert len(reader.get_parameters(Names=["/prod/w", "/prod/y"])["Parameters"]) == 2
    assert reader.get_parameter(Name="/prod/x")["Parameter"]["Version"] == 1, "another action is another permission"


def test_existence_is_not_told(aws: AwsApi) -> None:
    aws.faults.deny("ssm:*", "/none")
    assert code_of(lambda: aws.client("ssm").get_parameters(Names=["/none"])) == "AccessDeniedException"


@pytest.mark.parametrize("denied", [None, "reader", "arn:aws:iam::123456789012:role/reader"])
def test_role_that_cannot_be_assumed(aws: AwsApi, denied: str | None) -> None:
    if denied:
        create_role(aws, "reader")
        aws.faults.deny("sts:AssumeRole*", denied)
    sts = aws.client("sts")
    asked = {"RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "up-1"}
    code, message = error_of(lambda: sts.assume_role(**asked))
    assert code == "AccessDenied"
    assert message.endswith("is not authorized to perform: sts:AssumeRole on resource: " + asked["RoleArn"])
    aws.authorises = False  # the token is none
    code, message = error_of(lambda: sts.assume_role_with_web_identity(WebIdentityToken="t" * 8, **asked))
    assert (code, message) == ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        ("GetParameters", {"Names": ["/a/b:3", "c"]}, ["parameter/a/b", "parameter/c"]),
        ("GetParameter", {"Name": f"{ARN}parameter/a/b:prod"}, ["parameter/a/b"]),
        ("GetParametersByPath", {"Path": "/a/"}, ["parameter/a/"]),
        ("GetParametersByPath", {"Path": "/"}, ["parameter/"]),
        ("DescribeParameters", {}, ["*"]),
        ("ListTagsForResource", {"ResourceId": "/a"}, ["parameter/a"]),
    ],
)
def test_what_a_call_is_checked_against(operation: str, parameters: dict[str, object], resources: list[str]) -> None:
    request = AwsRequest("ssm", operation, parameters, "eu-central-1")
    needed = required(request, "123456789012", State())
    assert needed == [Permission(f"ssm:{operation}", ARN + resource) for resource in resources]


def test_tagged_put_needs_a_second_action() -> None:
    request = AwsRequest("ssm", "PutParameter", {"Name": "/a", "Tags": [{"Key": "a", "Value": "b"}]}, "eu-central-1")
    needed = [permission.action for permission in required(request, "123456789012", State())]
    assert needed == ["ssm:PutParameter", "ssm:AddTagsToResource"]
