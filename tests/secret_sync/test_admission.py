"""A namespace that a ClusterSecretStore's selector has to admit: its labels are looked at; a refusal is one line."""

from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi
from tests.kubernetes_api.support import connected
from tests.secret_sync.support import NAMESPACE, Stack, values

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
    assert [call.verb for call in kubernetes.calls if call.resource == "namespaces"] == ["get"]


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
