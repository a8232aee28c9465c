"""Listing and reading of tags live through the same trouble as reading by name, and end in the same clean errors."""

import logging

import pytest

from components.clients.aws.ssm.reader import ParameterReader
from components.core.ssm.sources import Find
from components.errors import IdentityError, ReadError
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, error, reader_at, scripted_aws

BY_PATH, BY_TAGS, TAGS = str(Find("/app", ".*")), str(Find(None, None, (("team", "a"),))), "tags of /app/db"
OPERATIONS = {BY_PATH: "GetParametersByPath", BY_TAGS: "DescribeParameters", TAGS: "ListTagsForResource"}
EVERY = pytest.mark.parametrize("source", OPERATIONS)


def answer(asked: Asked) -> Answer:
    """What an AWS with one parameter says."""
    if asked.operation == "ListTagsForResource":
        return 200, {"TagList": [{"Key": "team", "Value": "a"}]}
    return 200, {"Parameters": [{"Name": "/app/db", "Type": "String", "Version": 1, "Value": "value"}]}


def is_whole(reader: ParameterReader, source: str) -> bool:
    batch = reader.read([source], decrypt=True)
    return batch.problems == {} and bool(batch.tags.get(source) or batch.listings.get(source))


@EVERY
@pytest.mark.parametrize("fault", ["throttle", "down", "error"])
def test_passing_trouble_is_lived_through(aws: AwsApi, reader: ParameterReader, source: str, fault: str) -> None:
    aws.put_parameter("/app/db", "value", overwrite=False, Tags=[{"Key": "team", "Value": "a"}])
    getattr(aws.faults, fault)(f"ssm:{OPERATIONS[source]}", calls=2)

    assert is_whole(reader, source)
    assert [call.operation for call in aws.calls][:3] == [OPERATIONS[source]] * 3


@EVERY
def test_lasting_trouble_is_one_clean_error(aws: AwsApi, reader: ParameterReader, source: str) -> None:
    aws.faults.throttle(f"ssm:{OPERATIONS[source]}")

    with pytest.raises(ReadError, match=r"rate limit is exceeded after 17 attempts in 56 s") as raised:
        reader.read([source, "/app/db"], decrypt=True)

    assert raised.value.__suppress_context__


@EVERY
def test_an_endpoint_that_hangs_is_given_up(clock: FakeClock, source: str) -> None:
    def silent(asked: Asked) -> Answer:
        aws.released.wait(20)
        return answer(asked)

    with scripted_aws(silent) as aws:
        reader = reader_at(aws.url, clock, budget=1, read_timeout=0.05)
        with pytest.raises(ReadError, match="it did not answer in time after 4 attempts"):
            reader.read([source], decrypt=False)


@EVERY
def test_credentials_that_expired_are_told(clock: FakeClock, source: str) -> None:
    with scripted_aws(lambda _: error("ExpiredTokenException", "canary-token")) as aws:
        with pytest.raises(IdentityError, match="have expired") as raised:
            reader_at(aws.url, clock).read([source], decrypt=True)
        assert len(aws.requests) == 1

    assert "canary" not in str(raised.value)


@EVERY
def test_a_fresh_policy_is_waited_for(clock: FakeClock, source: str) -> None:
    def script(asked: Asked) -> Answer:
        return answer(asked) if clock() >= 8 else error("AccessDeniedException", "not yet")

    with scripted_aws(script) as aws:
        assert is_whole(reader_at(aws.url, clock, settle=30), source)

    # In particular nothing was described for want of a permission that was about to arrive.
    expected = {OPERATIONS[source], *(["GetParameters"] if source == BY_TAGS else [])}
    assert {asked.operation for asked in aws.requests} == expected


@EVERY
def test_every_attempt_passes_the_limiter(clock: FakeClock, source: str) -> None:
    def script(asked: Asked) -> Answer:
        if asked.operation == "ListTagsForResource":
            return answer(asked)
        page = int(asked.body.get("NextToken", "0"))
        return 200, {"Parameters": [], **({"NextToken": str(page + 1)} if page < 40 else {})}

    sources = [f"tags of /app/{number}" for number in range(40)] if source == TAGS else [source]
    with scripted_aws(script) as aws:
        reader_at(aws.url, clock, rate=2).read(sources, decrypt=True)

    # A full bucket lets 2 calls through at once, the others come at 2 a second.
    assert len(aws.requests) >= 40
    assert clock() >= (len(aws.requests) - 2) / 2


ENTRY = '"Name": "/app/db", "Version": 1'


@EVERY
@pytest.mark.parametrize(
    "hostile",
    [
        (200, "canary"),
        (200, "{}"),
        (200, '{"Parameters": ["canary"], "TagList": ["canary"]}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Value": "canary"}], "TagList": [{"Value": "canary"}]}'),
        (200, '{"Parameters": [{"Version": 1, "Value": "canary"}], "TagList": [{"Key": "canary"}]}'),
        (
            200,
            '{"Parameters": [{"Name": "/canary/\\ud800", "Version": 1, "Value": "canary"}], "TagList": {"canary": 1}}',
        ),
        (200, f'{{"Parameters": [{{{ENTRY}, "Value": "canary"}}], "NextToken": "same"}}'),
        (200, "[" * 100_000),
        (200, "[1]"),
        (200, '{"Parameters": 5, "InvalidParameters": 5, "TagList": 5}'),
        (200, '{"Parameters": {"Name": "canary"}, "TagList": "canary"}'),
        (200, '{"Parameters": [{"Name": 5, "ARN": 5, "Version": 1, "Value": "x"}], "TagList": [5]}'),
        (200, '{"Parameters": [], "InvalidParameters": [5], "NextToken": 5}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Version": "1", "Value": {"canary": 1}}]}'),
        (200, f'{{"Parameters": [{{{ENTRY}, "LastModifiedDate": 1e300, "Value": "canary"}}], "TagList": [{{}}]}}'),
        (200, f'{{"Parameters": [{{{ENTRY}, "LastModifiedDate": {{}}, "Value": "canary"}}], "TagList": [[]]}}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Version": -1, "Value": "canary"}], "TagList": null}'),
        (200, '{"Parameters": [{"Name": "/app/db", "Version": 1' + "0" * 400 + ', "Value": "canary"}]}'),
        (502, "<html>canary</html>"),
        error("canary is a code of somebody else"),
        error("InternalServerError", "canary", 500),
    ],
)
def test_a_broken_or_hostile_endpoint_is_one_clean_error_without_quotes(
    clock: FakeClock, source: str, hostile: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_aws(lambda _: hostile) as aws, caplog.at_level(logging.DEBUG), pytest.raises(ReadError) as raised:
        reader_at(aws.url, clock, budget=1).read([source], decrypt=True)

    assert "canary" not in str(raised.value) + caplog.text


def test_a_read_of_everything_says_how_far_it_is(clock: FakeClock) -> None:
    told: list[str] = []

    def progress(sentence: str) -> None:
        told.append(sentence)
        if "listed 1 " in sentence:
            aws.released.set()

    def until_told(asked: Asked) -> Answer:
        if asked.operation == "ListTagsForResource":
            aws.released.wait(20)
        return answer(asked)

    with scripted_aws(until_told) as aws:
        reader = reader_at(aws.url, clock, progress=progress, progress_every=0.01)
        reader.read([BY_PATH, TAGS], decrypt=False)

    assert told[-1] == (f"read 0 of 1 parameters and listed 1 parameters so far in eu-central-1, waiting for {aws.url}")
