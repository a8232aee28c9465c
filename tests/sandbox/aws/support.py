"""Short forms for what every test here says."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import AwsApi
from tests.support.roles import keys_of


def error_of(call: Callable[[], Any]) -> tuple[str, str]:
    """Return code and message of the AWS error that `call` raises."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def code_of(call: Callable[[], Any]) -> str:
    """Return the code of the AWS error that `call` raises."""
    return error_of(call)[0]


def as_role(aws: AwsApi, arn: str, service: str = "ssm", **more: Any) -> Any:
    """Return a client that acts as a role."""
    keys = keys_of(aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="run", **more))
    aws.clear_calls()
    return aws.client(service, **keys)


def grant(action: str | list[str], *resources: str, **condition: Any) -> dict[str, Any]:
    """Return a statement that allows an action on resources."""
    made: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": list(resources)}
    return made | ({"Condition": condition} if condition else {})
