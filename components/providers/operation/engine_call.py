"""The engine's call that is being answered, found in the frames of Python's stack.

Pulumi's SDK for dynamic providers hands on only a part of the request, and has no way to answer in part.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

_NAMES = frozenset(("Create", "Update", "Diff", "Delete", "Read"))


@dataclass(frozen=True)
class EngineCall:
    """A call of the engine.

    Attributes:
        name: which of Pulumi's provider protocol.
        request: its message.
        context: what gRPC says of it, and takes.
    """

    name: str
    request: Any = field(repr=False)
    context: Any = field(repr=False)


def engine_call() -> EngineCall | None:
    """The call that is being answered; None in Check, whose request the SDK hands on whole, and without an engine."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name in _NAMES:
            found = frame.f_locals
            if "request" in found and "context" in found:
                return EngineCall(frame.f_code.co_name, found["request"], found["context"])
        frame = frame.f_back
    return None
