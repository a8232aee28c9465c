"""Stands before a real API server: passes requests on, writes down what was asked, and fails on demand."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

import urllib3

from sandbox.aws.errors import AwsError
from sandbox.aws.iam.web_identity import claims_of
from sandbox.kubernetes.access import User
from sandbox.kubernetes.calls import CallLog
from sandbox.kubernetes.dispatch import MAX_BODY, describe_call
from sandbox.kubernetes.faults import Faults
from sandbox.kubernetes.routes import target
from sandbox.kubernetes.status import StatusError, too_large
from sandbox.kubernetes.wire import Response, refusal
from tools.api_server.server import ApiServer

_REQUEST_HEADERS = ("accept", "authorization", "content-type", "user-agent")
_ANSWER_HEADERS = ("Audit-Id", "Retry-After", "Warning")


class Relay:
    """Answers as the server behind it does; plain HTTP before, TLS behind.

    Args:
        server: The server.
        deleted: Told the name of each namespace whose deletion began.

    Attributes:
        calls: What was asked.
        faults: Failures to inject; they befall requests before the server sees them.
    """

    def __init__(self, server: ApiServer, deleted: Callable[[str], None]) -> None:
        self.calls = CallLog()
        self.faults = Faults(time.monotonic)
        self._url = server.url
        self._admin = server.token
        self._deleted = deleted
        trust = ssl.create_default_context(cadata=server.ca_pem)
        self._http = urllib3.PoolManager(ssl_context=trust, maxsize=16, retries=False)

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        headers: Mapping[str, str],
        body: bytes | None,
        certified: User | None,  # noqa: ARG002 - the front has no TLS, so nobody shows a certificate
    ) -> Response:
        """Answer one request; as the sandbox's `Dispatcher.answer`."""
        wanted = target(method, path, watch=query.get("watch", [""])[0] in {"true", "1"})
        call = describe_call(method, path, query, headers, wanted)
        call = replace(call, user=self._user(headers.get("authorization", "")))
        status = 0
        try:
            self.faults.befall(call)
            if body is None:
                raise too_large(MAX_BODY)
            response = self._pass_on(method, path, query, headers, body)
            call = replace(call, name=call.name or response.name)
            status = response.code
        except StatusError as error:
            response = refusal(error)
            status = response.code
        finally:
            self.calls.add(call, status)
        if response.code < 300 and not call.dry_run and (call.verb, call.resource) == ("delete", "namespaces"):
            self._deleted(call.name)
        return response

    def _user(self, authorization: str) -> str:
        """Who the client says it is; whether that is true the server finds out."""
        token = authorization.removeprefix("Bearer ")
        if token == self._admin:
            return "admin"
        try:
            return str(claims_of(token)["sub"])
        except (AwsError, KeyError):
            return ""

    def _pass_on(
        self, method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Response:
        url = f"{self._url}{quote(path)}"
        if query:
            url += f"?{urlencode(query, doseq=True)}"
        sent = {name: headers[name] for name in _REQUEST_HEADERS if name in headers}
        got = self._http.request(method, url, body=body or None, headers=sent, redirect=False)
        kept = tuple((name, got.headers[name]) for name in _ANSWER_HEADERS if name in got.headers)
        content_type = got.headers.get("Content-Type", "")
        return Response(got.status, got.data, content_type, kept, _created(method, got.data))

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.clear()


def _created(method: str, answer: bytes) -> str:
    """The name of the object that a POST made; the URL does not have it."""
    if method != "POST":
        return ""
    try:
        return str(json.loads(answer)["metadata"]["name"])
    except (ValueError, KeyError, TypeError):
        return ""
