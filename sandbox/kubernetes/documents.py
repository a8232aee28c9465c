"""What a client reads before it asks for objects: version, health, and which resources there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .kinds import KINDS, RBAC
from .routes import REVIEWS_GROUP
from .status import not_acceptable
from .wire import Response, json_response, text_response

if TYPE_CHECKING:
    from .tokens import TokenIssuer

_VERBS: Final = ["create", "delete", "get", "list", "patch", "update"]
_KEY_SET: Final = "application/jwk-set+json"
_HEALTH: Final = ("/healthz", "/livez", "/readyz")
_VERSION: Final = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.3",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "sandbox",
    "platform": "linux/amd64",
}
_REVIEW_VERSION: Final = {"groupVersion": f"{REVIEWS_GROUP}/v1", "version": "v1"}
_REVIEWS: Final = {"name": REVIEWS_GROUP, "versions": [_REVIEW_VERSION], "preferredVersion": _REVIEW_VERSION}


def _group(name: str) -> dict[str, Any]:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


_GROUPS: Final = ("apps", RBAC)
"""Groups of kinds that are stored."""


def document(path: str, issuer: TokenIssuer, url: str, accept: str) -> Response | None:
    """The document at a path of a server at `url`, or None.

    Raises:
        StatusError: 406 for a key set that is asked for as plain JSON.
    """
    if any(path == root or path.startswith(root + "/") for root in _HEALTH):
        return text_response(200, "ok")
    if path == "/openid/v1/jwks":
        if accept and not any(wanted in accept for wanted in ("*/*", _KEY_SET)):
            raise not_acceptable([_KEY_SET])
        return Response(200, json_response(200, issuer.jwks()).body, _KEY_SET)
    if path == "/.well-known/openid-configuration":
        return json_response(200, issuer.discovery(url))
    found = _DOCUMENTS.get(path.rstrip("/"))
    return json_response(200, found) if found else None


def _resource(name: str, kind: str, verbs: list[str], **more: Any) -> dict[str, Any]:
    return {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": verbs} | more


def _resources(group: str) -> list[dict[str, Any]]:
    found = []
    for kind in (each for each in KINDS if each.group == group):
        more = {"singularName": kind.singular, "namespaced": kind.namespaced}
        if kind.short_names:
            more["shortNames"] = list(kind.short_names)
        found.append(_resource(kind.plural, kind.name, _VERBS, **more))
        if "token" in kind.subresources:
            where = {"group": "authentication.k8s.io", "version": "v1"}
            found.append(_resource(f"{kind.plural}/token", "TokenRequest", ["create"], **where))
    return found


def _list(version: str, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def _openapi() -> dict[str, Any]:
    """As much of OpenAPI as kubectl reads before `apply`: that writes know `fieldValidation`, so it need not check."""
    validation = {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    paths = {}
    for kind in (each for each in KINDS if not each.group):
        patch = {
            "parameters": [validation],
            "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.name},
            "responses": {"200": {"description": "OK"}},
        }
        home = "namespaces/{namespace}/" if kind.namespaced else ""
        paths[f"/api/v1/{home}{kind.plural}/{{name}}"] = {"patch": patch}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.3"}, "paths": paths}


_DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "/version": _VERSION,
    "/api": {
        "kind": "APIVersions",
        "apiVersion": "v1",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}],
    },
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [*map(_group, _GROUPS), _REVIEWS]},
    "/openapi/v3": {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1"}}},
    "/openapi/v3/api/v1": _openapi(),
    "/api/v1": _list("v1", _resources("")),
    f"/apis/{REVIEWS_GROUP}": {"kind": "APIGroup", "apiVersion": "v1"} | _REVIEWS,
    **{f"/apis/{name}": {"kind": "APIGroup", "apiVersion": "v1"} | _group(name) for name in _GROUPS},
    **{f"/apis/{name}/v1": _list(f"{name}/v1", _resources(name)) for name in _GROUPS},
    f"/apis/{REVIEWS_GROUP}/v1": _list(
        f"{REVIEWS_GROUP}/v1",
        [
            _resource(
                "selfsubjectaccessreviews",
                "SelfSubjectAccessReview",
                ["create"],
                namespaced=False,
                singularName="selfsubjectaccessreview",
            )
        ],
    ),
}
