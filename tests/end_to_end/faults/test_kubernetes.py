"""The Kubernetes API refuses, hangs and hangs up: a passing fault is retried, a lasting one fails its Secret alone."""

import pytest

from sandbox.kubernetes.faults import HANG, RESET, Fault
from tests.end_to_end.faults.support import FIRST, SECOND, THIRD, Stack, WriteFault
from tests.end_to_end.support import NAMESPACE

pytestmark = pytest.mark.slow


def test_passing_faults_of_a_write_are_retried(stack: Stack) -> None:
    assert stack.up().result.exit_code == 0
    faults = [
        WriteFault(429, name=SECOND),
        WriteFault(500, name=SECOND, times=2),
        WriteFault(503, name=SECOND),
        WriteFault(RESET, name=SECOND),
        WriteFault(HANG, name=SECOND, hold=0.2),
    ]
    for fault in faults:
        stack.rotate(SECOND)
        stack.sandbox.kubernetes.faults.add(fault)
        up = stack.up()
        assert up.result.exit_code == 0, (fault, up.output)
        assert fault.struck.is_set()
        assert stack.sandbox.kubernetes.faults.active() == []
        assert stack.writes() == [("patch", SECOND)] * ((fault.times or 1) + 1)
        assert stack.current(SECOND)
    stack.check_settled()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (409, "it was changed or created by somebody else meanwhile"),
        (429, "The server is overloaded"),
        (500, "The server has a problem of its own"),
        (RESET, "the connection broke"),
        (HANG, "no answer within the time limit"),
    ],
)
def test_a_lasting_fault_of_a_write_fails_that_secret_alone(stack: Stack, answer: int | str, why: str) -> None:
    stack.shorten_kubernetes()
    fault = WriteFault(answer, name=SECOND, times=1000)
    stack.sandbox.kubernetes.faults.add(fault)
    up = stack.up(continue_on_error=True)
    stack.check_failure(up, f"Cannot apply Secret {NAMESPACE}/{SECOND} in ", why)
    assert fault.struck.is_set()
    assert (stack.current(FIRST), stack.secret(SECOND), stack.current(THIRD)) == (True, None, True)
    stack.check_recovers()


def test_an_api_that_is_down_is_a_clean_failure_of_the_preview_too(stack: Stack) -> None:
    stack.shorten_kubernetes()
    assert stack.up().result.exit_code == 0
    stack.rotate(FIRST, SECOND, THIRD)
    stack.sandbox.kubernetes.faults.add(Fault(500, times=1000))
    why = "etcdserver: request timed out after"
    preview, up = stack.preview(), stack.up()
    stack.sandbox.kubernetes.faults.clear()
    stack.check_failure(preview, why, "HTTP 500")
    stack.check_failure(up, why, "HTTP 500")
    assert not any(stack.current(name) for name in (FIRST, SECOND, THIRD))
    stack.check_recovers()


def test_a_missing_namespace_is_named_by_preview_and_by_up(empty_cluster: Stack) -> None:
    why = f"there is no namespace '{NAMESPACE}'. Create it first."
    empty_cluster.check_failure(empty_cluster.preview(), why)
    empty_cluster.check_failure(empty_cluster.up(), why)
    empty_cluster.sandbox.kubernetes.create_namespace(NAMESPACE)
    empty_cluster.check_recovers()
