"""A Kubernetes API server in this process: start it, point clients at it, look at what they asked, make it fail."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from . import kinds
from .access import ADMINS, Access, Rule, User, rules_of
from .calls import Call, CallLog
from .certificates import DAY, CertificateAuthority
from .deletion import Deletion
from .dispatch import Dispatcher
from .edge import Edge
from .faults import Faults
from .kubeconfig import kubeconfig_text
from .resources import Resources
from .reviews import Reviews
from .store import Store
from .tokens import DEFAULT_ISSUER, TokenIssuer
from .writes import Write, Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
        token: The administrator's bearer token, a new one for every server.
        faults: Failures to inject (`faults.add(Fault(429, verb="patch", times=2))`).
        rules: What users may do; may be changed while the server runs.
        webhooks: Mutating admission webhooks, each a function that changes an object of a kind as it is about to be
            stored (`webhooks.append(change)`).
        signer: What signs ServiceAccount tokens, and any claims that a test makes up.
    """

    def __init__(  # noqa: PLR0913 - all by keyword
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
        self.webhooks = self._writes.webhooks
        for name in ("default", "kube-system", *namespaces):
            self.create_namespace(name)
        tokens = dict(users or {}) | {self.token: User("admin", frozenset({ADMINS}))}
        self.issuer = issuer
        self.signer = TokenIssuer(issuer)
        access = Access(tokens, self.signer, store, lambda: now().timestamp(), list(rules))
        self.rules = access.rules
        context = self._authority.server_context(host) if self._authority else None
        self._edge = Edge((host, port), context)
        self.url = f"{'https' if tls else 'http'}://{host}:{self._edge.server_address[1]}"
        self._edge.dispatcher = Dispatcher(
            self.url,
            access,
            self.signer,
            Resources(store, self._writes, self._deletion),
            Reviews(store, self.signer, access),
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

    def grant(self, user: str, role: Mapping[str, Any], namespace: str) -> None:
        """Let a user do in a namespace what a ClusterRole allows, as a RoleBinding would.

        Args:
            user: The user's name, or a group's.
            role: A ClusterRole whose rules are about the core API group.
            namespace: The namespace.
        """
        self.rules.extend(rules_of(user, role, namespace))

    def jwks(self) -> dict[str, Any]:
        """`/openid/v1/jwks`: the keys of ServiceAccount tokens."""
        return self.signer.jwks()

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

    def client_certificate(self, name: str, groups: Iterable[str] = (), *, until: timedelta = DAY) -> tuple[str, str]:
        """Certificate and key (PEM) that authenticate as a user.

        Args:
            name: The user's name.
            groups: The user's groups.
            until: When it expires, from now; negative for one that has expired.

        Raises:
            ValueError: The server has no TLS.
        """
        if self._authority is None:
            raise ValueError("client certificates need tls=True")
        return self._authority.client(name, groups, until=until)

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token."""
        return kubeconfig_text(self.url, {"token": self.token if token is None else token}, self.ca_pem)

    def kubeconfig(self, path: str | Path) -> Path:
        """Write the administrator's kubeconfig, readable by its owner only."""
        written = Path(path)
        written.touch(mode=0o600)
        written.chmod(0o600)
        written.write_text(self.kubeconfig_text())
        return written
