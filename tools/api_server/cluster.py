"""A real API server in the place of the sandbox's: the same attributes and methods, and empty for each test."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Self

from sandbox.kubernetes.calls import Call
from sandbox.kubernetes.edge import Edge
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from tools.api_server.relay import Relay
from tools.api_server.server import ApiServer, ServerError

_OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
_TERMINATING = "is being terminated"
_FORGETS = 10.0
"""Seconds within which a server forgets that a namespace of this name was deleted before."""
_CONTENTS = ("configmaps", "secrets", "serviceaccounts")


class RealKubernetes:
    """The counterpart of the sandbox's `KubernetesApi`: a real server, behind a relay that counts calls and fails.

    As a context manager it starts the relay, and in the end removes everything from the server.
    It does what a controller manager would do: `default` ServiceAccounts, and the end of deleted namespaces.

    Attributes:
        url: Where the relay listens, without TLS.
        token: The administrator's bearer token.
        issuer: `iss` of ServiceAccount tokens.
        faults: Failures to inject.
    """

    def __init__(self, server: ApiServer) -> None:
        self.token = server.token
        self.issuer = server.issuer
        self._server = server
        self._relay = Relay(server, lambda namespace: _finish_namespace(server, namespace))
        self.faults = self._relay.faults
        self._edge = Edge(("127.0.0.1", 0), None)
        self._edge.dispatcher = self._relay
        self.url = f"http://127.0.0.1:{self._edge.server_address[1]}"
        self._thread = threading.Thread(target=self._edge.serve_forever, args=(0.02,), name="relay", daemon=True)

    def __enter__(self) -> Self:
        """Start the relay."""
        self._thread.start()
        self._ensure_default_account("default")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the relay and leave the server as it was."""
        self.faults.released.set()
        self._edge.stop()
        self._thread.join()
        self._relay.close()
        clean(self._server)

    @property
    def calls(self) -> list[Call]:
        """The requests since the start or the last `clear_calls`, in the order of their answers."""
        return self._relay.calls.all()

    def clear_calls(self) -> None:
        """Forget the requests so far."""
        self._relay.calls.clear()

    def create_namespace(self, name: str) -> None:
        """Create a namespace, without a request in the log."""
        self._server.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        self._ensure_default_account(name)

    def grant(self, user: str, role: Mapping[str, Any], namespace: str) -> None:
        """Let a user do in a namespace what a ClusterRole allows."""
        self._server.grant(user, role, namespace)

    def jwks(self) -> dict[str, Any]:
        """`/openid/v1/jwks`."""
        keys: dict[str, Any] = self._server.send("GET", "/openid/v1/jwks")
        return keys

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token."""
        return kubeconfig_text(self.url, {"token": self.token if token is None else token})

    def _ensure_default_account(self, namespace: str) -> None:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default?fieldManager=kube-controller-manager"
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        ends = time.monotonic() + _FORGETS
        while True:
            try:
                self._server.send("PATCH", path, account, **{"Content-Type": "application/apply-patch+yaml"})
            except ServerError as error:
                if _TERMINATING not in str(error) or time.monotonic() > ends:
                    raise
                threading.Event().wait(0.05)
            else:
                return


def clean(server: ApiServer) -> None:
    """Remove from a server everything that it did not have at its start."""
    for namespace in server.send("GET", "/api/v1/namespaces")["items"]:
        name = namespace["metadata"]["name"]
        if name in _OWN_NAMESPACES:
            _empty(server, name)
            continue
        if not namespace["metadata"].get("deletionTimestamp"):
            server.send("DELETE", f"/api/v1/namespaces/{name}")
        _finish_namespace(server, name)
    server.revoke_grants()


def _finish_namespace(server: ApiServer, name: str) -> None:
    """What the namespace controller does with a deleted namespace."""
    _empty(server, name)
    namespace = server.send("GET", f"/api/v1/namespaces/{name}")
    server.send("PUT", f"/api/v1/namespaces/{name}/finalize", {**namespace, "spec": {"finalizers": []}})


def _empty(server: ApiServer, namespace: str) -> None:
    for kind in _CONTENTS:
        server.send("DELETE", f"/api/v1/namespaces/{namespace}/{kind}")
