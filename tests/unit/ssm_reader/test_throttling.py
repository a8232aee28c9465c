"""Throttling is lived through within a budget, and all attempts stay under the shared rate limit."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.aws import RateLimiter, RateLimiters
from components.clients.aws.ssm.reader import ParameterReader
from components.errors import ReadError, SpecError
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import (
    Answer,
    Asked,
    FakeClock,
    HeadedAnswer,
    error,
    parameters,
    reader_at,
    scripted_aws,
)

NAMES = [f"/app/{number}" for number in range(40)]


def test_throttled_for_five_seconds_then_fine(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        return parameters(*asked.body["Names"]) if clock() >= 5 else error("ThrottlingException", "Rate exceeded")

    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read(NAMES, decrypt=False)

    assert len(batch.found) == len(NAMES)
    assert 5 <= clock() < 20


def test_throttled_forever_is_one_clean_error(aws: AwsApi, reader: ParameterReader, clock: FakeClock) -> None:
    aws.faults.throttle("ssm:GetParameters")

    with pytest.raises(ReadError, match=r"rate limit is exceeded after 17 attempts in 56 s") as raised:
        reader.read(["/app/db"], decrypt=False)

    assert "eu-central-1" in str(raised.value)
    assert aws.url in str(raised.value)
    assert raised.value.__suppress_context__
    assert clock() == pytest.approx(56.3)  # with the next delay it would be more than the budget of 60 s
    assert len(aws.calls) == 17


def test_the_first_failure_for_good_ends_the_read(aws: AwsApi, reader: ParameterReader) -> None:
    aws.faults.throttle("ssm:GetParameters")

    with pytest.raises(ReadError):
        reader.read([f"/app/{number}" for number in range(1000)], decrypt=False)

    # 100 calls were to be made; those that had not begun when the first was given up were never sent.
    assert len({call.names for call in aws.calls}) < 20


def test_the_delay_is_a_random_share_of_a_growing_backoff(clock: FakeClock) -> None:
    tries = iter(range(8))

    def script(asked: Asked) -> Answer:
        return error("ThrottlingException") if next(tries) < 7 else parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        reader_at(aws.url, clock).read(["/app/0"], decrypt=False)

    assert clock.slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0])


def test_every_attempt_passes_the_limiter(clock: FakeClock) -> None:
    tries = iter(range(100))

    def script(asked: Asked) -> Answer:
        return error("ThrottlingException") if next(tries) % 2 else parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        reader_at(aws.url, clock, rate=2).read([f"/p/{number}" for number in range(100)], decrypt=False)

    # A full bucket lets 2 calls through at once, the others come at 2 a second, retries among them.
    assert len(aws.requests) > 10
    assert clock() >= (len(aws.requests) - 2) / 2


def test_a_denial_is_retried_only_while_iam_may_not_have_settled(aws: AwsApi, clock: FakeClock) -> None:
    aws.put_parameter("/app/db", "value")
    aws.faults.deny("ssm:GetParameters", "/app/db")
    problems = {}
    for settle in (0, 30):
        aws.clear_calls()
        problems[settle] = reader_at(aws.url, clock, settle=settle).read(["/app/db"], decrypt=False).problems
        assert (len(aws.calls) == 1) == (settle == 0)

    assert clock() == pytest.approx(30, abs=5)
    assert problems[0] == problems[30]
    assert problems[0]["/app/db"].kind == "denied"


def test_a_permission_that_arrives_while_iam_settles_is_used(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        if clock() < 8:
            return error("AccessDeniedException", "User: arn:aws:iam::1:user/u is not authorized")
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock, settle=30).read(NAMES, decrypt=False)

    assert batch.problems == {}


@given(
    rate=st.floats(0.5, 100),
    pauses=st.lists(st.floats(0, 3), max_size=60),
)
def test_no_window_holds_more_than_the_burst_and_its_share(rate: float, pauses: list[float]) -> None:
    clock = FakeClock()
    limiter = clock.limiter(rate)
    sent: list[float] = []
    for pause in pauses:
        clock.sleep(pause)
        limiter.acquire()
        sent.append(clock())

    burst = max(1.0, rate)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + rate * (sent[last] - sent[first]) + 1e-6 * len(sent)


def test_the_limit_holds_for_all_threads_together(clock: FakeClock) -> None:
    limiter = clock.limiter(40)
    threads = [threading.Thread(target=lambda: [limiter.acquire() for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock() >= (400 - 40) / 40 - 1e-6


def test_stores_of_one_account_and_region_share_a_limiter_and_the_lowest_rate_holds() -> None:
    limiters = RateLimiters()

    first = limiters.of("ssm", "123456789012", "eu-central-1", 40)
    second = limiters.of("ssm", "123456789012", "eu-central-1", 10)
    third = limiters.of("ssm", "123456789012", "eu-central-1", 20)

    assert first is second is third
    assert first.rate == 10
    assert limiters.of("ssm", "123456789012", "eu-west-1", 40) is not first
    assert limiters.of("ssm", "210987654321", "eu-central-1", 40) is not first


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_lets_nothing_through_is_refused(rate: float) -> None:
    with pytest.raises(SpecError, match="more than 0"):
        RateLimiter(rate)


def slow_down(after: str) -> HeadedAnswer:
    return 429, {"__type": "ThrottlingException", "message": "canary"}, {"Retry-After": after}


def once(first: HeadedAnswer) -> Callable[[Asked], Answer | HeadedAnswer]:
    answers = [first]
    return lambda asked: answers.pop() if answers else parameters(*asked.body["Names"])


@pytest.mark.parametrize("after", ["5", "59", "90"])
def test_the_time_that_aws_asks_for_is_waited_for(clock: FakeClock, after: str) -> None:
    with scripted_aws(once(slow_down(after))) as aws:
        batch = reader_at(aws.url, clock).read(["/app/db"], decrypt=True)

    assert "/app/db" in batch.found
    assert int(after) <= sum(clock.slept) < int(after) + 1
    assert max(clock.slept) <= 5  # in pieces, so that it can be given up in between


def test_time_that_is_too_long_is_told_and_not_waited_for(clock: FakeClock) -> None:
    with (
        scripted_aws(lambda _: slow_down("7300")) as aws,
        pytest.raises(ReadError, match="asks to be called again in 2 hours; lower the store's rate limit") as raised,
    ):
        reader_at(aws.url, clock).read(["/app/db"], decrypt=True)

    assert clock.slept == []
    assert "canary" not in str(raised.value)


def test_time_that_is_asked_for_again_and_again_has_an_end(clock: FakeClock) -> None:
    with scripted_aws(lambda _: slow_down("61")) as aws, pytest.raises(ReadError, match="after 2 attempts in 61 s"):
        reader_at(aws.url, clock).read(["/app/db"], decrypt=True)


@pytest.mark.parametrize("after", ["-1", "soon", "", "1e3", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_time_that_says_nothing_is_passed_over(clock: FakeClock, after: str) -> None:
    with scripted_aws(once(slow_down(after))) as aws:
        assert "/app/db" in reader_at(aws.url, clock).read(["/app/db"], decrypt=True).found

    assert sum(clock.slept) <= 0.1


def test_a_wait_that_is_asked_for_is_told(clock: FakeClock) -> None:
    told: list[str] = []

    def progress(sentence: str) -> None:
        told.append(sentence)
        if "asks" in sentence:
            aws.released.set()

    answers = [slow_down("90")]

    def script(asked: Asked) -> Answer | HeadedAnswer:
        if answers:
            return answers.pop()
        aws.released.wait(20)
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        reader_at(aws.url, clock, progress=progress, progress_every=0.01).read(["/app/db"], decrypt=True)

    assert told[-1].endswith("waiting for AWS's rate limit, which asks to be called again in 90 s")
