"""`name`, `name:version` and `name:label` each give what was asked for, also side by side."""

from components.clients.aws.ssm.reader import ParameterReader
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Asked, FakeClock, reader_at, scripted_aws


def read(reader: ParameterReader, *references: str) -> dict[str, tuple[int, str]]:
    batch = reader.read(references, decrypt=True)
    assert batch.problems == {}
    return {name: (found.version, found.value.reveal()) for name, found in batch.found.items() if found.value}


def test_newest_version_and_label_of_one_name(aws: AwsApi, reader: ParameterReader) -> None:
    for value in ("first", "second", "third"):
        aws.put_parameter("/app/db", value)
    aws.client("ssm").label_parameter_version(Name="/app/db", ParameterVersion=2, Labels=["prod"])

    assert read(reader, "/app/db", "/app/db:1", "/app/db:prod", "/app/db:3") == {
        "/app/db": (3, "third"),
        "/app/db:1": (1, "first"),
        "/app/db:prod": (2, "second"),
        "/app/db:3": (3, "third"),
    }


def test_a_name_with_and_without_slash_and_its_arn_are_one_parameter(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("db", "value")
    arn = f"arn:aws:ssm:{aws.region}:{aws.account}:parameter/db"

    assert read(reader, "db", "/db", arn, f"{arn}:1") == dict.fromkeys(("db", "/db", arn, f"{arn}:1"), (1, "value"))


def test_an_answer_without_selectors_is_no_riddle(clock: FakeClock) -> None:
    def by_version(asked: Asked) -> tuple[int, dict[str, object] | str]:
        found = []
        for sent in asked.body["Names"]:
            name, _, version = sent.partition(":")
            found.append({"Name": name, "Type": "String", "Value": f"v{version}", "Version": int(version)})
        return 200, {"Parameters": found[::-1], "InvalidParameters": []}

    wanted = [f"/{name}:{version}" for name in "bcdef" for version in (1, 2, 3)]
    with scripted_aws(by_version) as aws:
        got = read(reader_at(aws.url, clock), *wanted)

    assert got == {name: (int(name[-1]), f"v{name[-1]}") for name in wanted}


def test_a_shared_parameter_may_be_answered_by_its_arn(clock: FakeClock) -> None:
    shared = "arn:aws:ssm:eu-central-1:210987654321:parameter/shared/db"

    def by_arn(_: Asked) -> tuple[int, dict[str, object] | str]:
        return 200, {"Parameters": [{"Name": shared, "ARN": shared, "Value": "value", "Version": 4}]}

    with scripted_aws(by_arn) as aws:
        assert read(reader_at(aws.url, clock), shared) == {shared: (4, "value")}
