"""The resources that this server has: their names in URLs and messages, and the shape of their objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .schema import BOOLEAN, BYTES, INTEGER, STRING, Atomic, FieldType, ListMap, MapOf, SetOf, Struct

_OWNER: Final = Struct(
    {
        "apiVersion": STRING,
        "kind": STRING,
        "name": STRING,
        "uid": STRING,
        "controller": BOOLEAN,
        "blockOwnerDeletion": BOOLEAN,
    },
    atomic=True,
)

METADATA: Final = Struct(
    {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "selfLink": STRING,
        "uid": STRING,
        "resourceVersion": STRING,
        "generation": INTEGER,
        "creationTimestamp": STRING,
        "deletionTimestamp": STRING,
        "deletionGracePeriodSeconds": INTEGER,
        "labels": MapOf(STRING),
        "annotations": MapOf(STRING),
        "ownerReferences": ListMap("uid", _OWNER),
        "finalizers": SetOf(STRING),
        "managedFields": Atomic(),
    }
)


def _object(**fields: FieldType) -> Struct:
    common: dict[str, FieldType] = {"apiVersion": STRING, "kind": STRING, "metadata": METADATA}
    return Struct(common | fields)


@dataclass(frozen=True)
class Kind:
    """One resource of the API.

    Attributes:
        name: The kind, `Secret`.
        plural: The resource's name in URLs, `secrets`.
        singular: What kubectl calls one of them.
        short_names: kubectl's abbreviations.
        schema: Its fields.
        group: API group; empty for the core group.
        namespaced: Whether objects live in a namespace.
        returns_deleted: DELETE answers with the object rather than with a `Status`.
        subresources: Names of what may follow an object's URL.
    """

    name: str
    plural: str
    singular: str
    short_names: tuple[str, ...]
    schema: Struct
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    returns_deleted: bool = False
    subresources: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`apiVersion` of the kind's objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The resource as messages print it: `secrets`, or `leases.coordination.k8s.io` in a named group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def full_kind(self) -> str:
        """The kind as Go prints it: `/v1, Kind=Secret`."""
        return f"{self.group}/{self.version}, Kind={self.name}"


SECRET: Final = Kind(
    "Secret",
    "secrets",
    "secret",
    (),
    _object(immutable=BOOLEAN, data=MapOf(BYTES), stringData=MapOf(STRING), type=STRING),
)
CONFIG_MAP: Final = Kind(
    "ConfigMap",
    "configmaps",
    "configmap",
    ("cm",),
    _object(immutable=BOOLEAN, data=MapOf(STRING), binaryData=MapOf(BYTES)),
)
SERVICE_ACCOUNT: Final = Kind(
    "ServiceAccount",
    "serviceaccounts",
    "serviceaccount",
    ("sa",),
    _object(
        automountServiceAccountToken=BOOLEAN,
        imagePullSecrets=Atomic(),
        secrets=ListMap(
            "name",
            Struct(
                dict.fromkeys(
                    ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"),
                    STRING,
                ),
                atomic=True,
            ),
        ),
    ),
    returns_deleted=True,
    subresources=("token",),
)
NAMESPACE: Final = Kind(
    "Namespace",
    "namespaces",
    "namespace",
    ("ns",),
    _object(
        spec=Struct({"finalizers": Atomic()}),
        status=Struct({"phase": STRING, "conditions": Atomic()}),
    ),
    namespaced=False,
    returns_deleted=True,
)

DEPLOYMENT: Final = Kind(
    "Deployment",
    "deployments",
    "deployment",
    ("deploy",),
    _object(spec=Atomic(of_any=True), status=Atomic(of_any=True)),
    group="apps",
)
"""It is stored and not run, and its spec is owned as a whole, where the real server looks into it."""

RBAC: Final = "rbac.authorization.k8s.io"
_ROLE: Final = {"rules": Atomic(of_any=True)}
_BINDING: Final = {"roleRef": Atomic(of_any=True), "subjects": Atomic(of_any=True)}
CLUSTER_ROLE: Final = Kind(
    "ClusterRole", "clusterroles", "clusterrole", (), _object(**_ROLE), group=RBAC, namespaced=False
)
CLUSTER_ROLE_BINDING: Final = Kind(
    "ClusterRoleBinding",
    "clusterrolebindings",
    "clusterrolebinding",
    (),
    _object(**_BINDING),
    group=RBAC,
    namespaced=False,
)
ROLE: Final = Kind("Role", "roles", "role", (), _object(**_ROLE), group=RBAC)
ROLE_BINDING: Final = Kind("RoleBinding", "rolebindings", "rolebinding", (), _object(**_BINDING), group=RBAC)
"""They are stored, and bind nobody: rules are given to the server itself (`grant`)."""

KINDS: Final = (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    ROLE,
    ROLE_BINDING,
    SECRET,
    SERVICE_ACCOUNT,
)
BY_PLURAL: Final = {kind.plural: kind for kind in KINDS}
