"""A second AWS account in the sandbox, with a user and roles of its own."""

from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.api import AwsApi
from tests.support.roles import document

OTHER = "222222222222"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def user_keys(name: str = "deployer", account: str = OTHER) -> dict[str, str]:
    """Create a user of the account who may do everything; returns its keys as `AwsApi.client` takes them."""
    iam = iam_backends[account]["aws"]
    iam.create_user("us-east-1", name)
    iam.put_user_policy(name, "p", document(EVERYTHING))
    key = iam.create_access_key(name)
    return {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret_access_key}


def role(aws: AwsApi, name: str, *, trusts: str, keys: dict[str, str], **condition: Any) -> str:
    """Create a role that may do everything, in the account of some keys; `trusts` is an account or ARN."""
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": trusts}}
    trust = {**statement, **({"Condition": condition} if condition else {})}
    iam = aws.client("iam", **keys)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(EVERYTHING))
    aws.clear_calls()
    return str(arn)
