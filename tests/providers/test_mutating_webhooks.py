"""A webhook that changes a Secret while it is written: what `up` calls done is what the cluster keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi
from sandbox.kubernetes.kinds import Kind
from tests.providers.support import NAMESPACE, Stack, cluster, values

Secret = dict[str, Any]
OWNER = "pulumi-parameter-store/owner"
BY = "a mutating webhook or policy of the cluster"
NOT_AS_SENT = f"Secret team-a/db was written, but does not hold what was sent: {BY} changed"


@pytest.fixture
def stack(aws: AwsApi) -> Stack:
    aws.put_parameter("/app/db", "canary-value")
    return Stack({"a": {"key": "/app/db"}, "b": {"key": "/app/db"}}, target={"labels": {"team": "a"}})


@pytest.fixture
def webhook(kubernetes: KubernetesApi) -> Callable[[Callable[[Secret], object]], None]:
    """Have each Secret that is written changed by a function."""

    def install(change: Callable[[Secret], object]) -> None:
        def mutate(kind: Kind, value: Secret) -> None:
            if kind.name == "Secret" and value.get("data"):
                change(value)

        kubernetes.webhooks[:] = [mutate]

    return install


Install = Callable[[Callable[[Secret], object]], None]


def other_values(secret: Secret) -> None:
    secret["data"] = dict.fromkeys(secret["data"], "Y2FuYXJ5LW90aGVy")


def other_values_unmarked(secret: Secret) -> None:
    other_values(secret)
    del secret["metadata"]["annotations"][OWNER]


def without_a(secret: Secret) -> None:
    secret["data"].pop("a", None)


def other_type(secret: Secret) -> None:
    secret["type"] = "example.com/other"


@pytest.mark.parametrize(
    ("change", "told"), [(other_values, "key 'a', key 'b'"), (without_a, "key 'a'"), (other_type, "its type")]
)
def test_a_secret_that_is_not_what_was_sent_is_a_failure(
    stack: Stack, webhook: Install, change: Callable[[Secret], None], told: str
) -> None:
    webhook(change)

    (line,) = stack.up().failures

    assert line.startswith(f"{NOT_AS_SENT} {told}. ")
    assert "canary" not in line


def test_it_is_one_again_in_every_up_until_the_webhook_lets_it_be(
    stack: Stack, webhook: Install, kubernetes: KubernetesApi, aws: AwsApi
) -> None:
    assert stack.up().failures == []
    aws.put_parameter("/app/db", "canary-two")
    webhook(other_values)
    for _ in range(2):
        assert stack.preview().change == "update"
        assert stack.up().failures[0].startswith(NOT_AS_SENT)

    kubernetes.webhooks.clear()

    assert stack.up().failures == []
    assert values() == {"a": "canary-two", "b": "canary-two"}
    assert stack.preview().change == "same"


@pytest.mark.alone("tests/end_to_end/test_first_write_changed.py holds them to it, as an engine has to record it")
@pytest.mark.parametrize("change", [other_values, other_values_unmarked])
def test_one_that_fails_when_it_is_made_stands_in_the_state(
    stack: Stack, webhook: Install, kubernetes: KubernetesApi, change: Callable[[Secret], object]
) -> None:
    webhook(change)
    assert stack.up().change == "failed"
    assert stack.sync["unfinished"]
    assert "canary" not in repr(stack.sync)
    assert stack.refresh()
    kubernetes.webhooks.clear()
    assert stack.preview().change == "update"

    stack.destroy()

    assert values() is None


@pytest.mark.usefixtures("kubernetes")
def test_one_that_was_not_made_does_not(stack: Stack) -> None:
    cluster("kubectl").apply_secret(NAMESPACE, "db", {"data": {"a": "YQ=="}}, force=False)

    assert stack.up().change == "failed"

    assert stack.sync == {}


def test_one_that_fails_when_it_is_made_is_mended_by_the_next_up(
    stack: Stack, webhook: Install, kubernetes: KubernetesApi
) -> None:
    webhook(other_values)
    assert stack.up().change == "failed"
    kubernetes.webhooks.clear()

    assert (stack.up().failures, values()) == ([], {"a": "canary-value", "b": "canary-value"})
    stack.destroy()
    assert values() is None


def test_a_shared_secret_is_held_to_its_own_keys_alone(stack: Stack, webhook: Install, capfd: Any) -> None:
    stack.more = {"target": {"creationPolicy": "CreateOrMerge"}}
    webhook(lambda secret: secret["data"].update(theirs="eA=="))
    assert stack.up().failures == []
    assert "webhook" not in "".join(capfd.readouterr())

    stack = Stack({"c": {"key": "/app/db"}}, target={"creationPolicy": "CreateOrMerge"})
    webhook(lambda secret: secret["data"].update(c="eA=="))
    assert stack.up(fresh=True).failures[0].startswith(f"{NOT_AS_SENT} key 'c'. ")


HARMLESS = {
    "added 1 key": lambda secret: secret["data"].update(canary="eA=="),
    "made it immutable, so its data cannot be changed any more": lambda secret: secret.update(immutable=True),
    "changed labels or annotations that are declared": lambda secret: secret["metadata"]["labels"].update(team="b"),
    "changed the marks by which it is known to be ours": lambda secret: secret["metadata"]["annotations"].pop(OWNER),
}


@pytest.mark.parametrize("told", HARMLESS)
def test_what_takes_no_value_away_is_told(stack: Stack, webhook: Install, capfd: Any, told: str) -> None:
    webhook(HARMLESS[told])

    assert stack.up().failures == []

    said = "".join(capfd.readouterr())
    assert f"Secret team-a/db is not quite as it was sent: {BY} {told}\n" in said
    assert "canary" not in said
    stack.destroy()
    assert values() is None


def test_labels_of_a_policy_are_nobodys_business(stack: Stack, webhook: Install, capfd: Any) -> None:
    webhook(lambda secret: secret["metadata"]["labels"].update(policy="yes"))

    assert (stack.up().failures, stack.preview().change) == ([], "same")
    assert "webhook" not in "".join(capfd.readouterr())


def test_a_secret_that_waits_for_finalizers_when_it_goes_is_told(stack: Stack, webhook: Install, capfd: Any) -> None:
    webhook(lambda secret: secret["metadata"].update(finalizers=["example.com/wait"]))
    assert stack.up().failures == []

    stack.destroy()

    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert live.deletion_timestamp is not None
    assert "Secret team-a/db is there until its finalizers are removed: example.com/wait" in "".join(capfd.readouterr())
