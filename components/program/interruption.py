"""Has a program that the Pulumi CLI ends say nothing of it.

When an operation fails, the CLI interrupts the program. Python would then print a traceback of 25 lines beside the one
line that says what is wrong. So it would of a mistake in a thread, which the program fails with, see arguments/unheard.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import TracebackType

from ..arguments.invalid import InvalidArgumentsError

_RUNNER = "pulumi-language-python-exec"
"""The script in which the CLI runs a program."""


def end_quietly() -> None:
    """Let an interrupt end this process without a traceback, and a mistake in a thread, if the CLI started the process.

    Other errors are told as before. A hook that the program has set itself stays.
    """
    frame = sys._getframe()  # noqa: SLF001 - the documented way to the frames
    while frame.f_back is not None:
        frame = frame.f_back
    if Path(frame.f_code.co_filename).name != _RUNNER:
        return
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_of_thread


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def _tell_of_thread(raised: threading.ExceptHookArgs) -> None:
    if not issubclass(raised.exc_type, InvalidArgumentsError):
        threading.__excepthook__(raised)
