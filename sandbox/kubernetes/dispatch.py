"""The way of every request: who is it, does a fault befall it, may they, then the resource; and the log at the end."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .access import ADMINS, ANONYMOUS
from .calls import Call
from .control import control
from .documents import document
from .routes import REVIEWS_GROUP, target
from .status import StatusError, method_not_allowed, no_such_path, not_supported, too_large
from .wire import APPLY, Request, Response, refusal, text_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .access import Access, Attributes, User
    from .calls import CallLog
    from .faults import Faults
    from .kinds import Kind
    from .resources import Resources
    from .reviews import Reviews
    from .routes import Target
    from .tokens import TokenIssuer

MAX_BODY = 3 << 20


@dataclass(frozen=True)
class Dispatcher:
    """Everything that answers requests, behind one method."""

    url: str
    access: Access
    issuer: TokenIssuer
    resources: Resources
    reviews: Reviews
    calls: CallLog
    faults: Faults

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        headers: Mapping[str, str],
        body: bytes | None,
        certified: User | None,
    ) -> Response:
        """Answer one request.

        Args:
            method: HTTP method.
            path: Decoded URL path without the query.
            query: Query parameters.
            headers: Headers by lower-case name.
            body: The body, or None when it was larger than MAX_BODY.
            certified: The user of a client certificate.

        Raises:
            CutOffError: A fault cuts the connection.
        """
        watch = query.get("watch", ["false"])[0] in {"true", "1"}
        wanted = target(method, path, watch=watch)
        call = describe_call(method, path, query, headers, wanted)
        status = 0
        try:
            request = Request(method, path, query, headers, body or b"", ANONYMOUS)
            request = replace(request, user=self.access.user(headers.get("authorization", ""), certified))
            call = replace(call, user=request.user.name)
            if path.startswith("/sandbox/"):
                return self._control(request, wanted)
            self.faults.befall(call)
            self.access.authorize(request.user, wanted.attributes)
            if body is None:
                raise too_large(MAX_BODY)
            response = self._route(request, wanted)
            call = replace(call, name=call.name or response.name)
            status = response.code
        except StatusError as error:
            response = refusal(error)
            status = response.code
        finally:
            if not path.startswith("/sandbox/"):
                self.calls.add(call, status)
        return response

    def _control(self, request: Request, wanted: Target) -> Response:
        if ADMINS not in request.user.groups:
            self.access.authorize(request.user, replace(wanted.attributes, verb="administer"))
        return control(request, self.calls, self.faults)

    def _route(self, request: Request, wanted: Target) -> Response:
        asked = wanted.attributes
        if asked.path:
            found = document(request.path, self.issuer, self.url, request.headers.get("accept", ""))
            if found is None:
                return text_response(404, "404 page not found\n")
            if request.method not in {"GET", "HEAD"}:
                raise method_not_allowed()
            return found
        if (asked.group, asked.resource) == (REVIEWS_GROUP, "selfsubjectaccessreviews"):
            if request.method != "POST" or asked.name:
                raise method_not_allowed()
            return self.reviews.access_review(request)
        kind = wanted.kind
        if asked.group and kind is None:
            return text_response(404, "404 page not found\n")
        if kind is None or (wanted.subresource and wanted.subresource not in kind.subresources):
            raise no_such_path()
        if wanted.subresource:
            if request.method != "POST":
                raise method_not_allowed()
            return self.reviews.token(request, asked.namespace, asked.name)
        return self._object(request, kind, asked)

    def _object(self, request: Request, kind: Kind, asked: Attributes) -> Response:
        namespace = asked.namespace if kind.namespaced else ""
        if asked.name and kind.namespaced and not namespace:
            raise no_such_path()
        if asked.verb == "list":
            return self.resources.list(request, kind, namespace)
        if asked.verb in {"watch", "deletecollection"}:
            raise not_supported(kind, asked.verb)
        if asked.verb == "create" and not asked.name and (namespace or not kind.namespaced):
            return self.resources.create(request, kind, namespace)
        if asked.verb == "patch" and asked.name:
            return self.resources.patch(request, kind, namespace, asked.name, self._may_create(request, asked))
        verbs = {"get": self.resources.get, "update": self.resources.update, "delete": self.resources.delete}
        if asked.verb not in verbs or not asked.name:
            raise method_not_allowed()
        return verbs[asked.verb](request, kind, namespace, asked.name)

    def _may_create(self, request: Request, asked: Attributes) -> Callable[[], None]:
        """Asked when a server-side apply turns out to create: that needs the right to create too."""
        return functools.partial(self.access.authorize, request.user, replace(asked, verb="create"))


def describe_call(
    method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], wanted: Target
) -> Call:
    """A request as the log has it, before anything is known of who asks and what comes of it."""
    asked = wanted.attributes
    return Call(
        method=method,
        path=path,
        verb=asked.verb,
        resource=asked.resource,
        namespace=asked.namespace,
        name=asked.name,
        dry_run="All" in query.get("dryRun", []),
        manager=query.get("fieldManager", [""])[0],
        user_agent=headers.get("user-agent", ""),
        apply=headers.get("content-type", "").startswith(APPLY),
        metadata_only="as=PartialObjectMetadata" in headers.get("accept", ""),
    )
