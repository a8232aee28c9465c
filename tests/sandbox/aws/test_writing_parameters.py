"""PutParameter and tags as AWS answers them, where moto does otherwise.

Facts: PutParameter, AddTagsToResource and ParameterMetadata in the Systems Manager API reference; "Managing parameter
tiers" and "Assigning parameter policies" in its user guide.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import AwsApi

POLICY = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2030-12-02T21:34:33.000Z"}}


def put(aws: AwsApi, **more: Any) -> Any:
    return aws.client("ssm").put_parameter(**{"Name": "/p", "Value": "v", "Type": "String", **more})


def described(aws: AwsApi) -> Any:
    asked = [{"Key": "Name", "Option": "Equals", "Values": ["/p", "/q"]}]
    (found,) = aws.client("ssm").describe_parameters(ParameterFilters=asked)["Parameters"]
    return found


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Type": "SecureString", "Overwrite": True}, "HierarchyTypeMismatchException"),
        ({"Type": "Secret", "Overwrite": True}, "ValidationException"),
        ({"Tags": [{"Key": "a", "Value": "b"}], "Overwrite": True}, "ValidationException"),
        ({}, "ParameterAlreadyExists"),
        ({"Value": "", "Overwrite": True}, "ValidationException"),
        ({"Tier": "Standard", "Policies": json.dumps([POLICY]), "Overwrite": True}, "ValidationException"),
        ({"Tier": "Advanced", "Policies": json.dumps(json.dumps([POLICY])), "Overwrite": True}, "ValidationException"),
        ({"Tier": "Advanced", "Policies": '[{"Type":"No"}]', "Overwrite": True}, "InvalidPolicyTypeException"),
        ({"Name": "/q", "Tags": [{"Key": "a;", "Value": "b"}]}, "ValidationException"),
        ({"Name": "/q", "Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TooManyTagsError"),
    ],
)
def test_what_aws_refuses(aws: AwsApi, more: dict[str, Any], code: str) -> None:
    put(aws)
    with pytest.raises(ClientError) as caught:
        put(aws, **more)
    assert caught.value.response["Error"]["Code"] == code


def test_who_wrote_last_tier_and_policies_are_told_and_policies_go(aws: AwsApi) -> None:
    put(aws, Tier="Intelligent-Tiering", Value="x" * 5000, Policies=json.dumps([POLICY]))
    found = described(aws)
    assert found["LastModifiedUser"].endswith(":user/sandbox")
    assert (found["Tier"], json.loads(found["Policies"][0]["PolicyText"])) == ("Advanced", POLICY)
    put(aws, Overwrite=True, Tier="Advanced")
    assert described(aws)["Policies"]
    put(aws, Overwrite=True, Tier="Advanced", Policies="[{}]")
    assert "Policies" not in described(aws)
    aws.put_parameter("/p", "v", "String", Tier="Advanced")
    assert described(aws)["LastModifiedUser"].endswith(":root")


def test_a_parameter_has_fifty_tags_at_most(aws: AwsApi) -> None:
    put(aws, Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    tag = aws.client("ssm").add_tags_to_resource
    tag(ResourceType="Parameter", ResourceId="/p", Tags=[{"Key": "1", "Value": "other"}])
    with pytest.raises(ClientError, match="TooManyTagsError"):
        tag(ResourceType="Parameter", ResourceId="/p", Tags=[{"Key": "x", "Value": ""}])
    with pytest.raises(ClientError, match="InvalidResourceId"):
        tag(ResourceType="Parameter", ResourceId="/absent", Tags=[{"Key": "x", "Value": ""}])


@pytest.mark.parametrize("name", ["/p", "p", "/a/p"])
def test_a_deleted_parameter_takes_its_tags_along(aws: AwsApi, name: str) -> None:
    put(aws, Name=name, Tags=[{"Key": "a", "Value": "b"}])
    ssm = aws.client("ssm")
    ssm.delete_parameter(Name=name)
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.delete_parameter(Name=name)
    put(aws, Name=name)
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"] == []
