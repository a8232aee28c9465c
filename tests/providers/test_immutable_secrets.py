"""What the API server does not let change, immutable data and types: the Secret is replaced, or it is an error."""

import base64
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/a"}}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one parameter."""
    aws.put_parameter("/a", "1")


def test_an_immutable_secret_is_not_changed(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"immutable": True})
    stack.up()
    assert (cluster().get_secret(NAMESPACE, "db") or {})["immutable"] is True
    assert stack.preview().change == "same"
    aws.put_parameter("/a", "2")
    preview = stack.preview()
    assert preview.failures == [], "whether the value has changed is not known without decrypting it"
    assert "up fails where a value has changed" in preview.inputs["note"]
    (line,) = stack.up().failures
    assert "the target is immutable, and its data would change" in line
    assert "replace_immutable" in line
    assert values() == {"a": "1"}


def test_another_key_of_an_immutable_secret_is_refused_in_preview() -> None:
    stack = Stack(DATA, target={"immutable": True})
    stack.up()
    stack.data = {**DATA, "b": {"key": "/a"}}
    for outcome in (stack.preview(), stack.up()):
        assert "the target is immutable, and its data would change" in outcome.failures[0]


def test_a_new_version_with_the_old_value_is_no_change_of_an_immutable_secret(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"immutable": True})
    stack.up()
    aws.put_parameter("/a", "1")
    assert stack.preview().failures == []
    assert stack.up().failures == []
    assert stack.preview().change == "same"


def test_it_is_made_anew_where_that_is_allowed(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"immutable": True, "replaceImmutable": True})
    stack.up()
    aws.put_parameter("/a", "2")
    assert stack.preview().change == "replace"
    assert stack.up().change == "replace"
    assert values() == {"a": "2"}
    assert stack.preview().change == "same"


def test_labels_of_an_immutable_secret_may_change(aws: AwsApi) -> None:
    stack = Stack(DATA, target={"immutable": True})
    stack.up()
    stack.more["target"] = {"immutable": True, "labels": {"team": "a"}}
    assert stack.preview().change == "update"
    assert stack.up().failures == []
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert live.labels["team"] == "a"
    aws.put_parameter("/a", "1")  # another version, the same value
    assert stack.up().failures == []


def test_a_secret_that_need_not_be_immutable_any_more_is_made_anew() -> None:
    stack = Stack(DATA, target={"immutable": True})
    stack.up()
    stack.more["target"] = {}
    assert stack.up().change == "replace"
    assert "immutable" not in (cluster().get_secret(NAMESPACE, "db") or {})


def test_another_type_makes_it_anew(aws: AwsApi) -> None:
    aws.put_parameter("/cfg", '{"auths": {}}')
    stack = Stack({".dockerconfigjson": {"key": "/cfg"}})
    stack.up()
    stack.more["target"] = {"template": {"type": "kubernetes.io/dockerconfigjson"}}
    assert stack.preview().change == "replace"
    assert stack.up().change == "replace"
    assert (cluster().get_secret(NAMESPACE, "db") or {})["type"] == "kubernetes.io/dockerconfigjson"
    assert stack.preview().change == "same"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"immutable": True, "replaceImmutable": True}, {"immutable": True, "replaceImmutable": True}),
        ({"immutable": True}, {}),
        ({}, {"template": {"type": "example.com/x"}}),
    ],
)
def test_an_orphan_is_made_anew_too_and_still_stays_when_we_go(
    aws: AwsApi, before: dict[str, Any], after: dict[str, Any]
) -> None:
    stack = Stack(DATA, target={"creationPolicy": "Orphan", **before})
    stack.up()
    stack.more["target"] = {"creationPolicy": "Orphan", **after}
    aws.put_parameter("/a", "2")
    assert stack.preview().change == "replace"
    assert stack.up().failures == []
    assert values() == {"a": "2"}
    assert stack.preview().change == "same"
    stack.destroy()
    assert values() == {"a": "2"}


def others(**fields: Any) -> None:
    """A Secret that somebody else made."""
    body = {"data": {"a": base64.b64encode(b"old").decode(), "x": "eA=="}, **fields}
    cluster("helm").apply_secret(NAMESPACE, "db", body, force=True)


def test_an_adopted_secret_whose_type_has_to_change_is_made_anew() -> None:
    others()
    stack = Stack(DATA, target={"adopt": True, "template": {"type": "example.com/x"}})
    assert stack.preview().drift == ["Secret deleted and created again, because its type Opaque cannot be changed"]
    assert stack.up().failures == []
    assert (cluster().get_secret(NAMESPACE, "db") or {})["type"] == "example.com/x"
    assert values() == {"a": "1"}
    assert stack.preview().change == "same"


def test_an_immutable_secret_is_adopted_only_where_it_may_be_made_anew() -> None:
    others(immutable=True)
    for target in ({"adopt": True}, {"adopt": True, "immutable": True}):
        stack = Stack(DATA, target=target)
        for outcome in (stack.preview(), stack.up()):
            assert "is immutable, so it cannot be taken over as it is. Delete it first" in outcome.failures[0]
    assert values() == {"a": "old", "x": "x"}
    stack.more["target"] = {"adopt": True, "immutable": True, "replaceImmutable": True}
    assert stack.preview().drift == ["Secret deleted and created again, because it is immutable"]
    assert stack.up().failures == []
    assert values() == {"a": "1"}
    assert stack.preview().change == "same"


@pytest.mark.parametrize(
    ("fields", "target", "said"),
    [
        ({"immutable": True}, {}, "is immutable, so that no key can be added to it"),
        ({}, {"template": {"type": "example.com/x"}}, "has the type Opaque, which cannot be changed"),
    ],
)
def test_what_others_made_for_good_is_not_merged_into(fields: Any, target: Any, said: str) -> None:
    others(**fields)
    stack = Stack({"b": {"key": "/a"}}, target={"creationPolicy": "Merge", **target})
    for outcome in (stack.preview(), stack.up()):
        assert said in outcome.failures[0]
    assert values() == {"a": "old", "x": "x"}


def test_a_secret_becomes_immutable_only_when_all_else_is_done() -> None:
    others()
    adopted = Stack(DATA, target={"adopt": True, "immutable": True})
    assert adopted.up().failures == []
    assert values() == {"a": "1"}
    assert (cluster().get_secret(NAMESPACE, "db") or {})["immutable"] is True
    assert adopted.preview().change == "same"


def test_a_secret_may_become_immutable_with_another_policy_and_other_keys() -> None:
    stack = Stack(DATA)
    stack.up()
    stack.data, stack.more["target"] = {"b": DATA["a"]}, {"creationPolicy": "CreateOrMerge", "immutable": True}
    assert stack.up().failures == []
    assert values() == {"b": "1"}
    assert stack.preview().change == "same"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"creationPolicy": "CreateOrMerge", "immutable": True}, {"immutable": True, "replaceImmutable": True}),
        ({"creationPolicy": "CreateOrMerge"}, {"template": {"type": "example.com/x"}}),
        ({}, {"creationPolicy": "CreateOrMerge", "template": {"type": "example.com/x"}}),
    ],
)
def test_a_shared_secret_is_not_made_anew(before: dict[str, Any], after: dict[str, Any]) -> None:
    stack = Stack(DATA, target=before)
    stack.up()
    stack.data, stack.more["target"] = {"b": DATA["a"]}, after
    for outcome in (stack.preview(), stack.up()):
        assert "with creationPolicy CreateOrMerge it is not ours alone" in outcome.failures[0]
    assert values() == {"a": "1"}
