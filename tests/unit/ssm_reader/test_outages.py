"""When nothing can be read there is one error that says where, as whom and why; nothing waits for ever."""

import socket

import pytest

from components.clients.aws.ssm.reader import ParameterReader
from components.errors import IdentityError, ReadError
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, error, parameters, reader_at, scripted_aws


def test_an_endpoint_that_is_down_is_given_up_after_a_few_attempts(clock: FakeClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ReadError, match="it cannot be reached after 4 attempts") as raised:
            reader_at(url, clock).read(["/app/db"], decrypt=False)

    assert url in str(raised.value)
    assert "AWS_SSM_ENDPOINT" in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_dropped_connection_is_tried_again(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")
    aws.faults.down("ssm:GetParameters", calls=2)

    assert list(reader.read(["/app/db"], decrypt=True).found) == ["/app/db"]


def test_server_errors_are_tried_again(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")
    aws.faults.error("ssm:GetParameters", calls=3)

    assert list(reader.read(["/app/db"], decrypt=True).found) == ["/app/db"]


def test_server_errors_forever_are_one_clean_error(aws: AwsApi, reader: ParameterReader) -> None:
    aws.faults.error("ssm:GetParameters")

    with pytest.raises(ReadError, match=r"HTTP 500, InternalServerError\) after \d+ attempts"):
        reader.read(["/app/db"], decrypt=True)


def test_an_endpoint_that_does_not_answer_is_given_up(clock: FakeClock) -> None:
    def silent(_: Asked) -> Answer:
        aws.released.wait(20)
        return parameters()

    with scripted_aws(silent) as aws:
        reader = reader_at(aws.url, clock, budget=1, read_timeout=0.05)
        with pytest.raises(ReadError, match="it did not answer in time after 4 attempts"):
            reader.read(["/app/db"], decrypt=False)


@pytest.mark.parametrize(
    ("code", "clause"),
    [
        ("UnrecognizedClientException", "are not known to AWS"),
        ("ExpiredTokenException", "have expired"),
        ("InvalidSignatureException", "clock is wrong"),
    ],
)
def test_credentials_that_aws_does_not_accept(clock: FakeClock, code: str, clause: str) -> None:
    with scripted_aws(lambda _: error(code, "canary-token is invalid")) as aws:
        with pytest.raises(IdentityError, match=clause) as raised:
            reader_at(aws.url, clock).read(["/app/db"], decrypt=False)
        assert len(aws.requests) == 1

    assert "the access keys of Secret team-a/aws" in str(raised.value)
    assert "canary" not in str(raised.value)


def test_what_is_no_aws_is_said_to_be_none(clock: FakeClock) -> None:
    with scripted_aws(lambda _: (404, "<html>nginx</html>")) as aws, pytest.raises(ReadError) as raised:
        reader_at(aws.url, clock).read([f"/app/{number}" for number in range(10)], decrypt=False)

    assert "HTTP 404" in str(raised.value)
    assert len(aws.requests) == 1


def test_an_answer_that_is_not_json_is_one_clean_error(clock: FakeClock) -> None:
    with scripted_aws(lambda _: (200, "<html>canary</html>")) as aws, pytest.raises(ReadError) as raised:
        reader_at(aws.url, clock, budget=1).read(["/app/db"], decrypt=False)

    assert "proxy" in str(raised.value)
    assert "canary" not in str(raised.value)


def test_a_long_read_says_how_far_it_is(clock: FakeClock) -> None:
    told: list[str] = []

    def progress(sentence: str) -> None:
        told.append(sentence)
        aws.released.set()

    def until_told(asked: Asked) -> Answer:
        aws.released.wait(20)
        return parameters(*asked.body["Names"])

    with scripted_aws(until_told) as aws:
        reader = reader_at(aws.url, clock, progress=progress, progress_every=0.01)
        assert len(reader.read(["/app/0", "/app/1"], decrypt=False).found) == 2

    assert told[0] == f"read 0 of 2 parameters in eu-central-1, waiting for {aws.url}"


def test_a_throttled_read_says_that_it_waits_for_the_rate_limit(clock: FakeClock) -> None:
    told: list[str] = []

    def progress(sentence: str) -> None:
        told.append(sentence)
        if "rate limit" in sentence:
            aws.released.set()

    def throttled_at_first(asked: Asked) -> Answer:
        if len(aws.requests) == 1:
            return error("ThrottlingException")
        aws.released.wait(20)
        return parameters(*asked.body["Names"])

    with scripted_aws(throttled_at_first) as aws:
        reader = reader_at(aws.url, clock, progress=progress, progress_every=0.01)
        assert len(reader.read(["/app/0"], decrypt=False).found) == 1

    assert told[-1] == "read 0 of 1 parameters in eu-central-1, waiting for AWS's rate limit"
