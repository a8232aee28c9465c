"""Faults that tests and demos inject: throttling, rate limits, slowness, lost connections, errors and denials."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from .errors import AwsError, ConnectionDropped

Kind = Literal["throttle", "limit", "slow", "down", "error"]
Clock = Callable[[], float]


@dataclass(frozen=True)
class DenyRule:
    """Denies an IAM action (glob) on a parameter name, role name or ARN (glob; `*` is everything)."""

    action: str
    name: str = "*"

    def denies(self, action: str, resource: str) -> bool:
        """Tell whether `action` on the ARN `resource` is denied."""
        if not fnmatchcase(action.lower(), self.action.lower()):
            return False
        candidates = (resource, resource.partition(":parameter/")[2], resource.rpartition(":role/")[2])
        return any(fnmatchcase(text, self.name.removeprefix("/")) for text in candidates if text)


class TokenBucket:
    """AWS's request limiter: `rate` tokens a second, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._filled_at = burst, clock()

    def take(self) -> bool:
        """Take a token; False when there is none."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass
class _Fault:
    kind: Kind
    operation: str
    seconds: float | None = None
    calls: int | None = None
    delay: float = 0.0
    bucket: TokenBucket | None = None
    ends_at: float | None = None
    code: str = "ThrottlingException"

    def hits(self, call: str, now: float) -> bool:
        """Tell whether this call is affected, and use up one of the fault's calls."""
        if not fnmatchcase(call, self.operation):
            return False
        if self.seconds is not None:
            # The time starts with the first call that is hit, so that a slow start of the client does not eat it up.
            self.ends_at = self.ends_at or now + self.seconds
            if now >= self.ends_at:
                return False
        if self.calls is not None:
            if self.calls == 0:
                return False
            self.calls -= 1
        return self.bucket is None or not self.bucket.take()


class Faults:
    """The faults in force. `operation` is a glob over `service:Operation`, such as `ssm:GetParameter*`.

    A fault lasts for `calls` matching calls, or for `seconds` from the first matching call, or until `clear`.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._faults: list[_Fault] = []
        self._denials: list[DenyRule] = []
        self._lock = threading.Lock()

    def throttle(
        self,
        operation: str = "ssm:*",
        *,
        seconds: float | None = None,
        calls: int | None = None,
        code: str = "ThrottlingException",
    ) -> None:
        """Answer ThrottlingException ("Rate exceeded"), or another code, as TooManyUpdates of PutParameter."""
        self._add(_Fault("throttle", operation, seconds, calls, code=code))

    def limit(self, operation: str = "ssm:*", *, rate: float = 40, burst: float | None = None) -> None:
        """Throttle calls above `rate` a second (an account's default for Get calls is 40); `burst` defaults to it."""
        bucket = TokenBucket(rate, rate if burst is None else burst, self._clock)
        self._add(_Fault("limit", operation, bucket=bucket))

    def slow(
        self, operation: str = "*", *, delay: float, seconds: float | None = None, calls: int | None = None
    ) -> None:
        """Wait `delay` seconds before handling a call."""
        self._add(_Fault("slow", operation, seconds, calls, delay=delay))

    def down(self, operation: str = "*", *, seconds: float | None = None, calls: int | None = None) -> None:
        """Reset the connection instead of answering."""
        self._add(_Fault("down", operation, seconds, calls))

    def error(self, operation: str = "*", *, seconds: float | None = None, calls: int | None = None) -> None:
        """Answer HTTP 500 InternalServerError."""
        self._add(_Fault("error", operation, seconds, calls))

    def deny(self, action: str, name: str = "*") -> None:
        """Deny an IAM action, such as `ssm:GetParameters`, on a parameter name, role name or ARN; both may be globs."""
        with self._lock:
            self._denials.append(DenyRule(action, name))

    def clear(self) -> None:
        """End all faults and denials."""
        with self._lock:
            self._faults.clear()
            self._denials.clear()

    @property
    def denials(self) -> tuple[DenyRule, ...]:
        """The denials in force."""
        return tuple(self._denials)

    def strike(self, service: str, operation: str, wait: Callable[[float], object]) -> None:
        """Let the faults act on one call.

        Args:
            service: the call's service.
            operation: the call's operation.
            wait: sleeps for a number of seconds.

        Raises:
            AwsError: throttled, or a server error.
            ConnectionDropped: the connection is to be reset.
        """
        call = f"{service}:{operation}"
        with self._lock:
            now = self._clock()
            striking = [fault for fault in self._faults if fault.hits(call, now)]
        for fault in striking:
            if fault.kind == "slow":
                wait(fault.delay)
        for fault in striking:
            if fault.kind == "down":
                raise ConnectionDropped
            if fault.kind == "error":
                raise AwsError("InternalServerError", "An internal error occurred.", 500)
            if fault.kind in ("throttle", "limit"):
                raise AwsError(fault.code, "Rate exceeded")

    def add(self, description: dict[str, Any]) -> None:
        """Add a fault from its JSON form: `{"kind": "throttle", "operation": "ssm:*", "seconds": 5}`.

        Raises:
            ValueError: unknown kind or argument.
        """
        arguments = dict(description)
        kind = arguments.pop("kind", None)
        if kind not in ("throttle", "limit", "slow", "down", "error", "deny"):
            raise ValueError("kind is one of throttle, limit, slow, down, error, deny")
        try:
            getattr(self, kind)(**arguments)
        except TypeError as error:
            raise ValueError(f"fault {kind}: {error}") from None

    def describe(self) -> list[dict[str, Any]]:
        """Return what is in force, in the JSON form of `add`, with the calls that are left."""
        with self._lock:
            faults: list[dict[str, Any]] = [
                {"kind": fault.kind, "operation": fault.operation, "seconds": fault.seconds, "calls": fault.calls}
                for fault in self._faults
            ]
            return faults + [{"kind": "deny", "action": rule.action, "name": rule.name} for rule in self._denials]

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._faults.append(fault)
