"""A role that the same program makes, and that may not be taken as it is: a preview says how to change it first."""

import pytest

from components.providers.operation import clients
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import Stack


@pytest.mark.parametrize("made_here", [True, False])
def test_the_way_past_the_preview_is_named(
    aws: AwsApi,
    kubernetes: KubernetesApi,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    *,
    made_here: bool,
) -> None:
    monkeypatch.setattr(clients, "FRESH_ROLE_SETTLES", 0.1)
    aws.put_parameter("/app/db", "value")
    stack = Stack({"password": {"key": "/app/db"}})
    stack.store = {"region": "eu-central-1", "role": "arn:aws:iam::123456789012:role/not-yet"}
    previewed, up = stack.preview(freshRole=made_here), stack.up(freshRole=made_here)
    assert all("may not assume role" in line for line in (*previewed.failures, *up.failures))
    assert ("run `pulumi up --skip-preview`" in previewed.failures[0]) == made_here
    assert "--skip-preview" not in up.failures[0]
