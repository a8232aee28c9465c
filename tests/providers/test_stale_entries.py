"""A Secret that the program still declares is never deleted by a stale entry of the state, whatever becomes of the new.

With `--skip-preview --continue-on-error` the engine goes on to its deletions though what was declared has failed or was
skipped. An ExternalSecret that moved below another parent without `aliases` is such a stale entry.
"""

from typing import Any

import pytest
from pulumi.output import Unknown

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.errors import WriteError
from components.providers.operation.process import forget
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")
DATA = {"a": {"key": "/a"}}
UNKNOWN = Unknown()  # type: ignore[no-untyped-call]
KEPT = r"is not deleted: ExternalSecret .* is to take it over, and has not done so"
BROKEN: dict[str, Any] = {"region": "eu-central-1", "role": "arn:aws:iam::123456789012:role/not-there"}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    aws.put_parameter("/a", "1")


@pytest.fixture
def old() -> Stack:
    stack = Stack(DATA)
    assert stack.up().failures == []
    return stack


def moved(data: dict[str, dict[str, Any]] = DATA, name: str = "db", **target: Any) -> Stack:
    stack = Stack(data, name, **({"target": target} if target else {}))
    stack.parents = "app:index:Team$"
    return stack


@pytest.mark.parametrize("target", [{}, {"creationPolicy": "Merge"}, {"creationPolicy": "CreateOrMerge"}])
@pytest.mark.parametrize("state_id", ["", "f" * 32], ids=["the same store", "a store that got another name"])
def test_one_that_moved_and_is_refused(old: Stack, target: dict[str, Any], state_id: str) -> None:
    new = moved(**target)
    new.state_id = state_id
    assert new.up().change == "failed"
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


@pytest.mark.parametrize("target", [{}, {"adopt": True}, {"creationPolicy": "Merge"}])
def test_one_that_moved_and_cannot_be_read(old: Stack, target: dict[str, Any]) -> None:
    new = moved({"a": {"key": "/nope"}}, **target)
    assert new.up().change == "failed"
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


@pytest.mark.parametrize(
    "target",
    [
        {"secret": "db", "namespace": NAMESPACE, "name": "db"},
        {"secret": "db", "name": "db"},  # its namespace is an Output that the store does not wait for
        {"secret": "other", "namespace": NAMESPACE},
    ],
)
def test_one_that_the_engine_skipped_because_its_store_failed(old: Stack, target: dict[str, str]) -> None:
    forget()
    operation = {"preview": False, "decrypt": True, "secrets": ["ExternalSecret 'db'"], "targets": [target]}
    news = {"store": BROKEN, "references": ["/a"], "operation": operation}
    checked = SnapshotProvider().check(old.snapshot_inputs, news)
    assert "role/not-there" in checked.inputs["problem"]
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


@pytest.mark.parametrize("operation", [{"preview": False, "decrypt": True}, UNKNOWN], ids=["known", "unknown"])
def test_one_that_moved_and_waits_for_a_parameter_that_could_not_be_made(old: Stack, operation: object) -> None:
    """In `up` too an input is unknown, where the resource that it comes from has failed."""
    forget()
    new = moved()
    unknown = {"data": {"a": {"key": UNKNOWN}}, "operation": operation}
    SyncProvider().check({}, {**old.sync_inputs, "owner": {**old.sync_inputs["owner"], "urn": new.urn}, **unknown})
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


def test_one_that_moved_to_a_store_that_waits_for_a_parameter_that_could_not_be_made(old: Stack) -> None:
    forget()
    target = {"secret": "db", "namespace": NAMESPACE, "name": "db"}
    operation = {"preview": False, "decrypt": True, "targets": [target], "pending": UNKNOWN}
    news = {"store": {"region": "eu-central-1"}, "references": UNKNOWN, "operation": operation}
    SnapshotProvider().check(old.snapshot_inputs, news)
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


def test_another_one_of_its_name_below_another_parent_is_not_the_one_that_moved(old: Stack) -> None:
    forget()
    target = {"secret": "db", "namespace": NAMESPACE, "name": "db"}
    operation = {"preview": False, "decrypt": True, "targets": [target]}
    SnapshotProvider().check(old.snapshot_inputs, {"store": BROKEN, "references": ["/a"], "operation": operation})
    namesake = moved()
    namesake.more["secretName"] = "elsewhere"
    assert namesake._run(apply=True, operation={"preview": False, "decrypt": True}, fresh=False).failures == []
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


@pytest.mark.parametrize(
    "target",
    [{"secret": "db", "namespace": "team-z", "name": "db"}, {"secret": "db", "namespace": NAMESPACE, "name": "else"}],
)
def test_the_target_of_another_secret_keeps_none(old: Stack, target: dict[str, str]) -> None:
    forget()
    operation = {"preview": False, "decrypt": True, "targets": [target]}
    SnapshotProvider().check(old.snapshot_inputs, {"store": BROKEN, "references": ["/a"], "operation": operation})
    old.destroy(fresh=False)
    assert values() is None


def test_one_that_moved_and_writes_no_secret_any_more_lets_it_go(
    old: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """As without the move."""
    assert moved(creationPolicy="None").up().change == "create"
    old.destroy(fresh=False)
    assert values() == {"a": "1"}
    left = cluster().get_secret(NAMESPACE, "db")
    assert left is not None
    assert OWNER_ANNOTATION not in (left["metadata"].get("annotations") or {})
    assert f"Secret {NAMESPACE}/db stays, though ExternalSecret shop/dev/db goes" in capsys.readouterr().err


def test_the_entry_is_deleted_by_the_next_operation_that_works(old: Stack) -> None:
    assert moved({"a": {"key": "/nope"}}, adopt=True).up().change == "failed"
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    new = moved(adopt=True)
    assert new.up().change == "create"
    old.destroy(fresh=False)
    assert values() == {"a": "1"}
    assert new.preview().change == "same"


def test_one_of_another_name_does_not_lose_it(old: Stack) -> None:
    """Under --skip-preview --continue-on-error the old one goes although the new one was refused."""

    def renamed(**target: Any) -> Stack:
        new = moved(name="other", **target)
        new.name = "db"
        new.more["secretName"] = "db"
        return new

    assert renamed().up().change == "failed"
    with pytest.raises(WriteError, match=KEPT):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}
    assert renamed(adopt=True).up().change == "create"
    old.destroy(fresh=False)
    assert values() == {"a": "1"}


def test_one_of_another_name_that_only_merges_does_not_keep_it(old: Stack) -> None:
    new = moved(name="other", creationPolicy="Merge")
    new.name = "db"
    new.more["secretName"] = "db"
    new.up()
    old.destroy(fresh=False)
    assert values() is None
