"""Several ExternalSecrets and one Secret: they share it by keys, or the conflict is told before anything is written."""

import os

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Outcome, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

A, B = {"a": {"key": "/a"}}, {"b": {"key": "/b"}}
SHARED = {"creationPolicy": "CreateOrMerge"}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with three parameters."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")
    aws.put_parameter("/json", '{"a": "3"}')


def other(*args: object, owner: str = "shop/dev/other", **more: object) -> Stack:
    stack = Stack(*args, **more)  # type: ignore[arg-type]
    stack.owner = owner
    return stack


def told(outcomes: list[Outcome]) -> list[str]:
    return [line for outcome in outcomes for line in outcome.failures]


def test_two_that_write_one_key_are_told_in_preview() -> None:
    one, two = Stack(A, target=SHARED), other(A, target=SHARED)
    for pair in ((one, two), (two, one)):
        (line,) = told(pair[0].previewed_with(pair[1]))
        assert "key 'a' is written by another ExternalSecret, shop/dev/" in line
        assert "give one of them another key" in line


def test_one_that_did_not_change_claims_its_keys_too() -> None:
    one, two = Stack(A, target=SHARED), other(A, target=SHARED)
    one.up()
    for pair in ((one, two), (two, one)):
        assert "key 'a' is written by another ExternalSecret" in told(pair[0].previewed_with(pair[1]))[0]


def test_keys_that_are_known_only_when_they_are_read_are_claimed_in_up() -> None:
    entries = [{"extract": {"key": "/json"}}]
    one, two = Stack(A, target=SHARED), other({}, target=SHARED, dataFrom=entries)
    assert told(one.previewed_with(two)) == []
    one.up()
    (line,) = two.up(fresh=False).failures
    assert "key 'a' is written by another ExternalSecret, shop/dev/db, of this program too" in line
    assert values() == {"a": "1"}
    assert told(one.previewed_with(two)) == []
    two.more["target"] = {**SHARED, "deletionPolicy": "Merge"}
    assert one.preview().change == "same"


def test_a_value_that_became_a_key_is_not_named_where_two_write_it(aws: AwsApi) -> None:
    aws.put_parameter("/a", "canary")
    rendered = {"templateFrom": [{"literal": "{{ .a }}: x"}], "data": {"plain": "y"}}
    one, two = (make(A, target={**SHARED, "template": rendered}) for make in (Stack, other))
    assert one.up().failures == []
    rendered["data"] = {}
    lines = [*two.up(fresh=False).failures, *other(A, target=two.more["target"], owner="shop/prod/db").up().failures]
    assert "canary" not in repr(lines)
    for line in lines:
        assert "key whose name is not shown, because it can be a value, is written by another ExternalSecret" in line
    assert len(lines) == 2


def test_a_key_goes_from_one_to_the_other() -> None:
    one, two = Stack({**A, **B}, target=SHARED), other({"c": B["b"]}, target=SHARED)
    one.up()
    two.up()
    one.data, two.data = B, {**A, "c": B["b"]}
    assert told(two.previewed_with(one)) == []
    assert two.up().failures == []
    assert one.up(fresh=False).failures == []
    assert values() == {"a": "1", "b": "2", "c": "2"}
    assert [outcome.change for outcome in one.previewed_with(two)] == ["same", "same"]


def test_a_key_of_another_programs_external_secret_is_refused() -> None:
    other(A, target=SHARED, owner="shop/prod/db").up()
    for entries in ({"data": A}, {"data": {}, "dataFrom": [{"extract": {"key": "/json"}}]}):
        stack = Stack(target=SHARED, **entries)
        line = (stack.preview().failures or stack.up().failures)[0]
        assert "key 'a' is written by another ExternalSecret, shop/prod/db, so it is not touched" in line
    assert values() == {"a": "1"}
    assert Stack(B, target=SHARED).up().failures == []
    assert values() == {"a": "1", "b": "2"}


def test_who_wants_a_shared_secret_alone_is_refused() -> None:
    sharer = other(B, target=SHARED)
    sharer.up()
    for target in ({}, {"adopt": True}, {"creationPolicy": "Orphan", "adopt": True}):
        stack = Stack(A, target=target)
        assert "is shared by another ExternalSecret, shop/dev/other, whose keys would go" in stack.preview().failures[0]
        assert "is shared by another ExternalSecret" in stack.up().failures[0]
        assert "the target is owned by another ExternalSecret" in told(sharer.previewed_with(stack))[0]
    assert values() == {"b": "2"}


def test_one_that_waits_for_a_secret_claims_it_too() -> None:
    waiting = other(A, target={"creationPolicy": "Merge"})
    waiting.up()
    assert "the target is owned by another ExternalSecret" in told(waiting.previewed_with(Stack(B)))[0]


def test_a_secret_that_is_going_is_not_written() -> None:
    cluster("x").apply_secret(NAMESPACE, "db", {"metadata": {"finalizers": ["example.com/wait"]}}, force=True)
    stack = Stack(A, target=SHARED)
    assert stack.up().failures == []
    stack.remove()
    for outcome in (stack.preview(), stack.up()):
        assert "Secret team-a/db is being deleted, and waits for its finalizers since" in outcome.failures[0]


def in_one_cluster_by_two_ways(ways: list[dict[str, str]], target: dict[str, object]) -> tuple[Stack, Stack]:
    one, two = Stack(A, target=target), other(A, target=target, secretName="db")
    one.cluster, two.cluster = ways
    return one, two


def ways_to_name_the_cluster(kubernetes: KubernetesApi) -> list[list[dict[str, str]]]:
    text = kubernetes.kubeconfig_text()
    return [
        [{}, {"context": "sandbox"}],
        [{"cluster": "sandbox"}, {}],
        [{"kubeconfig": os.environ["KUBECONFIG"]}, {"kubeconfig": text}],
        [{"kubeconfig": text}, {"context": "sandbox"}],
    ]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("target", [SHARED, {"adopt": True}, {"creationPolicy": "Orphan"}], ids=str)
def test_two_ways_to_name_one_cluster_are_one_cluster(
    target: dict[str, object], at: int, kubernetes: KubernetesApi
) -> None:
    one, two = in_one_cluster_by_two_ways(ways_to_name_the_cluster(kubernetes)[at], target)
    (line,) = told(one.previewed_with(two))
    assert "is written by another ExternalSecret" in line or "is owned by another ExternalSecret" in line
    one.up()
    assert "of this program" in two.up(fresh=False).failures[0]
    assert "of this program" in told(one.previewed_with(two))[0]


@pytest.mark.parametrize("target", [SHARED, {"adopt": True}], ids=str)
def test_nor_do_two_urls_of_one_cluster_hide_that_two_write_one_secret(
    target: dict[str, object], kubernetes: KubernetesApi
) -> None:
    text = kubernetes.kubeconfig_text()
    elsewhere = text.replace("127.0.0.1", "localhost")
    one, two = in_one_cluster_by_two_ways([{"kubeconfig": text}, {"kubeconfig": elsewhere}], target)
    one.up()
    assert "of this program" in two.up(fresh=False).failures[0]
    assert "of this program" in told(one.previewed_with(two))[0]


def test_a_secret_of_one_name_in_each_of_two_clusters_is_two_secrets(kubernetes: KubernetesApi) -> None:
    with KubernetesApi(namespaces=[NAMESPACE]) as second:
        ways = [{"kubeconfig": each.kubeconfig_text()} for each in (kubernetes, second)]
        one, two = in_one_cluster_by_two_ways(ways, {})
        assert told(one.previewed_with(two)) == []
        assert one.up().failures == []
        assert two.up(fresh=False).failures == []
        assert [each.change for each in one.previewed_with(two)] == ["same", "same"]
