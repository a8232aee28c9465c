"""N names cost ceil(N/10) calls, whatever their order, and no answer is mistaken for another."""

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.aws.ssm.named_parameters import batches
from components.clients.aws.ssm.reader import ParameterReader
from components.core.ssm.counting import NAMES_PER_CALL
from components.core.ssm.references import ParameterReference
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Asked, FakeClock, parameters, reader_at, scripted_aws


@pytest.mark.parametrize(("names", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_a_call_for_each_ten_names(aws: AwsApi, reader: ParameterReader, names: int, calls: int) -> None:
    wanted = {f"/app/{number}": f"value-{number}" for number in range(names)}
    for name, value in wanted.items():
        aws.put_parameter(name, value)

    batch = reader.read(wanted, decrypt=True)

    assert {name: found.value.reveal() for name, found in batch.found.items() if found.value} == wanted
    assert batch.problems == {}
    assert [call.operation for call in aws.calls] == ["GetParameters"] * calls
    assert sorted(name for call in aws.calls for name in call.names) == sorted(wanted)


def test_a_name_that_is_asked_for_twice_is_sent_once(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")

    reader.read(["/app/db", "/app/db"], decrypt=False)

    assert [call.names for call in aws.calls] == [("/app/db",)]


def test_the_order_of_the_references_does_not_matter(aws: AwsApi, reader: ParameterReader) -> None:
    names = [f"/app/{number}" for number in range(25)]

    reader.read(names, decrypt=False)
    forwards = {call.names for call in aws.calls}
    aws.clear_calls()
    reader.read(reversed(names), decrypt=False)

    assert {call.names for call in aws.calls} == forwards


def test_several_calls_are_under_way_at_once(clock: FakeClock) -> None:
    # Nobody is answered before four are waiting, so with fewer calls at once the barrier breaks.
    four = threading.Barrier(4, timeout=20)

    def together(asked: Asked) -> tuple[int, dict[str, object] | str]:
        four.wait()
        return parameters(*asked.body["Names"])

    with scripted_aws(together) as aws:
        batch = reader_at(aws.url, clock, concurrency=4).read([f"/p/{number}" for number in range(40)], decrypt=False)

    assert len(batch.found) == 40


def test_reading_without_decryption_keeps_no_value(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/secure", "value")
    aws.put_parameter("/app/plain", "value", "String")

    batch = reader.read(["/app/secure", "/app/plain"], decrypt=False)

    assert {name: (found.version, found.type, found.value) for name, found in batch.found.items()} == {
        "/app/secure": (1, "SecureString", None),
        "/app/plain": (1, "String", None),
    }
    assert [call.decrypt for call in aws.calls] == [False]


references = st.builds(
    ParameterReference,
    st.sampled_from(["db", "/db", "/app/db", "arn:aws:ssm:eu-west-1:123456789012:parameter/db"])
    | st.from_regex(r"/[b-r]{1,3}", fullmatch=True),
    st.sampled_from(["", "1", "2", "3", "prod"]),
)


@given(st.sets(references, max_size=60))
def test_calls_are_few_and_never_ask_for_one_parameter_twice(wanted: set[ParameterReference]) -> None:
    calls = batches(wanted)

    assert sorted(reference for call in calls for reference in call) == sorted(wanted)
    assert all(len(call) <= NAMES_PER_CALL for call in calls)
    assert all(len({reference.path for reference in call}) == len(call) for call in calls)
    same = [reference.path for reference in wanted]
    assert len(calls) == max(math.ceil(len(wanted) / NAMES_PER_CALL), *map(same.count, same), 0)
