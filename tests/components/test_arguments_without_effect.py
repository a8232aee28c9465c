"""An argument that changes nothing is an error in a program and in settings; a manifest may hold what ESO takes."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.core.secret.target_templates import check_templates, render_target
from components.core.spec.target_specs import Target as StoredTarget
from components.errors import WriteError
from components.external_secret import (
    ExternalSecret,
    Extract,
    Find,
    MergeRewrite,
    RegexpRewrite,
    Target,
    Template,
    TemplateItem,
    TemplateSource,
)
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import (
    AssumedRole,
    Cluster,
    ClusterSecretStore,
    InvalidArgumentsError,
    KmsKey,
    LabelRequirement,
    SecretStore,
    ServiceAccountAuth,
    StoreCondition,
)
from components.settings.declaration import declare_all
from components.settings.stack_settings import read_external_secrets
from components.settings.store_manifest import read_stores
from tests.components.manifest_objects import secret as manifest
from tests.components.manifest_objects import store as store_manifest
from tests.components.support import declare
from tests.components.test_identity import Cloud

KEY = "arn:aws:kms:eu-central-1:123456789012:key/ded715a0-6599-42c5-ad20-1a59cda941f5"
UNICODE: dict[str, Any] = {"conversion_strategy": "Unicode", "rewrite": [RegexpRewrite("a", "b")]}


def declared(**given: Any) -> None:
    store = SecretStore("s", namespace="team-a", region="eu-central-1")
    ExternalSecret("e", **{"store": store, "data": {"k": "/p"}, **given})


def merging(**given: Any) -> dict[str, Any]:
    return {"data_from": [Extract("/p"), Find(name="x", rewrite=[RegexpRewrite("a", "b"), MergeRewrite(**given)])]}


def refusal(construct: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(construct, engine=Cloud())
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"refresh_policy": "OnChange", "refresh_interval": "1h"},
            "refresh_interval has no effect with refresh_policy OnChange, which reads when the declaration changes",
        ),
        (
            {"refresh_policy": "CreatedOnce", "refresh_interval": 0},
            "refresh_interval has no effect with refresh_policy CreatedOnce, which reads once; leave one of",
        ),
        ({"refresh_interval": "-1h"}, "refresh_interval '-1h' is below 0; write '0' for a Secret that is read once"),
        ({"data_from": [Extract("/p", **UNICODE)]}, "data_from[0]: conversion_strategy has no effect beside rewrite"),
        ({"data_from": [Find(name="x", **UNICODE)]}, "data_from[0]: conversion_strategy has no effect beside rewrite"),
        (merging(into="all"), "data_from[1].rewrite[1]: into has no effect with strategy Extract"),
        (merging(priority_policy="IgnoreNotFound"), "rewrite[1]: priority_policy has no effect without priority"),
        (
            {"data_from": [Extract("/p"), Extract("/p")]},
            "data_from[0] has no effect, as data_from[1] is the same; leave",
        ),
        (
            {"data_from": [Find(name="x"), Extract("/p"), Find(name="x")]},
            "data_from[0] has no effect, as data_from[2] is the same; leave one of them out",
        ),
        *(
            ({"data_from": [Extract("/p", rewrite=[rewrite])]}, f"data_from[0].rewrite[0]: it {problem}; leave it out")
            for rewrite, problem in (
                (RegexpRewrite("", ""), "puts in place of each match what is there already"),
                (RegexpRewrite("db", "db"), "puts in place of each match what is there already"),
            )
        ),
        ({"target": Target(template=Template())}, "target.template has no effect: nothing is in it; leave it out"),
        (
            {"target": Target(template=Template(type="Opaque", merge_policy="Merge"))},
            "target.template.merge_policy has no effect without data and template_from",
        ),
        (
            {"target": Target(labels={"a": "b"}, template=Template(labels={"a": "c"}))},
            "target.labels['a'] has no effect, as target.template.labels has it too; leave one of them out",
        ),
        (
            {"target": Target(annotations={"a": "b", "c": "d"}, template=Template(annotations={"c": "c"}))},
            "target.annotations['c'] has no effect, as target.template.annotations has it too",
        ),
        (
            {"target": Target(labels={"app.kubernetes.io/managed-by": "Helm"})},
            "label 'app.kubernetes.io/managed-by' has no effect, as it is 'pulumi-parameter-store' on each Secret",
        ),
        (
            {"target": Target(template=Template(labels={"app.kubernetes.io/managed-by": "x"}))},
            "label 'app.kubernetes.io/managed-by' has no effect",
        ),
        (
            {"target": Target(creation_policy="CreateOrMerge", immutable=True, replace_immutable=True)},
            "target.replace_immutable has no effect with creation_policy CreateOrMerge: a Secret that is others' too",
        ),
        *(
            (
                {"target": target},
                f"target.{name} has no effect with creation_policy None, which writes no Secret; leave it out",
            )
            for name, target in {
                "immutable": Target(creation_policy="None", immutable=True),
                "adopt": Target(creation_policy="None", adopt=True),
                "labels": Target(creation_policy="None", labels={"a": "b"}),
                "annotations": Target(creation_policy="None", annotations={"a": "b"}),
                "template": Target(creation_policy="None", template=Template(data={"a": "{{ .k }}"})),
            }.items()
        ),
    ],
)
def test_an_argument_of_an_external_secret(given: dict[str, Any], line: str) -> None:
    text = refusal(lambda: declared(**given))
    assert text.startswith("ExternalSecret 'e': ")
    assert line in text


@pytest.mark.parametrize(
    "given",
    [
        {"refresh_policy": "OnChange"},
        {"refresh_interval": "0"},
        {"data_from": [Extract("/p", conversion_strategy="Unicode")]},
        {"data_from": [Extract("/p", rewrite=[RegexpRewrite("a", "b")])]},
        merging(strategy="JSON", into="all"),
        merging(priority=["a"], priority_policy="IgnoreNotFound", conflict_policy="Ignore"),
        {"target": Target(creation_policy="None")},
        {"target": Target(creation_policy="Merge", labels={"app.kubernetes.io/managed-by": "Helm"}, adopt=True)},
        {"target": Target(labels={"a": "b", "app.kubernetes.io/managed-by": "pulumi-parameter-store"})},
        {
            "target": Target(
                labels={"a": "b"}, template=Template(labels={"c": "d"}, data={"x": "y"}, merge_policy="Merge")
            )
        },
    ],
)
def test_what_has_an_effect_is_taken(given: dict[str, Any]) -> None:
    def program() -> None:
        store = SecretStore("s", namespace="team-a", region="eu-central-1")
        ExternalSecret("e", **{"store": store, "data": {"k": "/p"}, **given})

    assert ("SecretSync", "e") in declare(program, engine=Cloud()).registered


@pytest.mark.parametrize(
    ("construct", "line"),
    [
        (
            lambda: SecretStore("s", namespace="a", region="eu-central-1", cluster=Cluster()),
            "SecretStore 's': cluster: Cluster() has no effect, as it names no cluster; give it a kubeconfig",
        ),
        (
            lambda: SecretStore(
                "s", namespace="a", region="eu-central-1", role=AssumedRole(), kms_keys=[KmsKey(KEY), KmsKey(KEY, [])]
            ),
            "SecretStore 's': kms_keys[1] has no effect: its `parameters` are empty; name them, or leave it out",
        ),
        (lambda: TemplateSource(literal="a: b", items=[TemplateItem("a")]), "items are of a ConfigMap or Secret"),
        (lambda: StoreCondition(["team-*"]), "namespaces: 'team-*' is not allowed; write up to 63 lower case"),
        (
            lambda: LabelRequirement("team a", "NotIn", ["x"]),
            "selector: label 'team a' is not allowed",
        ),
        (
            lambda: LabelRequirement("team", "In", ["a b"]),
            "label 'team': value 'a b' is not allowed",
        ),
    ],
)
def test_an_argument_of_a_store_or_template(construct: Any, line: str) -> None:
    assert line in refusal(construct)


@pytest.mark.parametrize(
    "options",
    [
        {"ignore_changes": ["region"]},
        {"replace_on_changes": ["*"]},
        {"delete_before_replace": True},
        {"custom_timeouts": pulumi.CustomTimeouts(create="1h")},
        {"additional_secret_outputs": ["versions"]},
        {"version": "1.0.0"},
        {"plugin_download_url": "https://example.com"},
        {"id": "x"},
        {"urn": "urn:pulumi:dev::shop::a:b:C::s"},
        {"replacement_trigger": "2"},
        {"replacement_trigger": pulumi.Output.from_input("2")},
        {"replace_with": [object()]},
        {"hide_diffs": ["keys"]},
        {"env_var_mappings": {"A": "B"}},
    ],
    ids=lambda options: next(iter(options)),
)
def test_options_that_do_not_apply_to_components(options: dict[str, Any]) -> None:
    opts = pulumi.ResourceOptions(**options)
    told = f"opts.{next(iter(options))} has no effect on a component, nor on the resources in it"
    for construct in (
        lambda: SecretStore("s", namespace="a", region="eu-central-1", opts=opts),
        lambda: ClusterSecretStore("s", region="eu-central-1", opts=opts),
        lambda: declared(opts=opts),
    ):
        assert told in refusal(construct)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"provider": "k"}, "opts.provider: expected a ProviderResource, got str"),
        ({"providers": ["k"]}, "opts.providers: expected a ProviderResource, got str"),
        ({"providers": {"aws": "k"}}, "opts.providers: expected a ProviderResource, got str"),
        ({"parent": "k"}, "opts.parent: expected a Resource, got str"),
        ({"retain_on_delete": "no"}, "opts.retain_on_delete: expected a bool, got str"),
        ({"protect": "no"}, "opts.protect: expected a bool, got str"),
        ({"protect": pulumi.Output.from_input(True)}, "opts.protect: expected a bool, got Output"),
        ({"aliases": "urn:pulumi:dev::shop::a:b:C::db"}, "opts.aliases: expected a list, got str"),
        ({"aliases": pulumi.Alias(name="old")}, "opts.aliases: expected a list, got Alias"),
        ({"aliases": [{"name": "old"}]}, "opts.aliases: expected an Alias, got dict"),
        ({"aliases": [5]}, "opts.aliases: expected an Alias, got int"),
        ({"transformations": lambda _: None}, "opts.transformations: expected a list, got function"),
        ({"transforms": "x"}, "opts.transforms: expected a list, got str"),
        ({"deleted_with": "k"}, "opts.deleted_with: expected a resource, got str"),
        ({"deleted_with": pulumi.Output.from_input("k")}, "opts.deleted_with: expected a resource, got Output"),
    ],
)
def test_options_of_the_wrong_kind(options: dict[str, Any], words: str) -> None:
    assert words in refusal(lambda: declared(opts=pulumi.ResourceOptions(**options)))


def options_of(kind: str) -> pulumi.ResourceOptions:
    if kind == "store":
        return pulumi.ResourceOptions(deleted_with=SecretStore("o", namespace="a", region="eu-central-1"))
    if kind == "Parameter":
        return pulumi.ResourceOptions(deleted_with=aws.ssm.Parameter("p", type="String", value="v"))
    return pulumi.ResourceOptions(deleted_with=getattr(k8s.core.v1, kind)("n"))


@pytest.mark.parametrize("kind", ["store", "Parameter", "ConfigMap", "ServiceAccount", "Service"])
def test_deleted_with_what_takes_no_secret_along(kind: str) -> None:
    """Pulumi would leave the Secret in the cluster and count it as deleted."""
    text = refusal(lambda: declared(opts=options_of(kind)))
    assert "opts.deleted_with names" in text
    assert "whose deletion deletes nothing of this one" in text


@pytest.mark.parametrize("kind", ["store", "Parameter", "ConfigMap"])
@pytest.mark.parametrize("way", ["parent", "grandparent", "transformation", "transformation of the child"])
def test_deleted_with_is_inherited(kind: str, way: str) -> None:
    """Pulumi's engine has children inherit it, and its SDK has transformations change it."""

    def transformed(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if ("SecretSync" if way.endswith("child") else ":ExternalSecret") not in args.type_:
            return None
        added = pulumi.ResourceOptions.merge(args.opts, options_of(kind))
        return pulumi.ResourceTransformationResult(args.props, added)

    def program() -> None:
        if way.startswith("transformation"):
            opts = pulumi.ResourceOptions(transformations=[transformed])
        else:
            opts = options_of(kind)
        parent = pulumi.ComponentResource("test:index:Team", "team", opts=opts)
        if way == "grandparent":
            parent = pulumi.ComponentResource("test:index:Team", "inner", opts=pulumi.ResourceOptions(parent=parent))
        declared(opts=pulumi.ResourceOptions(parent=parent))

    text = refusal(program)
    of = " of a parent" if "parent" in way else ""
    what = "SecretSync" if way.endswith("child") else "ExternalSecret"
    assert text.startswith(f"{what} 'e': opts.deleted_with{of} names")


def test_deleted_with_the_namespace_or_something_that_may_be_the_cluster() -> None:
    def program() -> None:
        declared(opts=options_of("Namespace"))
        team = pulumi.ComponentResource("test:index:Cluster", "cluster")
        SecretStore("b", namespace="a", region="eu-central-1", opts=pulumi.ResourceOptions(deleted_with=team))

    declare(program)


EXTRA: list[dict[str, Any]] = [
    {"refreshPolicy": "CreatedOnce", "refreshInterval": "1h"},
    {"refreshPolicy": "OnChange", "refreshInterval": "0"},
    {
        "dataFrom": [
            {
                "extract": {"key": "/p", "conversionStrategy": "Unicode"},
                "rewrite": [{"merge": {"into": "x", "priorityPolicy": "IgnoreNotFound"}}],
            }
        ]
    },
    {"target": {"creationPolicy": "None", "immutable": True, "template": {"type": "Opaque"}}},
    {"target": {"template": {}}},
    {"target": {"template": {"mergePolicy": "Merge", "metadata": {"labels": {"app.kubernetes.io/managed-by": "x"}}}}},
]


@pytest.mark.parametrize("spec", EXTRA)
def test_a_manifest_may_hold_what_eso_takes(spec: dict[str, Any]) -> None:
    def program() -> None:
        declare_manifests(read_manifests([store_manifest(), manifest(**spec)]))

    registered = declare(program, engine=Cloud()).registered["SecretSync", "team-a/db"]
    # What is stored stays as it was: another declaration would be read again, whatever refreshPolicy says.
    if "refreshPolicy" in spec:
        assert registered["refresh"] == {"policy": spec["refreshPolicy"], "interval": spec["refreshInterval"]}


def test_a_manifest_that_is_read_once_keeps_the_interval_that_eso_gives_it() -> None:
    def program() -> None:
        declare_manifests(read_manifests([store_manifest(), manifest(refreshPolicy="CreatedOnce")]))

    registered = declare(program, engine=Cloud()).registered["SecretSync", "team-a/db"]
    assert registered["refresh"] == {"policy": "CreatedOnce", "interval": "1h"}


@pytest.mark.parametrize("spec", EXTRA)
def test_settings_may_not(spec: dict[str, Any]) -> None:
    entry = {"name": "db", "secretStoreRef": "s", "data": [{"secretKey": "k", "remoteRef": {"key": "/p"}}], **spec}
    stores = [{"name": "s", "namespace": "team-a", "region": "eu-central-1"}]

    def program() -> None:
        declare_all(read_stores(stores), read_external_secrets([entry]))

    assert "has no effect" in refusal(program)


MARK = "pulumi-parameter-store/owner"


@pytest.mark.parametrize(
    "target",
    [
        Target(annotations={MARK: "x"}),
        Target(labels={MARK: "x"}),
        Target(creation_policy="Merge", template=Template(annotations={MARK: "0" * 32 + " urn:pulumi:dev::a::b::c"})),
        Target(template=Template(annotations={f"{MARK}-0123456789": "x"})),
    ],
)
def test_nobody_writes_our_marks(target: Target) -> None:
    assert "is one of this library's own marks, which all begin with" in refusal(lambda: declared(target=target))


@pytest.mark.parametrize("scope", ["Annotations", "Labels"])
def test_no_template_text_writes_our_marks(scope: str) -> None:
    spec: StoredTarget[str] = StoredTarget.from_bag(
        {"template": {"templateFrom": [{"target": scope, "literal": f"{MARK}: {{{{ .k }}}}"}]}}
    )
    check_templates(spec)
    with pytest.raises(WriteError, match=r"number 1 of template .* is one of this library's own marks") as raised:
        render_target(spec, {"k": b"value"}, {})
    assert "value" not in str(raised.value)


ROLE, OTHER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("one", "two"))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"additional_roles": [ROLE, ROLE], "role": OTHER},
            f"additional_roles: '{ROLE}' has no effect the second time",
        ),
        ({"additional_roles": [ROLE, OTHER, ROLE]}, f"additional_roles: '{ROLE}' has no effect the second time"),
        ({"additional_roles": [ROLE], "role": ROLE}, f"additional_roles: '{ROLE}' has no effect the second time"),
        ({"role": AssumedRole([ROLE, ROLE])}, f"role.principals: '{ROLE}' has no effect the second time"),
        (
            {"role": AssumedRole(), "paths": ["/a", "/b", "/a"]},
            "paths: '/a' has no effect the second time; leave one of the two out",
        ),
        (
            {"auth": ServiceAccountAuth("reader", audiences=["a", "a"])},
            "auth.audiences: 'a' has no effect the second time",
        ),
    ],
)
def test_what_is_said_twice_in_a_store_has_no_effect(given: dict[str, Any], line: str) -> None:
    assert line in refusal(lambda: SecretStore("s", namespace="team-a", region="eu-central-1", **given))


def test_a_role_that_gets_tags_in_the_end_may_be_taken_before() -> None:
    given: dict[str, Any] = {"additional_roles": [ROLE, OTHER], "role": OTHER, "session_tags": {"team": "a"}}
    declare(lambda: SecretStore("s", namespace="team-a", region="eu-central-1", **given), engine=Cloud())
