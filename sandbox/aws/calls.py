"""The log of calls as they came over the wire, so that tests can count them; it never holds a value."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One answered call.

    Attributes:
        service: signing name, such as `ssm`.
        operation: such as `GetParameters`.
        names: names of parameters (with selectors) or secrets as sent, or the role of an STS call.
        path: the path of GetParametersByPath, or the one that DescribeParameters filters by.
        decrypt: whether plaintext was asked for.
        region: region of the credential scope.
        access_key_id: who signed; empty for unsigned calls.
        principal: ARN of the caller; for an assumed role it ends in `role/session`.
        status: HTTP status; 0 when the connection was dropped without an answer.
        error: error code, or None for a success.
    """

    service: str
    operation: str
    names: tuple[str, ...]
    path: str | None
    decrypt: bool
    region: str
    access_key_id: str
    principal: str
    status: int
    error: str | None


class CallLog:
    """Calls in the order in which they were answered; safe to use from several threads."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Append one call."""
        with self._lock:
            self._calls.append(call)

    def snapshot(self) -> list[Call]:
        """Return a copy of the log."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
