"""What a PushSecret declares, what it needs of IAM, and which arguments are refused while the program runs."""

import json
from typing import Any

import pulumi
import pytest

from components import (
    ClusterSecretStore,
    InvalidArgumentsError,
    LabelRequirement,
    PushData,
    PushDataTo,
    PushMetadata,
    PushSecret,
    RegexpRewrite,
    SecretStore,
    Template,
    TemplateSource,
)
from components.external_secret import PushSecret as SamePushSecret
from components.parameter_store import AssumedRole
from tests.components.support import declare, resolved
from tests.components.test_identity import Cloud

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key"
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


def store(name: str = "team-a", **given: Any) -> SecretStore:
    return SecretStore(name, namespace="team-a", **{"region": "eu-central-1", **given})


def pushed(**given: Any) -> dict[str, Any]:
    """The inputs of the push that a program with one PushSecret declares."""

    def program() -> None:
        stores = given.pop("stores", None) or [store(prefix=given.pop("prefix", ""))]
        data = given.pop("data", [PushData("my-first-parameter", "best-pokemon")])
        PushSecret("pokedex", stores=stores, secret="pokedex-credentials", data=data, **given)

    return declare(program).registered["SecretPush", "pokedex"]


def test_a_push_is_told_what_is_written_where() -> None:
    inputs = pushed(
        prefix="/prod/",
        data=[
            PushData("a", "key", metadata=PushMetadata("String", tags={"team": "a"})),
            PushData("all", property="whole", metadata=PushMetadata(encode_as_decoded=True, tier="Advanced")),
        ],
        deletion_policy="Delete",
        update_policy="IfNotExists",
        adopt=True,
    )
    operation = inputs.pop("operation")
    assert (operation["preview"], operation["late"], operation["pendingSecrets"]) == (False, False, False)
    owner = inputs.pop("owner")
    assert owner["urn"].endswith("parameterstore:index:PushSecret::pokedex")
    assert {key: value for key, value in inputs.items() if not key.startswith("__") and value is not None} == {
        "namespace": "team-a",
        "secret": "pokedex-credentials",
        "stores": {"team-a": {"region": "eu-central-1"}},
        "prefixes": {"team-a": "/prod/"},
        "cluster": {},
        "data": [
            {"remoteKey": "a", "secretKey": "key", "metadata": {"secretType": "String", "tags": {"team": "a"}}},
            {
                "remoteKey": "all",
                "property": "whole",
                "metadata": {"tier": {"type": "Advanced"}, "encodeAsDecoded": True},
            },
        ],
        "updatePolicy": "IfNotExists",
        "deletionPolicy": "Delete",
        "adopt": True,
    }
    assert SamePushSecret is PushSecret


def test_the_stores_snapshot_looks_at_what_is_pushed_with_all_else() -> None:
    def program() -> None:
        PushSecret("pokedex", stores=[store(prefix="/p/")], secret="s", data=[PushData("a", "k")])

    snapshot = declare(program).registered["Snapshot", "team-a"]
    assert snapshot["operation"]["pushed"] == ["/p/a"]
    assert snapshot["references"] == []


def test_names_and_tags_may_be_outputs_and_the_secret_that_of_a_resource() -> None:
    later = pulumi.Output.from_input("late")
    inputs = pushed(data=[PushData(later, "k", metadata=PushMetadata(tags={"a": later}, description=later))])
    assert inputs["data"] == [
        {"remoteKey": "late", "secretKey": "k", "metadata": {"tags": {"a": "late"}, "description": "late"}}
    ]


def test_several_stores_of_both_kinds() -> None:
    def program() -> None:
        other = ClusterSecretStore("all", region="us-east-1", prefix="/x/")
        PushSecret("pokedex", stores=[store(), other], secret="s", data=[PushData("a", "k")])

    inputs = declare(program).registered["SecretPush", "pokedex"]
    assert inputs["stores"] == {"team-a": {"region": "eu-central-1"}, "all": {"region": "us-east-1"}}
    assert (inputs["namespace"], inputs["prefixes"]) == ("team-a", {"all": "/x/"})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"data": []}, "data and data_to are empty"),
        ({"selector": [LabelRequirement("a", "Exists")]}, "name the Secret in `secret`, or its labels"),
        ({"data": [PushData("a", "x"), PushData("/a", "y")]}, "duplicate remote key 'a'"),
        ({"data": [PushData("has space", "x")]}, "cannot be a parameter's name"),
        ({"data": [PushData("a", "x", "p.#")]}, "names no single property"),
        ({"data": [PushData("a", "x", metadata=PushMetadata("Secret"))]}, "secret_type 'Secret' is not known"),  # type: ignore[arg-type]
        ({"data": [PushData("a", "x", metadata=PushMetadata(tags={"managed-by": "x"}))]}, "this library's own"),
        ({"data": [PushData("a", "x", metadata=PushMetadata(kms_key_id="alias/*"))]}, "metadata.kms_key_id: 'alias"),
        ({"data": [PushData("a", "x", metadata=PushMetadata(kms_key_id=f"{KEY_ARN}/*"))]}, "write a key's ID, its ARN"),
        ({"data": [PushData("a", "a b")]}, "secret key 'a b' is not allowed"),
        ({"data": [PushData("a", "..")]}, "secret key '..' is not allowed"),
        ({"refresh_interval": "-1h"}, "refresh_interval '-1h' is below 0; write '0' for a Secret that is pushed once"),
        ({"template": Template()}, "template has no effect: a push takes its data and template_from alone"),
        ({"template": Template({"a": "b"}, labels={"a": "b"})}, "template.labels has no effect: a push makes keys"),
        ({"template": Template({"a": "b"}, annotations={"a": "b"})}, "template.annotations has no effect"),
        ({"template": Template({"a": "b"}, finalizers=["a/b"])}, "template.finalizers has no effect"),
        ({"template": Template({"a": "b"}, type="Opaque")}, "template.type has no effect"),
        ({"template": Template({"a": "b"}, merge_policy="Merge")}, "template.merge_policy has no effect"),
        (
            {"template": Template(template_from=[TemplateSource(literal="a: b", target="Labels")])},
            "has no effect: a push makes no labels",
        ),
        *(
            (
                {"data": [PushData("a", "x", metadata=PushMetadata(tier="Advanced", policies=[policy]))]},
                "expected what JSON can hold, up to 8 levels deep, got",
            )
            for policy in ({"Type": "a", "Version": object()}, {"Type": "a", "Version": "1", "Attributes": ENDLESS})
        ),
        ({"data": [PushData("a", "x", metadata=PushMetadata("String", "alias/x"))]}, "kms_key_id is for secret_type"),
        ({"data": [PushData("a", "x", metadata=PushMetadata(encode_as_decoded=True))]}, "is for the whole Secret"),
        (
            {"data": [PushData("a", metadata=PushMetadata(policies=[{"Type": "Expiration", "Version": "1.0"}]))]},
            "are for the tiers Advanced",
        ),
        ({"data": ["a"]}, r"write PushData\('the/parameter'"),
        ({"namespace": "other"}, "its store is for namespace 'team-a' alone"),
        ({"update_policy": "Never"}, "update_policy 'Never' is not known"),
        ({"deletion_policy": "Retain"}, "write None or Delete"),
    ],
)
def test_what_can_never_work_is_refused_in_one_line(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=problem):
        pushed(**given)


def test_a_store_is_named_once_and_a_cluster_store_needs_a_namespace() -> None:
    def twice() -> None:
        one = store()
        PushSecret("pokedex", stores=[one, one], secret="s", data=[PushData("a", "k")])

    def nowhere() -> None:
        everywhere = ClusterSecretStore("all", region="eu-central-1")
        PushSecret("pokedex", stores=[everywhere], secret="s", data=[PushData("a", "k")])

    with pytest.raises(InvalidArgumentsError, match="each once"):
        declare(twice)
    with pytest.raises(InvalidArgumentsError, match="name the Secret's `namespace`"):
        declare(nowhere)


def test_the_policy_of_a_created_role_grants_exactly_what_pushing_needs_in_a_policy_of_its_own() -> None:
    found: dict[str, Any] = {}
    key = "arn:aws:kms:eu-central-1:123456789012:key/0"

    def program() -> None:
        made = store(role=AssumedRole())
        secure, deleted = PushMetadata(kms_key_id=key), PushMetadata("String")
        PushSecret("one", stores=[made], secret="s", data=[PushData("/secure", "k", metadata=secure)])
        PushSecret(
            "two", stores=[made], secret="s", data=[PushData("/d", "k", metadata=deleted)], deletion_policy="Delete"
        )
        resolved(made.policy_json, found, "policy")
        resolved(made.access, found, "access")

    cloud = declare(program, engine=Cloud())
    (title,) = [name for kind, name in cloud.registered if kind == "Policy"]
    assert title.startswith("team-a-push-")
    own = json.loads(cloud.registered["Policy", title]["policy"])
    base = "arn:aws-cn:ssm:eu-central-1:123456789012:parameter"
    actions = {
        (action, resource) for each in own["Statement"] for action in each["Action"] for resource in each["Resource"]
    }
    verbs = ("AddTagsToResource", "GetParameters", "ListTagsForResource", "PutParameter", "RemoveTagsFromResource")
    assert actions == {
        *((f"ssm:{verb}", f"{base}/{name}") for verb in verbs for name in ("secure", "d")),
        ("ssm:DeleteParameter", f"{base}/d"),
        ("ssm:DescribeParameters", "*"),
        ("kms:Decrypt", key),
        ("kms:Encrypt", key),
    }
    assert json.loads(found["policy"]) == own
    assert {row["because"] for row in found["access"]} >= {"PushSecret 'one'", "PushSecret 'two'"}


def test_a_store_that_only_reads_gets_nothing_of_it() -> None:
    cloud = declare(lambda: [store(role=AssumedRole())], engine=Cloud())
    assert not [name for kind, name in cloud.registered if kind == "Policy"]


def test_all_keys_that_match_labels_and_a_template() -> None:
    def program() -> None:
        one = store()
        PushSecret(
            "pokedex",
            stores=[one],
            selector=[LabelRequirement("push", "In", ["yes"])],
            data_to=[PushDataTo(one, match="^DB_", rewrite=[RegexpRewrite("^", "/app/")]), PushDataTo(one, "x")],
            template=Template(data={"dsn": "{{ .user }}@db"}),
        )

    inputs = declare(program).registered["SecretPush", "pokedex"]
    assert inputs["dataTo"] == [
        {"store": "team-a", "match": {"regexp": "^DB_"}, "rewrite": [{"regexp": {"source": "^", "target": "/app/"}}]},
        {"store": "team-a", "match": {"regexp": "x"}},
    ]
    assert (inputs.get("secret"), inputs["selector"]) == (
        None,
        [{"key": "push", "operator": "In", "values": ["yes"]}],
    )
    assert inputs["template"] == {"data": {"dsn": "{{ .user }}@db"}}


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ({"match": "(["}, "match "),
        ({"remote_key": "a", "rewrite": [RegexpRewrite("a", "b")]}, "remote_key and rewrite do not go together"),
        ({"conversion_strategy": "Unicode"}, "conversion_strategy 'Unicode' is not known"),
        ({"metadata": PushMetadata("Text")}, "secret_type 'Text' is not known"),  # type: ignore[arg-type]
    ],
)
def test_all_keys_that_match_are_checked(to: dict[str, Any], problem: str) -> None:
    def program() -> None:
        one = store()
        PushSecret("pokedex", stores=[one], secret="s", data_to=[PushDataTo(one, **to)])

    with pytest.raises(InvalidArgumentsError, match=problem):
        declare(program)


def test_names_that_only_keys_tell_need_a_path_of_the_stores_own() -> None:
    def program(**given: Any) -> None:
        one = store(role=AssumedRole(), **given)
        PushSecret("pokedex", stores=[one], secret="s", data_to=[PushDataTo(one, metadata=PushMetadata("String"))])

    with pytest.raises(InvalidArgumentsError, match="give the store the `paths` that it alone owns"):
        declare(program, engine=Cloud())
    cloud = declare(lambda: program(paths=["/app"]), engine=Cloud())
    (title,) = [name for kind, name in cloud.registered if kind == "Policy"]
    base = "arn:aws-cn:ssm:eu-central-1:123456789012:parameter"
    resources = {
        resource
        for each in json.loads(cloud.registered["Policy", title]["policy"])["Statement"]
        for resource in each["Resource"]
    }
    assert resources == {f"{base}/app/*", "*"}
