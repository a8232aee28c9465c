"""Injected faults reach the client as AWS would show them, hit what they name, and end."""

import time

import pytest
import urllib3
from botocore.exceptions import ConnectionClosedError

from sandbox.aws import AwsApi
from sandbox.aws.errors import AwsError
from sandbox.aws.faults import Faults, TokenBucket
from tests.sandbox.aws.support import code_of, error_of


class Clock:
    """A clock that stands still until told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_throttling_for_a_number_of_calls(aws: AwsApi) -> None:
    ssm = aws.client("ssm")
    aws.faults.throttle("ssm:GetParameters", calls=2)
    ssm.get_parameters_by_path(Path="/")
    throttled = [error_of(lambda: ssm.get_parameters(Names=["/x"])) for _ in range(2)]
    assert throttled == [("ThrottlingException", "Rate exceeded")] * 2
    assert ssm.get_parameters(Names=["/x"])["InvalidParameters"] == ["/x"]
    assert [call.error for call in aws.calls] == [None, "ThrottlingException", "ThrottlingException", None]


def test_throttling_for_a_time_starts_with_the_first_call() -> None:
    clock = Clock()
    faults = Faults(clock)
    faults.throttle("ssm:*", seconds=5)
    clock.now += 60
    with pytest.raises(AwsError):
        faults.strike("ssm", "GetParameters", time.sleep)
    clock.now += 4.9
    with pytest.raises(AwsError):
        faults.strike("ssm", "GetParameter", time.sleep)
    clock.now += 0.2
    faults.strike("ssm", "GetParameter", time.sleep)


def test_query_services_throttle_in_their_own_words(aws: AwsApi) -> None:
    aws.faults.throttle("sts:*", calls=1)
    assert code_of(lambda: aws.client("sts").get_caller_identity()) == "Throttling"


def test_token_bucket_refills_up_to_its_burst() -> None:
    clock = Clock()
    bucket = TokenBucket(rate=40, burst=10, clock=clock)
    assert [bucket.take() for _ in range(11)] == [True] * 10 + [False]
    clock.now += 0.0625
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.now += 60
    assert sum(bucket.take() for _ in range(20)) == 10


def test_rate_limit_lets_the_burst_through(aws: AwsApi) -> None:
    aws.faults.limit("ssm:Get*", rate=0.001, burst=3)
    ssm = aws.client("ssm")
    for _ in range(3):
        ssm.get_parameters(Names=["/x"])
    assert code_of(lambda: ssm.get_parameters(Names=["/x"])) == "ThrottlingException"


def test_slow_call_waits_and_then_answers(aws: AwsApi) -> None:
    aws.faults.slow("ssm:*", delay=0.2, calls=1)
    started = time.monotonic()
    aws.client("ssm").get_parameters(Names=["/x"])
    assert time.monotonic() - started >= 0.2


def test_down_resets_the_connection(aws: AwsApi) -> None:
    aws.faults.down("ssm:*", calls=1)
    ssm = aws.client("ssm")
    with pytest.raises(ConnectionClosedError):
        ssm.get_parameters(Names=["/x"])
    assert ssm.get_parameters(Names=["/x"])["InvalidParameters"] == ["/x"]
    assert [(call.status, call.error) for call in aws.calls] == [(0, "ConnectionDropped"), (200, None)]


def test_server_error(aws: AwsApi) -> None:
    aws.faults.error(calls=2)
    assert code_of(lambda: aws.client("ssm").get_parameters(Names=["/x"])) == "InternalServerError"
    assert code_of(lambda: aws.client("sts").get_caller_identity()) == "InternalServerError"
    aws.client("sts").get_caller_identity()


def test_clear_ends_all(aws: AwsApi) -> None:
    aws.faults.error()
    aws.faults.deny("*")
    aws.faults.clear()
    aws.client("ssm").get_parameters(Names=["/x"])


def test_faults_over_http(aws: AwsApi) -> None:
    http, url = urllib3.PoolManager(), f"{aws.url}/sandbox/faults"
    assert http.request("POST", url, json={"kind": "throttle", "calls": 1}).status == 200
    assert http.request("POST", url, json={"kind": "deny", "action": "ssm:*", "name": "a"}).status == 200
    assert [fault["kind"] for fault in http.request("GET", url).json()] == ["throttle", "deny"]
    assert code_of(lambda: aws.client("ssm").get_parameters(Names=["/x"])) == "ThrottlingException"
    assert http.request("DELETE", url).status == 200
    aws.client("ssm").get_parameters(Names=["/a"])
    for wrong in ({"kind": "clear"}, {"kind": "slow"}, {}):
        assert http.request("POST", url, json=wrong).status == 400
    http.clear()
