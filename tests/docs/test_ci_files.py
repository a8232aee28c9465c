"""actionlint and the schemas of GitHub and GitLab pass the CI files, and do not pass broken ones."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.ci_examples.__main__ import EXAMPLES, linters

pytestmark = pytest.mark.docs


def test_they_pass() -> None:
    command = [sys.executable, "-m", "tools.ci_examples"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "FAILED" not in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("passed") >= 2, done.stdout
    if shutil.which("go") or shutil.which("actionlint"):
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("github-actions.yml", "timeout-minutes: 15", "timeout-minuts: 15"),
        ("gitlab-ci.yml", "interruptible: false", "interruptible: [1]"),
    ],
)
def test_a_broken_one_does_not(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = (EXAMPLES / file).read_text()
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong))
    commands = [each for name, each in linters(tmp_path).items() if each and "schema" in name and file in each[-1]]
    assert commands
    for command in commands:
        assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode
