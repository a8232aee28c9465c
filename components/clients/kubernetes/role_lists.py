"""The roles of a cluster and who they are bound to (RBAC), for the last hop of the access map."""

from typing import Any

from .answers import checked_page
from .api_refusals import Call
from .client import KubernetesClient
from .cluster_errors import UnexpectedAnswerError
from .transport import LARGEST_LIST, Request

_KINDS = {
    "clusterroles": "ClusterRole",
    "clusterrolebindings": "ClusterRoleBinding",
    "roles": "Role",
    "rolebindings": "RoleBinding",
}


def list_roles(client: KubernetesClient) -> list[dict[str, Any]]:
    """All roles and bindings of a cluster, each with its kind. Needs the verb `list` on the four, in all namespaces.

    Raises:
        ForbiddenError: the right to list one of them is missing.
        ClusterError: the cluster cannot be reached, or what answers is no API server.
    """
    found: list[dict[str, Any]] = []
    for plural, kind in _KINDS.items():
        call = Call("list", f"the {kind}s of all namespaces", client.label)
        path = f"/apis/rbac.authorization.k8s.io/v1/{plural}"
        answer = client.send(Request("GET", path, largest=LARGEST_LIST), call)
        _, more = checked_page(call, answer)
        if more:  # nobody asked for pages; half of who may read something would look like all
            raise UnexpectedAnswerError(f"{call}: the answer is only a part of the list. Check the proxy.")
        found += [{**each, "kind": kind} for each in answer.get("items") or ()]
    return found
