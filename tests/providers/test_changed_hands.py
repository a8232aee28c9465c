"""A Secret or parameter that another program takes over between a look at it and the write stays that one's."""

from collections.abc import Callable
from typing import Any

import pytest

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.errors import WriteError
from components.providers import push
from components.providers.operation import process
from components.providers.secret import apply as applying
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, entry, parameter, put_secret
from tests.providers.support import NAMESPACE, Outcome, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

TAKEN = "was taken over by somebody else while this was running"


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")


def of(stack: str, source: str = "/a", **target: Any) -> Stack:
    made = Stack({"k": {"key": source}}, target=target)
    made.owner = f"shop/{stack}/db"
    return made


def before(monkeypatch: pytest.MonkeyPatch, at: Any, name: str, do: Callable[[], Any]) -> list[Any]:
    """Have something done once, right before a function is called, in a process of its own; what came of it."""
    real, came_to = getattr(at, name), list[Any]()

    def hooked(*args: Any, **named: Any) -> Any:
        if not came_to:
            came_to.append(None)
            ours, process._memory = process._memory, None
            came_to[0] = do()
            process._memory = ours
        return real(*args, **named)

    monkeypatch.setattr(at, name, hooked)
    return came_to


def mark() -> str | None:
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    return live.annotations.get(OWNER_ANNOTATION) if live else None


def refused(outcome: Outcome) -> None:
    assert outcome.change == "failed"
    assert TAKEN in outcome.failures[0]


# Secrets


def changes(stack: Stack, aws: AwsApi, what: str) -> None:
    if what == "value":
        aws.put_parameter("/a", "3")
    elif what == "deletion":
        aws.client("ssm").delete_parameter(Name="/a")
    else:
        stack.parents = "app:index:Team$"


@pytest.mark.alone("a group's own writes are not those of the SyncProvider")
@pytest.mark.parametrize("what", ["value", "deletion", "marks"])
def test_a_secret_is_neither_taken_back_nor_deleted(aws: AwsApi, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    one, two = of("dev", deletionPolicy="Delete"), of("prod", "/b", adopt=True)
    one.up()
    changes(one, aws, what)
    came_to = before(monkeypatch, SyncProvider, "update", two.up)
    refused(one.up())
    assert came_to[0].change == "create"
    assert (values(), two.preview().change) == ({"k": "2"}, "same")


def test_nor_where_its_entry_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = of("dev"), of("prod", "/b", adopt=True)
    one.up()
    before(monkeypatch, applying, "_remove_unclaimed", two.up)
    with pytest.raises(WriteError, match=TAKEN):
        one.destroy()
    assert (values(), two.preview().change) == ({"k": "2"}, "same")
    one.destroy()
    assert (values(), two.preview().change) == ({"k": "2"}, "same")


def test_what_others_change_without_holding_it_is_written_over(
    edit: Callable[[Any], None], aws: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = of("dev")
    one.up()
    aws.put_parameter("/a", "3")
    before(monkeypatch, applying, "_apply", lambda: edit({"metadata": {"labels": {"team": "a"}}}))
    assert one.up().change == "update"
    assert (values(), one.preview().change) == ({"k": "3"}, "same")


def test_what_is_deleted_and_waits_for_finalizers_is_not_said_to_be_written(
    edit: Callable[[Any], None], aws: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = of("dev")
    one.up()
    edit({"metadata": {"finalizers": ["example.com/hold"]}})
    one.up()
    aws.put_parameter("/a", "3")
    before(monkeypatch, applying, "_apply", lambda: edit(None))
    assert "was deleted by somebody else while this was running" in one.up().failures[0]


# parameters


@pytest.mark.parametrize("what", ["deletion", "release", "value"])
def test_a_parameter_is_not_touched(
    aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    put_secret(kubernetes, {"user": "ash"})
    put_secret(kubernetes, {"user": "ash"}, "theirs")
    policy = {"deletionPolicy": "Delete"} if what == "deletion" else {}
    one = PushStack(entry("user", "/n0"), entry("user", "/n1"), **policy)
    two = PushStack(entry("user", "/n0"), adopt=True)
    two.stack, two.state_id, two.secret = "prod", "f" * 32, "theirs"
    one.up()
    if what == "value":
        put_secret(kubernetes, {"user": "misty"})
    else:
        del one.data[0]
    before(monkeypatch, push, "deliver", two.up)
    refused(one.up())
    value, tags = parameter(aws, "/n0") or ("", {})
    assert (value, tags[OWNER].partition(" ")[0], two.preview().change) == ("ash", "f" * 32, "same")
    assert (parameter(aws, "/n1") or ("",))[0] == ("misty" if what == "value" else "ash")  # which was nobody else's
