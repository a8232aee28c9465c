"""Listings end: a token that comes again, and more pages than AWS has parameters for, are errors."""

import pytest

from components.clients.aws.ssm import pages
from components.core.ssm.counting import BY_PATH_PAGE
from components.core.ssm.sources import Find
from components.errors import ReadError
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, reader_at, scripted_aws

FINDS = [str(Find("/app", ".*")), str(Find(None, None, (("team", "a"),)))]
NEXT = {None: "a", "a": "b", "b": "c", "c": "a"}


@pytest.mark.parametrize("find", FINDS, ids=["by path", "by tags"])
def test_tokens_in_a_circle(clock: FakeClock, find: str) -> None:
    def script(asked: Asked) -> Answer:
        return 200, {"Parameters": [], "NextToken": NEXT[asked.body.get("NextToken")]}

    with scripted_aws(script) as aws, pytest.raises(ReadError, match="its answer is not one of AWS's"):
        reader_at(aws.url, clock, budget=1).read([find], decrypt=False)

    assert len(aws.requests) < 20


@pytest.mark.parametrize("find", FINDS, ids=["by path", "by tags"])
def test_pages_without_end(clock: FakeClock, find: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 10)

    def script(_: Asked) -> Answer:
        return 200, {"Parameters": [], "NextToken": f"page {len(aws.requests)}"}

    with scripted_aws(script) as aws, pytest.raises(ReadError, match="its answer is not one of AWS's"):
        reader_at(aws.url, clock, budget=1).read([find], decrypt=False)

    assert len(aws.requests) < 30


def test_a_page_larger_than_asked_for(clock: FakeClock) -> None:
    entries = [{"Name": f"/app/{number}", "Type": "String", "Version": 1, "Value": "x"} for number in range(51)]
    with (
        scripted_aws(lambda _: (200, {"Parameters": entries})) as aws,
        pytest.raises(ReadError, match="its answer is not one of AWS's"),
    ):
        reader_at(aws.url, clock, budget=1).read([FINDS[0]], decrypt=True)


def test_all_that_a_region_holds_can_be_listed() -> None:
    assert pages.MOST_PAGES * BY_PATH_PAGE >= 100_000
