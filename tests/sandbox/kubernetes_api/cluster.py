"""A namespace of its own for each test, on the sandbox's API server or a real one, and hands to disturb it."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.backoff import Clock, RetryPolicy
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import ClusterConnection
from components.clients.kubernetes.transport import Request, Transport
from sandbox.kubernetes.tokens import TokenIssuer


class Api(Protocol):
    """An API server over TLS: the sandbox's or a real one."""

    url: str
    token: str
    issuer: str
    signer: TokenIssuer

    @property
    def ca_pem(self) -> str:
        """The certificate authority's certificate."""

    def client_certificate(self, name: str, groups: Iterable[str] = (), *, until: timedelta = ...) -> tuple[str, str]:
        """Certificate and key of a user."""

    def grant(self, user: str, role: Mapping[str, Any], namespace: str) -> None:
        """Let a user do in a namespace what a ClusterRole allows."""

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token."""


@dataclass(frozen=True)
class Cluster:
    """A namespace in a cluster."""

    connection: ClusterConnection
    client: KubernetesClient
    namespace: str

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        **query: str,
    ) -> dict[str, Any]:
        """Any request, as somebody else would make it."""
        transport = Transport(
            self.connection, policy=RetryPolicy(), clock=Clock(), connect_timeout=10, read_timeout=30, pool_size=1
        )
        encoded = None if body is None else json.dumps(body).encode()
        request = Request(method, path, query, accept, content_type if body else "", encoded)
        try:
            answer: dict[str, Any] = json.loads(transport.send(request, Call("prepare", path, "the test")))
        finally:
            transport.close()
        return answer

    def create_namespace(self) -> None:
        metadata = {"name": self.namespace}
        self.send("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def delete_namespace(self) -> None:
        self.send("DELETE", f"/api/v1/namespaces/{self.namespace}")

    def edit(self, name: str, change: Mapping[str, Any], manager: str = "kubectl-edit") -> None:
        """Change a Secret as `kubectl edit` does."""
        path = f"/api/v1/namespaces/{self.namespace}/secrets/{name}"
        self.send("PATCH", path, change, "application/merge-patch+json", fieldManager=manager)

    def values(self, name: str) -> dict[str, str]:
        secret = self.client.get_secret(self.namespace, name)
        assert secret is not None
        return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}


def body(labels: Mapping[str, str] | None = None, /, **values: str) -> dict[str, Any]:
    """What is applied: an Opaque Secret with these values."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    # An empty mapping would be a claim to the mapping itself, which conflicts with other managers' claims.
    metadata = {"labels": dict(labels)} if labels else {}
    return {"type": "Opaque", "metadata": metadata} | ({"data": data} if data else {})
