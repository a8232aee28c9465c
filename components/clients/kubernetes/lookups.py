"""What is looked up besides Secrets: ServiceAccounts and tokens for them, namespaces, and ConfigMaps.

All raise what every call of `KubernetesClient` does, and NotFoundError where the object or its namespace is not there.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.secret_value import Secret
from .answers import checked_data, checked_object
from .api_refusals import Call
from .client import KubernetesClient
from .cluster_errors import ForbiddenError, NotFoundError, UnexpectedAnswerError
from .metadata import METADATA_ONLY, SecretMetadata
from .object_urls import NAMESPACES_PATH, namespace_path, object_path
from .transport import Request

_ETERNAL = "kube-system"


def service_account_annotations(client: KubernetesClient, namespace: str, name: str) -> Mapping[str, str]:
    """The annotations of a ServiceAccount. Needs the verb `get` on `serviceaccounts`."""
    call = Call("look at", f"ServiceAccount {namespace}/{name}", client.label)
    path = object_path(call, "serviceaccounts", namespace, name)
    return _metadata(client, path, call).annotations


def namespace_labels(client: KubernetesClient, name: str) -> Mapping[str, str]:
    """The labels of a namespace. Needs the verb `get` on `namespaces`."""
    call = Call("look at", f"Namespace {name}", client.label)
    return _metadata(client, namespace_path(call, name), call).labels


def get_namespace(client: KubernetesClient, name: str) -> SecretMetadata | None:
    """A namespace; None if it does not exist. Needs the verb `get` on `namespaces`."""
    call = Call("look at", f"Namespace {name}", client.label)
    request = Request("GET", namespace_path(call, name), accept=METADATA_ONLY)
    answer = client.send_unless_missing(request, call, "namespaces")
    return None if answer is None else checked_object(call, answer)


def list_namespaces(client: KubernetesClient) -> list[SecretMetadata]:
    """All namespaces. Needs the verb `list` on `namespaces`."""
    call = Call("list", "the namespaces", client.label)
    found = client.list_metadata(call, NAMESPACES_PATH, {})
    if not found:  # what chose none of them would give up all that it keeps
        raise UnexpectedAnswerError(f"{call}: the answer holds none, and every cluster has some. Check the proxy.")
    return found


def cluster_id(client: KubernetesClient) -> str | None:
    """The uid of the namespace kube-system, which tells a cluster from every other one; None if we may not see it.

    Needs the verb `get` on that namespace, which the API server makes once and never deletes.
    """
    call = Call("look at", f"Namespace {_ETERNAL}", client.label)
    try:
        return _metadata(client, namespace_path(call, _ETERNAL), call).uid
    except (ForbiddenError, NotFoundError):
        return None


def request_token(client: KubernetesClient, namespace: str, name: str, audiences: Sequence[str]) -> Secret:
    """A new token of a ServiceAccount, by TokenRequest, as ESO asks for it: nothing but the audiences is said.

    Needs the verb `create` on `serviceaccounts/token`. The API server's default lifetime is one hour.

    Raises:
        NotFoundError: There is no such ServiceAccount or namespace.
        InvalidError: The API server refuses the audiences.
    """
    call = Call("request a token of", f"ServiceAccount {namespace}/{name}", client.label)
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": list(audiences)}}
    request = Request(
        "POST",
        f"{object_path(call, 'serviceaccounts', namespace, name)}/token",
        content_type="application/json",
        body=json.dumps(body).encode(),
    )
    status: Any = client.send(request, call).get("status")
    token = status.get("token") if isinstance(status, dict) else None
    if not isinstance(token, str) or not token:
        raise UnexpectedAnswerError(f"{call}: the answer holds no token.")
    return Secret(token)


def get_config_map(client: KubernetesClient, namespace: str, name: str) -> dict[str, Any] | None:
    """A ConfigMap as the API sends it; None if it does not exist. Needs the verb `get` on `configmaps`."""
    call = Call("read", f"ConfigMap {namespace}/{name}", client.label)
    request = Request("GET", object_path(call, "configmaps", namespace, name))
    answer = client.send_unless_missing(request, call, "configmaps")
    return None if answer is None else checked_data(call, answer, "data", "binaryData")


def _metadata(client: KubernetesClient, path: str, call: Call) -> SecretMetadata:
    return checked_object(call, client.send(Request("GET", path, accept=METADATA_ONLY), call))
