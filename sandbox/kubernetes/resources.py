"""The verbs on resources: read the body and the options, ask the store, write the answer in the form asked for."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from .bodies import body, parsed, strict
from .decoding import decoded, parse_json, parse_yaml
from .go_json import DecodeError
from .managed_fields import name_from
from .patches import json_patch, merge_patch
from .selectors import Selector, parse_fields, parse_labels
from .status import StatusError, bad_request, details_of, invalid, invalid_value, quoted
from .wire import APPLY, Options, Response, json_response, transform, write_options
from .writes import Write

if TYPE_CHECKING:
    from collections.abc import Callable

    from .deletion import Deletion
    from .kinds import Kind
    from .store import Store, Stored
    from .wire import Request
    from .writes import Writes

_JSON_PATCH: Final = "application/json-patch+json"
_MERGE_PATCH: Final = "application/merge-patch+json"
_STRATEGIC: Final = "application/strategic-merge-patch+json"
_PATCHES: Final = (_JSON_PATCH, _MERGE_PATCH, _STRATEGIC, APPLY)
_PARTIAL: Final = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",'


class Resources:
    """The verbs of every kind.

    Args:
        store: The objects, for reading.
        writes: POST, PUT and PATCH.
        deletion: DELETE.
    """

    def __init__(self, store: Store, writes: Writes, deletion: Deletion) -> None:
        self._store = store
        self._writes = writes
        self._deletion = deletion

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
        limit = _limit(request.parameter("limit"))
        if 0 < limit < len(found):
            metadata["continue"] = _encode_continue(found[limit], version)
            if not selector:
                metadata["remainingItemCount"] = len(found) - limit
            found = found[:limit]
        wanted = transform(request.headers.get("accept", ""))
        if wanted == "PartialObjectMetadata":
            raise _wrong_form(wanted, f"a list (*core.{kind.name}List)")
        if wanted:
            return _list("PartialObjectMetadataList", "meta.k8s.io/v1", metadata, [_partial(one) for one in found])
        return _list(f"{kind.name}List", kind.api_version, metadata, [one.item for one in found])

    def create(self, request: Request, kind: Kind, namespace: str) -> Response:
        """POST."""
        options = write_options(request, "CreateOptions")
        new = body(request, kind, options)
        stored = self._writes.create(kind, namespace, new, _write(request, options))
        return _object(request, stored, 201, options.warnings)

    def update(self, request: Request, kind: Kind, namespace: str, name: str) -> Response:
        """PUT."""
        options = write_options(request, "UpdateOptions")
        new = body(request, kind, options)
        stored = self._writes.put(kind, namespace, name, new, _write(request, options))
        return _object(request, stored, 200, options.warnings)

    def patch(
        self, request: Request, kind: Kind, namespace: str, name: str, authorize_create: Callable[[], None]
    ) -> Response:
        """PATCH, by content type; `authorize_create` is asked when an apply would create."""
        if request.content_type not in _PATCHES:
            raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", details={})
        options = write_options(request, "PatchOptions")
        write = _write(request, options)
        if request.content_type == APPLY:
            config = _applied(request, kind)
            stored, created = self._writes.apply(kind, namespace, name, config, write, authorize_create)
            return _object(request, stored, 201 if created else 200)

        def change(current: dict[str, Any]) -> dict[str, Any]:
            return _patched(request, kind, current, options)

        stored = self._writes.patch(kind, namespace, name, change, write)
        return _object(request, stored, 200, options.warnings)

    def delete(self, request: Request, kind: Kind, namespace: str, name: str) -> Response:
        """DELETE, with DeleteOptions in the body or the query."""
        sent = parsed(request, "DeleteOptions") if request.body else {}
        dry_run = "All" in (request.query.get("dryRun") or sent.get("dryRun") or [])
        preconditions = sent.get("preconditions") or {}
        stored, gone = self._deletion.delete(kind, namespace, name, preconditions, dry_run=dry_run)
        if not gone or kind.returns_deleted:
            return _object(request, stored, 200)
        details = details_of(kind, name) | {"uid": stored.metadata["uid"]}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        return json_response(200, status)


def _write(request: Request, options: Options) -> Write:
    manager = name_from(options.manager, request.headers.get("user-agent", ""))
    return Write(manager, dry_run=options.dry_run, force=options.force)


def _applied(request: Request, kind: Kind) -> dict[str, Any]:
    try:
        config = parse_yaml(request.body)
    except DecodeError as mistake:
        raise bad_request(f"error decoding YAML: {mistake}") from None
    if not isinstance(config, dict):
        raise bad_request("error decoding YAML: the body is not an object")
    version, name = config.get("apiVersion", ""), config.get("kind", "")
    if (version, name) != (kind.api_version, kind.name):
        group_version = version if "/" in version else f"/{version}"
        raise bad_request(f"invalid object type: {group_version}, Kind={name}")
    return config


def _patched(request: Request, kind: Kind, current: dict[str, Any], options: Options) -> dict[str, Any]:
    try:
        patch = parse_json(request.body)
    except DecodeError as mistake:
        raise bad_request(f"error decoding patch: {mistake}") from None
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
        raise _unfit(raw, str(mistake)) from None
    texts = strict(unknown, options)
    if texts:
        raise _unfit(raw, f"strict decoding error: {texts}")
    return new


def _unfit(patched: dict[str, Any], why: str) -> StatusError:
    """What a patch came to is no such object; the whole of it is quoted, values and all, as the real server does."""
    text = json.dumps(dict(sorted(patched.items())), separators=(",", ":"), ensure_ascii=False)
    return invalid("", "", [invalid_value("patch", text, why)])


def _object(request: Request, stored: Stored, code: int, warnings: list[str] | None = None) -> Response:
    headers = tuple(("Warning", f"299 - {json.dumps(text)}") for text in warnings or ())
    wanted = transform(request.headers.get("accept", ""))
    if wanted == "PartialObjectMetadataList":
        raise _wrong_form(wanted, f"not a list (*core.{stored.kind.name})")
    if wanted:
        return Response(code, _partial(stored), headers=headers, name=stored.key[1])
    typed = f'{{"kind":"{stored.kind.name}","apiVersion":"{stored.kind.api_version}",'.encode()
    return Response(code, typed + stored.item[1:], headers=headers, name=stored.key[1])


def _partial(stored: Stored) -> bytes:
    return _PARTIAL + stored.metadata_item[1:]


def _wrong_form(wanted: str, found: str) -> StatusError:
    return StatusError(406, "NotAcceptable", f"you requested {wanted}, but the requested object is {found}")


def _limit(text: str) -> int:
    try:
        return int(text or 0)
    except ValueError:
        raise bad_request(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax") from None


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
        raise bad_request(
            "invalid continue token: continue key is not valid: it was not issued by this server"
        ) from None
    return namespace, name
