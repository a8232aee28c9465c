"""The log of requests at the wire, so that tests can count them. It never holds bodies, queries or tokens."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        method: HTTP method.
        path: URL path without the query.
        verb: API verb (`get`, `list`, `create`, `update`, `patch`, `delete`, `deletecollection`, `watch`).
        resource: Plural name with the subresource, such as `secrets` or `serviceaccounts/token`; empty for other URLs.
        namespace: Namespace in the URL.
        name: Name in the URL; for a POST the name in the body, once that is read.
        dry_run: Whether nothing is to be stored.
        manager: Field manager named in the query.
        status: HTTP status of the answer; 0 when there was none (a fault cut it off).
        user: Who asked; empty when that is unknown (401).
        user_agent: The client's header.
        apply: Whether it is a server-side apply.
        metadata_only: Whether only metadata was asked for, so that the answer holds no values.
    """

    method: str
    path: str
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    dry_run: bool = False
    manager: str = ""
    status: int = 0
    user: str = ""
    user_agent: str = ""
    apply: bool = False
    metadata_only: bool = False


class CallLog:
    """All requests since the start or the last `clear`, in the order in which they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call, status: int) -> None:
        """Record an answered request."""
        with self._lock:
            self._calls.append(replace(call, status=status))

    def all(self) -> list[Call]:
        """A copy of the log."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls.clear()
