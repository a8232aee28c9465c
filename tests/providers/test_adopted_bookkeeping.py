"""What ESO copied of Argo CD's bookkeeping goes when a Secret is adopted: without an owner Argo CD would prune it."""

from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

OPERATOR = "externalsecrets.external-secrets.io/es"
OWNER = {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "es", "uid": "1", "controller": True}
LABELS = {"app.kubernetes.io/instance": "shop", "team": "a"}
ANNOTATIONS = {"argocd.argoproj.io/tracking-id": "shop:external-secrets.io/ExternalSecret:team-a/es", "note": "x"}
DATA = {"a": {"key": "/a"}}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one parameter."""
    aws.put_parameter("/a", "1")


def copied(manager: str, **metadata: Any) -> None:
    body = {"metadata": {"labels": LABELS, "annotations": ANNOTATIONS, **metadata}, "data": {"a": "b2xk"}}
    cluster(manager).apply_secret(NAMESPACE, "db", body, force=True)


def live() -> tuple[set[str], set[str]]:
    secret = cluster().get_secret(NAMESPACE, "db")
    assert secret is not None
    metadata = secret["metadata"]
    annotations = {name for name in metadata["annotations"] if not name.startswith("pulumi-parameter-store/")}
    return set(metadata["labels"]) - {"app.kubernetes.io/managed-by"}, annotations


@pytest.mark.parametrize("policy", ["Owner", "Merge"])
def test_what_the_operator_copied_of_it_goes(policy: str) -> None:
    copied(OPERATOR, ownerReferences=[OWNER])
    stack = Stack(DATA, target={"adopt": True, "creationPolicy": policy})
    assert stack.up().failures == []
    assert live() == ({"team"}, {"note"})
    assert stack.preview().change == "same"


def test_what_is_declared_stays() -> None:
    copied(OPERATOR, ownerReferences=[OWNER])
    declared = {"labels": {"app.kubernetes.io/instance": "shop"}, "annotations": {"helm.sh/resource-policy": "keep"}}
    stack = Stack(DATA, target={"adopt": True, **declared})
    assert stack.up().failures == []
    assert live() == ({"app.kubernetes.io/instance", "team"}, {"helm.sh/resource-policy", "note"})


def test_what_another_tool_wrote_on_a_secret_of_its_own_stays() -> None:
    copied("argocd-controller")
    assert Stack(DATA, target={"adopt": True}).up().failures == []
    assert live() == (set(LABELS), set(ANNOTATIONS))
