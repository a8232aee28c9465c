"""The real API server of the test bed: it says why it does not start, and never outlives who started it."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.environment import ROOT
from tools.api_server.binaries import Binaries, built, version
from tools.api_server.server import ApiServer, ServerError

# Starts a server, says which processes that are, and waits to be killed.
OWNER = """
import sys
from tools.api_server.binaries import built
from tools.api_server.server import ApiServer
with ApiServer(built()) as server:
    print(*(process.pid for process in server.processes), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def binaries() -> Binaries:
    found = built()
    assert found is not None
    return found


def test_it_is_the_version_that_go_mod_names(api_server: ApiServer) -> None:
    assert api_server.send("GET", "/version")["gitVersion"] == version()


def test_two_servers_know_nothing_of_each_other(api_server: ApiServer, binaries: Binaries) -> None:
    with ApiServer(binaries) as other:
        other.send("POST", "/api/v1/namespaces", {"metadata": {"name": "elsewhere"}})
        found = [each["metadata"]["name"] for each in api_server.send("GET", "/api/v1/namespaces")["items"]]
    assert "elsewhere" not in found
    assert [process.poll() is None for process in other.processes] == [False, False]


def test_what_does_not_start_says_why_and_leaves_nothing(binaries: Binaries) -> None:
    server = ApiServer(binaries, "--no-such-flag")
    with pytest.raises(ServerError, match=r"server ended with 1:[^$]*unknown flag: --no-such-flag"), server:
        pytest.fail("it started")
    assert [process.poll() is None for process in server.processes] == [False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_server_dies_with_its_owner(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # for what nobody is left to remove
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True
    ) as owner:
        assert owner.stdout is not None
        handles = [os.pidfd_open(int(number)) for number in owner.stdout.readline().split()]
        owner.kill()
    assert len(handles) == 2
    for handle in handles:
        assert select.select([handle], [], [], 60)[0], "it still runs"
        os.close(handle)
