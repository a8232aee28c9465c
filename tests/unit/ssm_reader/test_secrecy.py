"""No value is ever shown: not by what a read returns, not by its errors, not by any log."""

import copy
import logging
import pickle
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.clients.aws import AwsSession
from components.clients.aws.ssm.reader import ParameterReader
from components.core.secret_value import Secret
from components.errors import ParameterStoreError
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import FakeClock, error, reader_at, scripted_aws

# Long and odd enough never to appear by chance, free to hold whatever else a value may hold.
values = st.text(st.characters(codec="utf-8", exclude_characters="{}\0"), max_size=30).map(lambda text: f"canary{text}")
NAMES = ["/app/db", "/app/denied", "/app/key", "/app/gone", "bad name"]


def read_and_show(reader: ParameterReader, *, decrypt: bool = True) -> str:
    """All that a caller could print after a read."""
    try:
        batch = reader.read(NAMES, decrypt=decrypt)
    except ParameterStoreError as failed:
        return "".join(traceback.format_exception(failed))
    return f"{batch} {batch!r} {[str(found.value) for found in batch.found.values()]}"


@settings(max_examples=25, deadline=None)  # each example is four reads over HTTP
@given(value=values)
def test_reads_and_their_problems_show_no_value(running_aws: AwsApi, session: AwsSession, value: str) -> None:
    running_aws.reset()
    key = running_aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for name in NAMES[:3]:
        running_aws.put_parameter(name, value, KeyId=key if name == "/app/key" else "alias/aws/ssm")
    running_aws.client("kms").disable_key(KeyId=key)
    running_aws.faults.deny("ssm:GetParameters", "/app/denied")
    clock = FakeClock()
    reader = ParameterReader(session.client("ssm"), clock.limiter(), clock.retry(1), caller=session.caller("ssm"))

    shown = read_and_show(reader) + read_and_show(reader, decrypt=False)
    running_aws.faults.throttle()
    shown += read_and_show(reader)

    assert "[secret]" in shown
    assert "canary" not in shown


@pytest.mark.parametrize(
    "answer",
    [
        error("ValidationException", "canary"),
        error("AccessDeniedException", "canary"),
        error(
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/u is not authorized to perform: ssm:GetParameters canary",
        ),
        error("canary is a code of somebody else"),
        error("UnrecognizedClientException", "canary"),
        error("InternalServerError", "canary", 500),
        (200, "canary"),
        (200, '{"Parameters": ["canary"]}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Value": "canary"}]}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Value": "canary", "Version": "canary"}]}'),
        (200, '{"Parameters": {"Value": "canary"}}'),
        (502, "<html>canary</html>"),
    ],
)
def test_answers_of_a_broken_or_hostile_endpoint_are_not_quoted(
    clock: FakeClock, answer: tuple[int, str], caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_aws(lambda _: answer) as aws, caplog.at_level(logging.DEBUG):
        shown = read_and_show(reader_at(aws.url, clock, budget=1))

    assert "canary" not in shown + caplog.text


def test_the_sdk_logs_no_value(aws: AwsApi, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    aws.put_parameter("/app/db", "canary-value")

    with caplog.at_level(logging.DEBUG):
        batch = reader_at(aws.url, clock).read(["/app/db"], decrypt=True)

    assert batch.found["/app/db"].value == Secret("canary-value")
    assert "urllib3" in caplog.text  # the level is low enough to show what is not held back
    assert "canary" not in caplog.text


@given(value=values)
def test_a_secret_shows_nothing_and_reveals_all(value: str) -> None:
    secret = Secret(value)

    assert secret.reveal() == value
    assert {str(secret), repr(secret), f"{secret}", f"{[secret]}"} == {"[secret]", "[[secret]]"}
    assert secret == Secret(value)
    assert secret != Secret(value + "x")
    assert secret != value


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy, hash, vars, iter])
def test_a_secret_leaves_no_copies(way: object) -> None:
    with pytest.raises(TypeError):
        way(Secret("canary"))  # type: ignore[operator] # all of these are called with one argument
