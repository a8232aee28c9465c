"""A Secret that went to another owner, or whose state was copied: nobody takes it back or deletes it without a word."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.core.spec.owner import MOVED_FROM
from components.errors import WriteError
from components.providers.operation.process import forget
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/a"}}
TAKEN = "It was taken over from here. Remove this ExternalSecret"
COPIED = "was written by stack shop/dev (ExternalSecret shop/dev/db (urn:pulumi:dev::shop::"
STAYS = "Secret team-a/db stays, though ExternalSecret shop/dev/db goes: "
POLICIES = ["Owner", "Orphan", "Merge", "CreateOrMerge"]


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one parameter."""
    aws.put_parameter("/a", "1")


def metadata() -> dict[str, Any]:
    secret = cluster().get_secret(NAMESPACE, "db")
    assert secret is not None
    return dict(secret["metadata"])


def in_stack(stack: str, **target: Any) -> Stack:
    """An ExternalSecret of another stack, which has a state of its own."""
    new = Stack(DATA, target=target)
    new.owner = f"shop/{stack}/db"
    return new


def copied(original: Stack, stack: str = "copy", **target: Any) -> Stack:
    """The same ExternalSecret in another stack with the same state, as a rename, a move or a copy leaves it."""
    new = copy.deepcopy(original)
    new.owner = f"shop/{stack}/db"
    new.more["target"] = {**original.more.get("target", {}), **target}
    return new


def delete(stack: Stack) -> None:
    """Deletes an entry as the engine asks for it: the URN in the state is that of the stack which it is in now."""

    def Delete(request: Any) -> None:  # noqa: N802  as in Pulumi's SDK
        SyncProvider().delete(request.id, stack.sync)

    forget()
    Delete(SimpleNamespace(id="id", urn=f"{stack.urn.replace('::parameter', '::x$parameter')}"))


def written(**target: Any) -> Stack:
    stack = Stack(DATA, target=target)
    if target.get("creationPolicy") == "Merge":
        cluster("helm").apply_secret(NAMESPACE, "db", {"data": {"x": ""}}, force=False)
    assert stack.up().failures == []
    return stack


# two stacks that both say `adopt`


@pytest.mark.parametrize("policy", ["Owner", "Orphan"])
def test_a_secret_that_was_taken_over_is_not_taken_back_after_a_refresh(policy: str) -> None:
    one, two = written(adopt=True, creationPolicy=policy), in_stack("prod", adopt=True)
    assert two.up().failures == []
    for _ in range(2):
        refreshed = one.refresh()
        assert refreshed is not None
        assert refreshed["drift"] == [f"taken over by ExternalSecret shop/prod/db ({two.urn})"]
        for outcome in (one.preview(), one.up()):
            assert TAKEN in outcome.failures[0]
    assert two.preview().change == "same"


def test_nor_where_it_was_deleted_and_another_one_made_it_again(edit: Callable[[Any], None]) -> None:
    one = written(adopt=True)
    edit(None)
    two = in_stack("prod")
    assert two.up().failures == []
    assert one.refresh() is not None
    assert TAKEN in one.preview().failures[0]
    one.destroy()
    assert two.preview().change == "same"


def test_nor_after_the_first_one_moved_to_another_parent_by_aliases() -> None:
    one, two = written(adopt=True), in_stack("prod", adopt=True)
    two.up()
    one.refresh()
    one.parents = "app:index:Team$"
    assert TAKEN in one.preview().failures[0]


def test_nor_where_the_engine_deletes_the_entry_first_and_creates_it_again() -> None:
    """So a replacement that cascades from another resource: `check` gets nothing of the state then."""
    one, two = written(adopt=True), in_stack("prod", adopt=True)
    two.up()
    one.destroy()
    one.sync, one.sync_inputs = {}, {}
    assert TAKEN in one.up(fresh=False).failures[0]
    assert two.preview().change == "same"


def test_the_second_one_does_not_lose_it_when_the_first_one_is_removed_and_declared_again() -> None:
    """To remove it is to let it go; to declare it again with `adopt` is asked for, and preview says from whom."""
    one, two = written(adopt=True), in_stack("prod", adopt=True)
    two.up()
    one.refresh()
    one.destroy()
    one.sync, one.sync_inputs = {}, {}
    assert one.preview().inputs["takenOver"] == [f"the Secret from ExternalSecret shop/prod/db ({two.urn})"]
    assert one.up().failures == []
    assert TAKEN in two.preview().failures[0]


def test_one_that_was_let_go_is_taken_again() -> None:
    one, two = written(adopt=True), in_stack("prod", adopt=True, creationPolicy="Orphan")
    two.up()
    two.destroy()
    one.refresh()
    assert one.up().failures == []
    assert (values(), one.preview().change) == ({"a": "1"}, "same")


def test_in_a_copied_state_too() -> None:
    """Both states have the same id, which alone does not make them one program."""
    one = written(adopt=True)
    two = copied(one)
    assert two.up().failures == []
    assert TAKEN in one.preview().failures[0]
    assert two.preview().change == "same"


# a state that was renamed, moved or copied


@pytest.mark.parametrize("policy", POLICIES)
def test_a_copied_state_writes_nothing_and_names_the_stack(policy: str) -> None:
    one = written(creationPolicy=policy)
    two = copied(one)
    for each in (two.preview, two.up):
        (line,) = each().failures
        assert COPIED in line
        assert f"{MOVED_FROM}=shop/dev" in line
    assert one.preview().change == "same"


@pytest.mark.parametrize("policy", POLICIES)
def test_its_destroy_deletes_nothing_and_takes_no_mark_away(policy: str) -> None:
    one = written(creationPolicy=policy)
    two = copied(one)
    before = metadata()
    with pytest.raises(WriteError, match="was written by stack shop/dev"):
        delete(two)
    assert metadata() == before
    delete(one)
    assert (values() is None) is (policy == "Owner")


@pytest.mark.parametrize("policy", POLICIES)
def test_nor_does_one_that_writes_no_secret_any_more(policy: str) -> None:
    two = copied(written(creationPolicy=policy), creationPolicy="None")
    before = metadata()
    assert "was written by stack shop/dev" in two.up().failures[0]
    assert metadata() == before


@pytest.mark.parametrize("change", [{"template": {"type": "example.com/x"}}, {"name": "else"}])
def test_nor_does_a_replacement(change: dict[str, Any]) -> None:
    one = written()
    two = copied(one, **{key: value for key, value in change.items() if key != "name"})
    two.more["secretName"] = change.get("name", "db")
    assert "was written by stack shop/dev" in two.up().failures[0]
    assert one.preview().change == "same"


def test_an_entry_of_the_old_stack_that_was_imported_with_force_deletes_nothing() -> None:
    """`pulumi stack import --force` leaves the old URNs, and `up` deletes the entries that bear them."""
    one = written()
    two = in_stack("copy")
    two.name = "else"
    assert two.up().failures == []
    with pytest.raises(WriteError, match="was written by stack shop/dev"):
        one.destroy(fresh=False)
    assert values() == {"a": "1"}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_renamed_stack_goes_on_when_that_is_said(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = written(creationPolicy=policy)
    two, before = copied(one), metadata()
    monkeypatch.setenv(MOVED_FROM, "shop/dev")
    previewed = two.preview()
    assert previewed.failures == []
    assert previewed.inputs["note"] == "the marks on the Secret are renewed; its data stay"
    assert two.up().failures == []
    assert metadata()["uid"] == before["uid"]
    monkeypatch.delenv(MOVED_FROM)
    assert two.preview().change == "same"
    if policy in ("Owner", "Orphan"):
        assert TAKEN in one.preview().failures[0]
    delete(two)
    assert (values() is None) is (policy == "Owner")


def test_another_stack_is_not_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    two = copied(written())
    monkeypatch.setenv(MOVED_FROM, "shop/prod")
    assert COPIED in two.preview().failures[0]


def test_adopt_says_it_for_one_secret() -> None:
    one = written()
    two, before = copied(one, adopt=True), metadata()
    assert two.preview().inputs["takenOver"] == [f"the Secret from ExternalSecret shop/dev/db ({one.urn})"]
    assert two.up().failures == []
    assert metadata()["uid"] == before["uid"]
    two.more["target"] = {}
    assert two.up().failures == []
    delete(two)
    assert values() is None


def test_a_destroy_after_a_rename_deletes_when_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    two = copied(written())
    monkeypatch.setenv(MOVED_FROM, "shop/dev")
    delete(two)
    assert values() is None


def test_a_copy_that_knows_another_name_of_the_project() -> None:
    one = written()
    two = copied(one)
    two.owner = "market/dev/db"
    assert COPIED in two.preview().failures[0]
    with pytest.raises(WriteError, match="was written by stack shop/dev"):
        delete(two)
    assert one.preview().change == "same"


def test_a_copy_whose_original_is_gone_makes_the_secret(edit: Callable[[Any], None]) -> None:
    two = copied(written())
    edit(None)
    assert two.up().failures == []
    assert values() == {"a": "1"}


# what another one holds on to is not deleted


def test_one_that_another_stack_adopted_and_left_as_orphan_stays(capfd: pytest.CaptureFixture[str]) -> None:
    one, two = written(), in_stack("prod", adopt=True, creationPolicy="Orphan")
    assert two.up().failures == []
    two.destroy()
    one.destroy()
    assert STAYS + "it bears no mark" in capfd.readouterr().err
    assert values() == {"a": "1"}


def test_one_that_another_stack_adopted_and_let_go_stays() -> None:
    one, two = written(), in_stack("prod", adopt=True)
    two.up()
    two.more["target"] = {"creationPolicy": "None"}
    assert two.up().failures == []
    one.destroy()
    assert values() == {"a": "1"}


def test_one_of_a_backup_of_the_state_from_before_it_was_let_go_stays() -> None:
    one = written()
    backup = copy.deepcopy(one)
    one.more["target"] = {"creationPolicy": "Orphan"}
    assert one.up().failures == []
    one.destroy()
    backup.destroy()
    assert values() == {"a": "1"}


@pytest.mark.parametrize("kind", ["ExternalSecret", "Certificate", "SealedSecret"])
def test_one_that_a_controller_took_hold_of_stays(
    kind: str, edit: Callable[[Any], None], capfd: pytest.CaptureFixture[str]
) -> None:
    """So on the way back to External Secrets Operator."""
    stack = written()
    owner = {"apiVersion": "external-secrets.io/v1", "kind": kind, "name": "es", "uid": "1", "controller": True}
    edit({"metadata": {"ownerReferences": [owner]}})
    stack.destroy()
    assert STAYS + f"it is controlled by {kind} 'es'" in capfd.readouterr().err
    assert values() == {"a": "1"}
    assert OWNER_ANNOTATION not in metadata().get("annotations", {})


@pytest.mark.parametrize("unmarked", [False, True])
def test_one_that_another_stack_shares_by_now_stays(
    unmarked: bool,  # noqa: FBT001  a parameter
    edit: Callable[[Any], None],
    aws: AwsApi,
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws.put_parameter("/b", "2")
    stack = written()
    edit({"metadata": {"annotations": {OWNER_ANNOTATION: None}}})
    two = in_stack("prod", creationPolicy="CreateOrMerge")
    two.data = {"b": {"key": "/b"}}
    assert two.up().failures == []
    if not unmarked:
        mark = f"{stack.sync['owner']['id']} {stack.urn}"
        edit({"metadata": {"annotations": {OWNER_ANNOTATION: mark}}})
    stack.destroy()
    assert STAYS + "it is shared by ExternalSecret shop/prod/db" in capfd.readouterr().err
    assert values() == {"a": "1", "b": "2"}


def test_one_that_lost_its_mark_alone_goes(edit: Callable[[Any], None]) -> None:
    stack = written()
    edit({"metadata": {"annotations": {OWNER_ANNOTATION: None}}})
    stack.destroy()
    assert values() is None


def test_one_that_was_restored_from_a_backup_marks_and_all_is_written_again(edit: Callable[[Any], None]) -> None:
    stack = written()
    annotations = metadata()["annotations"]
    edit(None)
    cluster("velero").apply_secret(NAMESPACE, "db", {"metadata": {"annotations": annotations}, "data": {}}, force=False)
    assert stack.up().failures == []
    assert values() == {"a": "1"}


@pytest.mark.parametrize("whose", ["helm", "another stack"])
@pytest.mark.parametrize("gone", ["/gone", "/empty"])
def test_one_that_is_to_be_adopted_is_not_deleted_where_nothing_is_left(whose: str, gone: str, aws: AwsApi) -> None:
    aws.put_parameter("/empty", "{}")
    if whose == "helm":
        cluster("helm").apply_secret(NAMESPACE, "db", {"data": {"x": ""}}, force=False)
    else:
        written()
    before = metadata()
    new = in_stack("prod", adopt=True, deletionPolicy="Delete")
    new.data, new.more["dataFrom"] = {}, [{"extract": {"key": gone}}]
    (line,) = new.up().failures
    assert "was not created by this ExternalSecret, and no parameter is left to take it over with" in line
    assert metadata() == before


# marks without a text


@pytest.mark.parametrize("policy", ["Owner", "Orphan"])
def test_a_mark_that_somebody_emptied_is_restored(policy: str, edit: Callable[[Any], None]) -> None:
    stack = written(creationPolicy=policy)
    before = metadata()
    edit({"metadata": {"annotations": {OWNER_ANNOTATION: ""}}})
    assert stack.preview().drift == [f"annotation {OWNER_ANNOTATION} removed in the cluster"]
    assert stack.refresh() is not None
    assert stack.up().failures == []
    assert metadata()["annotations"][OWNER_ANNOTATION] == before["annotations"][OWNER_ANNOTATION]
    assert metadata()["uid"] == before["uid"]


def test_a_secret_with_an_emptied_mark_goes_with_its_entry(edit: Callable[[Any], None]) -> None:
    stack = written()
    edit({"metadata": {"annotations": {OWNER_ANNOTATION: ""}}})
    stack.destroy()
    assert values() is None


@pytest.mark.parametrize("policy", ["Owner", "CreateOrMerge"])
def test_an_empty_mark_of_nobody_is_named_in_the_refusal(policy: str) -> None:
    body = {"metadata": {"annotations": {OWNER_ANNOTATION: ""}}, "data": {"x": ""}}
    cluster("helm").apply_secret(NAMESPACE, "db", body, force=False)
    (line,) = Stack(DATA, target={"creationPolicy": policy}).preview().failures
    assert f"its annotation {OWNER_ANNOTATION} is empty, so it is not touched" in line
    stack = Stack(DATA, target={"adopt": True})
    assert stack.preview().inputs["takenOver"][0] == "the Secret, so far written by helm"
    assert stack.up().failures == []
    assert (values(), stack.preview().change) == ({"a": "1"}, "same")


def test_an_empty_mark_of_a_sharer_is_told_by_a_name() -> None:
    body = {"metadata": {"annotations": {f"{OWNER_ANNOTATION}-1": ""}}, "data": {"x": ""}}
    cluster("helm").apply_secret(NAMESPACE, "db", body, force=False)
    (line,) = Stack(DATA).preview().failures
    assert "is shared by another ExternalSecret, (unnamed), whose keys would go" in line


def test_an_emptied_mark_does_not_make_another_object_ours(edit: Callable[[Any], None]) -> None:
    stack = written()
    edit(None)
    body = {"metadata": {"annotations": {OWNER_ANNOTATION: ""}}, "data": {"a": "eA=="}}
    cluster("pulumi-parameter-store").apply_secret(NAMESPACE, "db", body, force=True)
    assert "it bears no mark, and is not the object that this stack wrote" in stack.up().failures[0]
    stack.destroy()
    assert values() == {"a": "x"}
