"""Becomes another program that ends when its parent dies, so that a killed engine leaves no provider behind.

Run as a script (`python -I -S tether.py PARENT SIGNAL COMMAND ...`). It cannot be done between fork and exec of the
engine itself, as gRPC's threads do not survive a fork that runs Python code. Only Linux has the signal; elsewhere
nothing is tethered.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def tethered(command: list[str], by: signal.Signals = signal.SIGTERM) -> list[str]:
    """Return the command line that runs a command tethered to this process: when that dies, this signal comes."""
    if sys.platform != "linux":
        return command
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), str(int(by)), *command]


def main() -> None:
    """Ask for the signal, then turn into the command."""
    parent, by, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming another program is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
