"""Parameter Store throttles, denies, lacks, hangs or is down: nothing is half done, and the next update completes."""

import time

import pytest

from tests.end_to_end.engines import Outcome
from tests.end_to_end.faults.support import FIRST, SECOND, THIRD, Stack

pytestmark = pytest.mark.slow

THROTTLED_SECONDS = 5
SANDBOX_USER = "arn:aws:iam::123456789012:user/sandbox"
GONE = "parameter '/app/gone' does not exist in eu-central-1"
LOCKED = "may not call ssm:GetParameters on arn:aws:ssm:eu-central-1:123456789012:parameter/app/locked"


def test_throttling_for_five_seconds_is_waited_out(stack: Stack) -> None:
    stack.sandbox.aws.faults.throttle("ssm:*", seconds=THROTTLED_SECONDS)
    began = time.monotonic()
    up = stack.up()
    took = time.monotonic() - began
    assert up.result.exit_code == 0, up.output
    assert took > THROTTLED_SECONDS
    throttled = [call for call in stack.sandbox.aws.calls if call.error == "ThrottlingException"]
    assert 1 < len(throttled) < 40, "it neither gave up nor hammered"
    stack.check_settled()


@pytest.fixture
def half_readable(stack: Stack) -> Stack:
    """One Secret lacks a parameter for one key, one lacks all, one may not be read, and one is fine."""
    stack.declare(SECOND, "/app/gone", "user", "password")
    half = next(secret for secret in stack.secrets if secret["name"] == FIRST)
    half["data"][1]["remoteRef"]["key"] = "/app/gone"
    stack.declare("locked", "/app/locked", "user")
    stack.put("/app/locked", "user")
    stack.sandbox.aws.faults.deny("ssm:GetParameters", "/app/locked")
    return stack


def test_a_missing_and_a_denied_parameter_of_a_batch_are_named_before_anything_is_written(half_readable: Stack) -> None:
    stack = half_readable
    preview = stack.preview()
    assert stack.reads(decrypt=False)[0] == ("/app/db", "/app/gone", "/app/locked", "/app/queue")
    assert stack.reads(decrypt=True) == []
    # The snapshot names both, cut short; which of the three Secrets is checked first, and fails in full, is luck.
    denied = LOCKED.partition(" on ")[0]
    one = f"ExternalSecret {FIRST}: " if "parameter-store:grouped" in stack.config else ""
    problem = f"has a problem: {one}key "
    stack.check_failure(preview, problem, GONE, f"/app/locked': {SANDBOX_USER} {denied}")
    stack.check_failure(stack.up(skip_preview=False), problem, GONE, denied)
    assert stack.writes() == []
    stack.check_failure(stack.up(), "key ", GONE, denied)
    assert [stack.secret(name) for name in (FIRST, SECOND, "locked")] == [None, None, None]
    for name in (FIRST, SECOND):
        stack.declare(name, f"/app/{name}", "user", "password")
    stack.check_recovers()
    assert stack.secret("locked") is not None


def test_with_continue_on_error_the_other_secrets_are_written(half_readable: Stack) -> None:
    stack = half_readable
    up = stack.up(continue_on_error=True)
    stack.check_failure(up, f"key password: {GONE}", "key user: parameter '/app/locked'", LOCKED)
    assert stack.writes() == [("patch", THIRD)]
    assert stack.current(THIRD)
    assert [stack.secret(name) for name in (FIRST, SECOND, "locked")] == [None, None, None]


def test_an_endpoint_that_is_down_or_hangs_leaves_the_secrets_as_they_are(stack: Stack) -> None:
    # The limits of 15 s an answer and 60 s a call; tests/unit/ssm_reader holds the client to those.
    stack.shorten("clients/aws/sdk.py", "READ_TIMEOUT = 15.0", "READ_TIMEOUT = 0.3")
    stack.shorten("clients/aws/retry.py", "DEFAULT_BUDGET = 60.0", "DEFAULT_BUDGET = 1.2")
    aws = stack.sandbox.aws
    assert stack.up().result.exit_code == 0
    stack.rotate(FIRST, SECOND, THIRD)

    def check_untouched(outcome: Outcome, why: str) -> None:
        stack.check_failure(outcome, why, "eu-central-1", aws.url)
        assert stack.writes() == []
        assert not any(stack.current(name) for name in (FIRST, SECOND, THIRD))

    aws.faults.down("ssm:*")
    check_untouched(stack.preview(), "it cannot be reached after 4 attempts")
    check_untouched(stack.up(), "it cannot be reached after 4 attempts")
    aws.faults.clear()
    aws.faults.slow("ssm:*", delay=0.6)
    check_untouched(stack.up(continue_on_error=True), "it did not answer in time")
    stack.check_recovers()
