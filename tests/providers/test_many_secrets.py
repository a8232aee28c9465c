"""Observe, plan and build take many Secrets at once: few calls, and what fails for one of them stops no other."""

from datetime import UTC, datetime
from typing import Any

import pytest

from components.core.spec.specs import Operation, SecretSpec
from components.providers.operation.process import process_memory
from components.providers.secret.build import build
from components.providers.secret.observation import Declaration
from components.providers.secret.observe import observe
from components.providers.secret.planner import plan
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, cluster

UP = Operation(preview=False, decrypt=True)


def declared(name: str, **more: Any) -> Declaration:
    inputs = {
        "namespace": NAMESPACE,
        "secretName": name,
        "owner": {"id": "0" * 32, "urn": f"urn:pulumi:dev::shop::parameterstore:index:ExternalSecret::{name}"},
        "store": {"region": "eu-central-1"},
        "data": {"password": {"key": f"/prod/{name}"}},
        **more,
    }
    return Declaration(SecretSpec.from_bag(inputs), UP, datetime.now(UTC), inputs)


@pytest.mark.usefixtures("kubernetes")
def test_the_sources_of_many_secrets_go_out_in_one_call(aws: AwsApi) -> None:
    names = [f"db-{index}" for index in range(10)]
    for name in names:
        aws.put_parameter(f"/prod/{name}", f"s3cr3t-{name}")
    aws.clear_calls()
    observations = observe(map(declared, names), process_memory())
    asked = [call for call in aws.calls if call.operation == "GetParameters"]
    assert [sorted(call.names) for call in asked] == [[f"/prod/{name}" for name in names]]
    assert [list(each.sources.reading.versions) for each in observations if each.sources] == [
        [f"/prod/{name}"] for name in names
    ]


@pytest.mark.usefixtures("kubernetes")
def test_one_that_fails_stops_no_other(aws: AwsApi) -> None:
    for name in ("good", "broken", "also-good", "taken"):
        aws.put_parameter(f"/prod/{name}", '{"a": "s3cr3t"}')
    cluster("kubectl").apply_secret(
        NAMESPACE, "taken", {"metadata": {"name": "taken", "namespace": NAMESPACE}, "data": {"a": "YQ=="}}, force=False
    )
    declarations = [
        declared("good"),
        declared("lost"),
        declared("broken", data={"password": {"key": "/prod/broken", "property": "b"}}),
        declared("taken"),
        declared("also-good"),
    ]
    memory = process_memory()
    built = build(plan(observe(declarations, memory)), memory)
    assert [each.plan.refusal is None for each in built] == [True, False, False, False, True]
    assert [each.write is not None for each in built] == [True, False, False, False, True]
    told = [str(each.plan.refusal) for each in built]
    assert "parameter '/prod/lost' does not exist" in told[1]
    assert "/prod/broken" in told[2]
    assert "was not created by this ExternalSecret" in told[3]
    assert "s3cr3t" not in repr(built)
