"""A namespace that a ClusterSecretStore's selector has to admit: its labels are looked at; a refusal is one line."""

from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, values
from tests.sandbox.kubernetes_api.support import connected

CONDITIONS = [{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}}]


@pytest.fixture
def stack(aws: AwsApi) -> Stack:
    aws.put_parameter("/app/db", "canary-value")
    return Stack({"password": {"key": "/app/db"}})


def label(kubernetes: KubernetesApi, team: str) -> None:
    body = {"metadata": {"labels": {"team": team}}}
    with connected(kubernetes) as client:
        path = f"/api/v1/namespaces/{NAMESPACE}"
        assert client.send("PATCH", path, body, Content_Type="application/merge-patch+json").status == 200
    kubernetes.clear_calls()


def test_an_admitted_namespace_costs_one_look(stack: Stack, kubernetes: KubernetesApi) -> None:
    label(kubernetes, "a")

    assert stack.up(conditions=[CONDITIONS]).change == "create"

    assert values() == {"password": "canary-value"}
    looks = [call.name for call in kubernetes.calls if call.resource == "namespaces" and call.verb == "get"]
    assert looks.count(NAMESPACE) == 1
    assert looks == [NAMESPACE, "kube-system"], "the cluster's id costs one more"


def test_one_that_is_not_admitted_is_one_line_in_preview_and_nothing_is_written(
    stack: Stack, kubernetes: KubernetesApi
) -> None:
    label(kubernetes, "b")

    (line,) = stack.preview(conditions=[CONDITIONS]).failures
    assert line.startswith(f"its ClusterSecretStore may not be used from namespace {NAMESPACE!r}")
    assert "\n" not in line
    assert stack.up(conditions=[CONDITIONS]).failures == [line]
    assert values() is None


def test_a_namespace_of_the_same_program_is_looked_at_in_up(stack: Stack, kubernetes: KubernetesApi) -> None:
    label(kubernetes, "b")
    told: dict[str, Any] = {"conditions": [CONDITIONS], "pendingNamespace": True}

    assert stack.preview(**told).change == "create"
    assert stack.up(**told).change == "failed"


def test_an_identity_that_turns_out_wrong_is_one_line(stack: Stack) -> None:
    stack.store = {"region": "eu-central-1", "role": "reader"}  # an Output, so that the program could not tell

    assert stack.preview().failures == [
        "role: 'reader' is not a role's ARN: write arn:<partition>:iam::<account>:role/<name>"
    ]


def own(namespace: str, place: str = "") -> dict[str, Any]:
    return {"storeNamespaces": [{"place": place, "namespace": namespace}]}


@pytest.mark.usefixtures("kubernetes")
@pytest.mark.parametrize("place", ["", "key password"])
def test_a_store_that_turns_out_to_be_for_another_namespace_is_one_line_and_nothing_is_written(
    stack: Stack, place: str
) -> None:
    (line,) = stack.preview(**own("team-b", place)).failures
    at = f"{place}: " if place else ""
    assert line == (
        f"{at}its store is for namespace 'team-b' alone, not for {NAMESPACE!r}; "
        "take a store that is for the Secret's namespace, or a ClusterSecretStore"
    )
    assert stack.up(**own("team-b", place)).failures == [line]
    assert values() is None


@pytest.mark.usefixtures("kubernetes")
def test_a_store_that_comes_to_another_namespace_leaves_the_secret_as_it_is(stack: Stack) -> None:
    assert stack.up(**own(NAMESPACE)).change == "create"

    assert stack.preview(**own(NAMESPACE)).change == "same"
    assert stack.up(**own("team-b")).change == "failed"
    assert values() == {"password": "canary-value"}
