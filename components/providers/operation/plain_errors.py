"""Prepares Pulumi's dynamic provider process for secrets: what fails is one line, and a crash leaves no memory on disk.

That process answers every exception with `traceback.format_exc()`, frames, text and causes. Our own errors are written
for users, so here they format as their text alone. Any other error that comes out of our code is a bug, and its text
can quote a value, so it formats as its type and its place. Errors of other people's providers, which run in the same
process, keep their traceback.
"""

import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from ...clients.logs import silence_debug_logs
from ...errors import NO_IMPORT, ParameterStoreError

_OURS = __name__.partition(".")[0] + "."


def install() -> None:
    """Set this process up; doing it again changes nothing."""
    forbid_core_dumps()
    silence_debug_logs()
    if not getattr(traceback.format_exc, "plain_errors", False):
        traceback.format_exc = _plainly(traceback.format_exc)


def forbid_core_dumps() -> None:
    """Have a crash of this process, and of what it starts, leave no core file: values are in its memory."""
    try:
        import resource  # noqa: PLC0415 - Windows has none, and no core files either
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plainly(format_exc: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(format_exc)
    def formatted(*args: Any, **options: Any) -> str:
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if isinstance(error, ParameterStoreError):
            return str(error)
        if isinstance(error, KeyError) and error.args == ("__provider",):
            return NO_IMPORT
        place = _place(error.__traceback__) if error is not None else None
        return format_exc(*args, **options) if place is None else _bug(error, place)

    formatted.plain_errors = True  # type: ignore[attr-defined]
    return formatted


def _place(frames: TracebackType | None) -> str | None:
    """The innermost place in our code that an exception came through; None where it is not ours."""
    found = None
    for frame, line in traceback.walk_tb(frames):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_OURS):
            found = f"{module.removeprefix(_OURS)} ({Path(frame.f_code.co_filename).name}, line {line})"
    return found


def _bug(error: BaseException | None, place: str) -> str:
    return (
        f"{type(error).__name__} in {place}: this is a bug, please report this line; or, if somebody edited this "
        "stack's state, restore it from a backup (`pulumi stack import`). The error's own text is not shown, because "
        "it can quote a value"
    )
