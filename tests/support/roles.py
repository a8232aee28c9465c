"""IAM roles in the sandbox's AWS, for tests that read as one."""

import json
from typing import Any

from sandbox.aws import AwsApi


def create_role(aws: AwsApi, name: str, allowed: str = "ssm:*", trust: dict[str, Any] | None = None) -> str:
    """Create a role that the account's identities may assume, and allow it some actions on everything."""
    statement = trust or {"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": aws.account}}
    iam = aws.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(statement))["Role"]["Arn"]
    allow(aws, name, {"Effect": "Allow", "Action": [allowed, "sts:*"], "Resource": "*"})
    aws.clear_calls()
    return str(role)


def allow(aws: AwsApi, role: str, *statements: dict[str, Any]) -> None:
    """Give a role its only inline policy."""
    aws.client("iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document(*statements))


def keys_of(answer: dict[str, Any]) -> dict[str, str]:
    """The credentials in STS's answer, as `AwsApi.client` takes them."""
    keys = answer["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
