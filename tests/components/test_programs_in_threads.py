"""Programs of several stacks at once in one process, as with the Automation API."""

import sys

from components.program.resources import short_trace


def test_two_that_overlap_give_back_the_processs_limit_of_tracebacks() -> None:
    one, other = short_trace(), short_trace()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert sys.tracebacklimit == 5
    other.__exit__(None, None, None)
    assert not hasattr(sys, "tracebacklimit")
