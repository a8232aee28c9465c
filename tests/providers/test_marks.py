"""The mark on a Secret is that of one resource of one state: what bears another one is neither written nor deleted."""

import base64
import copy
from typing import Any

import pytest

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.errors import WriteError
from components.providers.operation.process import forget
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/a"}}
TYPED = {"template": {"type": "example.com/x"}}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with two parameters."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")


def live(name: str = "db") -> dict[str, Any]:
    secret = cluster().get_secret(NAMESPACE, name)
    assert secret is not None
    return secret


def uid() -> str:
    return str(live()["metadata"]["uid"])


def mark() -> str:
    return str(live()["metadata"]["annotations"][OWNER_ANNOTATION])


def below(stack: Stack) -> Stack:
    stack.parents = "app:index:Team$"
    return stack


def of_earlier_version(stack: Stack) -> Stack:
    """The stack as a version wrote it that marked Secrets with `project/stack/name`."""
    stack.state_id = None
    old = stack.owner
    assert stack.up().failures == []
    for bag in (stack.sync_inputs, stack.sync):
        bag["owner"] = old
    for bag in (stack.snapshot_inputs, stack.snapshot):
        bag.pop("stateId", None)
    cluster("pulumi-parameter-store")  # the name that all of them write as
    patch = {"metadata": {"annotations": {OWNER_ANNOTATION: old}}}
    cluster().patch_secret(NAMESPACE, "db", patch, resource_version=live()["metadata"]["resourceVersion"])
    return stack


def test_a_mark_says_which_state_and_which_resource() -> None:
    stack = below(Stack(DATA))
    stack.up()
    assert mark() == f"{stack.snapshot['stateId']} {stack.urn}"
    assert len(stack.snapshot["stateId"]) == 32


def test_the_first_preview_is_whole_though_the_id_is_not_known() -> None:
    stack = Stack(DATA)
    stack.state_id = None
    outcome = stack.preview()
    assert outcome.inputs["keys"] == {"a": "/a, version 1"}
    assert "note" not in outcome.inputs
    assert stack.up().change == "create"
    assert stack.preview().change == "same"


def test_every_store_of_one_state_names_the_same_id() -> None:
    forget()
    operation = {"preview": False, "decrypt": True}
    news = {"references": [], "operation": operation}
    first, second = (
        SnapshotProvider().check({}, {**news, "store": {"region": region}}).inputs["stateId"]
        for region in ("eu-central-1", "eu-west-1")
    )
    assert first == second
    forget()
    kept = SnapshotProvider().check({"stateId": "1" * 32}, {**news, "store": {"region": "eu-west-1"}})
    assert kept.inputs["stateId"] == "1" * 32


def test_refresh_and_a_changed_store_keep_the_id() -> None:
    stack = Stack(DATA)
    stack.state_id = None
    stack.up()
    state_id = stack.snapshot["stateId"]
    read = SnapshotProvider().read("id", stack.snapshot)
    assert (read.outs or {})["stateId"] == (read.inputs or {})["stateId"] == state_id
    stack.others = ["/b"]
    stack.preview()
    stack.up()
    assert stack.snapshot["stateId"] == state_id


@pytest.mark.parametrize("policy", ["Owner", "Orphan"])
def test_a_moved_one_is_refused_and_taken_along_by_adopt(policy: str, kubernetes: KubernetesApi) -> None:
    old = Stack(DATA, target={"creationPolicy": policy})
    old.up()
    before = uid()
    new = below(Stack(DATA, target={"creationPolicy": policy}))
    (line,) = new.preview().failures
    assert "set `adopt` on the target" in line
    assert f"ResourceOptions(aliases=['{old.urn}'])" in line
    new.more["target"] = {"creationPolicy": policy, "adopt": True}
    kubernetes.clear_calls()
    assert new.up().failures == []
    old.destroy(fresh=False)
    assert not [call for call in kubernetes.calls if call.verb == "delete"]
    assert (uid(), values()) == (before, {"a": "1"})
    assert new.preview().change == "same"


@pytest.mark.parametrize(
    "target", [{}, {"creationPolicy": "Orphan"}, {"creationPolicy": "CreateOrMerge"}, {"immutable": True}, TYPED]
)
def test_one_that_takes_its_state_along_renews_its_marks(target: dict[str, Any], kubernetes: KubernetesApi) -> None:
    stack = Stack(DATA, target=target)
    stack.up()
    before = live()
    below(stack)
    assert stack.preview().change == "update"
    kubernetes.clear_calls()
    assert stack.up().change == "update"
    now = live()
    for field in ("data", "type"):
        assert now[field] == before[field]
    assert now["metadata"]["uid"] == before["metadata"]["uid"]
    assert not [call for call in kubernetes.calls if call.verb == "delete"]
    marks = [text for name, text in now["metadata"]["annotations"].items() if name.startswith(OWNER_ANNOTATION)]
    assert marks == [f"{stack.snapshot['stateId']} {stack.urn}"]
    assert len(now["metadata"]["managedFields"]) == len(before["metadata"]["managedFields"])
    assert stack.preview().change == "same"


def test_one_whose_type_changes_while_it_moves_is_made_anew() -> None:
    stack = Stack(DATA)
    stack.up()
    below(stack).more["target"] = TYPED
    outcome = stack.up()
    assert (outcome.change, outcome.failures) == ("replace", [])
    assert live()["type"] == "example.com/x"
    assert stack.preview().change == "same"


def test_one_whose_mark_was_taken_away_is_made_anew_when_its_type_changes(edit: Any) -> None:
    stack = Stack(DATA)
    stack.up()
    edit({"metadata": {"annotations": {OWNER_ANNOTATION: None}}})
    stack.more["target"] = TYPED
    assert stack.up().failures == []
    assert live()["type"] == "example.com/x"


def test_a_replacement_that_is_forced_keeps_the_secret() -> None:
    """With `--replace` the engine asks for no diff: it creates, and then deletes the old resource."""
    stack = Stack(DATA)
    stack.up()
    before, old = uid(), dict(stack.sync)
    forget()
    news = {**news_of(stack), "owner": stack.sync["owner"]}
    SyncProvider().check(stack.sync_inputs, news)
    inputs = dict(SyncProvider().check({}, news).inputs)
    SyncProvider().create(inputs)
    SyncProvider().delete("id", old)
    assert (uid(), values()) == (before, {"a": "1"})


def news_of(stack: Stack, **more: Any) -> dict[str, Any]:
    operation = {"preview": False, "decrypt": True}
    base = {"namespace": NAMESPACE, "secretName": stack.name, "store": stack.store, "cluster": {}, "data": stack.data}
    return {**base, **stack.more, "operation": operation, **more}


def test_another_way_to_name_the_same_cluster_does_not_lose_the_secret() -> None:
    stack = Stack(DATA)
    stack.up()
    before = uid()
    stack.cluster = {"context": "sandbox"}
    assert stack.up().failures == []
    assert (uid(), values()) == (before, {"a": "1"})
    assert stack.preview().change == "same"


@pytest.mark.parametrize("policy", ["Owner", "Orphan", "CreateOrMerge"])
def test_two_entries_of_the_state_with_one_mark_keep_one_secret(policy: str) -> None:
    """So `pulumi state rename` of the SecretSync alone leaves it."""
    stack = Stack(DATA, target={"creationPolicy": policy})
    stack.up()
    before, stale = live()["metadata"], Stack(DATA)
    stale.sync, stale.sync_inputs = stack.sync, stack.sync_inputs
    stack.sync, stack.sync_inputs = {}, {}
    assert stack.up().change == "create"
    stale.destroy(fresh=False)
    now = live()["metadata"]
    assert (now["uid"], values()) == (before["uid"], {"a": "1"})
    # The stale entry knows the old mark, so a later `up --target` of it alone must not find that on the Secret.
    assert (now["annotations"] == before["annotations"]) is (policy == "CreateOrMerge")
    assert stack.preview().change == "same"


def two_entries() -> tuple[Stack, Stack]:
    """The entry of the program, which took the Secret over by its mark, and the stale one that bore the same mark."""
    stack, stale = Stack(DATA), Stack(DATA)
    stack.up()
    stale.sync, stale.sync_inputs = stack.sync, stack.sync_inputs
    stack.sync, stack.sync_inputs = {}, {}
    assert stack.up().change == "create"
    return stack, stale


@pytest.mark.alone("its two entries are two resources")
def test_a_stale_entry_that_is_deleted_in_an_operation_of_its_own_leaves_the_secret(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """So `up --target` of the stale entry alone, which checks nothing that the program declares."""
    stack, stale = two_entries()
    before = uid()
    stale.destroy()
    assert (
        "Secret team-a/db stays, though ExternalSecret shop/dev/db goes: another entry of the state with this "
        "ExternalSecret keeps it" in capfd.readouterr().err
    )
    assert (uid(), values()) == (before, {"a": "1"})
    assert stack.preview().change == "same"
    stack.destroy()
    assert values() is None


def test_the_refresh_of_a_stale_entry_drops_it_and_keeps_that_of_the_program() -> None:
    stack, stale = two_entries()
    assert stale.refresh() is None
    assert stack.refresh() is not None
    assert stack.preview().change == "same"


def test_an_entry_that_took_the_secret_over_is_known_after_every_change() -> None:
    stack, _ = two_entries()
    before, marked = uid(), mark()
    stack.data = {"b": {"key": "/a"}}
    assert (stack.preview().change, stack.up().change, mark()) == ("update", "update", marked)
    stack.more["target"] = {"template": {"type": "example.com/x"}}
    assert (stack.up().change, mark(), uid() == before) == ("replace", marked, False)
    below(stack)
    assert stack.up().change == "update"
    assert mark() == f"{marked.split()[0]} {stack.urn}"
    assert stack.preview().change == "same"


def test_a_state_from_before_a_takeover_still_knows_the_secret() -> None:
    """A backup of the state that is brought back."""
    _, backup = two_entries()
    before = uid()
    assert backup.preview().failures == []
    backup.data = {"b": {"key": "/a"}}
    assert backup.up().change == "update"
    assert (uid(), backup.preview().change) == (before, "same")


def test_a_secret_that_another_one_took_over_and_left_is_written_again(aws: AwsApi) -> None:
    """Neither its keys nor the versions tell: all ExternalSecrets write under one name, and both read one parameter."""
    aws.put_parameter("/both", '{"mine": "1", "its": "2"}')
    stack, other = (
        Stack({"a": {"key": "/both", "property": name}}, target={"adopt": True}, secretName="db")
        for name in ("mine", "its")
    )
    stack.up()
    other.owner = "shop/dev/other"
    assert other.up().failures == []
    assert values() == {"a": "2"}
    assert stack.preview().drift == [f"taken over by ExternalSecret shop/dev/other ({other.urn})"]
    assert stack.up().change == "update"
    assert (values(), stack.preview().change) == ({"a": "1"}, "same")


def test_a_secret_that_was_made_in_the_same_operation_is_not_deleted_by_a_stale_entry(edit: Any) -> None:
    stack = Stack(DATA)
    stack.up()
    stale = Stack(DATA)
    stale.sync, stack.sync, stack.sync_inputs = stack.sync, {}, {}
    edit(None)
    stack.up()
    stale.destroy(fresh=False)
    assert values() == {"a": "1"}


def test_a_takeover_that_fails_leaves_the_secret_to_the_old_entry() -> None:
    old = Stack(DATA)
    old.up()
    new = below(Stack({"a": {"key": "/a", "property": "nope"}}, target={"adopt": True}))
    assert new.preview().failures == []
    assert "property" in new.up().failures[0]
    with pytest.raises(WriteError, match=r"is not deleted: ExternalSecret shop/dev/db .* is to take it over"):
        old.destroy(fresh=False)
    assert values() == {"a": "1"}


def test_equal_names_in_another_state_are_another_owner(kubernetes: KubernetesApi) -> None:
    one, two = Stack(DATA), Stack({"a": {"key": "/b"}})
    two.state_id = "f" * 32
    one.up()
    kubernetes.clear_calls()
    for outcome in (two.preview(), two.up()):
        (line,) = outcome.failures
        assert f"written by ExternalSecret shop/dev/db ({one.urn})" in line
        assert "which another state keeps" in line
    two.state_id = None
    assert "which another state keeps" in two.preview().failures[0]
    assert not [call for call in kubernetes.calls if call.verb != "get" and not call.dry_run]
    assert values() == {"a": "1"}


def checked_where_there_was_none(stack: Stack) -> dict[str, Any]:
    forget()
    owner = {"id": "e" * 32, "urn": stack.urn}
    return dict(SyncProvider().check({}, news_of(stack, owner=owner)).inputs)


@pytest.mark.parametrize("by", ["e" * 32, "f" * 32, None])
def test_a_secret_that_appears_between_check_and_create_is_not_overwritten(by: str | None) -> None:
    """Two stacks that run at the same time write under one field manager; a call whose answer got lost is our own."""
    stack = Stack(DATA)
    inputs = checked_where_there_was_none(stack)
    annotations = {OWNER_ANNOTATION: f"{by} {stack.urn}"} if by else {}
    body = {"metadata": {"annotations": annotations}, "data": {"a": base64.b64encode(b"theirs").decode()}}
    cluster("pulumi-parameter-store").apply_secret(NAMESPACE, "db", body, force=True)
    if by == inputs["owner"]["id"]:
        SyncProvider().create(inputs)
        assert values() == {"a": "1"}
    else:
        with pytest.raises(WriteError, match="was made by somebody else while this was running"):
            SyncProvider().create(inputs)
        assert values() == {"a": "theirs"}


@pytest.mark.parametrize("policy", ["CreateOrMerge", "Merge"])
def test_equal_names_in_another_state_do_not_share_a_key(policy: str) -> None:
    target = {"creationPolicy": policy}
    cluster("helm").apply_secret(NAMESPACE, "db", {"data": {"x": ""}}, force=False)
    one, two = Stack(DATA, target=target), Stack({"a": {"key": "/b"}}, target=target)
    two.state_id = "f" * 32
    one.up()
    (line,) = two.up().failures
    assert f"key 'a' is written by another ExternalSecret, shop/dev/db ({one.urn})" in line
    two.data = {"b": {"key": "/b"}}
    assert two.up().failures == []
    two.destroy()
    assert values() == {"a": "1", "b": "2", "x": ""}
    assert one.preview().change == "same"


def test_one_that_was_taken_over_elsewhere_with_equal_values_says_so() -> None:
    one, two = Stack(DATA), Stack(DATA, target={"adopt": True})
    two.state_id = "f" * 32
    one.up()
    assert two.preview().inputs["takenOver"] == [f"the Secret from ExternalSecret shop/dev/db ({one.urn})"]
    assert two.up().failures == []
    for target in ({}, {"adopt": True}):
        one.more["target"] = target
        for outcome in (one.preview(), one.up()):
            assert "It was taken over from here. Remove this ExternalSecret" in outcome.failures[0]
    refreshed = one.refresh()
    assert refreshed is not None
    assert refreshed["drift"] == [f"taken over by ExternalSecret shop/dev/db ({two.urn})"]
    assert two.preview().change == "same"


def test_destroy_says_that_a_secret_stays_which_was_taken_over(capfd: pytest.CaptureFixture[str]) -> None:
    one, two = Stack(DATA), Stack(DATA, target={"adopt": True})
    two.owner = "shop/prod/db"
    one.up()
    two.up()
    one.destroy()
    assert values() == {"a": "1"}
    said = capfd.readouterr().err
    assert (
        "Secret team-a/db stays, though ExternalSecret shop/dev/db goes: it is that of ExternalSecret shop/prod/db"
        in said
    )


def unmarked(edit: Any) -> None:
    """A Secret without a mark, of our field manager but not of our stack."""
    edit(None)
    body = {"data": {"a": base64.b64encode(b"theirs").decode()}}
    cluster("pulumi-parameter-store").apply_secret(NAMESPACE, "db", body, force=True)


def test_a_secret_without_a_mark_is_ours_only_if_it_is_the_very_object(edit: Any) -> None:
    stack = Stack(DATA)
    stack.up()
    unmarked(edit)
    assert "it bears no mark, and is not the object that this stack wrote" in stack.up().failures[0]
    stack.destroy()
    assert values() == {"a": "theirs"}
    assert stack.refresh() is None


def test_nor_is_it_made_anew(edit: Any) -> None:
    stack = Stack(DATA)
    stack.up()
    unmarked(edit)
    stack.more["target"] = TYPED
    assert "it bears no mark" in stack.up().failures[0]
    assert values() == {"a": "theirs"}


def test_state_of_an_earlier_version_renews_its_mark() -> None:
    stack = of_earlier_version(Stack(DATA))
    before = uid()
    preview = stack.preview()
    assert (preview.change, preview.drift) == ("update", [])
    assert preview.inputs["note"] == "the marks on the Secret are renewed; its data stay"
    assert stack.up().change == "update"
    assert (uid(), mark()) == (before, f"{stack.snapshot['stateId']} {stack.urn}")
    assert stack.preview().change == "same"


def test_of_two_such_states_the_first_update_decides() -> None:
    one = of_earlier_version(Stack(DATA))
    two = copy.deepcopy(one)
    one.up()
    for outcome in (two.preview(), two.up()):
        assert "which another state keeps" in outcome.failures[0]
    two.destroy()
    assert values() == {"a": "1"}


def test_one_whose_type_changes_with_the_first_update_is_made_anew() -> None:
    stack = of_earlier_version(Stack(DATA))
    stack.more["target"] = TYPED
    assert stack.up().failures == []
    assert live()["type"] == "example.com/x"


def test_an_update_that_passes_over_the_store_leaves_an_earlier_mark_and_makes_none() -> None:
    """`--target` of a SecretSync alone, in a state that has no id yet."""
    stack = of_earlier_version(Stack(DATA))
    news = news_of(stack, owner={"urn": stack.urn})
    forget()
    checked = dict(SyncProvider().check(stack.sync_inputs, news).inputs)
    assert SyncProvider().diff("id", stack.sync, checked).changes is False
    rebuilt = {**news, "target": TYPED}
    forget()
    for olds in (stack.sync_inputs, {}):
        checked = dict(SyncProvider().check(olds, rebuilt).inputs)
        assert "problem" not in checked
    forget()
    checked = dict(SyncProvider().check({}, news).inputs)
    with pytest.raises(WriteError, match="has no id yet to mark Secrets with"):
        SyncProvider().create(checked)


@pytest.mark.parametrize(
    "written", ["\x1b[31mred\x1b[0m\nsecond line", "a/b/\u202egnp", "x" * 5000, "", "0" * 32 + " urn:pulumi:\x07"]
)
def test_any_mark_is_one_printable_line_in_an_error(written: str, edit: Any) -> None:
    Stack(DATA).up()
    for policy in ("Owner", "CreateOrMerge"):
        edit({"metadata": {"annotations": {OWNER_ANNOTATION: written, f"{OWNER_ANNOTATION}-1": written}}})
        stack = Stack(DATA, target={"creationPolicy": policy})
        for outcome in (stack.preview(), stack.up()):
            (line,) = outcome.failures
            assert line.isprintable()
            assert len(line) < 2000
            assert "so it is not touched" in line


def test_a_mark_of_a_sharer_that_somebody_edits_is_restored(edit: Any) -> None:
    stack = Stack(DATA, target={"creationPolicy": "CreateOrMerge"})
    stack.up()
    (name,) = (key for key in live()["metadata"]["annotations"] if key.startswith(OWNER_ANNOTATION))
    edit({"metadata": {"annotations": {name: "shop/dev/other"}}})
    assert stack.preview().drift == [f"annotation {name} changed in the cluster"]
    assert stack.up().failures == []
    assert stack.preview().change == "same"
