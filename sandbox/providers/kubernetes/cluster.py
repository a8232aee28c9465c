"""The requests to the API server: apply, read and delete objects, over the library's own transport and kubeconfigs."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.backoff import Clock, RetryPolicy
from components.clients.kubernetes.cluster_errors import NotFoundError, UnavailableError
from components.clients.kubernetes.connection import ClusterConnection, load_cluster
from components.clients.kubernetes.transport import Request, Transport
from components.errors import ParameterStoreError
from sandbox.providers.provider import ProviderFailure

from .kinds import Kind

_DELETE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_THREADS = 32


class Cluster:
    """One cluster, shared by all threads.

    Args:
        configuration: `kubernetes:` provider configuration with plain values.

    Raises:
        ProviderFailure: no usable kubeconfig.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        with _as_failures():
            self._connection = _connect(
                configuration.get("kubeconfig"), configuration.get("context"), configuration.get("cluster") or None
            )
        self.namespace: str = configuration.get("namespace") or self._connection.namespace
        self._transport = Transport(
            self._connection,
            policy=RetryPolicy(),
            clock=Clock(),
            connect_timeout=10,
            read_timeout=30,
            pool_size=_THREADS,
        )

    def apply(self, kind: Kind, body: dict[str, Any], manager: str, *, force: bool) -> dict[str, Any]:
        """Create or change an object by server-side apply; returns it as it is then.

        Raises:
            ProviderFailure: the server refused or cannot be reached.
        """
        metadata = body["metadata"]
        request = Request(
            "PATCH",
            _path(kind, metadata.get("namespace"), metadata["name"]),
            {"fieldManager": manager, "force": "true" if force else "false"},
            content_type="application/apply-patch+yaml",  # JSON is YAML
            body=json.dumps(body).encode(),
        )
        return self._send(request, self._call("apply", kind, metadata.get("namespace"), metadata["name"]))

    def get(self, kind: Kind, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object, None if there is none.

        Raises:
            ProviderFailure: the server refused or cannot be reached.
        """
        try:
            call = self._call("read", kind, namespace, name)
            return self._send(Request("GET", _path(kind, namespace, name)), call)
        except _NotThere:
            return None

    def delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Delete an object and wait until it is gone.

        Raises:
            ProviderFailure: the server refused, cannot be reached, or a finalizer holds the object.
        """
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        request = Request(
            "DELETE",
            _path(kind, namespace, name),
            content_type="application/json",
            body=json.dumps(options).encode(),
        )
        call = self._call("delete", kind, namespace, name)
        try:
            self._send(request, call)
        except _NotThere:
            return
        deadline = time.monotonic() + _DELETE_SECONDS
        while self.get(kind, namespace, name) is not None:
            if time.monotonic() > deadline:
                raise ProviderFailure(f"{call}: it is still there after {_DELETE_SECONDS:.0f} s; a finalizer holds it")
            time.sleep(_POLL_SECONDS)

    def _call(self, action: str, kind: Kind, namespace: str | None, name: str) -> Call:
        where = f"{namespace}/{name}" if namespace else name
        return Call(action, f"{kind.name} {where}", self._connection.label)

    def _send(self, request: Request, call: Call) -> dict[str, Any]:
        with _as_failures():
            answer = json.loads(self._transport.send(request, call))
        if not isinstance(answer, dict):
            raise ProviderFailure(f"{call}: what answered is not a Kubernetes API")
        return answer


class UnreachableError(ProviderFailure):
    """The cluster does not answer at all."""


class _NotThere(ProviderFailure):
    """The object, or its namespace, does not exist."""


@contextmanager
def _as_failures() -> Iterator[None]:
    """The library's errors quote no values, so their texts may be shown."""
    try:
        yield
    except NotFoundError as error:
        raise _NotThere(str(error)) from None
    except UnavailableError as error:
        raise (UnreachableError if error.last_status is None else ProviderFailure)(str(error)) from None
    except ParameterStoreError as error:
        raise ProviderFailure(str(error)) from None
    except ValueError:
        raise ProviderFailure("what answered is not a Kubernetes API") from None


def _path(kind: Kind, namespace: str | None, name: str) -> str:
    for part in (namespace, name):
        if part in {".", ".."}:  # clients and proxies take them out of a path
            raise ProviderFailure(f"{kind.name}: {part!r} cannot be a name; the request would go elsewhere")
    place = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
    root = f"/apis/{kind.group}" if kind.group else "/api"
    return f"{root}/v1/{place}{kind.plural}/{quote(name, safe='')}"


def _connect(kubeconfig: Any, context: Any, cluster: str | None) -> ClusterConnection:
    """Find the cluster; the option `kubeconfig` is a path or the content itself (YAML, or JSON decoded already)."""
    text = json.dumps(kubeconfig) if isinstance(kubeconfig, dict) else kubeconfig
    return load_cluster(text or None, context or None, os.environ, cluster=cluster)
