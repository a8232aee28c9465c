"""Whose a parameter is: renamed, moved, swapped, adopted by two, in another cluster or account, it is never lost."""

from typing import Any

import pytest

from components.core.spec.push_specs import MANAGED_BY
from components.errors import ReadError
from components.providers.operation.process import forget
from components.providers.push import PushProvider
from components.providers.snapshot import SnapshotProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, changes, entry, label, operations, parameter, put_secret

STAYS = "stays, as another PushSecret of the program pushes it"
UP = {"preview": False, "decrypt": True}


@pytest.fixture(autouse=True)
def source(kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "bob", "pass": "s3cr3t"})


def value(aws: AwsApi, name: str) -> str | None:
    found = parameter(aws, name)
    return found and found[0]


def removed(stack: PushStack) -> None:
    """Delete a resource at the end of an operation in which others were checked."""
    PushProvider().delete("id", {**stack.outs})


@pytest.mark.parametrize("policy", ["Delete", "None"])
@pytest.mark.parametrize("fails", ["", "the Secret", "AWS"])
def test_a_renamed_push_that_is_refused_keeps_its_parameters(
    aws: AwsApi, capfd: pytest.CaptureFixture[str], policy: str, fails: str
) -> None:
    old = PushStack(entry("user", "/user"), deletionPolicy=policy)
    old.up()
    before = parameter(aws, "/user")
    new = PushStack(entry("user", "/user"), name="renamed", deletionPolicy=policy)
    if fails == "the Secret":
        new.secret = "absent"
    elif fails == "AWS":
        aws.faults.deny("ssm:ListTagsForResource")
    refused = {
        "": "it is that of PushSecret shop/dev/push",
        "the Secret": "team-a/absent does not exist",
        "AWS": "ListTagsForResource",
    }
    assert refused[fails] in new.up().failures[0]
    aws.faults.clear()
    removed(old)
    assert parameter(aws, "/user") == before
    assert STAYS in capfd.readouterr().err
    new.more["adopt"], new.secret = True, "src"
    assert changes(new.up())[0].startswith("adopt /user: it is that of PushSecret shop/dev/push")
    assert new.preview().change == "same"


def test_a_push_whose_store_failed_keeps_what_its_old_name_pushed(aws: AwsApi) -> None:
    old = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    old.up()
    forget()
    snapshot("/user")
    removed(old)
    assert value(aws, "/user") == "bob"


def test_what_its_own_program_names_is_deleted_with_the_secret(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    stack.up()
    stack.secret = "absent"
    forget()
    snapshot("/user")
    assert changes(stack.up(fresh=False)) == ["delete /user"]
    assert value(aws, "/user") is None


def snapshot(*pushed: str) -> None:
    """Check a store, as the engine does before it comes to the PushSecrets."""
    store: dict[str, Any] = {"store": {"region": "eu-central-1"}, "references": []}
    SnapshotProvider().check({}, {**store, "operation": {**UP, "pushed": pushed}})


def test_an_entry_that_moves_to_another_push_is_handed_over(aws: AwsApi, capfd: pytest.CaptureFixture[str]) -> None:
    one = PushStack(entry("user", "/user"), entry("pass", "/pass"), deletionPolicy="Delete")
    one.up()
    other = PushStack(entry("user", "/user"), name="other", deletionPolicy="Delete")
    one.data = one.data[1:]
    assert "it is that of PushSecret shop/dev/push" in other.up().failures[0]
    assert one.up(fresh=False).change == "update"
    assert STAYS in capfd.readouterr().err
    assert value(aws, "/user") == "bob"
    other.more["adopt"] = True
    assert changes(other.up())[0].startswith("adopt /user: it is that of PushSecret shop/dev/")
    one.destroy()
    assert (value(aws, "/user"), value(aws, "/pass")) == ("bob", None)


def test_two_that_swap_their_parameters_lose_none(aws: AwsApi) -> None:
    first, second = (
        PushStack(entry("user", name), name=name[1:], adopt=True, deletionPolicy="Delete") for name in ("/x", "/y")
    )
    for stack in (first, second):
        stack.up()
    first.data, second.data = second.data, first.data
    forget()
    provider = PushProvider()
    checked = [(stack, provider.check(stack.inputs, stack._news(UP)).inputs) for stack in (first, second)]
    for stack, inputs in reversed(checked):
        stack.outs, stack.inputs = dict(provider.update("id", stack.outs, inputs).outs or {}), dict(inputs)
    assert [value(aws, name) for name in ("/x", "/y")] == ["bob", "bob"]
    for stack in (first, second):
        assert stack.preview().change == "same"


def test_a_resource_that_is_replaced_keeps_its_parameters(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    stack.up()
    old, stack.outs, stack.inputs = dict(stack.outs), {}, {}
    assert stack.up().change == "create"  # as `--replace` has it: created first, and then the old one is deleted
    PushProvider().delete("id", old)
    assert value(aws, "/user") == "bob"


def test_what_somebody_wrote_into_the_mark_moves_no_cursor(aws: AwsApi) -> None:
    aws.put_parameter("/user", "theirs", "String")
    aws.hold_tags("/user", {OWNER: "\x1b[31mred\r\nline"})
    (said,) = PushStack(entry("user", "/user")).preview().failures
    assert "it is that of PushSecret \\x1b[31mred\\r\\nline" in said
    assert said.isprintable()


def test_two_states_that_adopt_one_parameter_do_not_take_it_in_turns(aws: AwsApi) -> None:
    one = PushStack(entry("user", "/user"), adopt=True, deletionPolicy="Delete")
    other = PushStack(entry("pass", "/user"), adopt=True)
    other.stack, other.state_id = "other", "e" * 32
    one.up()
    assert changes(other.up())[0].startswith("adopt /user (value): it is that of PushSecret shop/dev/push")
    for run in (one.preview, one.up):
        assert "was taken over from this PushSecret (it is that of PushSecret shop/other/push)" in run().failures[0]
    assert other.preview().change == "same"
    one.destroy()
    assert value(aws, "/user") == "s3cr3t"


def test_the_same_where_it_was_taken_over_with_an_equal_value(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    one = PushStack(entry("user", "/user"), adopt=True)
    other = PushStack(entry("user", "/user"), adopt=True)
    other.stack, other.state_id = "other", "e" * 32
    one.up()
    assert changes(other.up())[0].startswith("adopt /user: it is that of PushSecret shop/dev/")
    assert one.preview().change == "same"
    put_secret(kubernetes, {"user": "carol"})
    assert "was taken over from this PushSecret" in one.up().failures[0]
    assert value(aws, "/user") == "bob"


def test_adopted_under_if_not_exists_only_the_mark_is_written(aws: AwsApi) -> None:
    aws.put_parameter("/user", "theirs", "String", Tags=[{"Key": "team", "Value": "x"}], overwrite=False)
    stack = PushStack(entry("user", "/user", tags={"team": "a"}), adopt=True, updatePolicy="IfNotExists")
    for run in (stack.preview, stack.up):
        assert changes(run())[0].startswith("adopt /user: it bears no mark of this library")
    found, tags = parameter(aws, "/user") or ("", {})
    assert (found, tags["team"], tags[MANAGED_BY], OWNER in tags) == ("theirs", "x", "external-secrets", True)
    assert "PutParameter" not in operations(aws)
    assert stack.preview().change == "same"


def test_below_another_parent_if_not_exists_takes_the_mark_along(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), updatePolicy="IfNotExists", deletionPolicy="Delete")
    stack.up()
    old = PushStack(entry("user", "/user"))
    old.outs = dict(stack.outs)
    stack.parents, stack.inputs, stack.outs = "my:index:Team$", {}, {}
    assert changes(stack.up()) == ["/user: update (mark)"]
    old.destroy()
    assert value(aws, "/user") == "bob"
    assert stack.preview().change == "same"
    stack.destroy()
    assert value(aws, "/user") is None


@pytest.mark.parametrize("by", ["name", "labels"])
def test_a_secret_that_another_cluster_does_not_have_deletes_nothing(aws: AwsApi, by: str) -> None:
    stack = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    stack.up()
    assert stack.outs["clusterId"]
    for bag in (stack.inputs, stack.outs):
        bag["clusterId"] = "uid-of-kube-system-elsewhere"
    stack.secret = "absent"
    if by == "labels":
        stack.secret = ""
        stack.more["selector"] = [{"key": "push", "operator": "In", "values": ["yes"]}]
    for run in (stack.preview, stack.up):
        assert "does not exist in this cluster, and what is pushed came of another one" in run().failures[0]
    assert value(aws, "/user") == "bob"


def test_what_some_secrets_pushed_stays_where_another_cluster_has_the_rest_alone(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    stack = PushStack(deletionPolicy="Delete", selector=[{"key": "push", "operator": "In", "values": ["yes"]}])
    to = {"store": "team-a", "rewrite": [{"regexp": {"source": "^", "target": "/all/"}}]}
    stack.more["dataTo"] = [{**to, "metadata": {"secretType": "String"}}]
    stack.secret = ""
    for name in "ab":
        put_secret(kubernetes, {name: f"of-{name}"}, name)
        label(kubernetes, name, "yes")
    assert changes(stack.up()) == ["create /all/a", "create /all/b"]
    sources = {"Secret a": "other-uid 1", "Secret b": "another-uid 2"}
    for bag in (stack.inputs, stack.outs):
        bag["clusterId"], bag["__sources"] = "uid-of-kube-system-elsewhere", sources
    label(kubernetes, "b", None)
    for run in (stack.preview, stack.up):
        assert "came of another cluster, and this one has no Secret b in namespace" in run().failures[0]
    assert [value(aws, f"/all/{name}") for name in "ab"] == ["of-a", "of-b"]
    stack.more["deletionPolicy"] = "None"
    assert "/all/b: stays, and is not kept any more" in changes(stack.up())
    assert [value(aws, f"/all/{name}") for name in "ab"] == ["of-a", "of-b"]


def test_a_secret_of_another_cluster_is_told_as_such(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    for bag in (stack.inputs, stack.outs):
        bag["clusterId"], bag["__sources"] = "uid-of-kube-system-elsewhere", {"Secret src": "other-uid 1"}
    put_secret(kubernetes, {"user": "carol"})
    doubt = "value may change (the Secret of another cluster than at the last push)"
    assert changes(stack.preview()) == [f"/user: {doubt}"]
    assert changes(stack.up()) == ["/user: update (value)"]
    assert value(aws, "/user") == "carol"
    assert stack.preview().change == "same"


def test_what_is_in_another_account_is_not_forgotten_under_delete(
    aws: AwsApi, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/pass"), deletionPolicy="Delete")
    stack.up()
    stack.up()
    for bag in (stack.inputs, stack.outs):
        bag["__accounts"] = {"team-a": "999999999999"}
    told = "what store team-a pushed is in account 999999999999, and its credentials are now of account 123456789012"
    for run in (stack.preview, stack.up):
        assert told in run().failures[0]
    for act in (stack.refresh, stack.destroy):
        with pytest.raises(ReadError, match=told):
            act()
    stack.outs["deletionPolicy"] = "None"
    stack.destroy()
    assert told in capfd.readouterr().err
    assert (value(aws, "/user"), value(aws, "/pass")) == ("bob", "s3cr3t")
