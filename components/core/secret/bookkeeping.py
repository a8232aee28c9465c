"""Which labels and annotations are other tools' bookkeeping about one object, and so never another object's.

ESO copies all labels and annotations of an ExternalSecret that has no template to its Secret. A tool that deploys the
ExternalSecret would then take the Secret for one of its own objects that is no longer in its sources, and delete it.
"""

from collections.abc import Mapping

_PREFIXES = (
    "applyset.kubernetes.io",  # kubectl apply --prune --applyset deletes by it
    "addonmanager.kubernetes.io",  # so does the addon manager
    "argocd.argoproj.io",
    "cli-utils.sigs.k8s.io",
    "config.k8s.io",
    "config.kubernetes.io",
    "configmanagement.gke.io",
    "configsync.gke.io",
    "fleet.cattle.io",
    "fluxcd.io",
    "helm.fluxcd.io",
    "helm.sh",
    "helm.toolkit.fluxcd.io",
    "internal.config.kubernetes.io",
    "kapp.k14s.io",  # kapp deletes by it
    "kubectl.kubernetes.io",
    "kustomize.config.k8s.io",
    "kustomize.toolkit.fluxcd.io",
    "meta.helm.sh",
    "objectset.rio.cattle.io",  # Rancher Fleet deletes by it
    "pulumi.com",
    "skaffold.dev",
)
_NAMES = (
    "app.kubernetes.io/instance",  # Argo CD's tracking label, unless it is told to use another one
    "app.kubernetes.io/managed-by",  # the tool that manages the ExternalSecret; Helm looks for it
)
_MEANT_FOR_THE_SECRET = (
    "argocd.argoproj.io/secret-type",
    "argocd.argoproj.io/auto-label-cluster-info",
    "argocd.argoproj.io/skip-reconcile",
)
"""What Argo CD looks for on a Secret, to take it for a repository or a cluster: a person wrote it for the Secret."""


def is_bookkeeping(name: str) -> bool:
    """Whether a label or annotation is a tool's bookkeeping about the object that bears it."""
    if name in _MEANT_FOR_THE_SECRET:
        return False
    prefix, slash, _ = name.partition("/")
    return name in _NAMES or (bool(slash) and prefix in _PREFIXES)


def without_bookkeeping(given: Mapping[str, str]) -> dict[str, str]:
    """Labels or annotations without what is bookkeeping."""
    return {name: value for name, value in given.items() if not is_bookkeeping(name)}
