"""The stores of a stack's settings are read strictly, with what they say of identity."""

from typing import Any

import pytest

from components.arguments.auth import (
    AccessKeyAuth,
    AssumedRole,
    KmsKey,
    PodIdentityAuth,
    SecretKeyRef,
    ServiceAccountAuth,
)
from components.arguments.store import Cluster, LabelRequirement, StoreCondition
from components.errors import SpecError
from components.settings.store_manifest import read_stores, refuse_static_keys

STORE = {"name": "team-a", "namespace": "team-a", "region": "eu-central-1"}


def test_a_store_needs_a_name_a_namespace_and_a_region() -> None:
    (store,) = read_stores([STORE])
    assert (
        store.name,
        store.namespace,
        store.given["region"],
        store.given["role"],
        store.given["requests_per_second"],
    ) == (
        "team-a",
        "team-a",
        "eu-central-1",
        None,
        40.0,
    )


def test_access_keys_are_named_as_in_eso() -> None:
    refs = {
        "accessKeyIDSecretRef": {"name": "aws", "key": "id"},
        "secretAccessKeySecretRef": {"name": "aws", "key": "secret"},
    }
    (store,) = read_stores([{**STORE, "auth": {"secretRef": refs}}])
    assert store.given["auth"] == AccessKeyAuth(
        SecretKeyRef("aws", "id", None), SecretKeyRef("aws", "secret", None), session_token=None
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x", "secretStores: expected a list, got a string"),
        (["x"], "secretStores[0]: expected a mapping with named fields, got a string"),
        ([{**STORE, "region": 7}], "secretStores[0].region: expected a string, got a number"),
        (
            [{**STORE, "requestsPerSecond": True}],
            "secretStores[0].requestsPerSecond: expected a number, got true or false",
        ),
        ([{**STORE, "regoin": "x"}], "secretStores[0]: unknown field 'regoin'; see docs/configuration.md"),
        (
            [{"name": "team-a", "namespace": "team-a", "regoin": "eu-central-1"}],
            "secretStores[0]: unknown field 'regoin'; see docs/configuration.md. Did you mean 'region'?",
        ),
        (
            [{"nmae": "team-a", "namespace": "team-a", "regoin": "eu-central-1"}],
            "unknown field 'nmae', 'regoin'; see docs/configuration.md. Did you mean 'name' for 'nmae', 'region' for",
        ),
        ([{**STORE, "auth": {"jtw": {}}}], "secretStores[0].auth: unknown field 'jtw'; see"),
        (
            [{**STORE, "auth": {}}],
            "secretStores[0].auth: one of jwt, podIdentity and secretRef is required; leave auth out for",
        ),
        ([{**STORE, "auth": {"secretRef": {}}}], "secretStores[0].auth.secretRef.accessKeyIDSecretRef is required"),
        ([STORE, STORE], "secretStores: the name 'team-a' occurs twice"),
    ],
)
def test_a_mistake_in_a_store_is_named_by_its_place(value: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_stores(value)
    assert message in str(caught.value)


WIDE = {"name": "shared", "region": "eu-central-1"}


def test_a_store_takes_a_cluster() -> None:
    said = {"kubeconfig": "/home/ci/prod", "context": "admin", "cluster": "blue"}
    (store,) = read_stores([{**STORE, **said}])
    assert store.given["cluster"] == Cluster(**said)


@pytest.mark.parametrize("name", ["kubeconfig", "context", "cluster"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_choice_of_a_cluster_is_not_the_environments(name: str, empty: str) -> None:
    with pytest.raises(SpecError, match=rf"secretStores\[0\]\.{name} is empty; leave it out"):
        read_stores([{**STORE, name: empty}])


def test_a_store_takes_all_that_eso_s_manifest_says_of_identity() -> None:
    (store,) = read_stores(
        [
            {
                **STORE,
                "auth": {"jwt": {"serviceAccountRef": {"name": "reader", "audiences": ["vault"]}}},
                "additionalRoles": ["arn:aws:iam::123456789012:role/hop"],
                "role": "arn:aws:iam::123456789012:role/last",
                "externalID": "ext-1",
                "sessionTags": [{"key": "team", "value": "a"}],
                "transitiveTagKeys": ["team"],
            }
        ]
    )

    assert store.given["auth"] == ServiceAccountAuth("reader", None, ("vault",), None)
    assert store.given["additional_roles"] == ("arn:aws:iam::123456789012:role/hop",)
    assert (store.given["role"], store.given["external_id"]) == ("arn:aws:iam::123456789012:role/last", "ext-1")
    assert (store.given["session_tags"], store.given["transitive_tag_keys"]) == ({"team": "a"}, ("team",))


def test_a_cluster_store_has_conditions_and_no_namespace() -> None:
    conditions = [
        {"namespaces": ["team-a"]},
        {"namespaceRegexes": ["^prod-"]},
        {"namespaceSelector": {"matchLabels": {"team": "a"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}},
    ]

    (store,) = read_stores(None, [{**WIDE, "conditions": conditions}])

    assert store.namespace is None
    selector = (LabelRequirement("team", "In", ("a",)), LabelRequirement("x", "Exists"))
    assert store.conditions == (
        StoreCondition(namespaces=("team-a",)),
        StoreCondition(namespace_regexes=("^prod-",)),
        StoreCondition(selector=selector),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"namespace": "a"}, "clusterSecretStores[0]: unknown field 'namespace'"),
        ({"conditions": [{}]}, "clusterSecretStores[0].conditions[0]: give it namespaces"),
        ({"conditions": [{"namespace": "a"}]}, "clusterSecretStores[0].conditions[0]: unknown field 'namespace'"),
        ({"conditions": [{"namespaces": "a"}]}, "conditions[0].namespaces: expected a list, got a string"),
        (
            {"conditions": [{"namespaceRegexes": ["("]}]},
            "conditions[0].namespaceRegexes: '(' is not a regular expression",
        ),
        (
            {"conditions": [{"namespaceSelector": {"matchLabels": {"a": 1}}}]},
            "conditions[0].namespaceSelector.matchLabels.a: expected a string, got a number",
        ),
        (
            {"conditions": [{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}]},
            "conditions[0].namespaceSelector: the requirement on label 'a' has the operator 'Is'; write one of In",
        ),
    ],
)
def test_a_mistake_in_a_cluster_store_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_stores(None, [{**WIDE, **change}])
    assert message in str(caught.value)


def test_one_name_is_one_store() -> None:
    with pytest.raises(SpecError, match="the name 'team-a' occurs twice"):
        read_stores([STORE], [{**WIDE, "name": "team-a"}])


@pytest.mark.parametrize("field", ["accessKeyID", "secretAccessKey", "sessionToken"])
def test_an_access_key_itself_is_refused_with_the_reason(field: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_stores([{**STORE, "auth": {field: "canary"}}])
    assert str(caught.value).startswith(
        f"secretStores[0].auth.{field}: an access key in a stack's settings would be in"
    )
    assert "canary" not in str(caught.value)


def test_access_keys_of_the_aws_provider_are_refused_unless_they_are_allowed() -> None:
    with pytest.raises(SpecError, match=r"^aws:accessKey: an access key in .* set allowStaticAccessKeys to true"):
        refuse_static_keys(["accessKey", "secretKey"], allowed=False)
    refuse_static_keys(["accessKey"], allowed=True)
    refuse_static_keys([], allowed=False)


def test_identities_are_named_as_in_eso() -> None:
    chain = {
        "auth": {"jwt": {"serviceAccountRef": {"name": "reader", "audiences": ["vault"]}}},
        "additionalRoles": ["arn:aws:iam::123456789012:role/hop"],
        "role": {"create": True, "principals": ["arn:aws:iam::123456789012:role/ci"]},
        "externalID": "ext",
        "sessionTags": [{"key": "team", "value": "a"}],
        "transitiveTagKeys": ["team"],
        "kmsKeys": {"arn:aws:kms:eu-central-1:123456789012:key/1": ["/prod/*"]},
        "paths": ["/team-a"],
    }
    (store,) = read_stores([{**STORE, **chain}])
    assert store.given["auth"] == ServiceAccountAuth("reader", None, ("vault",), None)
    assert store.given["role"] == AssumedRole(("arn:aws:iam::123456789012:role/ci",), allow_wildcards=False)
    assert (store.given["additional_roles"], store.given["external_id"]) == (
        ("arn:aws:iam::123456789012:role/hop",),
        "ext",
    )
    assert (store.given["session_tags"], store.given["transitive_tag_keys"]) == ({"team": "a"}, ("team",))
    assert store.given["kms_keys"] == (KmsKey("arn:aws:kms:eu-central-1:123456789012:key/1", ("/prod/*",)),)
    assert store.given["paths"] == ("/team-a",)


@pytest.mark.parametrize(
    ("auth", "made"),
    [
        ({"jwt": {"oidcProvider": "https://issuer"}}, ServiceAccountAuth(None, None, (), "https://issuer")),
        ({"podIdentity": {"cluster": "c", "serviceAccount": "s"}}, PodIdentityAuth("c", "s", None)),
    ],
)
def test_identities_that_the_store_creates(auth: dict[str, Any], made: Any) -> None:
    assert read_stores([{**STORE, "auth": auth}])[0].given["auth"] == made


@pytest.mark.parametrize(
    ("store", "error"),
    [
        (
            {"auth": {"accessKeyID": "AKIA", "secretAccessKey": "x"}},
            "secretStores[0].auth.accessKeyID: an access key in a",
        ),
        ({"auth": {"jwt": {}}}, "secretStores[0].auth.jwt.serviceAccountRef is required"),
        ({"role": {"principals": []}}, "secretStores[0].role: write the role's ARN, or create: true"),
        ({"sessionTags": [{"key": "a"}]}, "secretStores[0].sessionTags[0].value is required"),
        ({"additionalRoles": [1]}, "secretStores[0].additionalRoles[0]: expected a string, got a number"),
        ({"kmsKeys": {"k": "x"}}, "secretStores[0].kmsKeys.k: expected a list"),
        ({"conditions": []}, "secretStores[0]: unknown field 'conditions'"),
    ],
)
def test_a_mistake_in_an_identity_is_named_by_its_place(store: dict[str, Any], error: str) -> None:
    with pytest.raises(SpecError) as raised:
        read_stores([{**STORE, **store}])
    assert error in str(raised.value)
