"""From a request's body to an object of its kind, refused in the real server's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .decoding import decoded, parse_json, parse_yaml
from .go_json import DecodeError, type_name
from .kinds import KINDS
from .status import bad_request, quoted, unsupported_media_type
from .wire import JSON

if TYPE_CHECKING:
    from .kinds import Kind
    from .wire import Options, Request

_MEDIA_TYPES: Final = (JSON, "application/yaml")
_TYPE_META: Final = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
)


def parsed(request: Request, kind: str) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        StatusError: 400 or 415. The real server ends the text with the start of the body; this one does not.
    """
    media = request.content_type or JSON
    if media not in _MEDIA_TYPES:
        raise unsupported_media_type(_MEDIA_TYPES)
    unrecognized = (
        f"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error"
    )
    shown = "(<body redacted>)" if request.body else "(<empty>)"
    try:
        found = parse_json(request.body) if media == JSON else parse_yaml(request.body)
    except DecodeError as mistake:
        raise bad_request(f"{unrecognized}: {mistake} {shown}") from None
    if not isinstance(found, dict):
        text = f"json: cannot unmarshal {type_name(found)} into Go value of type {_TYPE_META}"
        raise bad_request(f"{unrecognized}: {text} {shown}")
    return found


def body(request: Request, kind: Kind, options: Options) -> dict[str, Any]:
    """The body of a POST or PUT in normal form; warnings about unknown fields go to `options`.

    Raises:
        StatusError: 400 or 415.
    """
    raw = parsed(request, kind.name)
    version, name = raw.get("apiVersion") or kind.api_version, raw.get("kind") or kind.name
    cannot = f'{name} in version "{version}" cannot be handled as a {kind.name}'
    if version != kind.api_version or name not in {one.name for one in KINDS}:
        text = (
            f'no kind {quoted(name)} is registered for version {quoted(version)} in scheme "pkg/runtime/scheme.go:111"'
        )
        raise bad_request(f"{cannot}: {text}")
    if name != kind.name:
        raise bad_request(f"{cannot}: converting ({version}.{name}) to (core.{kind.name}): unknown conversion")
    try:
        new, unknown = decoded(kind, raw)
    except DecodeError as mistake:
        raise bad_request(f"{cannot}: {mistake}") from None
    texts = strict(unknown, options)
    if texts:
        raise bad_request(f"{cannot}: strict decoding error: {texts}")
    return new


def strict(unknown: list[str], options: Options) -> str:
    """What strict field validation says about unknown fields; empty when there are none or they may be there."""
    texts = [f'unknown field "{one}"' for one in unknown]
    if options.validation == "Warn":
        options.warnings.extend(texts)
    return ", ".join(texts) if options.validation == "Strict" else ""
