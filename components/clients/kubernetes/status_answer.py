"""The API's `Status` answer: parsed, with the few phrases of its message that help and cannot quote a value."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...display import reads_like_words
from .sent import NOTHING, Sent

_ETCD = ("request is too large", "request timed out", "leader changed", "no leader", "mvcc: database space exceeded")
_FORBIDDEN = r"^(?:[\w./]+(?: \"[^\"]*\")? is forbidden: |Internal error occurred: )?"
# It begins where nothing of one stands before it, so that a long run of dots is looked at once.
_FIELD = r"(?P<field>(?<![\w.-])\.[\w.-]++)"
# Everything else in a message may repeat what was sent, so only these are ever shown. A webhook or a policy writes what
# follows its own name, so such a name counts at the start only. Each group is a word that could still be a value.
_OF_ADMISSION = (
    re.compile(_FORBIDDEN + r'(?P<shown>admission webhook "(?P<word>[\w.-]+)" denied the request)'),
    re.compile(
        _FORBIDDEN
        + r"(?P<shown>ValidatingAdmissionPolicy '(?P<word>[\w.-]+)' with binding '(?P<other>[\w.-]+)' denied request)"
    ),
)
_HARMLESS = _OF_ADMISSION + tuple(
    re.compile(pattern)
    for pattern in (
        _FORBIDDEN + r'(?P<shown>failed calling webhook "(?P<word>[\w.-]+)")',
        _FORBIDDEN + r"(?P<shown>exceeded quota: (?P<word>[\w.-]+))",
        r"(?P<shown>illegal base64 data at input byte \d+)",
        rf"(?P<shown>{_FIELD}: field not declared in schema)",
        rf"(?P<shown>{_FIELD}: expected (?:string|map|list|scalar|numeric|boolean|bool|array|object))\b",
        r"(?P<shown>metadata\.managedFields must be nil)",
        rf"(?P<shown>etcdserver: (?:{'|'.join(_ETCD)}))",
    )
)
# What a webhook answers, the API server passes on with these words before it: kind, name, causes and all are its own.
_OF_A_WEBHOOK = re.compile(r'^admission webhook "')
_REASON = re.compile(r"(?:[A-Z][a-z]+){1,6}")


@dataclass(frozen=True)
class StatusCause:
    """One of the complaints in `details.causes`; its message may quote values, too."""

    field: str
    reason: str
    message: str = dataclasses.field(repr=False)


@dataclass(frozen=True)
class Status:
    """The parts of a `Status` object that matter; of one that a webhook words, only the code and the message are kept.

    Attributes:
        code: HTTP status of the answer.
        reason: One word, such as `AlreadyExists`; may be empty.
        message: The server's text. It may quote values: never show it, only look for phrases in it.
        kind: Plural resource name of what it is about, such as `namespaces`.
        name: Name of what it is about.
        causes: The single complaints.
        sent: What the request held.
    """

    code: int
    reason: str = dataclasses.field(repr=False)
    message: str = dataclasses.field(repr=False)
    kind: str = dataclasses.field(repr=False)
    name: str = dataclasses.field(repr=False)
    causes: tuple[StatusCause, ...] = dataclasses.field(repr=False)
    sent: Sent = dataclasses.field(default=NOTHING, repr=False)

    @property
    def is_by_admission(self) -> bool:
        """Whether a webhook or policy says no, to just what was sent."""
        return any(pattern.search(self.message) for pattern in _OF_ADMISSION)

    @property
    def phrase(self) -> str:
        """What of the message may be shown; often empty."""
        for match in filter(None, (pattern.search(self.message) for pattern in _HARMLESS)):
            found = match.groupdict()
            words = [found[name] for name in ("word", "other") if found.get(name)]
            if all(reads_like_words(word) and not self.sent.holds(word) for word in words) and (
                "field" not in found or self.sent.shown_field(found["field"])
            ):
                return found["shown"]
        return ""

    @property
    def explanation(self) -> str:
        """The phrase, or else what can be said without one."""
        known = _REASON.fullmatch(self.reason) and not self.sent.holds(self.reason)
        reason = self.reason if known else f"HTTP {self.code}"
        return self.phrase or f"the server refuses with {reason}; its text is not shown because it may quote values"


def parse_status(code: int, body: bytes, sent: Sent = NOTHING) -> Status | None:
    """Parse an answer's body; None if it is not a Status, as with errors of proxies and the plain text of a 429."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("kind") != "Status":
        return None
    message = _text(answer, "message")
    if _OF_A_WEBHOOK.match(message):
        return Status(code, "", message, "", "", (), sent)
    details = answer.get("details")
    details = details if isinstance(details, dict) else {}
    causes = details.get("causes")
    return Status(
        code=code,
        reason=_text(answer, "reason"),
        message=message,
        kind=_text(details, "kind"),
        name=_text(details, "name"),
        causes=tuple(
            StatusCause(_text(each, "field"), _text(each, "reason"), _text(each, "message"))
            for each in (causes if isinstance(causes, list) else ())
            if isinstance(each, dict)
        ),
        sent=sent,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
