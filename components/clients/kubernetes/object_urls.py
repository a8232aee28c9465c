"""URL paths of objects. Names are checked here because `.` and `..` in a URL would lead to other resources."""

from urllib.parse import quote

from ...core.spec.argument_types import NAMESPACE, is_object_name
from .api_refusals import Call
from .cluster_errors import InvalidError

NAMESPACES_PATH = "/api/v1/namespaces"
_KINDS = {"secrets": "Secret", "serviceaccounts": "ServiceAccount", "configmaps": "ConfigMap"}


def namespace_path(call: Call, namespace: str) -> str:
    """The path of a namespace; InvalidError where it cannot be one's name."""
    if NAMESPACE.problem(namespace):
        raise InvalidError(f"{call}: '{namespace}' is not a namespace's name.", status=0)
    return f"{NAMESPACES_PATH}/{quote(namespace, safe='')}"


def object_path(call: Call, plural: str, namespace: str, name: str | None = None) -> str:
    """The path of an object, or without a name of all objects of a kind (such as `secrets`), in a namespace.

    Raises InvalidError where it cannot be such a name.
    """
    path = f"{namespace_path(call, namespace)}/{plural}"
    if name is None:
        return path
    if not is_object_name(name):
        raise InvalidError(
            f"{call}: '{name}' is not a {_KINDS[plural]}'s name: at most 253 lower-case letters, digits, '-' and '.', "
            "starting and ending with a letter or digit.",
            status=0,
        )
    return f"{path}/{quote(name, safe='')}"
