"""A find gives every parameter that matches, with its version, and with its value where values are asked for."""

import json
from collections.abc import Mapping

import pytest

from components.clients.aws.ssm.parameters import Parameter
from components.clients.aws.ssm.reader import ParameterReader
from components.core.ssm.sources import Find
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, error, reader_at, scripted_aws

TEAM_A = (("team", "a"),)
READER = "arn:aws:sts::123456789012:assumed-role/reader/s"
EVERYTHING = Find("/app", ".*")


def put(aws: AwsApi, *names: str, **tags: str) -> None:
    for name in names:
        aws.put_parameter(name, f"value of {name}")
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        aws.client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=given)
    aws.clear_calls()


def values(listing: Mapping[str, Parameter]) -> dict[str, str]:
    assert all(name == found.reference for name, found in listing.items())
    return {name: found.value.reveal() for name, found in listing.items() if found.value}


def find(reader: ParameterReader, wanted: Find, *, decrypt: bool = True) -> Mapping[str, Parameter]:
    batch = reader.read([str(wanted)], decrypt=decrypt)
    assert batch.problems == {}
    return batch.listings[str(wanted)]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Find("/app", ".*"), ["/app/db", "/app/x/db"]),
        (Find("/app/", "db"), ["/app/db", "/app/x/db"]),
        (Find("/app/x", ""), ["/app/x/db"]),
        (Find("/app", "^/app/db$"), ["/app/db"]),
        (Find("/app", "/x/"), ["/app/x/db"]),
        (Find(None, "db"), ["/app/db", "/app/x/db", "/apple/db", "db"]),
        (Find("/app", "nothing"), []),
        (Find("/none", ".*"), []),
        (Find(None, None, TEAM_A), ["/app/db", "/apple/db"]),
        (Find("/app", None, TEAM_A), ["/app/db"]),
        (Find(None, "apple", TEAM_A), ["/apple/db"]),
        (Find(None, None, (*TEAM_A, ("stage", "prod"))), ["/apple/db"]),
        (Find(None, None, (("team", "none"),)), []),
    ],
)
@pytest.mark.parametrize("decrypt", [False, True])
def test_what_matches_is_found(
    aws: AwsApi, reader: ParameterReader, wanted: Find, names: list[str], *, decrypt: bool
) -> None:
    put(aws, "/app/db", team="a")
    put(aws, "/apple/db", team="a", stage="prod")
    put(aws, "/app/x/db", team="b")
    put(aws, "db")
    aws.put_parameter("/app/db", "value of /app/db")

    found = find(reader, wanted, decrypt=decrypt)

    assert list(found) == names
    assert {name: each.version for name, each in found.items()} == {name: 1 + (name == "/app/db") for name in names}
    assert values(found) == ({name: f"value of {name}" for name in names} if decrypt else {})
    assert all(call.decrypt == decrypt for call in aws.calls if call.operation != "DescribeParameters")


def test_plaintext_that_aws_sends_undecrypted_is_dropped(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/plain", "value", "String")

    assert values(find(reader, EVERYTHING, decrypt=False)) == {}
    assert values(find(reader, EVERYTHING)) == {"/app/plain": "value"}


def test_tags_and_values_by_name_are_read_beside_finds(aws: AwsApi, reader: ParameterReader) -> None:
    put(aws, "/app/db", team="a")

    sources = ["/app/db", "/app/gone", "tags of /app/db", str(EVERYTHING), 'find {"tags": {"team": "a"}}']
    batch = reader.read(sources, decrypt=True)

    assert [list(part) for part in (batch.found, batch.problems, batch.tags)] == [[each] for each in sources[:3]]
    assert [values(listing) for listing in batch.listings.values()] == [{"/app/db": "value of /app/db"}] * 2
    assert sorted(batch.listings) == sorted(sources[3:])


def without(aws: AwsApi, *actions: str) -> None:
    for action in actions:
        aws.faults.deny(action)


def test_without_the_right_to_list_by_path_parameters_are_described_and_read(
    aws: AwsApi, reader: ParameterReader
) -> None:
    put(aws, *(f"/app/{number}" for number in range(12)), "/other/x")
    without(aws, "ssm:GetParametersByPath")

    assert len(values(find(reader, EVERYTHING))) == 12
    assert [(call.operation, call.path, len(call.names)) for call in aws.calls[:2]] == [
        ("GetParametersByPath", "/app", 0),
        ("DescribeParameters", "/app", 0),
    ]
    assert sorted(len(call.names) for call in aws.calls[2:]) == [6, 6]


def test_without_both_rights_the_first_denial_is_told_and_what_would_do(aws: AwsApi, reader: ParameterReader) -> None:
    without(aws, "ssm:GetParametersByPath", "ssm:DescribeParameters")

    problem = reader.read([str(Find("/app/", ".*"))], decrypt=True).problems[str(Find("/app/", ".*"))]

    assert problem.kind == "denied"
    statement, end = json.JSONDecoder().raw_decode(problem.message[problem.message.index("{") :])
    assert statement == {
        "Effect": "Allow",
        "Action": "ssm:GetParametersByPath",
        "Resource": f"arn:aws:ssm:eu-central-1:{aws.account}:parameter/app/",
    }
    rest = problem.message[problem.message.index("{") + end :]
    assert rest == "; ssm:DescribeParameters on * with ssm:GetParameters on what is found would do instead"


def test_a_find_by_tags_names_the_right_that_it_lacks(aws: AwsApi, reader: ParameterReader) -> None:
    without(aws, "ssm:DescribeParameters")
    wanted = str(Find(None, None, TEAM_A))

    problem = reader.read([wanted], decrypt=True).problems[wanted]

    assert problem.kind == "denied"
    assert problem.message.startswith("find by tags team=a below '/': arn:aws:iam::123456789012:user/sandbox may not")
    assert '"Action": "ssm:DescribeParameters", "Resource": "*"' in problem.message


@pytest.mark.parametrize("wanted", [EVERYTHING, Find("/app", None, TEAM_A)])
def test_one_match_that_may_not_be_read_fails_the_find_by_its_name(
    aws: AwsApi, reader: ParameterReader, wanted: Find
) -> None:
    put(aws, "/app/a", "/app/b", team="a")
    without(aws, "ssm:GetParametersByPath")
    aws.faults.deny("ssm:GetParameters", "/app/b")

    batch = reader.read([str(wanted), str(Find("/app", "/a$", wanted.tags))], decrypt=True)

    assert {source: list(found) for source, found in batch.listings.items()} == {
        str(Find("/app", "/a$", wanted.tags)): ["/app/a"]
    }
    assert batch.problems[str(wanted)].kind == "denied"
    assert "parameter '/app/b'" in batch.problems[str(wanted)].message


def locked(aws: AwsApi, *names: str) -> None:
    """Parameters under a key that cannot be used."""
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for name in names:
        aws.put_parameter(name, "value", KeyId=key)
    aws.client("kms").disable_key(KeyId=key)
    aws.clear_calls()


def test_a_key_that_fails_a_page_fails_only_the_finds_that_want_its_parameter(
    aws: AwsApi, reader: ParameterReader
) -> None:
    put(aws, *(f"/app/a{number}" for number in range(14)))
    locked(aws, "/app/locked")
    put(aws, *(f"/app/b{number}" for number in range(9)))
    others, all_of_b = str(Find("/app", "/app/[ab]")), str(Find("/app", "/b"))

    batch = reader.read([others, all_of_b, str(EVERYTHING)], decrypt=True)

    assert sorted(values(batch.listings[others])) == sorted(
        [f"/app/a{number}" for number in range(14)] + [f"/app/b{number}" for number in range(9)]
    )
    assert len(values(batch.listings[all_of_b])) == 9
    assert list(batch.problems) == [str(EVERYTHING)]
    assert batch.problems[str(EVERYTHING)].kind == "key"
    assert batch.problems[str(EVERYTHING)].message.startswith("parameter '/app/locked' in eu-central-1: its KMS key")
    assert {call.operation for call in aws.calls} == {"GetParametersByPath"}, "no other right is needed"


def test_pages_of_undecryptable_parameters_that_nobody_wants_cost_one_more_call(
    aws: AwsApi, reader: ParameterReader
) -> None:
    locked(aws, *(f"/app/locked/{number}" for number in range(20)))
    put(aws, "/app/db")

    assert list(find(reader, Find("/app", "db$"))) == ["/app/db"]
    assert len(aws.calls) == 5


def test_a_denied_key_is_told_from_a_denied_path(aws: AwsApi, reader: ParameterReader) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    aws.put_parameter("/app/db", "value", KeyId=key)
    without(aws, "kms:Decrypt")

    problem = reader.read([str(EVERYTHING)], decrypt=True).problems[str(EVERYTHING)]

    assert problem.kind == "key"
    assert "parameter '/app/db' cannot be decrypted" in problem.message
    assert f'"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:eu-central-1:{aws.account}:parameter/app/db"' in (
        problem.message
    )
    assert list(find(reader, EVERYTHING, decrypt=False)) == ["/app/db"]


def test_a_path_that_aws_refuses_is_the_finds_own_problem(aws: AwsApi, reader: ParameterReader) -> None:
    put(aws, "/app/db")
    wrong = str(Find("/app//db", ".*"))

    batch = reader.read([wrong, str(EVERYTHING)], decrypt=True)

    assert batch.problems[wrong].kind == "invalid"
    assert "correct the find" in batch.problems[wrong].message
    assert list(batch.listings) == [str(EVERYTHING)]


def entry(name: str, version: int = 1, value: str | None = "value") -> dict[str, object]:
    return {"Name": name, "Type": "String", "Version": version, **({"Value": value} if value is not None else {})}


def page(*entries: dict[str, object], token: str | None = None) -> Answer:
    return 200, {"Parameters": list(entries), **({"NextToken": token} if token else {})}


def test_pages_that_were_had_before_a_denial_are_kept(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        match asked.operation:
            case "GetParametersByPath" if "NextToken" not in asked.body:
                return page(entry("/app/a"), token="next")
            case "GetParametersByPath":
                return error("AccessDeniedException", "denied")
            case "DescribeParameters":
                return page(entry("/app/a", value=None), entry("/app/b", value=None))
        return page(*(entry(name) for name in asked.body["Names"]))

    with scripted_aws(script) as aws:
        found = find(reader_at(aws.url, clock), EVERYTHING)

    assert list(found) == ["/app/a", "/app/b"]
    assert [asked.body["Names"] for asked in aws.requests if asked.operation == "GetParameters"] == [["/app/b"]]


def test_what_vanishes_between_listing_and_reading_is_not_in_the_listing(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        if asked.operation == "DescribeParameters":
            return page(entry("/app/a", value=None), entry("/app/b", value=None))
        return 200, {"Parameters": [entry("/app/b", version=7)], "InvalidParameters": ["/app/a"]}

    with scripted_aws(script) as aws:
        found = find(reader_at(aws.url, clock), Find(None, None, TEAM_A))

    assert {name: each.version for name, each in found.items()} == {"/app/b": 7}, "the version that was read"


def test_empty_pages_in_between_do_not_end_a_listing(clock: FakeClock) -> None:
    pages = {None: page(token="1"), "1": page(entry("/app/a"), token="2"), "2": page(token="3"), "3": page()}

    with scripted_aws(lambda asked: pages[asked.body.get("NextToken")]) as aws:
        assert list(find(reader_at(aws.url, clock), EVERYTHING)) == ["/app/a"]
        assert list(find(reader_at(aws.url, clock), Find(None, None, TEAM_A), decrypt=False)) == ["/app/a"]
