"""A ClusterExternalSecret keeps a Secret in each namespace that it chooses, and in no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi.runtime import rpc

from components.errors import WriteError
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.access import Rule, User
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import Stack, cluster
from tests.providers.wide_support import TEAMS, WideSecret, held, namespace

ALL = ("team-a", "team-b", "team-c")


@pytest.fixture
def teams(aws: AwsApi, kubernetes: KubernetesApi) -> KubernetesApi:
    """Three namespaces, of which two have the label."""
    aws.put_parameter("/prod/db", "s3cr3t")
    for name, kind in zip(ALL, ("team", "team", "other"), strict=True):
        namespace(kubernetes, name, kind=kind)
    return kubernetes


@pytest.fixture
def limited(aws: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    """The same, with a runner whose rights a test may change."""
    aws.put_parameter("/prod/db", "s3cr3t")
    with KubernetesApi(namespaces=ALL, users={"runner": User("runner")}) as api:
        path = tmp_path / "kubeconfig"
        path.write_text(api.kubeconfig_text("runner"))
        monkeypatch.setenv("KUBECONFIG", str(path))
        for name, kind in zip(ALL, ("team", "team", "other"), strict=True):
            namespace(api, name, kind=kind)
        api.rules.append(Rule("runner", ("*",), ("*",)))
        yield api


def listed(kubernetes: KubernetesApi) -> int:
    return len([each for each in kubernetes.calls if (each.verb, each.resource) == ("list", "namespaces")])


def put(where: str, name: str = "db") -> None:
    """Somebody else's Secret."""
    body = {"data": {"theirs": "eA=="}}
    cluster("kubectl").apply_secret(where, name, body, force=False)


def test_each_namespace_with_the_labels_gets_the_secret_and_preview_says_which(teams: KubernetesApi) -> None:
    stack = WideSecret(TEAMS)
    told = stack.preview()
    assert {at: bag["keys"] for at, bag in told.inputs["namespaces"].items()} == {
        "team-a": {"password": "/prod/db, version 1"},
        "team-b": {"password": "/prod/db, version 1"},
    }
    assert held(*ALL) == dict.fromkeys(ALL)
    assert stack.up().change == "create"
    assert held(*ALL) == {"team-a": "s3cr3t", "team-b": "s3cr3t", "team-c": None}
    assert stack.outs["provisionedNamespaces"] == ["team-a", "team-b"]
    assert stack.preview().change == "same"
    teams.clear_calls()
    assert stack.up().change == "same"
    assert listed(teams) == 1


def test_a_namespace_that_gets_the_label_gets_the_secret_and_one_that_loses_it_loses_the_secret(
    teams: KubernetesApi,
) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    namespace(teams, "team-a", kind=None)
    namespace(teams, "team-c", kind="team")
    told = stack.preview()
    assert (told.change, list(told.inputs["namespaces"])) == ("update", ["team-b", "team-c"])
    assert stack.up().change == "update"
    assert held(*ALL) == {"team-a": None, "team-b": "s3cr3t", "team-c": "s3cr3t"}
    assert stack.preview().change == "same"
    stack.destroy()
    assert held(*ALL) == dict.fromkeys(ALL)


def test_each_namespace_has_a_revision_of_its_own(teams: KubernetesApi, aws: AwsApi) -> None:
    def revisions() -> dict[str, Any]:
        assert stack.up().change == "update"
        return {at: bag["revision"] for at, bag in stack.outs["namespaces"].items()}

    stack = WideSecret(TEAMS)
    stack.up()
    first = {at: bag["revision"] for at, bag in stack.outs["namespaces"].items()}
    cluster("kubectl").apply_secret("team-a", "db", {"data": {"password": "eA=="}}, force=True)
    assert revisions() == first, "a repair brings back the same content"
    namespace(teams, "team-c", kind="team")
    with_another = revisions()
    assert {at: with_another[at] for at in first} == first
    assert len({*with_another.values()}) == 3
    aws.put_parameter("/prod/db", "rotated")
    assert not {*revisions().values()} & {*with_another.values()}


@pytest.mark.parametrize("policy", ["Orphan", "Merge"])
def test_a_secret_that_its_policy_keeps_stays_without_our_mark(teams: KubernetesApi, policy: str) -> None:
    if policy == "Merge":
        put("team-a")
        put("team-b")
    stack = WideSecret(TEAMS, target={"creationPolicy": policy})
    assert stack.up().change == "create"
    namespace(teams, "team-a", kind=None)
    assert stack.up().change == "update"
    assert held("team-a") == {"team-a": "s3cr3t"}
    live = cluster().get_secret_metadata("team-a", "db")
    assert live is not None
    assert not any(each.startswith("pulumi-parameter-store/") for each in live.annotations)
    assert stack.preview().change == "same"


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"namespaces": ["team-c"]}, ["team-c"]),
        ({"namespaces": ["team-c", "team-c", "team-a"]}, ["team-a", "team-c"]),
        ({**TEAMS, "namespaces": ["team-c"]}, ["team-a", "team-b", "team-c"]),
        ({"namespaceSelectors": [{"matchLabels": {"kind": "other"}}, {"matchLabels": {"a": "b"}}]}, ["team-c"]),
        (
            {"namespaceSelectors": [{"matchLabels": {"kind": "team", "kubernetes.io/metadata.name": "team-b"}}]},
            ["team-b"],
        ),
        (
            {"namespaceSelectors": [{"matchExpressions": [{"key": "kind", "operator": "NotIn", "values": ["team"]}]}]},
            ["default", "kube-system", "team-c"],
        ),
        (
            {"namespaceSelectors": [{"matchExpressions": [{"key": "kind", "operator": "Exists"}]}]},
            ["team-a", "team-b", "team-c"],
        ),
        ({"namespaceSelectors": [{}]}, ["default", "kube-system", "team-a", "team-b", "team-c"]),
        ({"namespaceSelectors": [{"matchLabels": {"kind": "nobody"}}]}, []),
    ],
)
@pytest.mark.usefixtures("teams")
def test_any_selector_and_any_name_chooses(choice: dict[str, Any], wanted: list[str]) -> None:
    stack = WideSecret(choice)
    stack.up()
    assert stack.outs["provisionedNamespaces"] == wanted
    assert stack.preview().change == "same"


def test_names_alone_need_no_right_to_list_namespaces(teams: KubernetesApi) -> None:
    teams.clear_calls()
    WideSecret({"namespaces": ["team-a"]}).up()
    assert listed(teams) == 0
    WideSecret({"namespaces": ["team-a"], **TEAMS}, name="other").up()
    assert listed(teams) == 1


def test_where_the_namespaces_cannot_be_listed_nothing_is_deleted(limited: KubernetesApi) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    limited.rules[:] = [Rule("runner", ("*",), ("*",), each) for each in ALL]
    for operation in (stack.preview, stack.up):
        told = operation()
        assert told.change == "failed"
        assert "Cannot list the namespaces in " in told.failures[0]
        assert "user 'runner' may not list namespaces" in told.failures[0]
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    stack.choice = {"namespaces": ["team-a", "team-b"]}
    assert stack.preview().change == "same"


def test_names_need_no_right_to_look_at_namespaces_either(limited: KubernetesApi) -> None:
    limited.rules[:] = [Rule("runner", ("*",), ("secrets",), each) for each in ALL]
    stack = WideSecret({"namespaces": ["team-a"]})
    assert stack.up().change == "create"
    assert held("team-a") == {"team-a": "s3cr3t"}
    assert stack.preview().change == "same"


def test_a_name_without_a_namespace_is_told_and_gets_the_secret_later(
    teams: KubernetesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = WideSecret({"namespaces": ["team-a", "taem-b"]})
    assert stack.preview().inputs["note"] == "namespace taem-b does not exist, so it gets nothing"
    assert "ClusterExternalSecret shop/dev/db: namespace taem-b does not exist" in capsys.readouterr().err
    assert stack.up().change == "create"
    assert stack.preview().change == "same"
    namespace(teams, "taem-b")
    assert stack.up().change == "update"
    assert held("taem-b") == {"taem-b": "s3cr3t"}


def test_a_namespace_that_this_program_makes_first_is_shown_in_preview(teams: KubernetesApi) -> None:
    stack = WideSecret({"namespaces": ["team-a", "team-z"]})
    told = stack.preview(mayCome=True)
    assert (told.change, list(told.inputs["namespaces"])) == ("create", ["team-a", "team-z"])
    assert "note" not in told.inputs
    namespace(teams, "team-z")
    stack.up(mayCome=True)
    assert held("team-z") == {"team-z": "s3cr3t"}
    assert stack.preview(mayCome=True).change == "same"


@pytest.mark.usefixtures("teams")
def test_what_is_not_known_yet_is_read_during_up() -> None:
    stack = WideSecret({"namespaces": ["team-a"]})
    stack.up()
    for unknown in ({"choice": {"namespaces": [rpc.UNKNOWN]}}, {"cluster": {"context": rpc.UNKNOWN}}):
        news = {**stack.news({"preview": True, "decrypt": False}), **unknown}
        inputs = stack.provider.check(stack.inputs, _unknown(news)).inputs
        assert "read during up" in str(inputs["note"])
        assert list(inputs["namespaces"]) == ["team-a"]  # so that preview does not seem to take it away
        assert stack.provider.diff("id", stack.outs, dict(inputs)).changes


def _unknown(value: Any) -> Any:
    """A bag as it reaches a provider, in which what is not known is an object of its own."""
    if isinstance(value, dict):
        return {key: _unknown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unknown(each) for each in value]
    return Unknown() if value == rpc.UNKNOWN else value  # type: ignore[no-untyped-call]


def test_a_namespace_that_is_being_deleted_gets_nothing_and_that_is_told(
    teams: KubernetesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    teams.terminate("team-b")
    told = stack.preview()
    assert (told.change, list(told.inputs["namespaces"])) == ("update", ["team-a"])
    assert "namespace team-b is being deleted, so it gets nothing" in capsys.readouterr().err
    assert stack.up().change == "update"
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_another_ones_secret_is_refused_in_preview_and_the_others_are_written() -> None:
    put("team-b")
    stack = WideSecret(TEAMS)
    (line,) = stack.preview().failures
    assert line.startswith("namespace team-b: Secret team-b/db exists already and was not created by this")
    (line,) = stack.up().failures
    assert line.startswith("namespace team-b: Secret team-b/db exists already")
    assert held(*ALL) == {"team-a": "s3cr3t", "team-b": "", "team-c": None}
    adopting = WideSecret(TEAMS, target={"adopt": True})
    assert adopting.up().change == "create"
    assert held(*ALL) == {"team-a": "s3cr3t", "team-b": "s3cr3t", "team-c": None}
    assert adopting.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_one_problem_of_several_namespaces_is_said_once() -> None:
    stack = WideSecret(TEAMS, data={"password": {"key": "/prod/lost"}})
    (line,) = stack.preview().failures
    assert line.startswith("namespaces team-a, team-b: key password: parameter '/prod/lost' does not exist")
    assert stack.up().failures == [line]


@pytest.mark.usefixtures("teams")
def test_two_of_them_that_write_one_secret_are_refused() -> None:
    first, second = WideSecret(TEAMS), WideSecret({"namespaces": ["team-b", "team-c"]}, name="other", secretName="db")
    first.up()
    told = second.up(fresh=False)
    assert told.change == "failed"
    assert "Secret team-b/db" in told.failures[0]
    assert "shop/dev/db@team-b" in told.failures[0]
    assert held("team-c") == {"team-c": "s3cr3t"}


@pytest.mark.usefixtures("teams")
def test_a_renamed_one_is_told_the_urn_of_the_resource_and_one_of_another_kind_none() -> None:
    """No state holds the URN with a namespace that is in the mark, so that an alias by it would do nothing."""
    stack = WideSecret({"namespaces": ["team-a"]})
    stack.up()
    (renamed,) = WideSecret({"namespaces": ["team-a"]}, name="login", secretName="db").preview().failures
    urn = "urn:pulumi:dev::shop::parameterstore:index:ClusterExternalSecret::db"
    assert f"ResourceOptions(aliases=['{urn}'])" in renamed
    single = Stack({"mine": {"key": "/prod/db"}})
    single.state_id = stack.outs["owner"]["id"]
    (plain,) = single.preview().failures
    assert "if that one got this name or another parent." in plain
    assert "aliases" not in plain


@pytest.mark.usefixtures("teams")
def test_an_external_secret_of_the_namespace_keeps_its_secret() -> None:
    own = Stack({"mine": {"key": "/prod/db"}})
    own.up()
    told = WideSecret(TEAMS).up(fresh=False)
    assert told.change == "failed"
    assert "the target is owned by another ExternalSecret, shop/dev/db, of this program" in told.failures[0]
    assert own.preview().change == "same"


def test_what_somebody_changed_is_repaired_there_alone(teams: KubernetesApi, edit: Any) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    edit({"data": {"password": "eA=="}})
    told = stack.preview().inputs["namespaces"]
    assert "drift" in told["team-a"]
    assert "drift" not in told["team-b"]
    teams.clear_calls()
    stack.up()
    written = [each.namespace for each in teams.calls if each.verb == "patch" and not each.dry_run]
    assert written == ["team-a"]
    assert held("team-a") == {"team-a": "s3cr3t"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_another_name_moves_the_secret_of_each_namespace() -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    stack.more["secretName"] = "login"
    assert stack.up().change == "update"
    assert held("team-a", "team-b") == {"team-a": None, "team-b": None}
    assert held("team-a", "team-b", name="login") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_another_type_has_the_secrets_deleted_first() -> None:
    stack = WideSecret(TEAMS, target={"template": {"type": "Opaque"}})
    stack.up()
    stack.more["target"] = {"template": {"type": "example.com/login"}}
    assert stack.preview().change == "update"
    assert stack.up().change == "update"
    for each in ("team-a", "team-b"):
        live = cluster().get_secret(each, "db")
        assert live is not None
        assert live["type"] == "example.com/login"
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_what_an_interrupted_up_wrote_is_known_by_its_mark() -> None:
    WideSecret(TEAMS).up()  # and its state is lost
    stack = WideSecret(TEAMS)
    assert "mark" in stack.preview().inputs["namespaces"]["team-a"]["note"]
    assert stack.up().change == "create"
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_an_update_that_was_interrupted_is_ended_by_the_next() -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    before = dict(stack.inputs), dict(stack.outs)
    stack.more["secretName"] = "login"
    stack.up()
    stack.inputs, stack.outs = before  # killed before the engine wrote its state
    assert stack.up().change == "update"
    assert held("team-a", "team-b") == {"team-a": None, "team-b": None}
    assert held("team-a", "team-b", name="login") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_a_copied_state_neither_writes_nor_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    stack.stack = "prod"
    (*lines,) = stack.preview().failures
    assert [line.partition(" was written by stack shop/dev ")[0] for line in lines] == [
        "namespace team-a: Secret team-a/db",
        "namespace team-b: Secret team-b/db",
    ]
    stack.choice = {"namespaces": ["team-a"]}
    assert stack.up().change == "failed"
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}
    monkeypatch.setenv("PARAMETER_STORE_MOVED_FROM", "shop/dev")
    stack.choice = TEAMS
    assert stack.up().change == "update"
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
@pytest.mark.parametrize(
    "choice", [{"namespaces": ["nowhere"]}, {"namespaceSelectors": [{"matchLabels": {"kind": "nobody"}}]}]
)
def test_a_copied_state_deletes_nothing_either_where_its_program_chooses_no_namespace(choice: dict[str, Any]) -> None:
    """No Secret is checked then, so that only the resource that keeps them tells which stack runs."""
    stack = WideSecret(TEAMS)
    stack.up()
    stack.stack, stack.choice = "prod", choice
    told = stack.up()
    assert told.change == "failed"
    assert all(f"{name}: Secret {name}/db was written by stack shop/dev" in told.failures[0] for name in ALL[:2])
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "s3cr3t"}


@pytest.mark.usefixtures("teams")
def test_the_mark_of_one_namespace_is_no_mark_in_another() -> None:
    """A backup tool that copies a Secret with its annotations does not make it ours."""
    stack = WideSecret({"namespaces": ["team-a"]})
    stack.up()
    copied = cluster().get_secret("team-a", "db") or {}
    annotations = copied["metadata"]["annotations"]
    cluster("velero").apply_secret("team-b", "db", {"metadata": {"annotations": annotations}}, force=False)
    stack.choice = TEAMS
    (line,) = stack.preview().failures
    assert line.startswith("namespace team-b: Secret team-b/db exists already and was not created by this")


@pytest.mark.usefixtures("teams")
def test_a_secret_that_is_gone_is_missed_by_refresh_and_made_again(edit: Any) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    edit(None)
    stack.refresh()
    assert stack.outs["provisionedNamespaces"] == ["team-b"]
    assert stack.preview().change == "update"
    stack.up()
    assert held("team-a") == {"team-a": "s3cr3t"}
    assert stack.preview().change == "same"


def test_a_deletion_that_fails_stops_no_other(limited: KubernetesApi) -> None:
    stack = WideSecret(TEAMS)
    stack.up()
    everything = list(limited.rules)
    limited.rules[:] = [Rule("runner", ("get", "list", "patch", "create"), ("*",))]
    limited.rules.append(Rule("runner", ("*",), ("*",), "team-b"))
    with pytest.raises(WriteError, match=r"^namespace team-a: Cannot delete Secret team-a/db in ") as caught:
        stack.destroy()
    assert "team-b" not in str(caught.value)
    limited.rules[:] = everything
    assert held(*ALL) == {"team-a": "s3cr3t", "team-b": None, "team-c": None}
    stack.destroy()
    assert held("team-a") == {"team-a": None}


def test_a_store_that_does_not_admit_a_namespace_is_named_with_it(teams: KubernetesApi) -> None:
    selector = {"matchExpressions": [{"key": "stage", "operator": "In", "values": ["prod"]}]}
    namespace(teams, "team-a", stage="prod")
    stack = WideSecret(TEAMS)
    conditions = [[{"namespaceSelector": selector}]]
    (line,) = stack.preview(conditions=conditions).failures
    assert line.startswith("namespace team-b: its ClusterSecretStore may not be used from namespace 'team-b'")
    stack.up(conditions=conditions)
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": None}


def test_each_namespace_reads_with_its_own_store(teams: KubernetesApi, aws: AwsApi) -> None:
    aws.put_parameter("/b/db", "of b")
    own = [
        {"namespace": "team-a", "store": {"region": "eu-central-1"}, "data": {"password": {"key": "/prod/db"}}},
        {"namespace": "team-b", "store": {"region": "eu-central-1"}, "data": {"password": {"key": "/b/db"}}},
    ]
    stack = WideSecret(TEAMS, store=None, data=None, storesOf=own)
    assert stack.up().change == "create"
    assert held("team-a", "team-b") == {"team-a": "s3cr3t", "team-b": "of b"}
    assert stack.preview().change == "same"
    namespace(teams, "team-c", kind="team")
    (line,) = stack.preview().failures
    assert line.startswith("namespace team-c: ClusterExternalSecret shop/dev/db chooses it, and none of its SecretSt")


def test_thirty_namespaces_take_one_list_and_one_decryption(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    aws.put_parameter("/prod/db", "s3cr3t")
    for number in range(30):
        namespace(kubernetes, f"n-{number:02}", kind="team")
    stack = WideSecret(TEAMS)
    kubernetes.clear_calls()
    aws.clear_calls()
    stack.up()
    assert len(stack.outs["namespaces"]) == 30
    assert listed(kubernetes) == 1
    assert len([each for each in aws.calls if each.decrypt]) == 1


@pytest.mark.usefixtures("teams")
def test_what_may_be_secret_is_one_in_the_record_of_one_namespace() -> None:
    """The engine marks what a provider returns by the inputs of the same place, which there are none of."""
    region = {"region": "eu-central-1", "externalID": "hunter2", "role": "arn:aws:iam::123456789012:role/r"}
    own = [{"namespace": "team-a", "store": region, "stores": {"b": region}, "data": {"password": {"key": "/prod/db"}}}]
    texts = {"target": {"template": {"data": {"a": "hunter2"}}}, "cluster": {"kubeconfig": "hunter2"}}
    stack = WideSecret({"namespaces": ["team-a"]}, store=None, data=None, storesOf=[own[0] | texts])
    news = stack.news({"preview": True, "decrypt": False})
    news["operation"] = Unknown()  # type: ignore[no-untyped-call]
    bag = stack.provider.check({}, news).inputs["namespaces"]["team-a"]
    assert "hunter2" in str(bag)
    assert "hunter2" not in str(shown(bag))
    assert bag["store"]["region"] == bag["stores"]["b"]["region"] == "eu-central-1"
    assert bag["data"] == {"password": {"key": "/prod/db"}}


def shown(value: Any) -> Any:
    """A bag as the engine shows it."""
    if rpc.is_rpc_secret(value):
        return "[secret]"
    return {key: shown(each) for key, each in value.items()} if isinstance(value, dict) else value
