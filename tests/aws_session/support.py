"""Roles in the sandbox, and an STS that answers what a test scripts."""

import json
from datetime import UTC, datetime, timedelta

from components.core.identity import AccessKeys
from components.core.secret_value import Secret
from sandbox.aws import AwsApi
from tests.ssm_reader.support import Answer, Asked

REGION = "eu-central-1"
ACCOUNT = "123456789012"
KEYS = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("canary-secret-access-key"), source="Secret team-a/aws")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"


def endpoints(url: str) -> dict[str, str]:
    return {"AWS_SSM_ENDPOINT": url, "AWS_STS_ENDPOINT": url}


def create_role(aws: AwsApi, name: str) -> str:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    aws.clear_calls()
    return str(role["Role"]["Arn"])


def assumed(asked: Asked, lifetime: timedelta = timedelta(hours=1), *, key: str = "ASIAHOP") -> Answer:
    """STS's answer to AssumeRole."""
    name = asked.body["RoleArn"].rpartition("/")[2]
    expiration = (datetime.now(UTC) + lifetime).isoformat()
    return 200, (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
        f"<AssumedRoleUser><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{asked.body['RoleSessionName']}</Arn>"
        "<AssumedRoleId>AROAX:s</AssumedRoleId></AssumedRoleUser>"
        f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey>"
        f"<SessionToken>canary-token-{key}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )


def sts_error(code: str, message: str, status: int = 403) -> Answer:
    return status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
