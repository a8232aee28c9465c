"""The one memory of the provider process, which lives as long as it: the methods of the providers take it from here.

Pulumi gives a provider no other place that spans the resources of one operation. Only those methods ask for it; they
hand it on to all else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from threading import Lock
from typing import Any

from ...core.spec.owner import Owner
from .clients import open_client, open_store, tell
from .memory import DELETE_UNREACHABLE, ProcessMemory

_lock = Lock()
_memory: ProcessMemory | None = None
_delete_unreachable: bool | None = None


def process_memory() -> ProcessMemory:
    """The memory of the running operation: made at the first call, gone with the process."""
    from ...clients.aws.rate_limit import RateLimiters  # noqa: PLC0415  see clients.py

    global _memory  # noqa: PLW0603  see the module's text
    with _lock:
        if _memory is None:
            limiters = RateLimiters()
            _memory = ProcessMemory(
                lambda *asked: open_store(limiters, *asked), open_client, tell, delete_unreachable=_delete_unreachable
            )
        return _memory


def configure(get: Callable[[str], Any]) -> None:
    """Take the stack's settings; the engine tells each provider of them, maybe after another one was at work."""
    global _delete_unreachable  # noqa: PLW0603  see the module's text
    with _lock:
        said = get(DELETE_UNREACHABLE)
        _delete_unreachable = None if said is None else str(said).lower() == "true"
        if _memory is not None:
            _memory.delete_unreachable = _delete_unreachable


def requested_stack() -> str | None:
    """`project/stack` in the URN that the engine asks to delete; None where it is not seen.

    Pulumi's SDK does not hand it on. A state that was renamed, moved or copied has new URNs, while what the provider
    recorded in it is as it was.
    """
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "Delete":
        frame = frame.f_back
    urn = getattr(frame.f_locals.get("request"), "urn", None) if frame else None
    return Owner(urn).stack if isinstance(urn, str) and urn else None


def forget() -> None:
    """Drop the memory, as the end of the process does; for programs that run several operations in one process."""
    global _memory  # noqa: PLW0603  see the module's text
    with _lock:
        _memory = None
