"""Programs that give credentials end in time, with all that they started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.clients.programs import MOST_OUTPUT, TooMuchOutputError, run_program
from components.clients.waiting import TookTooLongError, Waiting, deadline_in

FOREVER = "import threading; threading.Event().wait()"


def python(code: str, *args: str) -> list[str]:
    return [sys.executable, "-IS", "-c", code, *args]


def is_gone(pid: int) -> bool:
    """Whether a process ends within some seconds; one that is dead and not buried counts as gone."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def pid_in(file: Path) -> int:
    for _ in range(200):
        if file.exists() and file.read_text().endswith("\n"):
            return int(file.read_text())
        time.sleep(0.05)
    pytest.fail("the program has not begun")


def test_what_it_prints_and_how_it_ends() -> None:
    done = run_program(python("import sys; print('token'); sys.stderr.write('why'); sys.exit(3)"))
    assert (done.code, done.output, done.complaint) == (3, b"token\n", b"why")
    assert "token" not in repr(done)
    assert "why" not in repr(done)


def test_it_has_no_input_and_no_terminal() -> None:
    code = "import sys, os; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    assert run_program(python(code)).output == b"'' True\n"


def test_at_the_limit_it_ends_with_what_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    code = (
        "import subprocess, sys, pathlib\n"
        f"child = subprocess.Popen([sys.executable, '-IS', '-c', {FOREVER!r}])\n"
        "pathlib.Path(sys.argv[1]).write_text(f'{child.pid}\\n')\n"
        "child.wait()"
    )
    began = time.monotonic()
    with pytest.raises(TookTooLongError):
        run_program(python(code, str(child)), seconds=1.0)
    assert time.monotonic() - began < 10
    assert is_gone(pid_in(child))


def test_a_child_that_keeps_the_output_open_is_not_waited_for_longer_than_the_limit() -> None:
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-IS', '-c', {FOREVER!r}])"
    with pytest.raises(TookTooLongError):
        run_program(python(code), seconds=0.5)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output_without_end(stream: str) -> None:
    """Too much output is an error; too many words on standard error are only forgotten."""
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    kind = TooMuchOutputError if stream == "stdout" else TookTooLongError
    with pytest.raises(kind):
        run_program(python(code), seconds=30.0 if stream == "stdout" else 0.5)


def test_a_lot_of_output_on_both_streams() -> None:
    code = f"import sys; sys.stderr.write('y' * 500_000 + 'end'); sys.stdout.write('x' * {MOST_OUTPUT})"
    done = run_program(python(code))
    assert len(done.output) == MOST_OUTPUT
    assert done.complaint.endswith(b"yend")
    assert len(done.complaint) <= 1 << 16


def test_a_deadline_that_comes_first_holds() -> None:
    began = time.monotonic()
    with deadline_in(0.2), pytest.raises(TookTooLongError):
        run_program(python(FOREVER))
    assert time.monotonic() - began < 10


def test_after_the_deadline_nothing_is_left_running(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"import os, sys, pathlib; pathlib.Path(sys.argv[1]).write_text(f'{{os.getpid()}}\\n'); {FOREVER}"
    with deadline_in(-1), pytest.raises(TookTooLongError):
        run_program(python(code, str(pid)))
    time.sleep(0.1)
    assert not pid.exists() or is_gone(pid_in(pid))


def test_a_long_run_is_told() -> None:
    told: list[str] = []
    with pytest.raises(TookTooLongError):
        run_program(python(FOREVER), seconds=0.5, waiting=Waiting("the program", told.append, every=0.1))
    assert 3 <= len(told) <= 5
    assert told[0] == "waiting for the program (0 s so far)"


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, ends: signal.Signals) -> None:
    """As Pulumi's provider process: calls in an executor's threads, while the main thread waits for its end."""
    pid = tmp_path / "pid"
    plugin = f"import os, sys, pathlib; pathlib.Path(sys.argv[1]).write_text(f'{{os.getpid()}}\\n'); {FOREVER}"
    main = (
        "import signal, sys, threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from components.clients.programs import run_program\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        "calls = ThreadPoolExecutor(4)\n"
        "from components.clients.waiting import pause\n"
        "try:\n"  # the signal may come while the second call is made, or just before a wait, which does not see it
        "    calls.submit(pause, 300)\n"
        f"    calls.submit(run_program, [sys.executable, '-IS', '-c', {plugin!r}, sys.argv[1]])\n"
        "    while True:\n"
        "        threading.Event().wait(0.1)\n"
        "except KeyboardInterrupt:\n"
        "    pass\n"
    )
    with subprocess.Popen([sys.executable, "-c", main, str(pid)]) as process:
        program = pid_in(pid)
        os.kill(process.pid, ends)
        assert process.wait(10) == 0
    assert is_gone(program)
