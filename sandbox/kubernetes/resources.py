"""The verbs on resources: read the body and the options, ask the store, write the answer in the form asked for."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from .decoding import DecodeError, decoded, parse_json, parse_yaml
from .managed_fields import name_from
from .patches import json_patch, merge_patch
from .selectors import Selector, parse_fields, parse_labels
from .status import bad_request, details_of, invalid, invalid_value, not_supported, unsupported_media_type
from .store import Write
from .wire import APPLY, JSON, Options, Response, json_response, transform, write_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import Kind
    from .store import Store, Stored
    from .wire import Request

_JSON_PATCH: Final = "application/json-patch+json"
_MERGE_PATCH: Final = "application/merge-patch+json"
_STRATEGIC: Final = "application/strategic-merge-patch+json"
_PATCHES: Final = (_JSON_PATCH, _MERGE_PATCH, _STRATEGIC, APPLY)
_BODIES: Final = (JSON, "application/yaml")
_PARTIAL: Final = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",'


class Resources:
    """The verbs of every kind.

    Args:
        store: The objects.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, request: Request, kind: Kind, namespace: str, name: str) -> Response:
        """GET of an object."""
        return _object(request, self._store.get(kind, namespace, name), 200)

    def list(self, request: Request, kind: Kind, namespace: str) -> Response:
        """GET of a collection, with selectors and pages.

        The pages of a list show the present, not (as the real server's do) the state at the first page.
        """
        selector = Selector(
            parse_labels(request.parameter("labelSelector")),
            parse_fields(request.parameter("fieldSelector"), kind.name),
        )
        found, version = self._store.all(kind, namespace)
        if selector:
            found = [one for one in found if selector.holds(one.value)]
        start = _decode_continue(request.parameter("continue"))
        if start:
            found = [one for one in found if one.key >= start]
        metadata: dict[str, Any] = {"resourceVersion": version}
        limit = int(request.parameter("limit") or 0)
        if 0 < limit < len(found):
            metadata["continue"] = _encode_continue(found[limit], version)
            if not selector:
                metadata["remainingItemCount"] = len(found) - limit
            found = found[:limit]
        if transform(request.headers.get("accept", "")):
            return _list("PartialObjectMetadataList", "meta.k8s.io/v1", metadata, [_partial(one) for one in found])
        return _list(f"{kind.name}List", kind.api_version, metadata, [one.item for one in found])

    def create(self, request: Request, kind: Kind, namespace: str) -> Response:
        """POST."""
        options = write_options(request, "CreateOptions")
        new = _body(request, kind, options)
        stored = self._store.create(kind, namespace, new, _write(request, options))
        return _object(request, stored, 201, options.warnings)

    def update(self, request: Request, kind: Kind, namespace: str, name: str) -> Response:
        """PUT."""
        options = write_options(request, "UpdateOptions")
        new = _body(request, kind, options)
        stored = self._store.replace(kind, namespace, name, new, _write(request, options))
        return _object(request, stored, 200, options.warnings)

    def patch(
        self, request: Request, kind: Kind, namespace: str, name: str, authorize_create: Callable[[], None]
    ) -> Response:
        """PATCH, by content type; `authorize_create` is asked when an apply would create."""
        if request.content_type not in _PATCHES:
            raise unsupported_media_type(_PATCHES)
        options = write_options(request, "PatchOptions")
        write = _write(request, options)
        if request.content_type == APPLY:
            config = _applied(request, kind)
            stored, created = self._store.apply(kind, namespace, name, config, write, authorize_create)
            return _object(request, stored, 201 if created else 200)

        def change(current: dict[str, Any]) -> dict[str, Any]:
            return _patched(request, kind, current, options)

        stored = self._store.patch(kind, namespace, name, change, write)
        return _object(request, stored, 200, options.warnings)

    def delete(self, request: Request, kind: Kind, namespace: str, name: str) -> Response:
        """DELETE, with DeleteOptions in the body or the query."""
        sent = _parsed(request) if request.body else {}
        if not isinstance(sent, dict):
            raise bad_request("decoded object cannot be converted to DeleteOptions")
        dry_run = "All" in (request.query.get("dryRun") or sent.get("dryRun") or [])
        preconditions = sent.get("preconditions") or {}
        stored, gone = self._store.delete(kind, namespace, name, preconditions, dry_run=dry_run)
        if not gone or kind.returns_deleted:
            return _object(request, stored, 200)
        details = details_of(kind, name) | {"uid": stored.metadata["uid"]}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        return json_response(200, status)


def _write(request: Request, options: Options) -> Write:
    manager = name_from(options.manager, request.headers.get("user-agent", ""))
    return Write(manager, dry_run=options.dry_run, force=options.force)


def _parsed(request: Request) -> Any:
    media = request.content_type or JSON
    if media not in _BODIES:
        raise unsupported_media_type(_BODIES)
    try:
        return parse_json(request.body) if media == JSON else parse_yaml(request.body)
    except DecodeError as mistake:
        raise bad_request(str(mistake)) from None


def _body(request: Request, kind: Kind, options: Options) -> dict[str, Any]:
    raw = _parsed(request)
    if not isinstance(raw, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind.name})")
    version, name = raw.get("apiVersion") or kind.api_version, raw.get("kind") or kind.name
    cannot = f'{name} in version "{version}" cannot be handled as a {kind.name}'
    if name != kind.name:
        raise bad_request(f"{cannot}: converting ({version}.{name}) to (core.{kind.name}): unknown conversion")
    if version != kind.api_version:
        message = (
            f"the API version in the data ({version}) does not match the expected API version ({kind.api_version})"
        )
        raise bad_request(message)
    try:
        new, unknown = decoded(kind, raw)
    except DecodeError as mistake:
        raise bad_request(f"{cannot}: {mistake}") from None
    texts = [f'unknown field "{one}"' for one in unknown]
    if texts and options.validation == "Strict":
        raise bad_request(f"{cannot}: strict decoding error: {', '.join(texts)}")
    if options.validation == "Warn":
        options.warnings.extend(texts)
    return new


def _applied(request: Request, kind: Kind) -> dict[str, Any]:
    try:
        config = parse_yaml(request.body)
    except DecodeError as mistake:
        raise bad_request(f"error decoding YAML: {mistake}") from None
    if not isinstance(config, dict):
        raise bad_request("error decoding YAML: the body is not an object")
    version, name = config.get("apiVersion", ""), config.get("kind", "")
    if version != kind.api_version:
        raise bad_request(
            f"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {kind.api_version}"
        )
    if name != kind.name:
        raise bad_request(
            f"Incorrect object specified in apply patch. Specified patch object: {name}, expected: {kind.name}"
        )
    return config


def _patched(request: Request, kind: Kind, current: dict[str, Any], options: Options) -> dict[str, Any]:
    try:
        patch = parse_json(request.body)
    except DecodeError:
        raise bad_request("error decoding patch: the body is not valid JSON") from None
    if request.content_type == _JSON_PATCH:
        raw = json_patch(current, patch)
    elif isinstance(patch, dict):
        raw = merge_patch(current, patch)
    else:
        raise bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    try:
        new, unknown = decoded(kind, raw)
    except DecodeError as mistake:
        # The real server quotes the whole patched object here, values and all; this one does not.
        raise invalid("", "", [invalid_value("patch", "<object redacted>", str(mistake))]) from None
    texts = [f'unknown field "{one}"' for one in unknown]
    if texts and options.validation == "Strict":
        text = f"strict decoding error: {', '.join(texts)}"
        raise invalid("", "", [invalid_value("patch", "<object redacted>", text)])
    if options.validation == "Warn":
        options.warnings.extend(texts)
    return new


def _object(request: Request, stored: Stored, code: int, warnings: list[str] | None = None) -> Response:
    headers = tuple(("Warning", f"299 - {json.dumps(text)}") for text in warnings or ())
    if transform(request.headers.get("accept", "")):
        return Response(code, _partial(stored), headers=headers, name=stored.key[1])
    typed = f'{{"kind":"{stored.kind.name}","apiVersion":"{stored.kind.api_version}",'.encode()
    return Response(code, typed + stored.item[1:], headers=headers, name=stored.key[1])


def _partial(stored: Stored) -> bytes:
    return _PARTIAL + stored.metadata_item[1:]


def _list(kind: str, version: str, metadata: dict[str, Any], items: list[bytes]) -> Response:
    head = json.dumps({"kind": kind, "apiVersion": version, "metadata": metadata}, separators=(",", ":"))
    return Response(200, head[:-1].encode() + b',"items":[' + b",".join(items) + b"]}")


def _encode_continue(following: Stored, version: str) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": int(version), "start": "/".join(following.key)}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).rstrip(b"=").decode()


def _decode_continue(token: str) -> tuple[str, str] | None:
    if not token:
        return None
    try:
        start = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["start"]
        namespace, name = start.split("/")
    except (ValueError, KeyError, TypeError):
        raise bad_request("continue key is not valid: the token was not issued by this server") from None
    return namespace, name


def refuse_verb(kind: Kind, verb: str) -> Exception:
    """The answer to `watch` and `deletecollection`, which this server does not have."""
    return not_supported(kind, verb)
