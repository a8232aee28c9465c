"""The provider process is killed while it writes a Secret: the update fails, and the next one goes on from there."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.kubernetes.faults import HANG
from tests.end_to_end.faults.support import FIRST, SECOND, THIRD, Stack, WriteFault

PROVIDER = b"\0-m\0pulumi.dynamic\0"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the process in Linux's /proc"),
]


def providers(project: Path) -> list[int]:
    """The dynamic providers that run in this project: other tests run theirs at the same time."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = (process / "cwd").resolve() == project and PROVIDER in (process / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile, or belongs to somebody else
            continue
        if ours:
            found.append(int(process.name))
    return found


def kill_when(struck: threading.Event, project: Path) -> list[int]:
    """Wait for the write and kill the provider that makes it."""
    found = providers(project) if struck.wait(60) else []
    for process in found:
        os.kill(process, signal.SIGKILL)
    return found


@pytest.mark.parametrize("deployed", [False, True], ids=["create", "update"])
def test_a_provider_killed_in_mid_apply_leaves_a_usable_stack(stack: Stack, deployed: bool) -> None:  # noqa: FBT001
    if deployed:
        assert stack.up().result.exit_code == 0
        stack.rotate(FIRST, SECOND, THIRD)
    fault = WriteFault(HANG, name=SECOND)
    stack.sandbox.kubernetes.faults.add(fault)
    with ThreadPoolExecutor(1) as other:
        killed = other.submit(kill_when, fault.struck, stack.path)
        up = stack.up()
    assert len(killed.result()) == 1, "there was one provider process, in the middle of a write"
    stack.check_failure(up, SECOND)
    assert not stack.current(SECOND)
    assert providers(stack.path) == []
    stack.check_recovers()
