"""Every refusal of the API server as one exception, in the words that the real server uses.

Source of codes, reasons and texts: Kubernetes 1.36 `apimachinery/pkg/api/errors` and a real server's answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .kinds import Kind

JsonObject = dict[str, Any]

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class StatusError(Exception):
    """A request that ends in a `Status` of failure.

    Attributes:
        code: HTTP status.
        reason: `Status.reason`; empty where the real server gives none.
        message: `Status.message`.
        details: `Status.details`, or None.
        plain: Answer with the message as `text/plain` (priority and fairness does so for 429).
        retry_after: Seconds for the `Retry-After` header, or None.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: JsonObject | None = None,
        plain: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.plain = plain
        self.retry_after = retry_after

    def body(self) -> JsonObject:
        """The `Status` object as it goes over the wire."""
        status: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


@dataclass(frozen=True)
class FieldError:
    """One invalid field of a 422: where, which kind of mistake, and the text after the field's name."""

    path: str
    cause: str
    body: str

    def __str__(self) -> str:
        return f"{self.path}: {self.body}"


def invalid_value(path: str, value: object, detail: str) -> FieldError:
    """A field whose value is wrong. Only the refusal of a patch shows the value of a Secret's key."""
    return FieldError(path, "FieldValueInvalid", f"Invalid value: {_shown(value)}: {detail}")


def required(path: str, detail: str = "") -> FieldError:
    """A field that is missing."""
    return FieldError(path, "FieldValueRequired", f"Required value: {detail}" if detail else "Required value")


def forbidden_field(path: str, detail: str) -> FieldError:
    """A field that may not be there, or may not change."""
    return FieldError(path, "FieldValueForbidden", f"Forbidden: {detail}")


def too_long(path: str, limit: int) -> FieldError:
    """A field that is larger than `limit` bytes."""
    return FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def quoted(text: str) -> str:
    """`text` as Go's %q writes it, for the characters that occur in names and selectors."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = [char if char.isprintable() else _escaped(char) for char in escaped]
    return '"' + "".join(shown) + '"'


def _escaped(char: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return short.get(char) or (f"\\x{ord(char):02x}" if ord(char) < ord("\x80") else f"\\u{ord(char):04x}")


def invalid(kind: str, name: str, errors: Sequence[FieldError]) -> StatusError:
    """422: the object is well formed and breaks a rule."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    message = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    plain_kind, _, group = kind.partition(".")
    causes = [{"reason": error.cause, "message": error.body, "field": error.path} for error in errors]
    details = _details(group, plain_kind, name) | {"causes": causes}
    return StatusError(422, "Invalid", f'{kind} "{name}" is invalid: {message}', details=details)


def _details(group: str, kind: str, name: str) -> JsonObject:
    pairs = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in pairs.items() if value}


def details_of(kind: Kind, name: str) -> JsonObject:
    """`Status.details` that point at an object."""
    return _details(kind.group, kind.plural, name)


def not_found(kind: Kind, name: str) -> StatusError:
    """404: no such object (or namespace: see `details.kind`)."""
    return StatusError(404, "NotFound", f'{kind.qualified} "{name}" not found', details=details_of(kind, name))


def no_such_path() -> StatusError:
    """404: no such resource or path."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(kind: Kind, name: str, *, going: bool) -> StatusError:
    """409: POST of a name that is taken, by an object that may be going."""
    message = f'{"object is being deleted: " if going else ""}{kind.qualified} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, details=details_of(kind, name))


def conflict(kind: Kind, name: str, why: str, shown_kind: str = "") -> StatusError:
    """409: a precondition (resourceVersion, uid) does not hold."""
    shown = shown_kind or kind.qualified
    details = details_of(kind, name) | ({"kind": shown_kind} if shown_kind else {})
    message = f'Operation cannot be fulfilled on {shown} "{name}": {why}'
    return StatusError(409, "Conflict", message, details=details)


def bad_request(message: str) -> StatusError:
    """400: the request cannot be understood."""
    return StatusError(400, "BadRequest", message)


def internal(message: str) -> StatusError:
    """500 without a reason: how the real server passes on an error that it did not expect."""
    return StatusError(500, "", message)


def unauthorized() -> StatusError:
    """401: a credential was sent and is not valid."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> StatusError:
    """405: the resource exists and does not know this method."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, details={})


def not_supported(kind: Kind, action: str) -> StatusError:
    """405: the verb exists and this resource does not serve it."""
    message = f'{action} is not supported on resources of kind "{kind.qualified}"'
    return StatusError(405, "MethodNotAllowed", message, details=details_of(kind, ""))


def not_acceptable(accepted: Sequence[str]) -> StatusError:
    """406: no representation fits the Accept header."""
    message = f"406: Not Acceptable\n\nAvailable representations: {', '.join(accepted)}"
    return StatusError(406, "NotAcceptable", message, details={})


def unsupported_media_type(accepted: Sequence[str]) -> StatusError:
    """415: the body's Content-Type is unknown for this method."""
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return StatusError(415, "UnsupportedMediaType", message)


def too_large(limit: int) -> StatusError:
    """413: the body is larger than `limit` bytes."""
    message = f"Request entity too large: limit is {limit}"
    return StatusError(413, "RequestEntityTooLarge", message)


def too_many_requests(retry_after: int) -> StatusError:
    """429 as priority and fairness answers it: plain text and a Retry-After header in seconds."""
    message = "Too many requests, please try again later.\n"
    return StatusError(429, "TooManyRequests", message, plain=True, retry_after=retry_after)


@dataclass(frozen=True)
class FieldConflict:
    """A field that somebody else owns: `manager` as the message prints it, `field` such as `.data.password`."""

    manager: str
    field: str


@dataclass(frozen=True)
class Conflicts:
    """All conflicts of one server-side apply."""

    found: tuple[FieldConflict, ...] = field(default=())

    def status(self) -> StatusError:
        """409 with one cause per conflict."""
        causes = [
            {"reason": "FieldManagerConflict", "message": f"conflict with {one.manager}", "field": one.field}
            for one in self.found
        ]
        return StatusError(409, "Conflict", self._message(), details={"causes": causes})

    def _message(self) -> str:
        if len(self.found) == 1:
            only = self.found[0]
            return f"Apply failed with 1 conflict: conflict with {only.manager}: {only.field}"
        lines: list[str] = []
        for manager in sorted({one.manager for one in self.found}):
            lines.append(f"conflicts with {manager}:")
            lines.extend(f"- {one.field}" for one in self.found if one.manager == manager)
        return f"Apply failed with {len(self.found)} conflicts: " + "\n".join(lines)
