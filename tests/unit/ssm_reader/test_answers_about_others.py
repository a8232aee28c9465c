"""An answer about another version, label, account, region or parameter is none for what was asked."""

from typing import Any

import pytest

from components.errors import IdentityError, ReadError
from tests.unit.ssm_reader.support import Answer, FakeClock, error, reader_at, scripted_aws

SHARED = "arn:aws:ssm:eu-central-1:111122223333:parameter/shared/db"
OF_OTHERS = SHARED.replace("111122223333", "999999999999")


def entry(name: str = "/db", version: Any = 1, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "String", "Value": "canary", "Version": version, **more}


def answer(*entries: dict[str, Any], invalid: tuple[str, ...] = ()) -> Answer:
    return 200, {"Parameters": list(entries), "InvalidParameters": list(invalid)}


OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "another version": ("/db:3", entry(version=5)),
    "an older version": ("/db:3", entry(version=2, Selector=":2")),
    "another label": ("/db:live", entry(version=5, Selector=":stale")),
    "a version where the newest was asked for": ("/db", entry(version=5, Selector=":5")),
    "another account": (SHARED, entry("/shared/db", ARN=OF_OTHERS)),
    "another account, by its ARN": (SHARED, entry(OF_OTHERS, ARN=OF_OTHERS)),
    "another region": (SHARED, entry("/shared/db", ARN=SHARED.replace("central", "west"))),
    "another partition": (SHARED, entry("/shared/db", ARN=SHARED.replace("aws:ssm", "aws-cn:ssm"))),
    "another parameter's ARN": ("/db", entry(ARN=SHARED)),
    "no number for a version": ("/db", entry(version=True)),
}


@pytest.mark.parametrize(("asked", "told"), OTHERS.values(), ids=OTHERS)
def test_it_is_a_problem_of_what_was_asked_and_not_its_value(asked: str, told: dict[str, Any]) -> None:
    with scripted_aws(lambda _: answer(told)) as aws:
        batch = reader_at(aws.url, FakeClock()).read([asked], decrypt=True)
    assert not batch.found
    assert "says nothing about it" in batch.problems[asked].message


SAME: dict[str, tuple[str, dict[str, Any]]] = {
    "a version": ("/db:3", entry(version=3, Selector=":3")),
    "a label": ("/db:live", entry(version=5, Selector=":live")),
    "a shared one by its name": (SHARED, entry("/shared/db", ARN=SHARED)),
    "a shared one by its ARN": (f"{SHARED}:2", entry(SHARED, version=2, ARN=SHARED)),
    "a name without a slash": ("db", entry("db", ARN=SHARED.replace("/shared", ""))),
}


@pytest.mark.parametrize(("asked", "told"), SAME.values(), ids=SAME)
def test_what_was_asked_is_taken(asked: str, told: dict[str, Any]) -> None:
    with scripted_aws(lambda _: answer(told)) as aws:
        assert list(reader_at(aws.url, FakeClock()).read([asked], decrypt=True).found) == [asked]


@pytest.mark.parametrize(
    "told",
    [
        answer(entry(version=1), entry(version=2)),
        answer(entry(), entry("db")),
        answer(entry(), invalid=("/db",)),
        answer(invalid=("/db", "/db:3")),
    ],
)
def test_an_answer_that_tells_something_twice_is_none(told: Answer) -> None:
    with scripted_aws(lambda _: told) as aws, pytest.raises(ReadError, match="its answer is not one of AWS's"):
        reader_at(aws.url, FakeClock(), budget=1.0).read(["/db"], decrypt=True)


def test_a_clock_that_is_wrong_is_named() -> None:
    skewed = error("RequestTimeTooSkewed")
    with scripted_aws(lambda _: skewed) as aws, pytest.raises(IdentityError, match="used with a clock that is wrong"):
        reader_at(aws.url, FakeClock()).read(["/db"], decrypt=True)
