"""Keeps a foreseeable failure of `create`, `update`, `delete` or `read` one clear line, as one found in `check` is.

Pulumi's dynamic provider process answers every exception with `traceback.format_exc()`, frames and all. Our own errors
are written for users, so here they format as their text alone; everybody else's keep their traceback.
"""

import functools
import sys
import traceback
from collections.abc import Callable
from typing import Any

from ..core.errors import NO_IMPORT, ParameterStoreError


def install() -> None:
    """Format our own errors plainly in this process; doing it again changes nothing."""
    if not getattr(traceback.format_exc, "plain_errors", False):
        traceback.format_exc = _plainly(traceback.format_exc)


def _plainly(format_exc: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(format_exc)
    def formatted(*args: Any, **options: Any) -> str:
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if isinstance(error, KeyError) and error.args == ("__provider",):
            return NO_IMPORT
        return str(error) if isinstance(error, ParameterStoreError) else format_exc(*args, **options)

    formatted.plain_errors = True  # type: ignore[attr-defined]
    return formatted
