"""The revision of a Secret changes exactly when its data are written with other content, and says nothing of them."""

import json
from typing import Any

import pytest
from pulumi.output import UNKNOWN

from sandbox.aws.api import AwsApi
from tests.providers.conftest import Put
from tests.providers.support import NAMESPACE, Stack, cluster, values
from tests.providers.test_drift import encoded

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/app/a"}, "b": {"key": "/app/b", "property": "x"}}
ALL = {"data": {}, "dataFrom": [{"find": {"path": "/app", "name": {"regexp": "."}}}]}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with two parameters."""
    aws.put_parameter("/app/a", "1")
    aws.put_parameter("/app/b", '{"x": "2", "y": "3"}')


def made(data: dict[str, Any] = DATA, **more: Any) -> tuple[Stack, str]:
    """A Secret that is there, and its revision."""
    stack = Stack(data, **more)
    assert stack.preview().inputs.get("revision") is None, "nothing to tell of what is not there yet"
    stack.up()
    return stack, revision(stack)


def revision(stack: Stack) -> str:
    found: str = stack.sync["revision"]
    assert found == stack.sync_inputs["revision"]
    return found


def template(**data: str) -> dict[str, Any]:
    return {"template": {"data": data}}


TARGETS: dict[str, dict[str, Any]] = {
    "plain": {},
    "template": {"target": template(url="pg://{{ .a }}@{{ .b }}", two="{{ .b }}")},
    "rendered keys": {"target": {"template": {"templateFrom": [{"literal": "{{ .a }}k: v\n{{ .b }}k: w"}]}}},
    "found": ALL,
    "shared": {"target": {"creationPolicy": "CreateOrMerge"}},
}
more = pytest.mark.parametrize("more", TARGETS.values(), ids=TARGETS.keys())


@more
def test_what_changes_nothing_keeps_it_and_is_known_in_preview(more: dict[str, Any]) -> None:
    stack, first = made(**more)
    assert stack.preview().inputs["revision"] == first
    assert stack.up().change == "same"
    assert revision(stack) == first


@more
@pytest.mark.parametrize(
    "patch",
    [
        {"edited": "x"},
        {"removed": None},
        {"metadata": {"labels": {"app.kubernetes.io/managed-by": None}, "annotations": {"x": "y"}}},
        {"metadata": {"annotations": {"pulumi-parameter-store/versions": "{}"}}},
        None,
    ],
    ids=["edited", "removed", "label", "restored from an older backup", "deleted"],
)
def test_a_repair_to_the_same_content_keeps_it_and_preview_knows(
    more: dict[str, Any], patch: dict[str, Any] | None, edit: Any
) -> None:
    stack, first = made(**more)
    before = values()
    assert before is not None
    if patch and "metadata" not in patch:
        patch = {"data": {min(before): encoded("x") if "edited" in patch else None}}
    edit(patch)
    previewed = stack.preview()
    if previewed.change == "same":  # a shared Secret has no such label, and another annotation
        return
    assert previewed.inputs["revision"] == first
    assert stack.up().change == "update"
    assert values() == before
    assert revision(stack) == first
    assert stack.up().change == "same"
    assert revision(stack) == first


@more
def test_a_rotation_changes_it_once(more: dict[str, Any], aws: AwsApi) -> None:
    stack, first = made(**more)
    aws.put_parameter("/app/a", "other")
    assert stack.preview().inputs["revision"] is UNKNOWN, "only values tell"
    stack.up()
    second = revision(stack)
    assert second != first
    assert stack.up().change == "same"
    assert revision(stack) == second


@more
def test_a_new_version_of_the_same_content_keeps_it(more: dict[str, Any], aws: AwsApi) -> None:
    stack, first = made(**more)
    aws.put_parameter("/app/a", "1")
    assert stack.preview().inputs["revision"] is UNKNOWN
    assert stack.up().change == "update"
    assert revision(stack) == first


def test_another_property_that_was_not_used_keeps_it(aws: AwsApi) -> None:
    stack, first = made()
    aws.put_parameter("/app/b", '{"x": "2", "y": "other"}')
    assert stack.up().change == "update"
    assert revision(stack) == first


@pytest.mark.parametrize("deleted", [False, True])
def test_a_rotation_is_not_taken_for_a_repair(aws: AwsApi, edit: Any, deleted: bool) -> None:  # noqa: FBT001  a parameter
    """Somebody wrote by hand what the parameter becomes: to what we wrote before it is other content all the same."""
    stack, first = made()
    edit(None if deleted else {"data": {"a": encoded("other")}})
    aws.put_parameter("/app/a", "other")
    stack.up()
    assert revision(stack) != first


def test_a_repair_beside_a_rotation_that_changed_nothing_keeps_it(aws: AwsApi, edit: Any) -> None:
    stack, first = made()
    edit({"data": {"a": encoded("by hand")}})
    aws.put_parameter("/app/b", '{"x": "2", "z": 1}')
    stack.up()
    assert values() == {"a": "1", "b": "2"}
    assert revision(stack) == first


@pytest.mark.parametrize(
    ("data", "target"),
    [
        ({"a": DATA["a"]}, None),
        ({**DATA, "c": {"key": "/app/a"}}, None),
        ({"a": DATA["a"], "c": DATA["b"]}, None),
        ({**DATA, "b": {"key": "/app/b", "property": "y"}}, None),
        ({**DATA, "a": {"key": "/app/a", "decodingStrategy": "Base64"}}, None),
        (DATA, template(a="{{ .a }}!", b="{{ .b }}")),
    ],
    ids=["fewer keys", "more keys", "renamed key", "property", "decoding", "template"],
)
def test_what_is_declared_otherwise_changes_it(
    data: dict[str, Any], target: dict[str, Any] | None, aws: AwsApi
) -> None:
    aws.put_parameter("/app/a", "aGVsbG8=")
    stack, first = made()
    stack.data = data
    stack.more = {"target": target} if target else {}
    stack.up()
    assert revision(stack) != first


@pytest.mark.parametrize(
    "target",
    [
        template(a="{{ .a }}", b="{{ .b | toString }}"),
        {"template": {"metadata": {"labels": {"who": "{{ .b }}"}}, "mergePolicy": "Merge"}},
        {"deletionPolicy": "Merge"},
        {"immutable": True},
    ],
    ids=["template of the same", "label", "policy", "immutable"],
)
def test_what_is_declared_otherwise_with_the_same_data_keeps_it(target: dict[str, Any]) -> None:
    stack, first = made()
    stack.more = {"target": target}
    assert stack.up().change == "update"
    assert values() == {"a": "1", "b": "2"}
    assert revision(stack) == first


def test_a_text_in_the_cluster_and_tags_change_it(aws: AwsApi, put: Put) -> None:
    put("ConfigMap", "texts", {"url": "pg://{{ .a }}"})
    source = {"configMap": {"name": "texts", "items": [{"key": "url"}]}}
    tagged = {"a": {"key": "/app/a", "metadataPolicy": "Fetch"}}
    stack, first = made(tagged, target={"template": {"templateFrom": [source], "mergePolicy": "Merge"}})
    put("ConfigMap", "texts", {"url": "mysql://{{ .a }}"})
    assert stack.preview().inputs["revision"] is UNKNOWN
    stack.up()
    second = revision(stack)
    assert second != first
    aws.client("ssm").add_tags_to_resource(
        ResourceType="Parameter", ResourceId="/app/a", Tags=[{"Key": "k", "Value": "v"}]
    )
    stack.up()
    third = revision(stack)
    assert third != second
    assert stack.up().change == "same"
    assert revision(stack) == third


def test_a_text_that_comes_to_the_same_keeps_it(put: Put) -> None:
    put("ConfigMap", "texts", {"url": "pg://{{ .a }}"})
    source = {"configMap": {"name": "texts", "items": [{"key": "url"}]}}
    stack, first = made(target={"template": {"templateFrom": [source]}})
    put("ConfigMap", "texts", {"url": "pg://{{- /* here */ -}}{{ .a }}"})
    assert stack.up().change == "update"
    assert revision(stack) == first


def test_of_a_deleted_secret_of_tags_nothing_is_known(edit: Any) -> None:
    """Their digests were on the Secret: it is rather too often another revision than too seldom."""
    stack, first = made({"a": {"key": "/app/a", "metadataPolicy": "Fetch"}})
    edit(None)
    assert stack.preview().inputs["revision"] is UNKNOWN
    stack.up()
    assert revision(stack) != first


def test_chance_in_a_template_is_other_content_wherever_it_is_rendered_again(edit: Any) -> None:
    stack, first = made(target=template(a="{{ .a }}", key="{{ randAlphaNum 20 }}"))
    assert stack.up().change == "same"
    edit({"data": {"key": encoded("x")}})
    assert stack.preview().inputs["revision"] is UNKNOWN
    stack.up()
    second = revision(stack)
    assert second != first
    edit({"metadata": {"annotations": {"pulumi-parameter-store/owner": None}}})
    stack.up()
    assert revision(stack) != second


def test_a_parameter_of_another_account_or_created_again_is_other_content(aws: AwsApi) -> None:
    stack, first = made({"a": DATA["a"]})
    stack.written_before(5000)
    aws.client("ssm").delete_parameter(Name="/app/a")
    aws.put_parameter("/app/a", "2")
    assert stack.preview().inputs["revision"] is UNKNOWN
    stack.up()
    assert revision(stack) != first


def test_a_secret_that_another_resource_gets_or_that_refresh_forgot_has_a_new_one(edit: Any) -> None:
    stack, first = made()
    edit(None)
    assert stack.refresh() is None
    stack.up()
    second = revision(stack)
    assert second != first
    stack.name = "renamed"
    assert stack.up().change == "replace"
    assert revision(stack) not in (first, second)


def test_refresh_keeps_it(edit: Any) -> None:
    stack, first = made()
    assert stack.refresh()
    assert revision(stack) == first
    edit({"data": {"a": encoded("x")}})
    assert stack.refresh()
    stack.up()
    assert revision(stack) == first


@pytest.mark.parametrize("value", ["1", "other"])
def test_a_secret_that_is_deleted_first_keeps_it_with_the_same_data(value: str, aws: AwsApi) -> None:
    stack, first = made()
    stack.more = {"target": {"template": {"type": "example.com/x"}}}
    aws.put_parameter("/app/a", value)
    assert stack.up().change == "replace"
    assert (revision(stack) == first) is (value == "1")


def test_an_immutable_secret_that_is_replaced_has_a_new_one(aws: AwsApi) -> None:
    stack, first = made(target={"immutable": True, "replaceImmutable": True})
    aws.put_parameter("/app/a", "1")
    assert stack.up().change == "update"
    assert revision(stack) == first
    aws.put_parameter("/app/a", "other")
    assert stack.up().change == "replace"
    assert revision(stack) != first


def test_what_writes_nothing_keeps_it_and_what_comes_back_is_compared(aws: AwsApi) -> None:
    found = {"find": {"path": "/app", "name": {"regexp": "a$"}}}
    stack, first = made({}, dataFrom=[found], target={"deletionPolicy": "Retain"})
    for value in ("1", "other"):
        aws.client("ssm").delete_parameter(Name="/app/a")
        stack.up()
        assert stack.sync["message"].endswith("retained due to deletionPolicy Retain")
        assert revision(stack) == first
        aws.put_parameter("/app/a", value)
        stack.up()
        assert (revision(stack) == first) is (value == "1")


def test_a_secret_that_was_waited_for_has_another_one_when_it_is_written(edit: Any) -> None:
    stack, first = made(target={"creationPolicy": "Merge"})
    assert values() is None
    body = {"metadata": {"name": "db", "namespace": NAMESPACE}, "data": {"z": encoded("theirs")}}
    cluster("kubectl").apply_secret(NAMESPACE, "db", body, force=False)
    stack.up()
    second = revision(stack)
    assert second != first
    edit({"data": {"z": encoded("other")}})
    assert stack.up().change == "same", "keys of others are no content of ours"


def test_an_update_that_was_cut_off_changes_it(aws: AwsApi) -> None:
    """The Secret was written and the state was not saved: what the Pods started with is not what is there."""
    stack, first = made()
    kept = dict(stack.sync), dict(stack.sync_inputs)
    aws.put_parameter("/app/a", "other")
    stack.up()
    stack.sync, stack.sync_inputs = kept
    stack.up()
    assert revision(stack) != first


def test_state_that_has_none_goes_on_as_the_first_and_nothing_is_written(aws: AwsApi, edit: Any) -> None:
    stack, _ = made()
    for bag in (stack.sync, stack.sync_inputs):
        del bag["revision"]
    for operation in (stack.preview, stack.up):
        assert operation().change == "same"
        assert stack.sync.get("revision") is None
    edit({"data": {"a": encoded("x")}})
    stack.up()
    assert revision(stack) == "0"
    aws.put_parameter("/app/a", "other")
    stack.up()
    assert revision(stack) != "0"


def test_it_says_nothing_of_the_values() -> None:
    """Two Secrets of the same values have different ones."""
    stack, first = made()
    other = Stack(DATA, name="other")
    other.up()
    assert revision(other) != first
    assert json.dumps(stack.sync).count(first) == 1
