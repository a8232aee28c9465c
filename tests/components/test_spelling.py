"""An error spells a field as its reader wrote it: in snake_case in Python, in camelCase in settings and manifests."""

from collections.abc import Callable
from inspect import signature
from typing import Any, get_type_hints

import pytest

import components
from components import (
    ClusterSecretStore,
    ExternalSecret,
    Extract,
    Find,
    InvalidArgumentsError,
    KmsKey,
    LabelRequirement,
    MergeRewrite,
    PushData,
    PushDataTo,
    PushMetadata,
    PushSecret,
    RemoteRef,
    SecretStore,
    StoreArguments,
    StoreCondition,
    Target,
    Template,
    TemplateItem,
    TemplateSource,
    read_manifests,
)
from components import (
    declare as declare_manifests,
)
from components.core.spec.config_fields import camel
from components.core.spec.spelling import of_yaml, spelled
from components.parameter_store import AssumedRole
from components.settings.declaration import declare_all
from components.settings.stack_settings import read_external_secrets, read_push_secrets
from components.settings.store_manifest import read_stores
from tests.components.support import declare

STORES = [{"name": "s", "namespace": "team-a", "region": "eu-central-1"}]
REF = {"secretKey": "k", "remoteRef": {"key": "/a"}}


def store(**given: Any) -> SecretStore:
    return SecretStore("s", namespace="team-a", region="eu-central-1", **given)


def secret(**given: Any) -> ExternalSecret:
    return ExternalSecret("e", store=store(), **{"data": {"k": "/a"}, **given})


def push(**given: Any) -> PushSecret:
    return PushSecret("p", stores=[store()], secret="x", **{"data": [PushData("/a", "k")], **given})


def refused(program: Callable[[], Any]) -> str:
    caught: list[str] = []

    def run() -> None:
        with pytest.raises(InvalidArgumentsError) as raised:
            program()
        caught.append(str(raised.value))

    declare(run)
    return caught[0]


IN_PYTHON: list[tuple[Callable[[], Any], str]] = [
    (lambda: secret(refresh_policy="x"), "refresh_policy 'x'"),
    (lambda: secret(target=Target(creation_policy="Merge", deletion_policy="Delete")), "creation_policy Merge"),
    (lambda: secret(data={"secretKey": RemoteRef("/a", version=1, metadata_policy="Fetch")}), "metadata_policy Fetch"),
    (TemplateSource, "exactly one of literal, config_map and secret"),
    (lambda: store(role="arn:aws:iam::123456789012:role/r", transitive_tag_keys=["a"]), "session_tags has no tag 'a'"),
    (lambda: LabelRequirement("a b", "Exists"), "selector: label 'a b'"),
    (lambda: push(data_to=[PushDataTo(remote_key="a", match="(")]), "match '('"),
    (
        lambda: push(data=[PushData("a", "k", metadata=PushMetadata(tier="Advanced", policies=[{"a": "b"}]))]),
        "metadata.policies[0]: Type",
    ),
]


@pytest.mark.parametrize(("program", "words"), IN_PYTHON)
def test_in_python(program: Callable[[], Any], words: str) -> None:
    assert words in refused(program)


def test_names_of_keys_and_what_is_quoted_stay() -> None:
    text = refused(lambda: secret(data={"dataFrom": RemoteRef("/a/dataFrom?")}))
    assert text.startswith("ExternalSecret 'e', key dataFrom: '/a/dataFrom?' cannot be")
    kept = "key secretKey: '/x/dataFrom' (ESO: match.regexp) of aws:assumeRoles and /etc/dataFrom \"dataTo\""
    assert spelled(kept, python=True) == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"refreshPolicy": "OnChange", "refreshInterval": "1h"}, "refreshInterval has no effect with refreshPolicy"),
        ({"dataFrom": [{"extract": {"key": "/a"}}] * 2}, "dataFrom[0] has no effect, as dataFrom[1]"),
        ({"target": {"creationPolicy": "Merge", "immutable": True, "replaceImmutable": True}}, "target.replaceImm"),
    ],
)
def test_in_settings(given: dict[str, Any], words: str) -> None:
    entry = {"name": "e", "secretStoreRef": {"name": "s"}, "data": [REF], **given}
    assert words in refused(lambda: declare_all(read_stores(STORES), read_external_secrets([entry])))


def test_in_settings_of_pushes_and_stores() -> None:
    entry = {"name": "p", "secretStoreRefs": [{"name": "s"}], "selector": {"secret": {"name": "x"}}}
    assert "data and dataTo are empty" in refused(
        lambda: declare_all(read_stores(STORES), [], pushes=read_push_secrets([entry]))
    )
    stores = [{**STORES[0], "kmsKeys": {"arn:aws:kms:eu-central-1:123456789012:key/a": ["/a"]}}]
    assert "kmsKeys has no effect" in refused(lambda: declare_all(read_stores(stores), []))


def test_every_argument_that_manifests_spell_otherwise_is_known() -> None:
    """A new argument is spelled right without a line of its own, or is added to the list."""
    named = {name for name in dir(components) if isinstance(getattr(components, name), type)}
    kinds = [getattr(components, name) for name in sorted(named)]
    arguments = {
        name
        for kind in kinds
        if hasattr(kind.__init__, "checks_arguments")
        for name in signature(kind.__init__).parameters
    } | set(get_type_hints(StoreArguments))
    of_aws_alone = {"secret_key"}
    never_in_yaml = {
        "service_account", "access_key_id", "secret_access_key", "session_token", "permissions_boundary",
        "max_session_duration", "managed_policies",
    }  # fmt: skip
    for name in sorted(arguments - of_aws_alone - never_in_yaml):
        assert spelled(f"{name} x", python=False) == f"{camel(name)} x".replace("externalId", "externalID").replace(
            "kmsKeyId", "kmsKeyID"
        )


TWICE: list[tuple[Callable[[], Any], str]] = [
    (lambda: StoreCondition(namespaces=["a", "b", "a"]), "namespaces: 'a' has no effect the second time"),
    (lambda: StoreCondition(namespace_regexes=["a", "a"]), "namespace_regexes: 'a' has no effect the second time"),
    (
        lambda: StoreCondition(selector=[LabelRequirement("a", "Exists")] * 2),
        "selector[0] has no effect, as selector[1]",
    ),
    (lambda: LabelRequirement("a", "In", ["b", "b"]), "values: 'b' has no effect"),
    (
        lambda: ClusterSecretStore("c", region="eu-central-1", conditions=[StoreCondition(["a"])] * 2),
        "conditions[0] has no effect, as conditions[1] is the same; leave one of them out",
    ),
    (lambda: TemplateSource(config_map="c", items=[TemplateItem("k")] * 2), "items[0] has no effect, as items[1]"),
    (
        lambda: secret(target=Target(template=Template(template_from=[TemplateSource(literal="a: b")] * 2))),
        "target.template.template_from[0] has no effect, as target.template.template_from[1]",
    ),
    (lambda: secret(target=Target(template=Template(finalizers=["x/y", "x/y"]))), "finalizers: 'x/y' has no effect"),
    (lambda: MergeRewrite(priority=["a", "a"]), "priority: 'a' has no effect"),
    (
        lambda: store(role=AssumedRole(), kms_keys=[KmsKey("arn:aws:kms:eu-central-1:123456789012:key/a")] * 2),
        "kms_keys[0] has no effect, as kms_keys[1]",
    ),
    (
        lambda: store(
            role=AssumedRole(), kms_keys=[KmsKey("arn:aws:kms:eu-central-1:123456789012:key/a", ["/a", "/a"])]
        ),
        "kms_keys[0].parameters: '/a' has no effect",
    ),
    (lambda: push(data=(), data_to=[PushDataTo(match="a")] * 2), "data_to[0] has no effect, as data_to[1]"),
    (
        lambda: PushSecret(
            "p", stores=[store()], selector=[LabelRequirement("a", "Exists")] * 2, data=[PushData("/a")]
        ),
        "selector[0] has no effect, as selector[1]",
    ),
    (lambda: secret(data={"k": RemoteRef("/a", version=-1)}), "'-1' is neither a version (a number from 1) nor a"),
    (lambda: secret(data={"k": "/a:-12"}), "'-12' is neither a version"),
    (lambda: secret(data=None, data_from=[Extract("/a", version="-0")]), "'-0' is neither a version"),
]


@pytest.mark.parametrize(("program", "words"), TWICE)
def test_what_is_said_twice_or_below_its_bounds_is_refused(program: Callable[[], Any], words: str) -> None:
    assert words in refused(program)


def test_what_has_an_effect_twice_is_taken_and_so_is_a_manifest() -> None:
    rewrite = components.RegexpRewrite("aa", "a")

    def program() -> None:
        secret(data=None, data_from=[Find(name=".", rewrite=[rewrite, rewrite])])
        condition = {"namespaces": ["a", "a"], "namespaceRegexes": ["b", "b"]}
        spec = {
            "conditions": [condition, condition],
            "provider": {"aws": {"service": "ParameterStore", "region": "eu-central-1"}},
        }
        kind = {"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore"}
        declare_manifests(read_manifests([{**kind, "metadata": {"name": "c"}, "spec": spec}]))

    declare(program)
    with of_yaml():
        assert StoreCondition(namespaces=["a", "a"]).namespaces == ("a", "a")
