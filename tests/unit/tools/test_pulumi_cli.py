"""Without a CLI `make test-pulumi` says that it did not run, and no exit code can be mistaken for a success."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.environment import ROOT
from tools.pulumi_cli.__main__ import NOT_RUN


@pytest.mark.parametrize("half", [False, True], ids=["none", "a CLI without its Python host"])
def test_no_cli_is_not_run(tmp_path: Path, *, half: bool) -> None:
    if half:
        (tmp_path / "pulumi").write_text("#!/bin/sh\necho v3.260.0\n")
        (tmp_path / "pulumi").chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "tools.pulumi_cli"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (NOT_RUN, "")
    assert "NOT RUN: there is no working Pulumi CLI on PATH" in done.stdout
