"""What the API server does not let change, immutable data and types: the Secret is made anew, or it is an error."""

import pytest

from sandbox.aws.api import AwsApi
from tests.secret_sync.support import NAMESPACE, Stack, cluster, values

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
    for outcome in (stack.preview(), stack.up()):
        assert "the target is immutable, and its data would change" in outcome.failures[0]
        assert "replace_immutable" in outcome.failures[0]
    assert values() == {"a": "1"}


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
