"""A request and its answer, free of sockets: parsed query, negotiated content, JSON bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .status import FieldError, StatusError, forbidden_field, invalid, not_acceptable, required, too_long

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .access import User

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"
_SERVED: Final = (JSON,)
_MAX_MANAGER: Final = 128
_VALIDATIONS: Final = ("Ignore", "Warn", "Strict")


@dataclass(frozen=True)
class Request:
    """One HTTP request; headers have lower-case names."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    user: User

    def parameter(self, name: str) -> str:
        """A query parameter, or empty."""
        return self.query.get(name, [""])[0]

    @property
    def content_type(self) -> str:
        """The body's media type without parameters, or empty."""
        return self.headers.get("content-type", "").partition(";")[0].strip()


@dataclass(frozen=True)
class Response:
    """One HTTP answer; `name` is that of the object in it, for the log."""

    code: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    name: str = ""


def json_response(code: int, value: Any, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer in JSON."""
    return Response(code, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(), headers=headers)


def text_response(code: int, text: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer in plain text."""
    return Response(code, text.encode(), "text/plain; charset=utf-8", headers)


def refusal(error: StatusError) -> Response:
    """The answer to a refused request."""
    headers: tuple[tuple[str, str], ...] = (("X-Content-Type-Options", "nosniff"),)
    if error.retry_after is not None:
        headers += (("Retry-After", str(error.retry_after)),)
    if error.plain:
        return text_response(error.code, error.message, headers=headers)
    return json_response(error.code, error.body(), headers=headers)


def transform(accept: str) -> str:
    """What the client wants to see of objects: empty for all of them, or `PartialObjectMetadata`(`List`).

    Tables are not made; a client that offers plain JSON too gets that.

    Raises:
        StatusError: 406 when nothing in the Accept header can be served.
    """
    if not accept:
        return ""
    for offer in accept.split(","):
        media, *parameters = [part.strip() for part in offer.split(";")]
        named = dict(part.split("=", 1) for part in parameters if "=" in part)
        if media not in {JSON, "*/*"}:
            continue
        wanted = named.get("as", "")
        if not wanted:
            return ""
        if wanted.startswith("PartialObjectMetadata") and (named.get("g"), named.get("v")) == ("meta.k8s.io", "v1"):
            return wanted
    raise not_acceptable(_SERVED)


@dataclass(frozen=True)
class Options:
    """The query parameters of a write.

    Attributes:
        manager: `fieldManager`, or empty.
        dry_run: `dryRun=All`.
        force: `force`, for server-side apply.
        validation: `fieldValidation`: what to do about unknown fields.
    """

    manager: str = ""
    dry_run: bool = False
    force: bool = False
    validation: str = "Warn"
    warnings: list[str] = field(default_factory=list)


def write_options(request: Request, kind: str) -> Options:
    """Read and check the parameters of a write; `kind` is `CreateOptions`, `UpdateOptions` or `PatchOptions`.

    Raises:
        StatusError: 422 as the real server answers.
    """
    applying = request.content_type == APPLY
    manager = request.parameter("fieldManager")
    dry_run = request.query.get("dryRun", [])
    validation = request.parameter("fieldValidation")
    force = request.query.get("force")
    errors: list[FieldError] = []
    if kind == "PatchOptions" and applying and not manager:
        errors.append(required("fieldManager", "is required for apply patch"))
    if kind == "PatchOptions" and not applying and force is not None:
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
    errors += _manager_errors(manager)
    if set(dry_run) - {"All"}:
        shown = json.dumps(dry_run, separators=(",", ":"))
        errors.append(
            FieldError("dryRun", "FieldValueNotSupported", f'Unsupported value: {shown}: supported values: "All"')
        )
    if validation and validation not in _VALIDATIONS:
        choices = '"Ignore", "Strict", "Warn"'
        text = f'Unsupported value: "{validation}": supported values: "", {choices}'
        errors.append(FieldError("fieldValidation", "FieldValueNotSupported", text))
    if errors:
        raise invalid(f"{kind}.meta.k8s.io", "", errors)
    return Options(manager, bool(dry_run), (force or ["false"])[0] not in {"false", "0"}, validation or "Warn")


def _manager_errors(manager: str) -> list[FieldError]:
    errors = []
    if len(manager.encode()) > _MAX_MANAGER:
        errors.append(too_long("fieldManager", _MAX_MANAGER))
    for position, char in enumerate(manager):
        if not char.isprintable():
            shown = json.dumps(manager)
            text = f"Invalid value: {shown}: invalid character U+{ord(char):04X} (at position {position})"
            errors.append(FieldError("fieldManager", "FieldValueInvalid", text))
    return errors
