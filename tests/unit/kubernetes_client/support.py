"""Servers, certificates and kubeconfigs for the tests of the Kubernetes client, all on the loopback interface."""

import base64
import datetime as dt
import ipaddress
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components.clients.kubernetes.backoff import Clock, RetryPolicy
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import ClusterConnection, load_cluster
from components.clients.kubernetes.credentials import Credential, FixedCredentials
from components.clients.kubernetes.tls import Trust

BUDGET = 30.0
_HOUR = dt.timedelta(hours=1)


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps, or when a test says so."""

    seconds: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=self.read, monotonic=self.read, sleep=self.sleep)


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    peer_certificate: str = ""  # common name of the client certificate

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What a stub answers; `cut` closes the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    cut: bool = False


def reply(status: int, body: Any, **headers: str) -> Reply:
    return Reply(
        status,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()},
    )


def refusal(code: int, reason: str, message: str, **details: Any) -> Reply:
    """A `Status` as the API server sends it."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return reply(code, body | {"reason": reason, "details": details, "code": code})


SECRET = {
    "apiVersion": "meta.k8s.io/v1",
    "kind": "PartialObjectMetadata",
    "metadata": {"namespace": "team-a", "name": "db", "uid": "u-1", "resourceVersion": "7"},
}
OK = reply(200, SECRET)
TOO_MANY = Reply(
    429, b"Too many requests, please try again later.\n", {"Content-Type": "text/plain", "Retry-After": "1"}
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, stub: "Stub") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stub = stub


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.stub.connections += 1
        try:
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.do_handshake()
            super().handle()
        except (ssl.SSLError, ConnectionError):
            pass  # the client refused us, or is gone: what it says of that is what is tested

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        answer = self.server.stub.answer(
            Received(self.command, url.path, query, dict(self.headers), body, self._peer_certificate())
        )
        if answer.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _peer_certificate(self) -> str:
        if not isinstance(self.connection, ssl.SSLSocket):
            return ""
        subject: Any = (self.connection.getpeercert() or {}).get("subject", ())
        return next((value for ((_, value),) in subject), "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


class Stub:
    """An HTTP(S) server that records what it gets and answers from a script.

    `script` is a list of replies, the last of which is repeated, or a function from request to reply.
    """

    def __init__(
        self, script: list[Reply] | Callable[[Received], Reply] | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        self.script = script or [OK]
        self.requests: list[Received] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def answer(self, request: Received) -> Reply:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
        script = self.script
        return script(request) if callable(script) else script[min(number, len(script)) - 1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class ConnectProxy:
    """An HTTP proxy for CONNECT that leads every host to one port of this machine."""

    def __init__(self, target_port: int, refuse: bytes = b"") -> None:
        self.asked: list[str] = []
        self.authorizations: list[str] = []
        self._target_port = target_port
        self._refuse = refuse
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._tunnel, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _tunnel(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            self.asked.append(lines.readline().decode().split()[1])
            while (line := lines.readline().strip()) != b"":
                name, _, value = line.decode().partition(": ")
                if name.lower() == "proxy-authorization":
                    self.authorizations.append(value)
            if self._refuse:
                client.sendall(self._refuse)
                return
            with socket.create_connection(("127.0.0.1", self._target_port)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                while True:
                    for source in select.select([client, server], [], [])[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        (server if source is client else client).sendall(data)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, as PEM."""

    chain: str
    key: str


class Authority:
    """A certificate authority; `key_identifiers=False` makes one as older EKS clusters have it."""

    def __init__(self, *, key_identifiers: bool = True) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test-ca")])
        self._identifiers = key_identifiers
        builder = self._builder(self._name, self._key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        if key_identifiers:
            builder = builder.add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    crl_sign=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            ).add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.pem = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, common_name: str, *names: str, until: dt.timedelta = _HOUR) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
        builder = self._builder(subject, key.public_key(), until)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), False)
        if self._identifiers:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        chain = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Issued(chain, encoded.decode())

    def server_context(
        self, folder: Path, *names: str, client_certificates: bool = False, until: dt.timedelta = _HOUR
    ) -> ssl.SSLContext:
        issued = self.issue("server", *names, until=until)
        (folder / "server.pem").write_text(issued.chain + issued.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        if client_certificates:
            context.load_verify_locations(cadata=self.pem)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: dt.timedelta = _HOUR
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _HOUR)
            .not_valid_after(now + until)
        )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def kubeconfig_text(
    server: str, *, cluster: Mapping[str, Any] | None = None, user: Mapping[str, Any] | None = None, name: str = "test"
) -> str:
    """A kubeconfig with one cluster, one user and one context, all of the same name."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": name, "user": dict(user or {})}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }
    )


def load(
    folder: Path,
    server: str,
    *,
    cluster: Mapping[str, Any] | None = None,
    user: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ClusterConnection:
    """Write a kubeconfig and load it as the library does."""
    path = folder / "kubeconfig"
    path.write_text(kubeconfig_text(server, cluster=cluster, user=user))
    return load_cluster(str(path), None, environ or {}, clock=clock, progress=progress)


def plain_connection(server: str, token: str | None = "t0ken") -> ClusterConnection:
    """A connection to a plain HTTP stub."""
    return ClusterConnection(
        f"context 'test' ({server})", server, Trust(), None, FixedCredentials(Credential(token)), "default"
    )


def make_client(connection: ClusterConnection, time: FakeTime | None = None, **options: Any) -> KubernetesClient:
    """A client that never really sleeps."""
    policy = RetryPolicy(budget=BUDGET, jitter=lambda: 0.5)
    return KubernetesClient(connection, policy=policy, clock=(time or FakeTime()).clock, **options)
