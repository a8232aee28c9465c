"""One HTTP call to the API server, made to come through: pooled connections, time limits, retries, new credentials."""

import re
import ssl
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import urllib3
from urllib3 import exceptions

from .connection import ClusterConnection
from .credentials import Credential
from .errors import UnavailableError
from .failures import NoAnswer, describe
from .refusals import Call, explain
from .retry import Clock, RetryPolicy, is_overtaken, is_transient, parse_retry_after
from .status import parse_status
from .tls import ClientCertificate, build_context

USER_AGENT = "pulumi-parameter-store"

_VERSION = b'"resourceVersion"'
_SILENCE = 10.0  # seconds for which a server that did not answer is not asked again


@dataclass(frozen=True)
class Request:
    """A call, ready to be sent as often as it takes.

    Attributes:
        method: HTTP method.
        path: Path below the server's URL, quoted.
        query: Query parameters.
        accept: Wanted media type.
        content_type: Media type of `body`.
        body: What is sent; it may hold values.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/json"
    content_type: str = ""
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    retry_after: float | None


class Transport:
    """Sends requests to one cluster; safe to share between threads."""

    def __init__(
        self,
        connection: ClusterConnection,
        *,
        policy: RetryPolicy,
        clock: Clock,
        connect_timeout: float,
        read_timeout: float,
        pool_size: int,
    ) -> None:
        """Nothing is sent yet; the parameters are those of `KubernetesClient`."""
        self._connection = connection
        self._policy = policy
        self._clock = clock
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._pool_size = pool_size
        self._lock = threading.Lock()
        self._manager: urllib3.PoolManager | None = None
        self._certificate: ClientCertificate | None = None
        self._silent: tuple[float, str] | None = None
        self._answered = False

    def send(self, request: Request, call: Call) -> bytes:
        """Send a request and give the body of a 2xx answer.

        Raises:
            ClusterError: No usable answer, or no usable credentials.
            RefusedError: The server said no.
        """
        credentials = self._connection.credentials
        used = credentials.current()  # a plugin's run does not count against the budget
        deadline = self._clock.monotonic() + self._policy.budget
        answer = self._send_until_answered(request, call, used, deadline)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            other = credentials.replace(used)
            if other is not None:
                answer = self._send_until_answered(request, call, other, deadline)
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer.body
        raise explain(call, answer.status, answer.body)

    def close(self) -> None:
        """Close idle connections; those in use close when their answer is there."""
        with self._lock:
            if self._manager is not None:
                self._manager.clear()

    def _send_until_answered(self, request: Request, call: Call, credential: Credential, deadline: float) -> _Answer:
        """Repeat while the answer is transient and time is left."""
        self._refuse_while_silent(call)
        patience = self._policy.first_contact
        soon = deadline if patience is None else min(deadline, self._clock.monotonic() + patience)
        attempt = 0
        while True:
            attempt += 1
            until = deadline if self._answered else soon
            outcome = self._send_once(request, credential, deadline, connect_until=until)
            if isinstance(outcome, _Answer):
                self._silent, self._answered = None, True
                overtaken = is_overtaken(outcome.status, outcome.body)
                # A request that names a version of the object fails for good when there is a newer one.
                if not is_transient(outcome.status, outcome.body) or (overtaken and _VERSION in (request.body or b"")):
                    return outcome
                wait = self._policy.delay(attempt, outcome.retry_after)
            elif outcome.permanent:
                raise UnavailableError(f"{call}: {outcome.why}.", attempts=attempt, last_status=None)
            else:
                wait = self._policy.delay(attempt, None)
            if self._clock.monotonic() + wait > (deadline if isinstance(outcome, _Answer) else until):
                if isinstance(outcome, _Answer) and is_overtaken(outcome.status, outcome.body):
                    return outcome
                raise self._gave_up(call, outcome, attempt)
            self._clock.sleep(wait)

    def _refuse_while_silent(self, call: Call) -> None:
        """Whoever waited in vain a moment ago need not wait again: hundreds of Secrets are written one by one."""
        silent = self._silent
        if silent is not None and self._clock.monotonic() < silent[0]:
            text = f"{call}: {silent[1]}; not asked again, because it did not answer a moment ago."
            raise UnavailableError(text, attempts=0, last_status=None)

    def _gave_up(self, call: Call, outcome: _Answer | NoAnswer, attempts: int) -> UnavailableError:
        tried = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        if isinstance(outcome, NoAnswer):
            self._silent = (self._clock.monotonic() + _SILENCE, outcome.why)
            advice = "Check that the cluster is up and reachable from here (VPN, proxy, firewall)."
            return UnavailableError(f"{call}: {outcome.why}, {tried}. {advice}", attempts=attempts, last_status=None)
        status = parse_status(outcome.status, outcome.body)
        why = f"HTTP {outcome.status}" + (f", {status.phrase}" if status and status.phrase else "")
        overloaded = outcome.status == HTTPStatus.TOO_MANY_REQUESTS
        busy = "The server is overloaded" if overloaded else "The server has a problem of its own"
        return UnavailableError(
            f"{call}: {why} after {tried}. {busy}; try again later.", attempts=attempts, last_status=outcome.status
        )

    def _send_once(
        self, request: Request, credential: Credential, deadline: float, *, connect_until: float
    ) -> _Answer | NoAnswer:
        headers = {"Accept": request.accept, "User-Agent": USER_AGENT}
        if request.content_type:
            headers["Content-Type"] = request.content_type
        if credential.token is not None:
            headers["Authorization"] = f"Bearer {credential.token}"
        query = f"?{urlencode(request.query)}" if request.query else ""
        left = max(1.0, deadline - self._clock.monotonic())
        to_connect = max(1.0, connect_until - self._clock.monotonic())
        try:
            response = self._pool(credential.certificate).request(
                request.method,
                f"{self._connection.server}{request.path}{query}",
                body=request.body,
                headers=headers,
                retries=False,  # nor redirects
                timeout=urllib3.Timeout(
                    connect=min(self._connect_timeout, to_connect), read=min(self._read_timeout, left)
                ),
            )
        except exceptions.HTTPError as error:
            return describe(error)
        return _Answer(response.status, response.data, parse_retry_after(response.headers.get("Retry-After")))

    def _pool(self, certificate: ClientCertificate | None) -> urllib3.PoolManager:
        """The connection pool; a new one when an exec plugin brought another client certificate."""
        with self._lock:
            if self._manager is None or certificate != self._certificate:
                self._manager = _build_pool(self._connection, certificate, self._pool_size)
                self._certificate = certificate
            return self._manager


def _build_pool(
    connection: ClusterConnection, certificate: ClientCertificate | None, pool_size: int
) -> urllib3.PoolManager:
    options: dict[str, Any] = {"maxsize": pool_size, "block": True}
    server = urlsplit(connection.server)
    if server.scheme == "https":
        trust = connection.trust
        options["ssl_context"] = build_context(trust, certificate)
        options["server_hostname"] = trust.server_name
        if not trust.verify:
            options["cert_reqs"] = ssl.CERT_NONE
            # The kubeconfig's author decided this; a warning for every connection would drown what matters.
            message = re.escape(f"Unverified HTTPS request is being made to host '{server.hostname}'")
            warnings.filterwarnings("ignore", message, exceptions.InsecureRequestWarning)
    if connection.proxy is None:
        return urllib3.PoolManager(**options)
    proxy = urlsplit(connection.proxy)
    login = f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}" if proxy.username else None
    headers = urllib3.make_headers(proxy_basic_auth=login)
    return urllib3.ProxyManager(connection.proxy, proxy_headers=headers, **options)
