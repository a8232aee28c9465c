"""Programs that give credentials (exec plugins, `credential_process`), run with a limit of time and of output."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from .waiting import TookTooLongError, Waiting, seconds_left, within

TIME_LIMIT = 60.0
"""Seconds that a program may run: nobody can answer its questions here, and no token takes longer to get."""

MOST_OUTPUT = 1 << 20
"""Bytes that a program may print: a token or certificate has some thousands."""

_CHUNK = 1 << 16


class TooMuchOutputError(Exception):
    """The program printed more than any credentials can be. It was ended."""


@dataclass(frozen=True)
class Finished:
    """A program that ended by itself. Its output is credentials, and its complaint (its end) may hold some too."""

    code: int
    output: bytes = field(repr=False)
    complaint: bytes = field(repr=False)


def run_program(
    command: Sequence[str],
    environ: Mapping[str, str] | None = None,
    *,
    seconds: float = TIME_LIMIT,
    waiting: Waiting | None = None,
) -> Finished:
    """Run a program to its end, without input.

    It runs in a session of its own: at the limit, and when the user interrupts, it ends with all that it started.

    A deadline that holds here (`waiting.deadline_in`) and comes before the limit of time holds instead.

    Raises:
        OSError: It cannot be run.
        ValueError: The command or environment holds a NUL character.
        TookTooLongError: It did not end in time.
        TooMuchOutputError: See there.
        EndingError: This process is ending.
    """
    if seconds_left() <= 0:
        raise TookTooLongError
    process = subprocess.Popen(  # noqa: S603 - running what the user's configuration names is the job
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        return within(seconds, lambda: _finish(process), stop=lambda: _kill(process), waiting=waiting)
    except TooMuchOutputError:
        _kill(process)
        raise


def _finish(process: subprocess.Popen[bytes]) -> Finished:
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    complaint = bytearray()
    complaints = threading.Thread(target=_keep_end, args=(process.stderr, complaint), daemon=True)
    complaints.start()
    output = bytearray()
    with process.stdout:
        while chunk := process.stdout.read1(_CHUNK):  # type: ignore[attr-defined] # a BufferedReader, which has it
            output += chunk
            if len(output) > MOST_OUTPUT:
                raise TooMuchOutputError
    code = process.wait()
    complaints.join()
    return Finished(code, bytes(output), bytes(complaint))


def _keep_end(stream: IO[bytes], kept: bytearray) -> None:
    with stream:
        while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined] # a BufferedReader, which has it
            kept += chunk
            del kept[:-_CHUNK]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started, and take note of its end so that nothing is left of it."""
    if process.returncode is not None:
        return  # noted already: its number may be another program's by now
    with contextlib.suppress(OSError):  # it has ended
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows has no process groups
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
