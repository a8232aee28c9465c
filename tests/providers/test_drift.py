"""What is done to the live Secret shows in preview by key, without a value being read, and the next up repairs it."""

import base64
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

GOOD = {"a": "1", "b": "2"}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def stack(aws: AwsApi, kubernetes: KubernetesApi) -> Stack:
    aws.put_parameter("/app/a", "1")
    aws.put_parameter("/app/b", "2")
    stack = Stack({"a": {"key": "/app/a"}, "b": {"key": "/app/b"}})
    stack.up()
    aws.clear_calls()
    kubernetes.clear_calls()
    return stack


def test_an_edited_key_is_named_with_its_editor(
    stack: Stack, aws: AwsApi, kubernetes: KubernetesApi, edit: Any
) -> None:
    edit({"data": {"b": encoded("other")}})
    kubernetes.clear_calls()
    outcome = stack.preview()
    assert outcome.change == "update"
    assert len(outcome.drift) == 1
    assert outcome.drift[0].startswith("key b edited in the cluster by kubectl-edit at 20")
    assert not any(call.decrypt for call in aws.calls)
    assert all(call.metadata_only or call.dry_run for call in kubernetes.calls)
    assert stack.up().change == "update"
    assert values() == GOOD
    assert stack.preview().change == "same"


def test_a_repair_decrypts_only_the_key_that_was_touched(stack: Stack, aws: AwsApi, edit: Any) -> None:
    edit({"data": {"b": encoded("other")}})
    stack.up()
    assert [call.names for call in aws.calls if call.decrypt] == [("/app/b:1",)]


def test_an_edit_to_the_same_value_is_no_drift(stack: Stack, edit: Any) -> None:
    edit({"data": {"b": encoded("2")}})
    assert stack.preview().change == "same"


def test_a_removed_key_is_named(stack: Stack, edit: Any) -> None:
    edit({"data": {"a": None}})
    outcome = stack.preview()
    assert outcome.drift == ["key a removed in the cluster"]
    stack.up()
    assert values() == GOOD


def test_a_deleted_secret_is_written_again(stack: Stack, edit: Any) -> None:
    edit(None)
    assert stack.preview().drift == ["Secret deleted from the cluster"]
    assert stack.up().change == "update"
    assert values() == GOOD


def test_what_refresh_saw_is_said_once_by_preview(stack: Stack, edit: Any) -> None:
    """A refresh repairs nothing, so that what it saw has not happened again."""
    edit({"data": {"b": encoded("other")}})
    seen = stack.preview().drift
    assert stack.refresh()
    outcome = stack.preview()
    assert outcome.change == "update"
    assert outcome.drift == seen
    assert "drift" not in stack.sync_inputs, "preview shows what differs from the inputs"
    assert stack.refresh()
    assert stack.preview().drift == seen
    stack.up()
    assert stack.preview().change == "same"
    edit({"data": {"a": None}})
    stack.up()
    edit({"data": {"a": None}})
    assert stack.refresh()
    assert stack.preview().drift == ["key a removed in the cluster"]


@pytest.mark.alone("its state has no reasons, so that they always show")
def test_the_same_thing_twice_still_shows(stack: Stack, edit: Any) -> None:
    edit(None)
    stack.up()
    edit(None)
    outcome = stack.preview()
    assert outcome.inputs["drift"] != stack.sync_inputs["drift"]
    stack.up()
    edit(None)
    assert stack.preview().inputs["drift"] != stack.sync_inputs["drift"]


def test_a_key_that_somebody_added_is_named_and_goes(stack: Stack, kubernetes: KubernetesApi, edit: Any) -> None:
    """As with ESO: a Secret with creationPolicy Owner holds what is declared and nothing else."""
    edit({"data": {"theirs": encoded("x")}})
    (reason,) = stack.preview().drift
    assert reason.startswith("key theirs added in the cluster by kubectl-edit at 20")
    kubernetes.clear_calls()
    stack.up()
    assert values() == GOOD
    assert [(call.verb, call.name) for call in kubernetes.calls if call.verb == "patch" and not call.dry_run] == [
        ("patch", "db"),
        ("patch", "db"),
    ]
    assert stack.preview().change == "same"


def test_our_label_and_mark_are_restored(stack: Stack, edit: Any) -> None:
    edit({"metadata": {"labels": {"app.kubernetes.io/managed-by": None}}})
    assert stack.preview().drift == ["label app.kubernetes.io/managed-by changed in the cluster"]
    stack.up()
    edit({"metadata": {"annotations": {"pulumi-parameter-store/owner": None}}})
    assert stack.preview().drift == ["annotation pulumi-parameter-store/owner removed in the cluster"]
    stack.up()
    assert stack.preview().change == "same"


def test_a_secret_restored_from_an_older_backup_is_drift(stack: Stack, edit: Any) -> None:
    edit({"metadata": {"annotations": {"pulumi-parameter-store/versions": "{}"}}})
    assert stack.preview().drift == ["Secret in the cluster was not made of the recorded parameter versions"]


def test_refresh_reports_drift_and_a_missing_secret(stack: Stack, edit: Any) -> None:
    edit({"data": {"a": None}})
    refreshed = stack.refresh()
    assert refreshed is not None
    assert refreshed["drift"] == ["key a removed in the cluster"]
    assert stack.preview().change == "update"
    stack.up()
    edit(None)
    assert stack.refresh() is None
    assert stack.up().change == "create"
    assert values() == GOOD


def test_destroy_removes_our_secret(stack: Stack) -> None:
    stack.destroy()
    assert values() is None


def test_destroy_of_a_secret_that_is_gone_already_is_fine(stack: Stack, edit: Any) -> None:
    edit(None)
    stack.destroy()
    assert values() is None


def foreign(name: str = "db") -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": {"x": encoded("theirs")}}


def test_a_secret_that_somebody_else_made_is_never_touched(stack: Stack, kubernetes: KubernetesApi) -> None:
    theirs = Stack(stack.data, name="other")
    kubernetes.clear_calls()
    cluster("helm").apply_secret(NAMESPACE, "other", foreign("other"), force=False)
    for outcome in (theirs.preview(), theirs.up()):
        assert outcome.change == "failed"
        assert (
            "Secret team-a/other exists already and was not created by this ExternalSecret (written by helm)"
            in (outcome.failures[0])
        )
    assert values("other") == {"x": "theirs"}


def test_destroy_leaves_a_secret_that_somebody_made_in_its_place(stack: Stack, edit: Any) -> None:
    edit(None)
    cluster("helm").apply_secret(NAMESPACE, "db", foreign(), force=False)
    stack.destroy()
    assert values() == {"x": "theirs"}


def test_an_interrupted_create_is_taken_over(stack: Stack) -> None:
    """The Secret was written, the state was not saved: the next up has no olds and finds our own mark."""
    stack.sync, stack.sync_inputs = {}, {}
    assert stack.up().change == "create"
    assert values() == GOOD


def test_another_stacks_secret_is_not_ours(stack: Stack) -> None:
    rival = Stack(stack.data)
    rival.owner = "shop/prod/db"
    outcome = rival.preview()
    assert "written by ExternalSecret shop/dev/db" in outcome.failures[0]


def test_a_renamed_target_is_written_before_the_old_one_goes(stack: Stack, kubernetes: KubernetesApi) -> None:
    kubernetes.clear_calls()
    stack.name = "renamed"
    assert stack.up().change == "replace"
    assert values("renamed") == GOOD
    assert values("db") is None
    writes = [
        (call.verb, call.name) for call in kubernetes.calls if call.verb in ("patch", "delete") and not call.dry_run
    ]
    assert writes == [("patch", "renamed"), ("delete", "db")]
