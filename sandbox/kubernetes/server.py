"""A Kubernetes API server in this process: start it, point clients at it, look at what they asked, make it fail."""

from __future__ import annotations

import base64
import secrets
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import yaml

from . import kinds
from .access import ADMINS, Access, Rule, User
from .calls import Call, CallLog
from .certificates import CertificateAuthority
from .deletion import Deletion
from .dispatch import Dispatcher
from .edge import Edge
from .faults import Faults
from .resources import Resources
from .reviews import Reviews
from .store import Store
from .tokens import DEFAULT_ISSUER, TokenIssuer
from .writes import Write, Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONTEXT: Final = "sandbox"
_SETUP: Final = Write("sandbox")


class KubernetesApi:
    """An API server with Namespaces, Secrets, ConfigMaps, ServiceAccounts and their tokens; everything is in memory.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        host: IP address to listen at.
        port: Port, or 0 for a free one.
        tls: Serve HTTPS, with a certificate authority of its own.
        users: Users by bearer token, besides the administrator whose token is `token`.
        rules: What those users may do.
        namespaces: Created at the start, besides `default` and `kube-system`.
        issuer: `iss` of ServiceAccount tokens and the audience of those meant for this server.
        namespace_controller: Whether a deleted namespace empties and goes at once.
        now: The clock of timestamps and tokens.

    Attributes:
        token: The administrator's bearer token, made anew for every server.
        faults: Failures to inject (`faults.add(Fault(429, verb="patch", times=2))`).
        rules: What users may do; may be changed while the server runs.
    """

    def __init__(  # noqa: PLR0913 - independent settings, all with defaults
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        users: Mapping[str, User] | None = None,
        rules: Iterable[Rule] = (),
        namespaces: Iterable[str] = (),
        issuer: str = DEFAULT_ISSUER,
        namespace_controller: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.faults = Faults(time.monotonic)
        self._calls = CallLog()
        self._authority = CertificateAuthority() if tls else None
        store = Store(now)
        self._deletion = Deletion(store, namespace_controller=namespace_controller)
        self._writes = Writes(store, self._deletion)
        for name in ("default", "kube-system", *namespaces):
            self.create_namespace(name)
        tokens = dict(users or {}) | {self.token: User("admin", frozenset({ADMINS}))}
        self.issuer = issuer
        signer = TokenIssuer(issuer)
        self.jwks = signer.jwks
        access = Access(tokens, signer, store, lambda: now().timestamp(), list(rules))
        self.rules = access.rules
        context = self._authority.server_context(host) if self._authority else None
        self._edge = Edge((host, port), context)
        self.url = f"{'https' if tls else 'http'}://{host}:{self._edge.server_address[1]}"
        self._edge.dispatcher = Dispatcher(
            self.url,
            access,
            signer,
            Resources(store, self._writes, self._deletion),
            Reviews(store, signer, access),
            self._calls,
            self.faults,
        )
        self._thread = threading.Thread(
            target=self._edge.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox-kubernetes", daemon=True
        )

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End all requests, held ones too, and all connections."""
        self.faults.released.set()
        if self._thread.is_alive():
            self._edge.stop()
            self._thread.join()
        else:
            self._edge.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def calls(self) -> list[Call]:
        """The requests since the start or the last `clear_calls`, in the order of their answers."""
        return self._calls.all()

    def clear_calls(self) -> None:
        """Forget the requests so far."""
        self._calls.clear()

    def create_namespace(self, name: str) -> None:
        """Create a namespace, without a request in the log.

        Raises:
            StatusError: It exists, or the name is wrong.
        """
        self._writes.create(kinds.NAMESPACE, "", {"metadata": {"name": name}}, _SETUP)

    def terminate(self, namespace: str) -> None:
        """Mark a namespace Terminating and leave it so, contents and all.

        Raises:
            StatusError: There is no such namespace.
        """
        self._deletion.terminate(namespace)

    @property
    def ca_pem(self) -> str:
        """The certificate authority's certificate, or empty without TLS."""
        return self._authority.pem if self._authority else ""

    def client_certificate(self, name: str, groups: Iterable[str] = ()) -> tuple[str, str]:
        """Certificate and key (PEM) that authenticate as a user.

        Raises:
            ValueError: The server has no TLS.
        """
        if self._authority is None:
            raise ValueError("client certificates need tls=True")
        return self._authority.client(name, groups)

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token; the context is `sandbox`."""
        cluster: dict[str, Any] = {"server": self.url}
        if self._authority:
            cluster["certificate-authority-data"] = base64.b64encode(self._authority.pem.encode()).decode()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": cluster}],
            "users": [{"name": CONTEXT, "user": {"token": self.token if token is None else token}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}}],
            "current-context": CONTEXT,
        }
        return yaml.safe_dump(config, sort_keys=False)

    def kubeconfig(self, path: str | Path) -> Path:
        """Write the administrator's kubeconfig, readable by its owner only."""
        written = Path(path)
        written.touch(mode=0o600)
        written.chmod(0o600)
        written.write_text(self.kubeconfig_text())
        return written
