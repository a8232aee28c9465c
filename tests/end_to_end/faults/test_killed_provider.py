"""The provider process is killed while it writes: the update fails, and the next one goes on from there."""

import base64
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.kubernetes.faults import HANG
from tests.end_to_end.faults.support import FIRST, SECOND, THIRD, Stack, WriteFault
from tests.end_to_end.support import Project

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


PUSHED = [f"/pushed/{number}" for number in range(5)]
AT_ONCE = 3
"""Writes that AWS takes without a wait: the provider is killed while it waits for the next one."""


def kill_after_writes(project: Project) -> int:
    """Wait until so many parameters are written, kill the provider, and return how many it was."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        written = sum(call.operation == "PutParameter" for call in project.sandbox.aws.calls)
        if written >= AT_ONCE:
            for process in providers(project.path):
                os.kill(process, signal.SIGKILL)
            return written
        threading.Event().wait(0.01)
    return 0


def test_a_provider_killed_between_two_writes_of_parameters_writes_none_twice(project: Project) -> None:
    project.config["parameter-store:pushSecrets"] = [
        {
            "name": "pushed",
            "secretStoreRefs": ["team-a"],
            "selector": {"secret": {"name": "source"}},
            "data": [{"match": {"secretKey": "key", "remoteRef": {"remoteKey": name}}} for name in PUSHED],
        }
    ]
    for version in (1, 2):
        value = f"canary-pushed-{version}"
        project.guard(value)
        data = {"key": base64.b64encode(value.encode()).decode()}
        project.cluster().apply_secret("team-a", "source", {"data": data}, force=True)
        project.sandbox.aws.clear_calls()
        with ThreadPoolExecutor(1) as other:
            killed = other.submit(kill_after_writes, project)
            up = project.up()
        assert (killed.result(), up.result.exit_code) == (AT_ONCE, 1), up.output
        assert "Traceback" not in up.output
        preview = project.preview()
        assert preview.output.count("value may change (written ") == AT_ONCE, preview.output
        again = project.up()
        assert again.result.exit_code == 0, again.output
        found = project.sandbox.aws.client("ssm").get_parameters(Names=PUSHED, WithDecryption=True)["Parameters"]
        assert {(each["Value"], each["Version"]) for each in found} == {(value, version)}
        assert len(found) == len(PUSHED)
        assert project.preview().changes == {}
