"""The API's `Status` answer: parsed, with the few phrases of its message that help and cannot quote a value."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Everything else in a message may repeat what was sent, so only these are ever shown.
_HARMLESS = tuple(
    re.compile(pattern)
    for pattern in (
        r'admission webhook "[\w.-]+" denied the request',
        r"ValidatingAdmissionPolicy '[\w.-]+' with binding '[\w.-]+' denied request",
        r'failed calling webhook "[\w.-]+"',
        r"exceeded quota: [\w.-]+",
        r"illegal base64 data at input byte \d+",
        r"\.[\w.-]+: field not declared in schema",
        r"\.[\w.-]+: expected \w+",
        r"metadata\.managedFields must be nil",
        r"etcdserver: (request is too large|request timed out|leader changed|no leader|mvcc: database space exceeded)",
    )
)


@dataclass(frozen=True)
class StatusCause:
    """One of the complaints in `details.causes`; its message may quote values, too."""

    field: str
    reason: str
    message: str = dataclasses.field(repr=False)


@dataclass(frozen=True)
class Status:
    """The parts of a `Status` object that matter.

    Attributes:
        code: HTTP status of the answer.
        reason: One word, such as `AlreadyExists`; may be empty.
        message: The server's text. It may quote values: never show it, only look for phrases in it.
        kind: Plural resource name of what it is about, such as `namespaces`.
        name: Name of what it is about.
        causes: The single complaints.
    """

    code: int
    reason: str
    message: str = dataclasses.field(repr=False)
    kind: str
    name: str
    causes: tuple[StatusCause, ...]

    @property
    def phrase(self) -> str:
        """What of the message may be shown; often empty."""
        found = (pattern.search(self.message) for pattern in _HARMLESS)
        return next((match.group() for match in found if match), "")

    @property
    def explanation(self) -> str:
        """The phrase, or else what can be said without one."""
        reason = self.reason if self.reason.isalpha() else f"HTTP {self.code}"
        return self.phrase or f"the server refuses with {reason}; its text is not shown because it may quote values"


def parse_status(code: int, body: bytes) -> Status | None:
    """Parse an answer's body; None if it is not a Status, as with errors of proxies and the plain text of a 429."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("kind") != "Status":
        return None
    details = answer.get("details")
    details = details if isinstance(details, dict) else {}
    causes = details.get("causes")
    return Status(
        code=code,
        reason=_text(answer, "reason"),
        message=_text(answer, "message"),
        kind=_text(details, "kind"),
        name=_text(details, "name"),
        causes=tuple(
            _cause(cause) for cause in (causes if isinstance(causes, list) else ()) if isinstance(cause, dict)
        ),
    )


def _cause(cause: Mapping[str, Any]) -> StatusCause:
    return StatusCause(_text(cause, "field"), _text(cause, "reason"), _text(cause, "message"))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
