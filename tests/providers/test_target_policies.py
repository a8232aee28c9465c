"""creationPolicy and deletionPolicy: who makes the Secret, what happens to others' keys, and what stays in the end."""

import base64
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with two parameters."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")


DATA = {"a": {"key": "/a"}, "b": {"key": "/b"}}


def theirs(**data: str) -> None:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    cluster("helm").apply_secret(NAMESPACE, "db", {"data": encoded}, force=True)


def gone(aws: AwsApi, *names: str) -> None:
    for name in names:
        aws.client("ssm").delete_parameter(Name=name)


@pytest.mark.parametrize("policy", ["Merge", "CreateOrMerge"])
def test_keys_are_added_to_a_secret_of_others_and_stay_when_we_go(policy: str) -> None:
    theirs(keep="me", a="old")
    stack = Stack(DATA, target={"creationPolicy": policy})
    assert stack.preview().inputs["takenOver"] == ["key a from helm"]
    assert stack.up().inputs["takenOver"] == ["key a from helm"]
    assert values() == {"keep": "me", "a": "1", "b": "2"}
    outcome = stack.preview()
    assert (outcome.change, outcome.inputs.get("takenOver")) == ("same", None)
    live = cluster().get_secret(NAMESPACE, "db")
    assert live is not None
    assert "app.kubernetes.io/managed-by" not in (live["metadata"].get("labels") or {})
    stack.destroy()
    assert values() == {"keep": "me", "a": "1", "b": "2"}
    live = cluster().get_secret(NAMESPACE, "db")
    assert live is not None
    assert not live["metadata"].get("annotations")


@pytest.mark.parametrize(
    ("policy", "label"), [("Owner", "pulumi-parameter-store"), ("Orphan", "pulumi-parameter-store"), ("Merge", "Helm")]
)
def test_the_label_of_what_manages_a_secret_is_ours_in_a_secret_of_our_own(policy: str, label: str) -> None:
    if policy == "Merge":
        theirs(keep="me")
    stack = Stack(DATA, target={"creationPolicy": policy, "labels": {"app.kubernetes.io/managed-by": "Helm"}})
    stack.up()
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert live.labels["app.kubernetes.io/managed-by"] == label
    assert stack.preview().change == "same"


def test_a_key_that_is_no_longer_declared_goes_from_a_shared_secret() -> None:
    theirs(keep="me")
    stack = Stack(DATA, target={"creationPolicy": "Merge"})
    stack.up()
    stack.data = {"b": DATA["b"]}
    stack.up()
    assert values() == {"keep": "me", "b": "2"}


def test_keys_that_only_values_tell_are_said_to_be_taken_over_in_up(aws: AwsApi) -> None:
    aws.put_parameter("/json", '{"a": "1", "mine": "2"}')
    theirs(keep="me", a="old")
    stack = Stack({}, dataFrom=[{"extract": {"key": "/json"}}], target={"creationPolicy": "Merge"})
    assert "takenOver" not in stack.preview().inputs
    assert stack.up().inputs["takenOver"] == ["key a from helm"]


def test_what_others_did_to_keys_of_ours_is_drift_and_no_takeover(edit: Any) -> None:
    theirs(keep="me")
    stack = Stack(DATA, target={"creationPolicy": "Merge"})
    stack.up()
    edit({"data": {"a": base64.b64encode(b"theirs").decode()}})
    outcome = stack.preview()
    assert outcome.drift[0].startswith("key a edited in the cluster by kubectl-edit")
    assert "takenOver" not in outcome.inputs


def test_merge_waits_for_a_secret_that_is_not_there() -> None:
    stack = Stack(DATA, target={"creationPolicy": "Merge"})
    stack.up()
    assert values() is None
    assert stack.sync["status"] == "SecretMissing"
    assert stack.preview().change == "same"
    theirs(keep="me")
    assert stack.preview().drift == ["Secret created in the cluster, so that keys can be added to it"]
    stack.up()
    assert values() == {"keep": "me", "a": "1", "b": "2"}
    assert stack.sync["status"] == "SecretSynced"
    assert stack.preview().change == "same"


def test_two_external_secrets_share_a_secret_without_touching_each_others_keys() -> None:
    one = Stack({"a": DATA["a"]}, target={"creationPolicy": "CreateOrMerge"})
    two = Stack({"b": DATA["b"]}, target={"creationPolicy": "CreateOrMerge"})
    two.owner = "shop/dev/other"
    one.up()
    two.up()
    assert values() == {"a": "1", "b": "2"}
    assert one.preview().change == two.preview().change == "same"


def test_an_orphan_stays_and_may_be_taken_again() -> None:
    stack = Stack(DATA, target={"creationPolicy": "Orphan"})
    stack.up()
    stack.destroy()
    assert values() == {"a": "1", "b": "2"}
    again = Stack({"a": DATA["a"]})
    assert "exists already" in again.preview().failures[0], "it is nobody's now"
    again.more["target"] = {"adopt": True}
    assert again.up().failures == []
    assert values() == {"a": "1"}
    assert again.preview().change == "same"


def test_none_reads_and_checks_and_writes_nothing(kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA, target={"creationPolicy": "None"})
    stack.up()
    assert values() is None
    assert stack.sync["status"] == "SecretSynced"
    assert stack.preview().change == "same"
    stack.data = {"x": {"key": "/a", "property": "nope"}}
    assert "has no JSON property 'nope'" in stack.up().failures[0]
    stack.destroy()
    assert not [call for call in kubernetes.calls if call.verb in ("patch", "delete") and not call.dry_run]


def test_by_default_a_parameter_that_is_gone_is_an_error_and_nothing_changes(aws: AwsApi) -> None:
    stack = Stack(DATA)
    stack.up()
    gone(aws, "/a")
    for outcome in (stack.preview(), stack.up()):
        assert "key a: " in outcome.failures[0]
    assert values() == {"a": "1", "b": "2"}


@pytest.mark.parametrize("policy", ["Delete", "Merge"])
def test_with_delete_and_merge_the_key_of_a_parameter_that_is_gone_goes(aws: AwsApi, policy: str) -> None:
    stack = Stack(DATA, target={"deletionPolicy": policy})
    stack.up()
    gone(aws, "/a")
    outcome = stack.preview()
    assert outcome.inputs["keys"]["a"] == f"/a, gone: left out by deletionPolicy {policy}"
    stack.up()
    assert values() == {"b": "2"}
    assert stack.preview().change == "same"


def test_with_delete_the_secret_goes_with_its_last_parameter_and_comes_back(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"deletionPolicy": "Delete"})
    stack.up()
    gone(aws, "/a", "/b")
    outcome = stack.preview()
    assert outcome.change == "update"
    assert outcome.inputs["note"] == "all its parameters are gone: the Secret is deleted"
    stack.up()
    assert values() is None
    assert stack.sync["status"] == "SecretDeleted"
    assert stack.preview().change == "same"
    aws.put_parameter("/a", "again")
    stack.up()
    assert values() == {"a": "again"}


def test_an_orphan_that_would_be_deleted_fails_in_preview(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"creationPolicy": "Orphan", "deletionPolicy": "Delete"})
    stack.up()
    gone(aws, "/a")
    assert stack.preview().failures == []
    gone(aws, "/b")
    for outcome in (stack.preview(), stack.up()):
        assert "creationPolicy Orphan is not Owner, so it is not ours to delete" in outcome.failures[0]
    assert values() == {"a": "1", "b": "2"}


def test_where_nothing_is_there_to_begin_with_no_secret_is_announced(aws: AwsApi) -> None:
    gone(aws, "/a", "/b")
    stack = Stack(DATA, target={"deletionPolicy": "Delete"})
    assert stack.preview().inputs["note"] == "all its parameters are gone: no Secret is made"
    stack.up()
    assert stack.preview().change == "same"


def test_with_merge_the_secret_stays_empty(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"deletionPolicy": "Merge"})
    stack.up()
    gone(aws, "/a", "/b")
    stack.up()
    assert values() == {}
    assert stack.preview().change == "same"


def test_a_secret_that_is_not_ours_alone_is_not_deleted(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"deletionPolicy": "Delete", "creationPolicy": "Orphan"})
    stack.up()
    gone(aws, "/a", "/b")
    assert "creationPolicy Orphan is not Owner" in stack.up().failures[0]
    assert values() == {"a": "1", "b": "2"}


def test_a_version_that_is_gone_is_an_error_under_any_policy(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/a", "version": 7}}, target={"deletionPolicy": "Delete"})
    for outcome in (stack.preview(), stack.up()):
        assert outcome.change == "failed"
    assert values() is None
    gone(aws, "/a")
    stack.up()
    assert stack.sync["status"] == "SecretDeleted"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Owner", "CreateOrMerge"),
        ("Orphan", "Merge"),
        ("CreateOrMerge", "Merge"),
        ("CreateOrMerge", "Owner"),
        ("CreateOrMerge", "Orphan"),
    ],
)
def test_another_policy_keeps_the_keys_and_still_removes_what_goes(before: str, after: str) -> None:
    stack = Stack(DATA, target={"creationPolicy": before})
    stack.up()
    stack.more["target"] = {"creationPolicy": after}
    stack.data = {"a": DATA["a"]}
    assert stack.up().failures == []
    assert values() == {"a": "1"}
    assert stack.preview().change == "same"


def test_a_shared_secret_with_keys_of_others_does_not_become_ours() -> None:
    theirs(keep="me")
    stack = Stack(DATA, target={"creationPolicy": "CreateOrMerge"})
    stack.up()
    stack.more["target"] = {}
    assert "exists already" in stack.preview().failures[0]
    assert values() == {"keep": "me", "a": "1", "b": "2"}


@pytest.mark.parametrize("before", ["Owner", "Orphan", "CreateOrMerge"])
def test_a_secret_that_is_no_longer_written_is_let_go(before: str) -> None:
    stack = Stack(DATA, target={"creationPolicy": before})
    stack.up()
    stack.more["target"] = {"creationPolicy": "None"}
    assert stack.up().failures == []
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert (live.annotations, live.labels) == ({}, {})
    assert values() == {"a": "1", "b": "2"}
    assert stack.preview().change == "same"
    stack.destroy()
    assert values() == {"a": "1", "b": "2"}


@pytest.mark.parametrize("templated", [True, False])
def test_labels_and_annotations_are_kept(edit: Any, templated: bool) -> None:  # noqa: FBT001  a parameter
    wanted: dict[str, Any] = {"labels": {"team": "a"}, "annotations": {"note": "x y"}}
    stack = Stack(DATA, target={"template": {"metadata": wanted}} if templated else wanted)
    stack.up()
    edit({"metadata": {"labels": {"team": "b"}}})
    assert stack.preview().drift == ["label team changed in the cluster"]
    stack.up()
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert (live.labels["team"], live.annotations["note"]) == ("a", "x y")
    assert stack.preview().change == "same"
