"""ClusterExternalSecrets and ClusterPushSecrets: in programs, in settings and as manifests, and what is refused."""

import json
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from components import (
    AssumedRole,
    ClusterExternalSecret,
    ClusterPushSecret,
    ClusterSecretStore,
    Extract,
    InvalidArgumentsError,
    LabelRequirement,
    PushData,
    RemoteRef,
    SecretStore,
    StoreCondition,
    Target,
    declare,
    read_manifests,
)
from components.cluster_external_secret import ClusterExternalSecret as SameClusterExternalSecret
from components.errors import SpecError
from components.settings.stack_settings import read_cluster_external_secrets, read_cluster_push_secrets
from components.status import cluster_push_status_output, cluster_status_output
from tests.components.manifest_objects import secret, store
from tests.components.support import Engine, resolved
from tests.components.support import declare as run
from tests.components.test_identity import Cloud
from tests.components.test_push_manifests import push

TEAMS = [[LabelRequirement("kind", "In", ["team"])]]
SELECTORS = [{"matchLabels": {"kind": "team"}}]
BAG = {"namespaceSelectors": [{"matchExpressions": [{"key": "kind", "operator": "In", "values": ["team"]}]}]}


def shared(**given: Any) -> ClusterSecretStore:
    return ClusterSecretStore("all", **{"region": "eu-central-1", **given})


def own(namespace: str, **given: Any) -> SecretStore:
    return SecretStore(f"{namespace}-store", namespace=namespace, **{"region": "eu-central-1", **given})


def synced(**given: Any) -> dict[str, Any]:
    """The inputs of what a program with one ClusterExternalSecret declares."""

    def program() -> None:
        made = {name: each() if callable(each) else each for name, each in given.items()}
        made = {"data": {"user": "/app/db"}, "namespace_selectors": TEAMS, **made}
        ClusterExternalSecret("db", **(made if {"store", "stores"} & made.keys() else {"store": shared(), **made}))

    return run(program).registered["ClusterSecretSync", "db"]


def test_a_cluster_external_secret_is_told_which_namespaces_and_what() -> None:
    inputs = synced(namespaces=["ops"], external_secret_name="login", refresh_interval="1h")
    assert inputs["choice"] == {**BAG, "namespaces": ["ops"]}
    assert (inputs["secretName"], inputs["store"], inputs["data"], inputs["refresh"]) == (
        "login",
        {"region": "eu-central-1"},
        {"user": {"key": "/app/db"}},
        {"interval": "1h"},
    )
    assert inputs["owner"]["urn"].endswith("parameterstore:index:ClusterExternalSecret::db")
    assert inputs["mayCome"] is False
    assert "namespace" not in inputs
    assert SameClusterExternalSecret is ClusterExternalSecret


def test_each_namespace_has_its_own_store_with_its_own_prefix() -> None:
    inputs = synced(stores=lambda: [own("team-a", prefix="/a/"), own("team-b", prefix="/b/")], data={"user": "db"})
    assert [(each["namespace"], each["data"]["user"]["key"]) for each in inputs["storesOf"]] == [
        ("team-a", "/a/db"),
        ("team-b", "/b/db"),
    ]
    assert "store" not in inputs


def test_the_stores_snapshots_and_policies_know_what_all_namespaces_read() -> None:
    cloud = Cloud()

    def program() -> None:
        stores = [own("team-a", role=AssumedRole(), prefix="/a/"), own("team-b", role=AssumedRole(), prefix="/b/")]
        ClusterExternalSecret("db", stores=stores, data={"user": "db"}, namespace_selectors=TEAMS)

    run(program, engine=cloud)
    for name, key in (("team-a-store", "/a/db"), ("team-b-store", "/b/db")):
        assert cloud.registered["Snapshot", name]["references"] == [key]
    policies = [each["policy"] for (kind, _), each in cloud.registered.items() if "policy" in each]
    assert sorted(json.loads(str(each))["Statement"][0]["Resource"] for each in policies) == [
        ["arn:aws-cn:ssm:eu-central-1:123456789012:parameter/a/db"],
        ["arn:aws-cn:ssm:eu-central-1:123456789012:parameter/b/db"],
    ]


def test_namespaces_that_the_program_makes_may_come() -> None:
    made = pulumi.Output.from_input("team-z")
    assert synced(namespaces=[made])["mayCome"] is False

    def program() -> None:
        thing = pulumi.CustomResource("kubernetes:core/v1:Namespace", "team-z", {})
        opts = pulumi.ResourceOptions(depends_on=[thing])
        ClusterExternalSecret("db", store=shared(), data={"a": "/a"}, namespace_selectors=TEAMS, opts=opts)
        ClusterPushSecret("p", stores=[shared_too()], secret="s", data=[PushData("a", "k")], namespaces=[thing.id])

    def shared_too() -> ClusterSecretStore:
        return ClusterSecretStore("too", region="eu-central-1")

    registered = run(program).registered
    assert registered["ClusterSecretSync", "db"]["mayCome"] is True
    assert registered["ClusterSecretPush", "p"]["mayCome"] is True


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"namespace_selectors": []}, "no namespaces are chosen; give namespace_selectors, or namespaces"),
        ({"namespace_selectors": TEAMS[0]}, "namespace_selectors[0]: expected a list of LabelRequirements"),
        ({"namespaces": ["Team"]}, "namespaces[0]"),
        ({"namespace_selectors": [*TEAMS, []]}, "namespace_selectors[1] is empty and chooses every namespace, so that"),
        ({"namespace_selectors": [[]], "namespaces": ["ops"]}, "namespace_selectors[0] is empty and chooses every"),
        (
            {"namespace_selectors": [], "namespaces": ["a"], "stores": lambda: [own("a"), own("b")]},
            "stores: the one for namespace 'b' has no effect, as `namespaces` does not choose that",
        ),
        (
            {"external_secret_name": "a", "target": "b"},
            "external_secret_name has no effect, as target names the Secret",
        ),
        ({"external_secret_name": "a", "target": lambda: Target("b")}, "external_secret_name has no effect"),
        ({"cluster": "prod"}, "there is no argument 'cluster'; write cluster=Cluster(...) on the store"),
        ({"namespaces": "team-a"}, "expected a list of namespaces"),
        ({"namespace": "team-a"}, "there is no argument 'namespace'; write namespaces=[...]"),
        ({"store": lambda: own("team-a")}, "store: expected a ClusterSecretStore"),
        ({"store": shared, "stores": lambda: [own("team-a")]}, "store and stores do not go together"),
        (
            {"stores": lambda: [own("team-a"), SecretStore("x", namespace="team-a", region="eu-west-1")]},
            "two are for one",
        ),
        (
            {"data": lambda: {"user": RemoteRef("/a", store=own("team-a"))}},
            "key user: its store is for one namespace, 'team-a', alone; take a ClusterSecretStore",
        ),
        (
            {"namespaces": ["ops"], "store": lambda: shared(conditions=[StoreCondition(namespaces=["x"])])},
            "its ClusterSecretStore may not be used from namespace 'ops'",
        ),
        ({"data": {}}, "data and data_from are empty"),
        ({"data_from": [], "data": {"a/b": "/x"}}, "'a/b'"),
        ({"external_secret_name": "No Name"}, "external_secret_name"),
        ({"refresh_interval": "soon"}, "'soon' is not a duration"),
        ({"refresh_interval": "1h", "refresh_policy": "OnChange"}, "refresh"),
    ],
)
def test_what_can_never_work_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        synced(**given)
    assert message in str(caught.value)
    assert str(caught.value).startswith("ClusterExternalSecret 'db'")


def test_a_store_does_not_expect_what_a_namespace_may_let_go() -> None:
    def program() -> None:
        ClusterPushSecret("p", stores=[own("team-a")], secret="s", data=[PushData("a", "k")], namespace_selectors=TEAMS)

    assert run(program).registered["Snapshot", "team-a-store"]["operation"]["pushed"] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no namespaces are chosen"),
        ({"namespaces": ["ops"], "stores": []}, "name at least one store"),
        ({"namespaces": ["ops"], "secret": None}, "name the Secret in `secret`"),
        ({"namespace": "x", "namespaces": ["x"]}, "there is no argument 'namespace'; write namespaces=[...]"),
        ({"namespaces": ["ops"], "data": []}, "data and data_to are empty"),
        ({"namespaces": ["a"], "stores": lambda: [own("a"), own("b")]}, "the one for namespace 'b' has no effect"),
        ({"namespaces": ["a"], "namespace_selectors": [[]]}, "namespace_selectors[0] is empty and chooses every"),
        ({"cluster": "prod", "namespaces": ["a"]}, "there is no argument 'cluster'; write cluster=Cluster(...)"),
    ],
)
def test_what_can_never_be_pushed_is_refused(given: dict[str, Any], message: str) -> None:
    def program() -> None:
        told = {"secret": "s", "data": [PushData("a", "k")], **given}
        told = {name: each() if callable(each) else each for name, each in told.items()}
        ClusterPushSecret("p", **{"stores": [shared()], **told})

    with pytest.raises(InvalidArgumentsError) as caught:
        run(program)
    assert message in str(caught.value)
    assert str(caught.value).startswith("ClusterPushSecret 'p'")


def test_options_that_keep_what_is_there_reach_each_namespace() -> None:
    """Pulumi's own and those of parents; the engine tells no provider of them."""

    def program() -> None:
        kept = pulumi.ComponentResource("a:b:C", "kept", None, pulumi.ResourceOptions(retain_on_delete=True))
        outer = pulumi.ComponentResource("a:b:C", "outer", None, pulumi.ResourceOptions(parent=kept, protect=True))
        wide: dict[str, Any] = {"store": shared(), "data": {"a": "/a"}, "namespaces": ["x"]}
        ClusterExternalSecret("plain", **wide)
        ClusterExternalSecret("kept", **wide, opts=pulumi.ResourceOptions(parent=outer))
        ClusterExternalSecret("own", **wide, opts=pulumi.ResourceOptions(parent=outer, retain_on_delete=False))
        to = ClusterSecretStore("too", region="eu-central-1")
        opts = pulumi.ResourceOptions(protect=True)
        ClusterPushSecret("push", stores=[to], secret="s", data=[PushData("a", "k")], namespaces=["x"], opts=opts)

    told = {
        name: (each.get("retainOnDelete", False), each.get("protect", False))
        for (kind, name), each in run(program).registered.items()
        if kind in ("ClusterSecretSync", "ClusterSecretPush")
    }
    assert told == {"plain": (False, False), "kept": (True, True), "own": (False, True), "push": (False, True)}


def test_outputs_are_by_namespace() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        made = ClusterExternalSecret("db", store=shared(), data_from=[Extract("/a")], namespaces=["team-a"])
        pushed = ClusterPushSecret(
            "p",
            stores=[ClusterSecretStore("too", region="eu-west-1")],
            secret="s",
            data=[PushData("a", "k")],
            namespaces=["x"],
        )
        for name in ("provisioned_namespaces", "status", "synced_versions", "refresh_time"):
            resolved(getattr(made, name), found, name)
        resolved(pulumi.Output.from_input(cluster_status_output({"db": made})), found, "secrets")
        resolved(pulumi.Output.from_input(cluster_push_status_output({"p": pushed})), found, "pushes")

    run(program)
    assert found["provisioned_namespaces"] == ["team-a"]
    assert found["status"] == {"team-a": "SecretSynced"}
    assert found["synced_versions"] == {"team-a": {}}
    assert found["secrets"]["db"]["store"] == "all"
    assert found["pushes"]["p"]["versions"] == {"team-a": {}}


@pytest.mark.parametrize("preview", [True, False])
def test_what_a_preview_cannot_tell_of_one_namespace_is_known_of_the_others(*, preview: bool) -> None:
    """A namespace that is new or changes has no revision in preview: what asks for it is unknown, and fails not."""

    class Changing(Engine):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
            got, outs = super().new_resource(args)
            if args.typ.endswith(":ClusterSecretSync"):
                later = (
                    {} if preview else {"revision": "2", "status": "SecretSynced", "versions": {"/b": 2.0, "/a": 1.0}}
                )
                known = {"revision": "1", "status": "SecretSynced", "versions": {}}
                outs = {**outs, "namespaces": {"new": later, "same": known}}
            return got, outs

    found: dict[str, Any] = {}

    def program() -> None:
        made = ClusterExternalSecret("db", store=shared(), data_from=[Extract("/a")], namespaces=["new", "same"])
        for name in ("new", "same"):
            resolved(made.revision[name], found, name)
        resolved(made.synced_versions["new"], found, "versions")
        resolved(made.status, found, "status")

    run(program, preview=preview, engine=Changing())
    both = {"new": "SecretSynced", "same": "SecretSynced"}
    later = {} if preview else {"new": "2", "versions": {"/a": 1, "/b": 2}, "status": both}
    assert found == {"same": "1", **later}
    assert list(found.get("versions", {})) == sorted(found.get("versions", {}))


def wide(kind: str = "ClusterExternalSecret", **spec: Any) -> dict[str, Any]:
    """A manifest of a cluster-wide kind."""
    if kind == "ClusterExternalSecret":
        child = {"externalSecretSpec": secret()["spec"]}
    else:
        child = {"pushSecretSpec": push()["spec"]}
    return {
        "apiVersion": f"external-secrets.io/{'v1' if kind == 'ClusterExternalSecret' else 'v1alpha1'}",
        "kind": kind,
        "metadata": {"name": "wide", "namespace": "is-ignored"},
        "spec": {"namespaceSelectors": SELECTORS, "refreshTime": "1m", **child, **spec},
    }


def declared(*manifests: dict[str, Any]) -> Engine:
    return run(lambda: declare(read_manifests(list(manifests))))


def test_a_manifest_reads_with_the_secret_store_of_each_namespace() -> None:
    second = store()
    second["metadata"] = {**second["metadata"], "namespace": "team-b"}
    inputs = declared(store(), second, wide()).registered["ClusterSecretSync", "wide"]
    assert [each["namespace"] for each in inputs["storesOf"]] == ["team-a", "team-b"]
    assert inputs["secretName"] == "wide"


def test_the_store_of_a_namespace_that_is_not_chosen_reads_nothing() -> None:
    """What it would be asked for, a role that it creates would be granted, too."""
    second = store()
    second["metadata"] = {**second["metadata"], "namespace": "team-b"}
    manifest = wide(namespaces=["team-a"])
    del manifest["spec"]["namespaceSelectors"]
    engine = declared(store(), second, manifest)
    assert [each["namespace"] for each in engine.registered["ClusterSecretSync", "wide"]["storesOf"]] == ["team-a"]
    asked = {name: each["references"] for (kind, name), each in engine.registered.items() if kind == "Snapshot"}
    assert asked["team-b/store"] == []
    assert asked["team-a/store"]
    manifest["spec"]["namespaces"] = ["team-c"]
    with pytest.raises(
        SpecError, match="none of its namespaces has all of the stores that it names, which team-a, team"
    ):
        declared(store(), second, manifest)


def test_the_childs_name_labels_and_annotations_are_those_of_the_secret() -> None:
    metadata = {"labels": {"a": "b"}, "annotations": {"note": "x", "pulumi-parameter-store/adopt": "true"}}
    manifest = wide(externalSecretName="child", externalSecretMetadata=metadata, namespaces=["ops", "team-a"])
    manifest["spec"]["namespaceSelector"] = {"matchExpressions": [{"key": "old", "operator": "Exists"}]}
    inputs = declared(store(), manifest).registered["ClusterSecretSync", "wide"]
    assert inputs["secretName"] == "child"
    assert inputs["target"] == {"labels": {"a": "b"}, "annotations": {"note": "x"}, "adopt": True}
    assert inputs["choice"]["namespaces"] == ["ops", "team-a"]
    assert len(inputs["choice"]["namespaceSelectors"]) == 2


def test_a_push_manifest_pushes_to_the_store_of_each_namespace_by_name_and_by_label() -> None:
    stores = [store(), store()]
    for each, name in zip(stores, ("team-a", "team-b"), strict=True):
        each["metadata"] = {**each["metadata"], "namespace": name, "labels": {"to": "copies"}}
    manifest = wide("ClusterPushSecret", pushSecretName="copies", pushSecretMetadata={"labels": {"a": "b"}})
    refs = [{"labelSelector": {"matchLabels": {"to": "copies"}}, "kind": "SecretStore"}]
    manifest["spec"]["pushSecretSpec"] = {**manifest["spec"]["pushSecretSpec"], "secretStoreRefs": refs}
    inputs = declared(*stores, manifest).registered["ClusterSecretPush", "wide"]
    assert [(each["namespace"], list(each["stores"])) for each in inputs["storesOf"]] == [
        ("team-a", ["team-a/store"]),
        ("team-b", ["team-b/store"]),
    ]


def test_who_makes_a_secret_goes_before_who_pushes_it() -> None:
    pushing = wide("ClusterPushSecret")
    pushing["metadata"] = {"name": "copies"}
    pushing["spec"]["pushSecretSpec"]["selector"] = {"secret": {"name": "wide"}}
    pushing["spec"]["pushSecretSpec"]["data"] = [
        {"match": {"secretKey": "user", "remoteRef": {"remoteKey": "/elsewhere"}}}
    ]
    engine = declared(store(), pushing, wide())
    names = [name for kind, name in engine.registered if kind in ("ClusterSecretSync", "ClusterSecretPush")]
    assert names == ["wide", "copies"]
    assert engine.registered["ClusterSecretPush", "copies"]["operation"]["pendingSecrets"] is True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"externalSecretSpec": None}, "spec.externalSecretSpec is required"),
        ({"namespaceSelectors": None}, "no namespaces are chosen; give labels in namespaceSelectors, or names in nam"),
        ({"namespaceSelectors": [{"matchLabel": {}}]}, "spec.namespaceSelectors[0]: unknown field 'matchLabel'"),
        ({"namespaces": ["Team"]}, "spec.namespaces: 'Team' is not allowed"),
        ({"refreshTime": "often"}, "spec.refreshTime: 'often' is not a duration"),
        ({"externalSecretMetadata": {"name": "x"}}, "spec.externalSecretMetadata: unknown field 'name'"),
        ({"externalSecretsName": "x"}, "spec: unknown field 'externalSecretsName'"),
        (
            {"namespaceSelectors": [{"matchExpressions": [{"key": "a", "operator": "Is"}]}]},
            "has the operator 'Is'",
        ),
    ],
)
def test_a_mistake_in_a_manifest_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    manifest = wide(**change)
    with pytest.raises(InvalidArgumentsError) as caught:
        read_manifests(manifest)
    assert message in str(caught.value)
    assert str(caught.value).startswith("manifests: ClusterExternalSecret wide")


def test_a_store_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidArgumentsError, match="there is no SecretStore 'store'"):
        declared(wide())


@pytest.mark.parametrize("kind", ["ClusterExternalSecret", "ClusterPushSecret"])
def test_a_store_error_names_the_kind_that_was_written_and_not_its_child(kind: str) -> None:
    manifest = wide(kind, **{f"{kind[7].lower()}{kind[8:]}Name": "child"})
    with pytest.raises(
        InvalidArgumentsError, match=rf"{kind} wide: spec\..*\bsecretStoreRefs?\S*: there is no SecretStore 'store'"
    ):
        declared(manifest)


def test_a_store_that_reads_as_who_uses_it_is_for_namespaces_that_are_named() -> None:
    """Only the cluster tells which namespaces use it, and the identity of each would be another one."""
    auth = {"jwt": {"serviceAccountRef": {"name": "reader"}}}
    spec = {"provider": {"aws": {"service": "ParameterStore", "region": "eu-central-1", "auth": auth}}}
    open_one = {"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "open"}}
    manifest = wide()
    manifest["spec"]["externalSecretSpec"]["secretStoreRef"] = {"name": "open", "kind": "ClusterSecretStore"}
    with pytest.raises(InvalidArgumentsError, match="write the namespace into its auth"):
        declared({**open_one, "spec": spec}, manifest)
    manifest["spec"] |= {"namespaces": ["team-a", "team-b"], "namespaceSelectors": []}
    registered = declared({**open_one, "spec": spec}, manifest).registered
    assert [
        (each["namespace"], each["store"]["serviceAccountRef"])
        for each in registered["ClusterSecretSync", "wide"]["storesOf"]
    ] == [
        ("team-a", {"name": "reader", "namespace": "team-a"}),
        ("team-b", {"name": "reader", "namespace": "team-b"}),
    ]


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidArgumentsError, match="ClusterExternalSecret wide"):
        declared(store(), wide(), wide())


SETTING = {
    "name": "dbs",
    "namespaceSelectors": SELECTORS,
    "externalSecretSpec": {
        "secretStoreRef": "all",
        "data": [{"secretKey": "user", "remoteRef": {"key": "/app/db"}}],
        "target": {"adopt": True},
    },
}


def test_a_setting_is_the_spec_of_a_manifest_with_a_name() -> None:
    (found,) = read_cluster_external_secrets([{**SETTING, "externalSecretMetadata": {"labels": {"a": "b"}}}])
    assert (found.name, found.child.name, found.child.target.adopt) == ("dbs", "dbs", True)
    assert (found.child.refresh_interval, dict(found.child.target.labels)) == (None, {"a": "b"})
    spec = {"secretStoreRefs": ["all"], "selector": {"secret": {"name": "s"}}, "adopt": True}
    entry = {"match": {"secretKey": "k", "remoteRef": {"remoteKey": "a"}}}
    setting = {"name": "p", "namespaceSelectors": SELECTORS, "pushSecretSpec": {**spec, "data": [entry]}}
    (pushed,) = read_cluster_push_secrets([setting])
    assert (pushed.name, pushed.child.adopt, pushed.child.by_default) == ("p", True, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, "clusterExternalSecrets[0].name is required"),
        ({"namespace": "x"}, "clusterExternalSecrets[0]: unknown field 'namespace'"),
        ({"namespaceSelectors": None}, "clusterExternalSecrets[0]: no namespaces are chosen"),
    ],
)
def test_a_mistake_in_a_setting_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_cluster_external_secrets([{**SETTING, **change}])
    assert message in str(caught.value)
