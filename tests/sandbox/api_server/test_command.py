"""Where nothing can be built `make test-kubernetes` says so, and no exit code can be mistaken for a success."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.environment import ROOT
from tools.api_server.binaries import NOT_RUN, build, built

pytestmark = pytest.mark.slow

GO = """#!/bin/sh
echo "go: go.mod requires go >= 1.26.0 (running go 1.19)" >&2
exit 1
"""


def run(*module: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a Python module where nothing was built, and nothing but `home` is on PATH."""
    return subprocess.run(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, "PATH": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_go_is_not_run(tmp_path: Path) -> None:
    done = run("tools.api_server", home=tmp_path)
    assert (done.returncode, done.stderr) == (NOT_RUN, "")
    assert "NOT RUN: there is no `go` on PATH. Install Go" in done.stdout


def test_a_build_that_fails_is_not_run_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "go").write_text(GO)
    (tmp_path / "go").chmod(0o755)
    done = run("tools.api_server", home=tmp_path)
    assert (done.returncode, done.stderr) == (NOT_RUN, "")
    assert "NOT RUN: `go build` in " in done.stdout
    assert "go.mod requires go >= 1.26.0" in done.stdout
    assert [file.name for file in (tmp_path / "cache").rglob("*") if file.is_file()] == ["lock"]


def test_pytest_alone_says_that_nothing_was_built(tmp_path: Path) -> None:
    done = run("pytest", "--api", "server", "tests/sandbox/kubernetes_api", home=tmp_path)
    assert done.returncode == NOT_RUN
    assert "NOT RUN: no kube-apiserver v" in done.stderr + done.stdout


def test_a_build_is_kept_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A `go` that makes what it is asked for; the real one takes minutes.
    (tmp_path / "go").write_text(
        '#!/bin/sh\necho "$@" >> "$0.calls"\nwhile [ "$1" != -o ]; do shift; done\n'
        'mkdir "$2" && echo k > "$2/kube-apiserver" && echo e > "$2/server"\n'
    )
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert built() is None
    said: list[str] = []
    first = build(said.append)
    assert (first.etcd.read_text(), first.api_server.read_text()) == ("e\n", "k\n")
    assert "about 7 minutes" in said[0]
    assert build(said.append) == first == built()
    assert len((tmp_path / "go.calls").read_text().splitlines()) == 1
