"""The Kubernetes kinds that the provider knows, and what about each cannot be changed in place."""

from dataclasses import dataclass

# Alone and in this order they are every kind's first inputs.
COMMON = ("apiVersion", "kind", "metadata")


RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Kind:
    """One kind of core/v1, or of another group.

    Attributes:
        name: such as `Secret`.
        plural: as in URLs.
        inputs: properties besides apiVersion, kind and metadata.
        namespaced: whether its objects live in namespaces.
        fixed: properties whose change needs a new object.
        fixed_unless_mutable: likewise, unless the provider's option `mutable_option` is set.
        mutable_option: that option; its environment variable has the same name in upper case.
        secret: properties whose values are secret.
        group: its API group; empty for the core group.
    """

    name: str
    plural: str
    inputs: frozenset[str]
    namespaced: bool = True
    fixed: frozenset[str] = frozenset()
    fixed_unless_mutable: frozenset[str] = frozenset()
    mutable_option: str = ""
    secret: frozenset[str] = frozenset()
    group: str = ""

    @property
    def token(self) -> str:
        """Pulumi's type token."""
        return f"kubernetes:{self.group or 'core'}/v1:{self.name}"

    @property
    def api_version(self) -> str:
        """`apiVersion` of its objects."""
        return f"{self.group}/v1" if self.group else "v1"


_ALL = (
    Kind("Namespace", "namespaces", frozenset({"spec"}), namespaced=False),
    Kind("Deployment", "deployments", frozenset({"spec"}), group="apps"),
    Kind("ClusterRole", "clusterroles", frozenset({"rules", "aggregationRule"}), namespaced=False, group=RBAC),
    Kind("RoleBinding", "rolebindings", frozenset({"roleRef", "subjects"}), fixed=frozenset({"roleRef"}), group=RBAC),
    Kind(
        "ServiceAccount", "serviceaccounts", frozenset({"automountServiceAccountToken", "imagePullSecrets", "secrets"})
    ),
    Kind(
        "ConfigMap",
        "configmaps",
        frozenset({"data", "binaryData", "immutable"}),
        fixed_unless_mutable=frozenset({"data", "binaryData"}),
        mutable_option="enableConfigMapMutable",
    ),
    Kind(
        "Secret",
        "secrets",
        frozenset({"data", "stringData", "immutable", "type"}),
        fixed=frozenset({"type"}),
        fixed_unless_mutable=frozenset({"data", "stringData"}),
        mutable_option="enableSecretMutable",
        secret=frozenset({"data", "stringData"}),
    ),
)
KINDS = {kind.token: kind for kind in _ALL}
MUTABLE_VARIABLES = {
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
}
