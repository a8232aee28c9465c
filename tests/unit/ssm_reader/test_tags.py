"""The tags of one parameter, asked for by its name (ESO: `metadataPolicy: Fetch`)."""

import json

from components.clients.aws.ssm.reader import ParameterReader
from sandbox.aws import AwsApi


def tagged(aws: AwsApi, name: str, **tags: str) -> None:
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws.put_parameter(name, "value", overwrite=False, Tags=given)


def test_tags_need_one_call_for_each_parameter(aws: AwsApi, reader: ParameterReader) -> None:
    tagged(aws, "/app/db", team="a", stage="")
    tagged(aws, "bare")

    batch = reader.read(["tags of /app/db", "tags of bare", "tags of /bare"], decrypt=False)

    assert {source: {key: each.reveal() for key, each in tags.items()} for source, tags in batch.tags.items()} == {
        "tags of /app/db": {"team": "a", "stage": ""},
        "tags of bare": {},
        "tags of /bare": {},
    }
    assert (batch.found, batch.problems, batch.listings) == ({}, {}, {})
    assert [(call.operation, call.names) for call in sorted(aws.calls, key=lambda call: call.names)] == [
        ("ListTagsForResource", ("/app/db",)),
        ("ListTagsForResource", ("/bare",)),
        ("ListTagsForResource", ("bare",)),
    ]


def test_tags_are_never_shown(aws: AwsApi, reader: ParameterReader) -> None:
    tagged(aws, "/app/db", team="canary")

    assert "canary" not in repr(reader.read(["tags of /app/db"], decrypt=True))


def test_tags_of_no_parameter_are_not_a_missing_parameter(aws: AwsApi, reader: ParameterReader) -> None:
    tagged(aws, "/app/db")
    arn = f"arn:aws:ssm:{aws.region}:{aws.account}:parameter/app/db"

    problems = reader.read(["tags of /app/gone", f"tags of {arn}"], decrypt=False).problems

    # To ESO this is an error like any other, on which deletionPolicy never acts.
    assert {problem.kind for problem in problems.values()} == {"invalid"}
    assert "tags of parameter '/app/gone' in eu-central-1" in problems["tags of /app/gone"].message
    assert "AWS knows no such parameter (InvalidResourceId)" in problems["tags of /app/gone"].message
    assert "by a name and not by an ARN" in problems[f"tags of {arn}"].message


def test_tags_of_a_version_are_not_asked_for(aws: AwsApi, reader: ParameterReader) -> None:
    problem = reader.read(["tags of /app/db:3"], decrypt=False).problems["tags of /app/db:3"]

    assert problem.kind == "invalid"
    assert "leave version out" in problem.message
    assert aws.calls == []


def test_denied_tags_name_the_permission_and_fail_nothing_else(aws: AwsApi, reader: ParameterReader) -> None:
    tagged(aws, "/app/db")
    tagged(aws, "/app/ca", team="a")
    aws.faults.deny("ssm:ListTagsForResource", "/app/db")

    batch = reader.read(["tags of /app/db", "tags of /app/ca", "/app/db"], decrypt=True)

    assert (list(batch.found), list(batch.tags)) == (["/app/db"], ["tags of /app/ca"])
    problem = batch.problems["tags of /app/db"]
    assert problem.kind == "denied"
    assert json.loads(problem.message.partition("this statement allows it: ")[2]) == {
        "Effect": "Allow",
        "Action": "ssm:ListTagsForResource",
        "Resource": f"arn:aws:ssm:eu-central-1:{aws.account}:parameter/app/db",
    }
