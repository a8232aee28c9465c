"""Failures on demand: the next requests that match are refused, held or cut off before anything is done."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .status import MODIFIED, StatusError, too_many_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .calls import Call

HANG: Final = "hang"
RESET: Final = "reset"
_STATUSES: Final = (409, 429, 500, 503)


class FaultError(ValueError):
    """A fault that makes no sense."""


class CutOffError(Exception):
    """The connection ends without an answer, because a fault says so."""


@dataclass(frozen=True)
class Fault:
    """A failure and the requests that it befalls; an empty pattern matches all.

    Attributes:
        answer: 409, 429, 500, 503, `hang` (hold the request, then cut it off) or `reset` (cut the connection).
        verb: The API verb: `get`, `list`, `create`, `update`, `patch`, `delete`.
        resource: Plural name; `serviceaccounts/token` for token requests.
        namespace: Namespace of the request.
        name: Name of the object.
        times: How many requests; None for one, or for all while `seconds` last.
        seconds: How long the fault lasts from when it was added; None for until `times` is used up.
        retry_after: Seconds in the `Retry-After` header of a 429.
        hold: Seconds that `hang` holds a request; None until the server stops.
    """

    answer: int | str
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    times: int | None = None
    seconds: float | None = None
    retry_after: int = 1
    hold: float | None = None

    def __post_init__(self) -> None:
        if self.answer not in {*_STATUSES, HANG, RESET}:
            choices = ", ".join(map(str, (*_STATUSES, HANG, RESET)))
            raise FaultError(f"a fault's answer is one of {choices}, not {self.answer!r}")

    def matches(self, call: Call) -> bool:
        """Whether a request is of the kind that this fault befalls."""
        wanted = [(self.verb, call.verb), (self.resource, call.resource)]
        wanted += [(self.namespace, call.namespace), (self.name, call.name)]
        return all(pattern in {"", found} for pattern, found in wanted)

    def status(self, call: Call) -> StatusError:
        """The refusal that the client gets."""
        if self.answer == 429:  # noqa: PLR2004 - HTTP's own numbers
            return too_many_requests(self.retry_after)
        if self.answer == 409:  # noqa: PLR2004
            details = {"name": call.name, "kind": call.resource}
            message = f'Operation cannot be fulfilled on {call.resource} "{call.name}": {MODIFIED}'
            return StatusError(409, "Conflict", message, details=details)
        if self.answer == 503:  # noqa: PLR2004
            message = "the server is currently unable to handle the request"
            return StatusError(503, "ServiceUnavailable", message)
        text = "etcdserver: request timed out"
        return StatusError(
            500, "InternalError", f"Internal error occurred: {text}", details={"causes": [{"message": text}]}
        )


def fault_from(fields: Mapping[str, Any]) -> Fault:
    """A fault from JSON, by the attributes' names.

    Raises:
        FaultError: An unknown attribute, or none that makes a fault.
    """
    known = {one.name for one in dataclasses.fields(Fault)}
    unknown = sorted(set(fields) - known)
    if unknown or "answer" not in fields:
        raise FaultError(f"a fault has answer and any of {', '.join(sorted(known))}; not {', '.join(unknown) or '-'}")
    return Fault(**fields)


class Faults:
    """The faults that are in force, oldest first.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._active: list[tuple[Fault, int | None, float | None]] = []
        self.released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        until = None if fault.seconds is None else self._clock() + fault.seconds
        times = 1 if fault.times is None and until is None else fault.times
        with self._lock:
            self._active.append((fault, times, until))

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._active.clear()

    def active(self) -> list[Fault]:
        """The faults in force, each with the number of requests that it still befalls."""
        with self._lock:
            self._expire()
            return [dataclasses.replace(fault, times=left) for fault, left, _ in self._active]

    def take(self, call: Call) -> Fault | None:
        """The fault that befalls a request, counted down; None when it may go on."""
        with self._lock:
            self._expire()
            for position, (fault, left, until) in enumerate(self._active):
                if fault.matches(call):
                    if left is not None:
                        self._active[position] = (fault, left - 1, until)
                    self._expire()
                    return fault
        return None

    def befall(self, call: Call) -> None:
        """Let a request pass, unless a fault befalls it.

        Raises:
            StatusError: A fault's refusal.
            CutOffError: A fault cuts the connection; one that hangs holds it first.
        """
        fault = self.take(call)
        if fault is None:
            return
        if fault.answer == HANG:
            self.released.wait(fault.hold)
        if fault.answer in {HANG, RESET}:
            raise CutOffError
        raise fault.status(call)

    def _expire(self) -> None:
        now = self._clock()
        self._active = [one for one in self._active if one[1] != 0 and (one[2] is None or now < one[2])]
