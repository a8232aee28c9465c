"""What moves in AWS shows in preview by key, and an update decrypts and writes only that."""

from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import Stack, values

DATA = {"token": {"key": "/app/token"}, "user": {"key": "/app/db", "property": "user"}}


@pytest.fixture
def stack(aws: AwsApi, kubernetes: KubernetesApi) -> Stack:  # noqa: ARG001  the environment
    aws.put_parameter("/app/token", "t1")
    aws.put_parameter("/app/db", '{"user": "ann", "password": "p1"}')
    return Stack(DATA)


def decrypted(aws: AwsApi) -> list[str]:
    return sorted(name for call in aws.calls if call.decrypt for name in call.names)


def test_first_preview_decrypts_nothing_and_writes_nothing(
    stack: Stack, aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    outcome = stack.preview()
    assert outcome.change == "create"
    assert outcome.inputs["keys"] == {"token": "/app/token, version 1", "user": "/app/db, version 1, property user"}
    assert decrypted(aws) == []
    assert values() is None
    assert all(call.dry_run or call.verb in ("get", "list") for call in kubernetes.calls)


def test_first_up_reads_each_parameter_once(stack: Stack, aws: AwsApi) -> None:
    assert stack.up().change == "create"
    assert values() == {"token": "t1", "user": "ann"}
    assert [call.names for call in aws.calls] == [("/app/db", "/app/token")]


def test_an_unchanged_up_decrypts_and_writes_nothing(stack: Stack, aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack.up()
    aws.clear_calls()
    kubernetes.clear_calls()
    assert stack.up().change == "same"
    assert decrypted(aws) == []
    assert [call.verb for call in kubernetes.calls] == ["get"]
    assert all(call.metadata_only for call in kubernetes.calls)


def test_a_rotation_shows_by_key_and_decrypts_only_what_moved(stack: Stack, aws: AwsApi) -> None:
    stack.up()
    aws.put_parameter("/app/db", '{"user": "bob"}')
    aws.clear_calls()
    outcome = stack.preview()
    assert outcome.change == "update"
    assert outcome.inputs["keys"]["user"] == "/app/db, version 2, property user"
    assert outcome.inputs["keys"]["token"] == "/app/token, version 1"
    assert decrypted(aws) == []
    assert stack.up().change == "update"
    assert decrypted(aws) == ["/app/db:2"]
    assert values() == {"token": "t1", "user": "bob"}
    assert stack.preview().change == "same"


def make_anew(aws: AwsApi, stack: Stack) -> None:
    stack.written_before(5000)
    aws.client("ssm").delete_parameter(Name="/app/token")
    aws.put_parameter("/app/token", "t2")


@pytest.mark.parametrize(
    "more",
    [{}, {"data": {}, "dataFrom": [{"find": {"path": "/app", "name": {"regexp": "token"}}}]}],
    ids=["reference", "find"],
)
def test_a_parameter_made_anew_is_read_though_its_version_is_the_same(
    stack: Stack, aws: AwsApi, more: dict[str, Any]
) -> None:
    stack.data = more.get("data", {"token": DATA["token"]})
    stack.more = {key: value for key, value in more.items() if key != "data"}
    stack.up()
    make_anew(aws, stack)
    assert stack.preview().drift == ["/app/token deleted and created again in AWS"]
    assert stack.up().change == "update"
    assert list((values() or {}).values()) == ["t2"]
    assert stack.preview().change == "same"


def test_an_immutable_secret_of_a_parameter_made_anew_is_not_changed(stack: Stack, aws: AwsApi) -> None:
    stack.more = {"target": {"immutable": True}}
    stack.up()
    make_anew(aws, stack)
    assert "up fails where a value has changed" in stack.preview().inputs["note"]
    assert "the target is immutable, and its data would change" in stack.up().failures[0]


def test_a_pinned_version_stays(stack: Stack, aws: AwsApi) -> None:
    stack.data = {"user": {"key": "/app/db", "property": "user", "version": 1}}
    stack.up()
    aws.put_parameter("/app/db", '{"user": "bob"}')
    assert stack.preview().change == "same"
    stack.data["user"]["version"] = 2
    assert stack.up().change == "update"
    assert values() == {"user": "bob"}


def test_a_label_is_shown_with_the_version_that_it_stands_for(stack: Stack, aws: AwsApi) -> None:
    aws.client("ssm").label_parameter_version(Name="/app/db", ParameterVersion=1, Labels=["stable"])
    stack.data = {"user": {"key": "/app/db", "property": "user", "version": "stable"}}
    assert stack.up().inputs["keys"] == {"user": "/app/db, version 1 (stable), property user"}
    assert values() == {"user": "ann"}


def test_a_new_key_of_a_known_parameter_needs_its_value(stack: Stack, aws: AwsApi) -> None:
    stack.up()
    aws.clear_calls()
    stack.data = {**DATA, "password": {"key": "/app/db", "property": "password"}}
    assert stack.up().change == "update"
    assert decrypted(aws) == ["/app/db:1"]
    assert values() == {"token": "t1", "user": "ann", "password": "p1"}


def test_a_key_that_is_no_longer_declared_goes(stack: Stack) -> None:
    stack.up()
    stack.data = {"token": DATA["token"]}
    assert stack.up().change == "update"
    assert values() == {"token": "t1"}


def test_another_store_means_other_values(stack: Stack, aws: AwsApi) -> None:
    stack.up()
    aws.client("ssm", aws_access_key_id="x", aws_secret_access_key="y")
    stack.store = {"region": "eu-west-1"}
    outcome = stack.preview()
    assert outcome.change == "failed"
    assert "/app/token" in outcome.failures[0]
    assert "eu-west-1" in outcome.failures[0]


def test_a_missing_property_is_one_clean_failure_before_anything_is_written(stack: Stack) -> None:
    stack.data = {"x": {"key": "/app/db", "property": "nope"}}
    assert stack.preview().failures == []
    outcome = stack.up()
    assert outcome.failures == ["key x: parameter /app/db: it has no JSON property 'nope'"]
    assert values() is None


def test_preview_may_decrypt_when_it_is_asked_to(stack: Stack, aws: AwsApi) -> None:
    stack.data = {"x": {"key": "/app/db", "property": "nope"}}
    outcome = stack.preview(decrypt=True)
    assert outcome.failures == ["key x: parameter /app/db: it has no JSON property 'nope'"]
    assert decrypted(aws) == ["/app/db"]
    assert values() is None


def test_another_decoding_is_a_change_and_then_none(aws: AwsApi, kubernetes: KubernetesApi) -> None:  # noqa: ARG001
    aws.put_parameter("/app/ca", "aGVsbG8=")
    stack = Stack({"ca": {"key": "/app/ca"}})
    stack.up()
    assert values() == {"ca": "aGVsbG8="}
    stack.data = {"ca": {"key": "/app/ca", "decodingStrategy": "Base64"}}
    assert stack.preview().change == "update"
    assert stack.up().change == "update"
    assert values() == {"ca": "hello"}
    assert stack.preview().change == "same"
