"""A clock that only sleeping moves, an AWS that answers what a test scripts, and sessions and readers for both."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from components.clients.aws import AwsSession, RateLimiter, Retry, open_session
from components.clients.aws.ssm.reader import ParameterReader
from components.core.secret_value import Secret
from components.core.spec.store_identity import AccessKeys, StoreIdentity

REGION = "eu-central-1"
KEYS = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("canary-secret-access-key"), source="Secret team-a/aws")


class FakeClock:
    """Seconds that pass only while somebody sleeps; sleepers in several threads sleep at the same time."""

    def __init__(self) -> None:
        self._now = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        until = self._now + seconds
        with self._lock:
            self.slept.append(seconds)
            self._now = max(self._now, until)

    def retry(self, budget: float = 60.0) -> Retry:
        return Retry(budget, clock=self, sleep=self.sleep, jitter=lambda: 1.0)

    def limiter(self, rate: float = 40.0) -> RateLimiter:
        return RateLimiter(rate, clock=self, sleep=self.sleep)


@dataclass(frozen=True)
class Asked:
    """One request: for SSM the JSON body, for STS the form fields."""

    operation: str
    body: dict[str, Any]
    headers: dict[str, str]


Answer = tuple[int, "dict[str, Any] | str"]
HeadedAnswer = tuple[int, "dict[str, Any] | str", dict[str, str]]
"""With headers of its own."""


@dataclass
class ScriptedAws:
    url: str
    requests: list[Asked]
    released: threading.Event


@contextmanager
def scripted_aws(script: Callable[[Asked], Answer | HeadedAnswer]) -> Iterator[ScriptedAws]:
    """Serve `script`; what it returns is sent as it is. `released` is set at the end, for scripts that block on it."""
    requests: list[Asked] = []
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target")
            headers = {name.lower(): value for name, value in self.headers.items()}
            if target:
                asked = Asked(target.rpartition(".")[2], json.loads(text), headers)
            else:
                form = {name: values[0] for name, values in parse_qs(text).items()}
                asked = Asked(form["Action"], form, headers)
            requests.append(asked)
            status, answer, *more = script(asked)
            content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            try:
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the client gave up waiting, which some tests want

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    aws = ScriptedAws(f"http://127.0.0.1:{server.server_address[1]}", requests, released)
    try:
        yield aws
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def error(code: str, message: str = "", status: int = 400) -> Answer:
    """An error as SSM words it."""
    return status, {"__type": code, "message": message}


def parameters(*names: str, invalid: tuple[str, ...] = (), value: str = "value") -> Answer:
    """An answer of GetParameters as AWS gives it: alphabetical, all at version 1."""
    found = [{"Name": name, "Type": "String", "Value": value, "Version": 1} for name in sorted(names)]
    return 200, {"Parameters": found, "InvalidParameters": list(invalid)}


def session_at(url: str, **more: Any) -> AwsSession:
    """A session with access keys and without roles: no call to STS."""
    environ = {"AWS_SSM_ENDPOINT": url, "AWS_STS_ENDPOINT": url}
    return open_session(StoreIdentity(REGION), KEYS, environ=environ, **more)


def reader_at(url: str, clock: FakeClock, *, budget: float = 60.0, rate: float = 40.0, **more: Any) -> ParameterReader:
    """A reader whose waiting costs no time."""
    timeouts = {name: more.pop(name) for name in ("connect_timeout", "read_timeout") if name in more}
    session = session_at(url, **timeouts)
    return ParameterReader(
        session.client("ssm"), clock.limiter(rate), clock.retry(budget), caller=session.caller("ssm"), **more
    )
