"""Roles in the sandbox, and an STS that answers what a test scripts."""

from datetime import UTC, datetime, timedelta

from components.core.secret_value import Secret
from components.core.spec.store_identity import AccessKeys
from tests.unit.ssm_reader.support import Answer, Asked

REGION = "eu-central-1"
ACCOUNT = "123456789012"
KEYS = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("canary-secret-access-key"), source="Secret team-a/aws")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"


def endpoints(url: str) -> dict[str, str]:
    return {"AWS_SSM_ENDPOINT": url, "AWS_STS_ENDPOINT": url}


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
