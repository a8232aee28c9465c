"""Starts a real API server with an etcd of its own on this machine, and stops both whatever happens."""

import json
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import urllib3

from sandbox.engine.tether import tethered
from sandbox.kubernetes.access import ADMINS
from sandbox.kubernetes.certificates import DAY, CertificateAuthority
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from sandbox.kubernetes.tokens import DEFAULT_ISSUER, TokenIssuer
from tools.api_server.binaries import Binaries

_HOST = "127.0.0.1"
_READY_SECONDS = 60.0  # 2 to 4 are usual
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_GRANTED = "test-grant"  # the label of what `grant` creates
_LAST_WORDS = 2000  # characters of a log


class ServerError(Exception):
    """The API server did not start, or refused what the test bed asked of it."""


class ApiServer:
    """A kube-apiserver on a free port of the loopback interface, with its etcd behind a socket in a private folder.

    There is no controller manager: nobody makes `default` ServiceAccounts or removes deleted namespaces.

    Attributes:
        issuer: `iss` of ServiceAccount tokens.
        token: the administrator's bearer token, a new one for every server.
        signer: what signs ServiceAccount tokens, and any claims that a test makes up.
        processes: etcd and kube-apiserver.
    """

    def __init__(self, binaries: Binaries, *flags: str) -> None:
        """Nothing is started yet.

        Args:
            binaries: The executables.
            flags: More flags for kube-apiserver.
        """
        self.issuer = DEFAULT_ISSUER
        self.signer = TokenIssuer(self.issuer)
        self.token = secrets.token_urlsafe(24)
        self._authority = CertificateAuthority()
        self._binaries = binaries
        self._flags = flags
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start both, and wait until the server is ready.

        Raises:
            ServerError: One of the two ended, or the server is not ready in a minute; with the end of its log.
        """
        with ExitStack() as stack:
            # The path of a socket has little room: nothing long may come before it.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="api-")))
            reserved = stack.enter_context(_reserve_port())
            self.url = f"https://{_HOST}:{reserved.getsockname()[1]}"
            self._write_files(folder)
            etcd = _start(stack, folder / "etcd.log", [str(self._binaries.etcd), *_etcd_flags(folder)])
            arguments = [*_server_flags(folder, reserved.getsockname()[1], self.issuer), *self._flags]
            server = _start(stack, folder / "server.log", [str(self._binaries.api_server), *arguments])
            self._http = urllib3.PoolManager(ca_certs=str(folder / "ca.pem"), maxsize=4, retries=False)
            stack.callback(self._http.clear)
            self.processes = (etcd, server)
            self._wait(folder)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Kill both and remove all files."""
        self._stack.close()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request as the administrator and return the decoded answer.

        Raises:
            ServerError: The server refuses it.
        """
        known = {"Authorization": f"Bearer {self.token}", "Accept": "*/*", **headers}
        answer = self._http.request(method, f"{self.url}{path}", json=body, headers=known)
        if answer.status >= 300:
            raise ServerError(f"{method} {path}: {answer.status} {answer.data.decode()}")
        return json.loads(answer.data)

    def grant(self, user: str, role: Mapping[str, Any], namespace: str) -> None:
        """Let a user do in a namespace what a ClusterRole allows; `revoke_grants` ends that."""
        labels = {_GRANTED: "true"}
        made = {**role, "metadata": {"generateName": "granted-", "labels": labels}}
        name = self.send("POST", f"{_RBAC}/clusterroles", made)["metadata"]["name"]
        binding = {
            "metadata": {"name": name, "labels": labels},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}],
        }
        self.send("POST", f"{_RBAC}/namespaces/{namespace}/rolebindings", binding)

    def revoke_grants(self) -> None:
        """Forget what was granted."""
        for binding in self.send("GET", f"{_RBAC}/rolebindings?labelSelector={_GRANTED}")["items"]:
            where = binding["metadata"]
            self.send("DELETE", f"{_RBAC}/namespaces/{where['namespace']}/rolebindings/{where['name']}")
        self.send("DELETE", f"{_RBAC}/clusterroles?labelSelector={_GRANTED}")

    @property
    def ca_pem(self) -> str:
        """The certificate authority's certificate."""
        return self._authority.pem

    def client_certificate(self, name: str, groups: Iterable[str] = (), *, until: timedelta = DAY) -> tuple[str, str]:
        """Certificate and key (PEM) that authenticate as a user; `until` says when it expires, from now."""
        return self._authority.client(name, groups, until=until)

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token."""
        return kubeconfig_text(self.url, {"token": self.token if token is None else token}, self.ca_pem)

    def _write_files(self, folder: Path) -> None:
        certificate, key = self._authority.server(_HOST)
        (folder / "ca.pem").write_text(self._authority.pem)
        (folder / "server.pem").write_text(certificate)
        (folder / "server.key").write_text(key)
        (folder / "signing.key").write_text(self.signer.private_key_pem())
        (folder / "tokens.csv").write_text(f"{self.token},admin,admin,{ADMINS}\n")

    def _wait(self, folder: Path) -> None:
        logs = [folder / "etcd.log", folder / "server.log"]
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            for log, process in zip(logs, self.processes, strict=True):
                if process.poll() is not None:
                    raise ServerError(f"{log.stem} ended with {process.returncode}:\n{_end(log)}")
            try:
                if self._http.request("GET", f"{self.url}/readyz", timeout=1).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.05)
        ends = "\n".join(f"{log.stem}:\n{_end(log)}" for log in logs)
        raise ServerError(f"the API server is not ready after {_READY_SECONDS:.0f} s.\n{ends}")


def _reserve_port() -> socket.socket:
    """A port that nobody else gets: bound and never listened at, and shared only with who asks for sharing."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((_HOST, 0))
    return reserved


def _start(stack: ExitStack, log: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process that is killed with the stack; and when this process dies, too."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            tethered(command, signal.SIGKILL),  # asked to end, a server without its etcd would wait for it
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches pytest, which then stops it in order
        )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _etcd_flags(folder: Path) -> list[str]:
    nowhere = "http://127.0.0.1:1"  # it has no peers, and the flags take nothing but such URLs
    return [
        f"--data-dir={folder / 'data'}",
        f"--listen-client-urls={_etcd_url(folder)}",
        f"--advertise-client-urls={nowhere}",
        f"--listen-peer-urls=unix://{folder / 'peer'}:0",
        f"--initial-advertise-peer-urls={nowhere}",
        f"--initial-cluster=default={nowhere}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def _etcd_url(folder: Path) -> str:
    return f"unix://{folder / 'etcd'}:0"  # etcd wants a port here, too, and makes it part of the name


def _server_flags(folder: Path, port: int, issuer: str) -> list[str]:
    return [
        f"--etcd-servers={_etcd_url(folder)}",
        f"--bind-address={_HOST}",
        f"--advertise-address={_HOST}",
        f"--secure-port={port}",
        "--permit-port-sharing",  # with _reserve_port
        "--endpoint-reconciler-type=none",  # it refuses to publish a loopback address
        f"--tls-cert-file={folder / 'server.pem'}",
        f"--tls-private-key-file={folder / 'server.key'}",
        f"--client-ca-file={folder / 'ca.pem'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        f"--service-account-issuer={issuer}",
        f"--service-account-key-file={folder / 'signing.key'}",
        f"--service-account-signing-key-file={folder / 'signing.key'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
    ]


def _end(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-_LAST_WORDS:]
