"""From a URL to what is wanted of which resource, as the real server's RequestInfo reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import kinds
from .access import Attributes

if TYPE_CHECKING:
    from .kinds import Kind

_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch"}
REVIEWS_GROUP: Final = "authorization.k8s.io"


@dataclass(frozen=True)
class Target:
    """What a URL names: a resource, or (with an empty `resource`) some other path.

    Attributes:
        attributes: What authorisation asks about.
        kind: The resource, or None when this server has no such resource.
        subresource: Such as `token`.
    """

    attributes: Attributes
    kind: Kind | None = None
    subresource: str = ""


def target(method: str, path: str, *, watch: bool) -> Target:
    """Read a URL.

    Args:
        method: HTTP method.
        path: URL path without the query.
        watch: Whether the query asks to watch.
    """
    parts = [part for part in path.split("/") if part]
    group = ""
    if parts[:1] == ["api"]:
        rest = parts[2:]
    elif parts[:1] == ["apis"]:
        group, rest = (parts[1] if len(parts) > 1 else ""), parts[3:]
    else:
        rest = []
    if not rest:
        return Target(Attributes(method.lower(), path=path))
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in {"status", "finalize"}:  # noqa: PLR2004 - namespaces/NAME/RESOURCE
            rest = rest[2:]
    resource, name, subresource = (*rest[:3], "", "")[:3]
    full = f"{resource}/{subresource}" if subresource else resource
    verb = _verb(method, named=bool(name), watch=watch)
    attributes = Attributes(verb, full, namespace, name, group)
    kind = kinds.BY_PLURAL.get(resource) if len(rest) <= 3 else None  # noqa: PLR2004 - RESOURCE/NAME/SUBRESOURCE
    if kind is not None and kind.group != group:
        kind = None
    return Target(attributes, kind, subresource)


def _verb(method: str, *, named: bool, watch: bool) -> str:
    if method == "DELETE":
        return "delete" if named else "deletecollection"
    if method in {"GET", "HEAD"}:
        return "watch" if watch else "get" if named else "list"
    return _VERBS.get(method, method.lower())
