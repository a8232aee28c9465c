"""What a read costs in calls, whatever the number of secrets, and that its calls overlap."""

import threading
from collections import Counter

import pytest

from components.clients.aws.ssm.reader import ParameterReader
from components.core.ssm.sources import Find
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, reader_at, scripted_aws


def counted(aws: AwsApi) -> dict[str, int]:
    return dict(Counter(call.operation for call in aws.calls))


@pytest.mark.parametrize("decrypt", [False, True])
def test_many_secrets_over_few_parameters_cost_what_the_parameters_cost(
    aws: AwsApi, reader: ParameterReader, *, decrypt: bool
) -> None:
    names = [f"/app/{number}" for number in range(25)]
    for name in names:
        aws.put_parameter(name, "value")
    secrets = [[names[(number * 7 + key) % 25] for key in range(12)] for number in range(40)]

    batch = reader.read([name for keys in secrets for name in keys], decrypt=decrypt)

    assert len(batch.found) == 25
    assert counted(aws) == {"GetParameters": 3}


@pytest.mark.parametrize(("parameters", "pages"), [(9, 1), (10, 1), (11, 2), (40, 4)])
@pytest.mark.parametrize("decrypt", [False, True])
def test_finds_below_one_path_share_its_pages(
    aws: AwsApi, reader: ParameterReader, parameters: int, pages: int, *, decrypt: bool
) -> None:
    for number in range(parameters):
        aws.put_parameter(f"/app/{number}", "value")
    finds = [str(Find("/app", expression)) for expression in (".*", "/app/1", "[02468]$", "nothing")]

    batch = reader.read([*finds, *finds], decrypt=decrypt)

    assert [len(batch.listings[find]) for find in (finds[0], finds[-1])] == [parameters, 0]
    assert counted(aws) == {"GetParametersByPath": pages}


def test_finds_by_tags_share_pages_of_fifty_and_batches_of_ten(aws: AwsApi, reader: ParameterReader) -> None:
    for number in range(60):
        tags = [{"Key": "team", "Value": "a"}, {"Key": "half", "Value": str(number % 2)}]
        aws.put_parameter(f"/app/{number}", "value", overwrite=False, Tags=tags)
    team = (("team", "a"),)
    finds = [str(each) for each in (Find(None, None, team), Find(None, "5", team), Find(None, None, (("half", "1"),)))]

    batch = reader.read([*finds, "/app/0", "/app/1"], decrypt=True)

    assert [len(batch.listings[find]) for find in finds] == [60, 15, 30]
    # 60 by team in 2 pages, 30 by half in 1; of the 60 values two are asked for at once, by name.
    assert counted(aws) == {"DescribeParameters": 3, "GetParameters": 1 + 6}
    assert sum(len(call.names) for call in aws.calls) == 60


def test_versions_of_finds_by_tags_cost_no_read_by_name(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value", overwrite=False, Tags=[{"Key": "team", "Value": "a"}])

    reader.read([str(Find(None, None, (("team", "a"),)))], decrypt=False)

    assert counted(aws) == {"DescribeParameters": 1}


def test_names_tags_and_finds_are_under_way_at_once(clock: FakeClock) -> None:
    # Nobody is answered before four are waiting, so with fewer calls at once the barrier breaks.
    four = threading.Barrier(4, timeout=20)

    def together(asked: Asked) -> Answer:
        four.wait()
        if asked.operation == "ListTagsForResource":
            return 200, {"TagList": []}
        return 200, {"Parameters": [], "InvalidParameters": asked.body.get("Names", [])}

    sources = ["/other/db", "tags of /app/db", str(Find("/app", ".*")), str(Find(None, None, (("team", "a"),)))]
    with scripted_aws(together) as aws:
        batch = reader_at(aws.url, clock, concurrency=4).read(sources, decrypt=True)

    assert len(batch.tags) + len(batch.listings) + len(batch.problems) == 4
    assert {asked.operation for asked in aws.requests} == {
        "DescribeParameters",
        "GetParameters",
        "GetParametersByPath",
        "ListTagsForResource",
    }


def test_the_values_of_what_was_found_are_read_at_once(clock: FakeClock) -> None:
    four = threading.Barrier(4, timeout=20)
    names = [f"/app/{number}" for number in range(40)]

    def script(asked: Asked) -> Answer:
        if asked.operation == "DescribeParameters":
            return 200, {"Parameters": [{"Name": name, "Version": 1} for name in names]}
        four.wait()
        return 200, {"Parameters": [{"Name": name, "Version": 1, "Value": "v"} for name in asked.body["Names"]]}

    wanted = str(Find(None, None, (("team", "a"),)))
    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock, concurrency=4).read([wanted], decrypt=True)

    assert sorted(batch.listings[wanted]) == sorted(names)


def test_a_long_listing_keeps_only_what_is_wanted(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        first = int(asked.body.get("NextToken", "0"))
        entries = [{"Name": f"/app/{first + number}", "Version": 1, "Value": "v"} for number in range(10)]
        return 200, {"Parameters": entries, **({"NextToken": str(first + 10)} if first < 4990 else {})}

    told: list[str] = []
    wanted = str(Find("/app", "/4999$"))
    with scripted_aws(script) as aws:
        reader = reader_at(aws.url, clock, rate=1e6, progress=told.append, progress_every=0.01)
        batch = reader.read([wanted], decrypt=True)

    assert list(batch.listings[wanted]) == ["/app/4999"]
    assert len(aws.requests) == 500
    assert all(text.startswith("listed ") and "parameters so far in eu-central-1" in text for text in told)
