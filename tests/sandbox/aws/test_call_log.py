"""The call log: what was called, by whom, with what outcome, and no value ever."""

import pytest
import urllib3

from sandbox.aws import AwsApi
from tests.sandbox.aws.support import code_of
from tests.support.roles import create_role, keys_of


def test_calls_are_recorded_in_order_without_values(aws: AwsApi) -> None:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/app/db", Value="canary-value", Type="SecureString")
    ssm.get_parameters(Names=["/app/db:1", "/x"], WithDecryption=True)
    ssm.get_parameters_by_path(Path="/app")
    code_of(lambda: ssm.get_parameter(Name="/x"))
    got = [(c.operation, c.names, c.path, c.decrypt, c.status, c.error) for c in aws.calls]
    assert got == [
        ("PutParameter", ("/app/db",), None, False, 200, None),
        ("GetParameters", ("/app/db:1", "/x"), None, True, 200, None),
        ("GetParametersByPath", (), "/app", False, 200, None),
        ("GetParameter", ("/x",), None, False, 400, "ParameterNotFound"),
    ]
    assert "canary-value" not in repr(aws.calls)


def test_moto_answers_are_recorded_with_their_code(aws: AwsApi) -> None:
    iam = aws.client("iam")
    assert code_of(lambda: iam.get_role(RoleName="none")) == "NoSuchEntity"
    (call,) = aws.calls
    assert (call.service, call.operation, call.status, call.error) == ("iam", "GetRole", 404, "NoSuchEntity")


def test_outside_writes_are_not_recorded(aws: AwsApi) -> None:
    aws.put_parameter("/db", "v")
    assert aws.calls == []


def test_clear(aws: AwsApi) -> None:
    aws.client("ssm").get_parameters(Names=["/x"])
    aws.clear_calls()
    assert aws.calls == []


@pytest.mark.parametrize("web_identity", [False, True])
def test_assumed_role_is_named(aws: AwsApi, *, web_identity: bool) -> None:
    aws.authorises = False
    role = create_role(aws, "reader")
    sts = aws.client("sts")
    asked = {"RoleArn": role, "RoleSessionName": "run-1"}
    answer = (
        sts.assume_role_with_web_identity(WebIdentityToken="x" * 8, **asked)
        if web_identity
        else sts.assume_role(**asked)
    )
    keys = keys_of(answer)
    aws.clear_calls()
    aws.client("ssm", **keys).get_parameters(Names=["/x"])
    (call,) = aws.calls
    assert call.access_key_id == keys["aws_access_key_id"]
    assert call.principal == "arn:aws:sts::123456789012:assumed-role/reader/run-1"


def test_log_over_http(aws: AwsApi) -> None:
    aws.client("ssm").get_parameters(Names=["/x"])
    http = urllib3.PoolManager()
    url = f"{aws.url}/sandbox/calls"
    (call,) = http.request("GET", url).json()
    assert (call["service"], call["operation"], call["names"], call["status"]) == ("ssm", "GetParameters", ["/x"], 200)
    assert http.request("DELETE", url).status == 200
    assert aws.calls == []
    http.clear()
