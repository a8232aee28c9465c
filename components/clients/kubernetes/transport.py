"""One HTTP call to the API server, made to come through: pooled connections, limits, retries, new credentials."""

import re
import ssl
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3 import exceptions

from ..exchange import AnswerTooLargeError, breakable, exchange, read_body
from ..retry_after import in_words, parse_retry_after
from ..waiting import EndingError, TookTooLongError, Waiting
from .api_refusals import Call, explain
from .backoff import Clock, RetryPolicy, is_overtaken, is_transient
from .cluster_errors import OversizedAnswerError, UnavailableError
from .connection import ClusterConnection
from .credentials import Credential
from .no_answer import NoAnswer, describe
from .proxy import proxy_login
from .sent import Sent
from .status_answer import parse_status
from .tls import ClientCertificate, build_context

USER_AGENT = "pulumi-parameter-store"

LARGEST_OBJECT = 8 << 20
"""Bytes of an answer that is one object: etcd takes 1.5 MiB and the API server 3 MiB, JSON may double that."""
LARGEST_LIST = 32 << 20
"""Bytes of an answer that is a list: 500 Secrets' metadata of 64 KiB each, where 2 KiB is common."""

_VERSION = b'"resourceVersion"'
_POOLS = {"http": breakable(urllib3.HTTPConnectionPool), "https": breakable(urllib3.HTTPSConnectionPool)}
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
        largest: Bytes that the answer may have.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/json"
    content_type: str = ""
    body: bytes | None = field(default=None, repr=False)
    largest: int = LARGEST_OBJECT


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)
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
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is sent yet; the parameters are those of `KubernetesClient`."""
        self._connection = connection
        self._policy = policy
        self._clock = clock
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._pool_size = pool_size
        self._progress = progress
        self._lock = threading.Lock()
        self._manager: urllib3.PoolManager | None = None
        self._certificate: ClientCertificate | None = None
        self._silent: tuple[float, str] | None = None
        self._answered = False

    def send(self, request: Request, call: Call) -> bytes:
        """Send a request and give the body of a 2xx answer.

        Raises:
            OversizedAnswerError: The answer is larger than the request allows.
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
        raise explain(call, answer.status, answer.body, request.body)

    def close(self) -> None:
        """Close idle connections; those in use close when their answer is there."""
        with self._lock:
            if self._manager is not None:
                self._manager.clear()

    def _send_until_answered(self, request: Request, call: Call, credential: Credential, deadline: float) -> _Answer:
        """Repeat while the answer is transient and time is left."""
        self._refuse_while_silent(call)
        contact = self._policy.first_contact
        soon = deadline if contact is None else min(deadline, self._clock.monotonic() + contact)
        attempt = 0
        patience = self._policy.patience
        while True:
            attempt += 1
            until = deadline if self._answered else soon
            outcome = self._send_once(request, call, credential, deadline, connect_until=until)
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
            if isinstance(outcome, _Answer) and self._is_appointment(outcome.retry_after, wait, deadline, patience):
                # The server is there and names the time: that is not time in which it did not answer.
                patience -= wait
                deadline += wait
                asked = in_words(outcome.retry_after or 0)
                self._progress(f"{call} yet: the server is overloaded and asks to be called again in {asked}; waiting")
            elif self._clock.monotonic() + wait > (deadline if isinstance(outcome, _Answer) else until):
                if isinstance(outcome, _Answer) and is_overtaken(outcome.status, outcome.body):
                    return outcome
                raise self._gave_up(call, outcome, attempt, request.body)
            self._clock.sleep(wait)

    def _is_appointment(self, asked: float | None, wait: float, deadline: float, patience: float) -> bool:
        """Whether the server asks for more time than the budget has, and the call may take that long.

        A second, which is what an API server asks for whenever it has too much to do, is waited for within the budget.
        """
        too_long = self._clock.monotonic() + wait > deadline
        return asked is not None and too_long and self._policy.longest_delay < asked and wait <= patience

    def _refuse_while_silent(self, call: Call) -> None:
        """A caller that waited in vain a moment ago need not wait again: hundreds of Secrets are written one by one."""
        silent = self._silent
        if silent is not None and self._clock.monotonic() < silent[0]:
            text = f"{call}: {silent[1]}; not asked again, because it did not answer a moment ago."
            raise UnavailableError(text, attempts=0, last_status=None)

    def _gave_up(self, call: Call, outcome: _Answer | NoAnswer, attempts: int, sent: bytes | None) -> UnavailableError:
        tried = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        if isinstance(outcome, NoAnswer):
            self._silent = (self._clock.monotonic() + _SILENCE, outcome.why)
            advice = "Check that the cluster is up and reachable from here (VPN, proxy, firewall)."
            return UnavailableError(f"{call}: {outcome.why}, {tried}. {advice}", attempts=attempts, last_status=None)
        status = parse_status(outcome.status, outcome.body, Sent.of(sent))
        why = f"HTTP {outcome.status}" + (f", {status.phrase}" if status and status.phrase else "")
        overloaded = outcome.status == HTTPStatus.TOO_MANY_REQUESTS
        busy = "The server is overloaded" if overloaded else "The server has a problem of its own"
        if outcome.retry_after is not None and outcome.retry_after > self._policy.longest_delay:
            busy += f" and asks to be called again in {in_words(outcome.retry_after)}"
        return UnavailableError(
            f"{call}: {why} after {tried}. {busy}; try again later.", attempts=attempts, last_status=outcome.status
        )

    def _send_once(
        self, request: Request, call: Call, credential: Credential, deadline: float, *, connect_until: float
    ) -> _Answer | NoAnswer:
        headers = {"Accept": request.accept, "User-Agent": USER_AGENT}
        if request.content_type:
            headers["Content-Type"] = request.content_type
        if credential.token is not None:
            headers["Authorization"] = f"Bearer {credential.token}"
        query = f"?{urlencode(request.query)}" if request.query else ""
        # The last attempt gets at least a second, unless the whole budget is less.
        least = min(1.0, self._policy.budget)
        left = max(least, deadline - self._clock.monotonic())
        to_connect = max(least, connect_until - self._clock.monotonic())
        pool = self._pool(credential.certificate)

        def send() -> _Answer:
            response = pool.request(
                request.method,
                f"{self._connection.server}{request.path}{query}",
                body=request.body,
                headers=headers,
                retries=False,  # nor redirects
                timeout=urllib3.Timeout(
                    connect=min(self._connect_timeout, to_connect), read=min(self._read_timeout, left)
                ),
                preload_content=False,
            )
            body = read_body(response, request.largest)
            asked = response.headers.get("Retry-After")
            asked_for = parse_retry_after(asked, response.headers.get("Date"), now=self._clock.now())
            return _Answer(response.status, body, asked_for)

        waiting = Waiting(f"an answer of {call.cluster} to '{call.action} {call.target}'", self._progress)
        try:
            return exchange(left, send, waiting)
        except TookTooLongError:
            self._drop(pool)
            return NoAnswer("no answer within the time limit (or only a part of one)")
        except EndingError:
            return NoAnswer("the program is ending", permanent=True)
        except AnswerTooLargeError as error:
            raise OversizedAnswerError(
                f"{call}: the answer has {error}, which is more than the API server sends. "
                "Check the server URL and the proxy."
            ) from None
        except exceptions.HTTPError as error:
            return describe(error)

    def _drop(self, pool: urllib3.PoolManager) -> None:
        """Forget a pool of which a connection is stuck: it would wait for that one when it is full."""
        with self._lock:
            if self._manager is pool:
                self._manager = None

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
        manager = urllib3.PoolManager(**options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
    login = proxy_login(connection.proxy)
    headers = {"Proxy-Authorization": f"Basic {login}"} if login else {}
    through = urllib3.ProxyManager(connection.proxy, proxy_headers=headers, **options)
    through.pool_classes_by_scheme = _POOLS
    return through
