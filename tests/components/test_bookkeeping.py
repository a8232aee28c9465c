"""Other tools' bookkeeping about an ExternalSecret is never copied to its Secret, which they would then delete."""

import pytest

from components.core.secret.bookkeeping import is_bookkeeping
from components.manifests import read_manifests
from tests.components.manifest_objects import secret

# As such tools leave them on objects in a cluster.
BOOKKEEPING = {
    "argocd.argoproj.io/tracking-id": "shop:external-secrets.io/ExternalSecret:team-a/db",
    "argocd.argoproj.io/instance": "shop",
    "argocd.argoproj.io/installation-id": "one",
    "argocd.argoproj.io/sync-wave": "1",
    "argocd.argoproj.io/sync-options": "Prune=false",
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/hook": "PreSync",
    "app.kubernetes.io/instance": "shop",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "shop-1.2.3",
    "helm.sh/hook": "pre-install",
    "helm.sh/resource-policy": "keep",
    "meta.helm.sh/release-name": "shop",
    "meta.helm.sh/release-namespace": "team-a",
    "helm.toolkit.fluxcd.io/name": "shop",
    "helm.toolkit.fluxcd.io/namespace": "flux-system",
    "kustomize.toolkit.fluxcd.io/name": "shop",
    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
    "fluxcd.io/sync-gc-mark": "sha256.x",
    "kubectl.kubernetes.io/last-applied-configuration": "{}",
    "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z",
    "applyset.kubernetes.io/part-of": "applyset-x-v1",
    "objectset.rio.cattle.io/hash": "abc",
    "objectset.rio.cattle.io/applied": "H4sI",
    "objectset.rio.cattle.io/id": "default-shop",
    "fleet.cattle.io/bundle-id": "x",
    "kapp.k14s.io/app": "1",
    "kapp.k14s.io/association": "v1.x",
    "config.kubernetes.io/origin": "path: es.yaml",
    "config.k8s.io/owning-inventory": "x",
    "configmanagement.gke.io/managed": "enabled",
    "configsync.gke.io/resource-id": "x",
    "addonmanager.kubernetes.io/mode": "Reconcile",
    "skaffold.dev/run-id": "x",
    "pulumi.com/patchForce": "true",
}
KEPT = {
    "team": "a",
    "app": "shop",
    "app.kubernetes.io/name": "shop",
    "app.kubernetes.io/part-of": "shop",
    "app.kubernetes.io/component": "db",
    "app.kubernetes.io/version": "1",
    "argocd.argoproj.io/secret-type": "repository",
    "argocd.argoproj.io/auto-label-cluster-info": "true",
    "argocd.argoproj.io/skip-reconcile": "true",
    "reconcile.fluxcd.io/watch": "Enabled",
    "reloader.stakater.com/match": "true",
    "jenkins.io/credentials-type": "usernamePassword",
    "replicator.v1.mittwald.de/replicate-to": "team-b",
    "reflector.v1.k8s.emberstack.com/reflection-allowed": "true",
    "velero.io/exclude-from-backup": "true",
    "cnpg.io/reload": "true",
    "helm": "x",
    "example.com/helm.sh": "x",
    "sub.argocd.argoproj.io/x": "x",
}


@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_bookkeeping_is_left_out_and_all_else_is_copied(where: str) -> None:
    (read,) = read_manifests(secret(metadata={where: {**BOOKKEEPING, **KEPT}})).secrets
    assert getattr(read.target, where) == KEPT


@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_what_a_template_says_is_for_the_secret_and_is_kept(where: str) -> None:
    template = {"metadata": {where: BOOKKEEPING}}
    (read,) = read_manifests(secret(metadata={where: KEPT}, target={"template": template})).secrets
    assert read.target.template is not None
    assert getattr(read.target.template, where) == BOOKKEEPING


def test_a_manifest_exported_from_a_cluster_of_argo_cd_leaves_nothing_of_it_on_the_secret() -> None:
    exported = {
        "annotations": {
            "argocd.argoproj.io/tracking-id": "shop:external-secrets.io/ExternalSecret:team-a/db",
            "kubectl.kubernetes.io/last-applied-configuration": '{"apiVersion":"external-secrets.io/v1"}\n',
        },
        "labels": {"app.kubernetes.io/instance": "shop"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "finalizers": ["externalsecrets.external-secrets.io/externalsecret-cleanup"],
        "generation": 2,
        "resourceVersion": "7",
        "uid": "0d3d4c3a",
    }
    manifest = {**secret(metadata=exported), "status": {"binding": {"name": "db"}, "conditions": []}}
    (read,) = read_manifests(manifest).secrets
    assert (read.target.labels, read.target.annotations) == ({}, {})


def test_names_alone_decide() -> None:
    assert is_bookkeeping("helm.sh/chart")
    assert not is_bookkeeping("helm.sh")
    assert not is_bookkeeping("")
