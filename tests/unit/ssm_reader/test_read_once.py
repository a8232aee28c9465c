"""Each parameter is read once, however many names and finds want it, and finds bring what they bring alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.aws.ssm.parameters import Parameter
from components.clients.aws.ssm.reader import ParameterReader
from components.core.ssm.sources import Find
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, error, reader_at, scripted_aws

NAMES = ("/a/b/c", "/a/b/d", "/a/c", "/ab/c", "/b", "c")
TEAM_A = (("team", "a"),)
PATHS = (None, "/", "/a", "/a/", "/a/b", "/ab", "/a//b")
FINDS = [str(Find(path, name)) for path in PATHS for name in (".*", "c$")]
TAGGED = [str(Find(path, None, TEAM_A)) for path in PATHS if path != "/a//b"]
SOURCES = (*NAMES, "/a/gone", "/a/c:1", "/a/c:9", "arn:aws:ssm:eu-central-1:123456789012:parameter/b", *FINDS, *TAGGED)


def fill(aws: AwsApi) -> None:
    aws.reset()
    for number, name in enumerate(NAMES):
        tags = [{"Key": "team", "Value": "ab"[number % 2]}]
        aws.put_parameter(name, f"value of {name}", overwrite=False, Tags=tags)
    aws.clear_calls()


def times_read(aws: AwsApi, name: str) -> int:
    """How often a parameter was asked for as it is now; here a listing has no more than one page."""
    listed = [call for call in aws.calls if call.operation == "GetParametersByPath" and call.error is None]
    below = sum(Find(call.path, ".*").is_above(name) for call in listed)
    return below + sum(name in call.names for call in aws.calls if call.operation == "GetParameters")


def shown(found: Mapping[str, Parameter]) -> list[tuple[str, int, str | None]]:
    return [(name, each.version, each.value.reveal() if each.value else None) for name, each in found.items()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.sampled_from(SOURCES), max_size=12, unique=True), decrypt=st.booleans())
def test_any_sources_together_come_to_what_each_comes_to_alone(
    aws: AwsApi, reader: ParameterReader, wanted: Sequence[str], *, decrypt: bool
) -> None:
    fill(aws)

    batch = reader.read(wanted, decrypt=decrypt)

    assert {name: times_read(aws, name) for name in NAMES if times_read(aws, name) > 1} == {}
    for each in wanted:
        alone = reader.read([each], decrypt=decrypt)
        assert batch.problems.get(each) == alone.problems.get(each)
        assert shown(batch.listings.get(each, {})) == shown(alone.listings.get(each, {}))
        assert batch.found.get(each) == alone.found.get(each)


def test_what_a_find_lists_is_not_asked_for_by_name(aws: AwsApi, reader: ParameterReader) -> None:
    fill(aws)

    wanted = ["/a/c", "/a/b/c:1", "/b", str(Find("/a", "d$")), str(Find("/a/b", ".*"))]
    batch = reader.read(wanted, decrypt=True)

    assert {source: found.reference for source, found in batch.found.items()} == {each: each for each in wanted[:3]}
    assert sorted((call.operation, call.path, call.names) for call in aws.calls) == [
        ("GetParameters", None, ("/b",)),
        ("GetParametersByPath", "/a", ()),
    ]


def test_a_value_that_a_path_brings_is_not_read_for_a_find_by_tags(aws: AwsApi, reader: ParameterReader) -> None:
    fill(aws)

    batch = reader.read([str(Find("/a", ".*")), str(Find(None, None, TEAM_A))], decrypt=True)

    assert [list(found) for found in batch.listings.values()] == [
        ["/a/b/c", "/a/b/d", "/a/c"],
        ["/a/b/c", "/a/c", "/b"],
    ]
    assert [call.names for call in aws.calls if call.operation == "GetParameters"] == [("/b",)]


def test_public_parameters_are_in_no_listing_but_that_of_their_own_path(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        below = asked.body["Path"]
        name = "/aws/service/a" if below == "/aws/service" else "/a"
        return 200, {"Parameters": [{"Name": name, "Type": "String", "Version": 1, "Value": "v"}]}

    wanted = [str(Find("/aws/service", ".*")), str(Find("/", ".*"))]
    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read(wanted, decrypt=True)

    assert [list(batch.listings[each]) for each in wanted] == [["/aws/service/a"], ["/a"]]


@pytest.mark.parametrize("decrypt", [False, True])
def test_where_a_path_may_not_be_listed_the_paths_below_it_are(clock: FakeClock, *, decrypt: bool) -> None:
    def entry(name: str) -> dict[str, Any]:
        return {"Name": name, "Type": "String", "Version": 1, **({"Value": "v"} if decrypt else {})}

    def script(asked: Asked) -> Answer:
        match asked.operation, asked.body.get("Path"):
            case "GetParametersByPath", "/a/b":
                return 200, {"Parameters": [entry("/a/b/c"), entry("/a/b/d")]}
            case "GetParameters", None:
                return 200, {"Parameters": [entry(name) for name in asked.body["Names"]]}
        return error("AccessDeniedException", "denied")

    whole, inner, narrow = str(Find("/a", ".*")), str(Find("/a/b", ".*")), str(Find("/a/b", "c$"))
    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read([whole, inner, narrow, "/a/b/c", "/a/c"], decrypt=decrypt)

    assert {source: list(found) for source, found in batch.listings.items()} == {
        inner: ["/a/b/c", "/a/b/d"],
        narrow: ["/a/b/c"],
    }
    assert {source: problem.kind for source, problem in batch.problems.items()} == {whole: "denied"}
    assert sorted(batch.found) == ["/a/b/c", "/a/c"]
    assert [asked.body["Names"] for asked in aws.requests if asked.operation == "GetParameters"] == [["/a/c"]]


def test_a_parameter_whose_key_fails_is_told_of_by_its_name_and_fails_no_other(
    aws: AwsApi, reader: ParameterReader
) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    aws.put_parameter("/a/locked", "value", KeyId=key)
    aws.put_parameter("/a/open", "value")
    aws.client("kms").disable_key(KeyId=key)
    wanted = ["/a/locked", "/a/open", str(Find("/a", "open"))]

    batch = reader.read(wanted, decrypt=True)

    assert {source: problem.kind for source, problem in batch.problems.items()} == {"/a/locked": "key"}
    assert sorted(batch.found) == ["/a/open"]
    assert [list(found) for found in batch.listings.values()] == [["/a/open"]]
