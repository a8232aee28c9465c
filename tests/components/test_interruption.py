"""A program that the Pulumi CLI interrupts, as it does when an operation fails, ends without a traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from components.program.interruption import end_quietly
{before}
end_quietly()
end_quietly()
raise {error}
"""
OWN_HOOK = "sys.excepthook = lambda *_: print('own', file=sys.stderr)"


def run(folder: Path, name: str, error: str, before: str = "") -> subprocess.CompletedProcess[str]:
    script = folder / name
    script.write_text(SCRIPT.format(error=error, before=before))
    root = Path(__file__).parents[2]
    command = [sys.executable, str(script)]
    return subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)


def test_the_interrupt_of_the_cli_prints_nothing(tmp_path: Path) -> None:
    ended = run(tmp_path, "pulumi-language-python-exec", "KeyboardInterrupt")
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")


@pytest.mark.parametrize(
    ("name", "error", "before"),
    [
        ("pulumi-language-python-exec", "ValueError", ""),
        ("program-of-the-automation-api.py", "KeyboardInterrupt", ""),
        (
            "pulumi-language-python-exec",
            "KeyboardInterrupt",
            OWN_HOOK,
        ),
    ],
)
def test_everything_else_is_told_as_before(tmp_path: Path, name: str, error: str, before: str) -> None:
    ended = run(tmp_path, name, error, before)
    assert ended.returncode
    assert ("own\n" if before else error) in ended.stderr
