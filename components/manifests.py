"""Reads External Secrets Operator's manifests, so that what is written for it runs here unchanged."""

import pulumi

from .arguments.construction import called_plainly
from .core.spec.argument_types import Namespace
from .core.spec.spelling import of_yaml
from .settings.declaration import Declared, declare_all
from .settings.manifest.manifest_reader import load_manifests, read_manifests, refuse_unread, tell
from .settings.manifest.objects import Manifests

__all__ = ["Declared", "Manifests", "declare", "load_manifests", "read_manifests", "tell"]


@of_yaml()
@called_plainly("manifests")
def declare(
    manifests: Manifests,
    *,
    namespace: Namespace | None = None,
    grouped: bool = False,
    opts: pulumi.ResourceOptions | None = None,
) -> Declared:
    """Declare the components that manifests stand for.

        declared = declare(load_manifests("eso/"))
        export_status(declared)

    Args:
        manifests: what was read.
        namespace: namespace of those that name none, as `kubectl apply --namespace` has it.
        grouped: each store keeps its ExternalSecrets in one resource, and its PushSecrets in another; see
            `StoreArguments`.
        opts: Pulumi resource options of all of them, such as the providers that decide account and cluster.

    Returns:
        `namespace/name` -> ExternalSecret. The other kinds are its `pushes`, `cluster_secrets` and `cluster_pushes`;
        `export_status` exports what `status` shows of all of them.

    Raises:
        InvalidArgumentsError: an ExternalSecret names a store that is not among them, a manifest names another
            namespace, or a component refuses its arguments.
    """
    refuse_unread("declare", manifests)
    placed = manifests.within(namespace)
    tell(placed)
    return declare_all(
        placed.stores,
        placed.secrets,
        opts,
        pushes=placed.pushes,
        cluster_secrets=placed.cluster_secrets,
        cluster_pushes=placed.cluster_pushes,
        grouped=grouped,
    )
