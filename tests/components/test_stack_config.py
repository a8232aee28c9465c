"""A stack's settings are read strictly, and a mistake is named by its place."""

from typing import Any

import pytest

from components.auth import AccessKeyAuth, AssumedRole, KmsKey, PodIdentityAuth, SecretKeyRef, ServiceAccountAuth
from components.core.errors import SpecError
from components.core.store_conditions import LabelRequirement, StoreCondition
from components.declaring import find_store
from components.external_secret import Extract, Find, RemoteRef, Target, Template
from components.secret_config import DataEntry, StoreRef
from components.stack_config import read_external_secrets, refuse_unknown_settings
from components.store_config import StoreConfig, read_stores, refuse_static_keys

STORE = {"name": "team-a", "namespace": "team-a", "region": "eu-central-1"}
SECRET = {
    "name": "friends",
    "secretStoreRef": "team-a",
    "data": [{"secretKey": "my_name", "remoteRef": {"key": "friendslist", "property": "name.first", "version": 3}}],
}


def stores() -> list[StoreConfig]:
    return read_stores([STORE])


def test_a_store_needs_a_name_a_namespace_and_a_region() -> None:
    (store,) = stores()
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


def test_an_external_secret_maps_secret_keys_to_remote_references() -> None:
    (secret,) = read_external_secrets([SECRET])
    assert secret.data == {"my_name": DataEntry(RemoteRef("friendslist", "name.first", "3"))}
    assert (secret.target, secret.refresh_policy, secret.refresh_interval) == (Target(), "Periodic", None)


def test_an_external_secret_takes_all_that_a_manifest_s_spec_says() -> None:
    (secret,) = read_external_secrets(
        [
            {
                "name": "all",
                "secretStoreRef": {"name": "team-a", "kind": "SecretStore"},
                "refreshPolicy": "OnChange",
                "refreshInterval": 0,
                "target": {
                    "name": "other",
                    "creationPolicy": "Orphan",
                    "immutable": True,
                    "replaceImmutable": True,
                    "adopt": True,
                    "labels": {"a": "b"},
                    "template": {"type": "Opaque", "mergePolicy": "Merge", "data": {"x": "{{ .a }}"}},
                },
                "dataFrom": [
                    {"extract": {"key": "j", "metadataPolicy": "Fetch"}, "sourceRef": {"storeRef": {"name": "o"}}},
                    {"find": {"path": "/a", "name": {"regexp": "b"}, "tags": {"c": "d"}}},
                ],
            }
        ]
    )
    assert secret.store == StoreRef("team-a", "SecretStore", "")
    assert (secret.refresh_policy, secret.refresh_interval) == ("OnChange", "0")
    assert secret.target == Target(
        "other",
        creation_policy="Orphan",
        immutable=True,
        replace_immutable=True,
        adopt=True,
        labels={"a": "b"},
        template=Template({"x": "{{ .a }}"}, type="Opaque", merge_policy="Merge"),
    )
    assert secret.data_from == (
        DataEntry(Extract("j", metadata_policy="Fetch"), StoreRef("o", "SecretStore", "")),
        DataEntry(Find("/a", "b", {"c": "d"})),
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x", "secretStores: expected a list, got a text"),
        (["x"], "secretStores[0]: expected a mapping with named fields, got a text"),
        ([{**STORE, "region": None}], "secretStores[0].region is required"),
        ([{**STORE, "region": 7}], "secretStores[0].region: expected a text, got a number"),
        (
            [{**STORE, "requestsPerSecond": True}],
            "secretStores[0].requestsPerSecond: expected a number, got true or false",
        ),
        ([{**STORE, "regoin": "x"}], "secretStores[0]: unknown field 'regoin'; see docs/configuration.md"),
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"secretStoreRef": None}, "externalSecrets[0].secretStoreRef is required: key my_name has no sourceRef"),
        ({"refreshInterval": "1"}, "externalSecrets[0]: '1' is not a duration"),
        ({"refreshInterval": 30}, "externalSecrets[0].refreshInterval: 30 has no unit; write a duration such as '30s'"),
        ({"data": []}, "externalSecrets[0]: data and dataFrom are empty"),
        ({"data": {"a": "b"}}, "externalSecrets[0].data: expected a list, got a mapping"),
        ({"data": [{"secretKey": "a"}]}, "externalSecrets[0].data[0].remoteRef is required"),
        ({"data": [{"secretKey": "a", "remoteRef": {}}]}, "externalSecrets[0].data[0].remoteRef.key is required"),
        ({"data": [*SECRET["data"], *SECRET["data"]]}, "externalSecrets[0].data[1].secretKey: 'my_name' occurs twice"),
        ({"target": {"nmae": "x"}}, "externalSecrets[0].target: unknown field 'nmae'"),
    ],
)
def test_a_mistake_in_an_external_secret_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_external_secrets([{**SECRET, **change}])
    assert message in str(caught.value)


def remote_ref(**more: str) -> list[dict[str, Any]]:
    return [{**SECRET, "data": [{"secretKey": "k", "remoteRef": {"key": "p", **more}}]}]


def test_a_remote_reference_may_be_as_eso_stores_it() -> None:
    stored = {"conversionStrategy": "Default", "metadataPolicy": "None", "nullBytePolicy": "Fail"}
    (secret,) = read_external_secrets(remote_ref(decodingStrategy="Auto", **stored))
    assert secret.data["k"].entry == RemoteRef("p", decoding_strategy="Auto", null_byte_policy="Fail")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("decodingStrategy", "Base32", ".remoteRef: decodingStrategy 'Base32' is not known; write None, Base64,"),
        ("nullBytePolicy", "No", ".remoteRef: nullBytePolicy 'No' is not known; write Ignore or Fail"),
        ("conversionStrategy", "No", ".remoteRef: conversionStrategy 'No' is not known; write Default or Unicode"),
        ("metadataPolicy", "Get", ".remoteRef: metadataPolicy 'Get' is not known; write None or Fetch"),
    ],
)
def test_a_mistake_in_a_remote_reference_is_named_by_its_place(field: str, value: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_external_secrets(remote_ref(**{field: value}))
    assert str(caught.value).startswith(f"externalSecrets[0].data[0]{message}")


def test_a_store_that_is_not_there_is_named_with_those_that_are() -> None:
    (secret,) = read_external_secrets([{**SECRET, "secretStoreRef": "b"}])
    assert secret.store is not None
    with pytest.raises(SpecError) as caught:
        find_store(secret.store, secret, stores())
    assert str(caught.value) == (
        "externalSecrets[0].secretStoreRef: ExternalSecret 'friends': there is no store 'b' (there are: SecretStore "
        "team-a)"
    )


def test_no_settings_are_no_resources() -> None:
    assert read_stores(None) == []
    assert read_external_secrets(None) == []


WIDE = {"name": "shared", "region": "eu-central-1"}


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
        ({"conditions": [{"namespaces": "a"}]}, "conditions[0].namespaces: expected a list, got a text"),
        (
            {"conditions": [{"namespaceRegexes": ["("]}]},
            "conditions[0].namespaceRegexes: '(' is not a regular expression",
        ),
        (
            {"conditions": [{"namespaceSelector": {"matchLabels": {"a": 1}}}]},
            "conditions[0].namespaceSelector.matchLabels.a: expected a text, got a number",
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
        ({"additionalRoles": [1]}, "secretStores[0].additionalRoles[0]: expected a text, got a number"),
        ({"kmsKeys": {"k": "x"}}, "secretStores[0].kmsKeys.k: expected a list"),
        ({"conditions": []}, "secretStores[0]: unknown field 'conditions'"),
    ],
)
def test_a_mistake_in_an_identity_is_named_by_its_place(store: dict[str, Any], error: str) -> None:
    with pytest.raises(SpecError) as raised:
        read_stores([{**STORE, **store}])
    assert error in str(raised.value)


def test_stores_of_one_name_are_told_apart_by_kind() -> None:
    both = [*stores(), *read_stores(None, [{"name": "team-a", "region": "eu-central-1"}])]
    (plain, kind) = read_external_secrets(
        [SECRET, {**SECRET, "name": "b", "secretStoreRef": {"name": "team-a", "kind": "ClusterSecretStore"}}]
    )
    assert plain.store is not None
    assert kind.store is not None
    assert find_store(kind.store, kind, both).kind == "ClusterSecretStore"
    with pytest.raises(SpecError, match="there are 2 with the name 'team-a'; say its kind and namespace"):
        find_store(plain.store, plain, both)


def test_a_setting_that_nobody_reads_is_an_error_with_the_likeliest_first() -> None:
    fine = ("aws:region", "kubernetes:externalSecret", "shop:externalSecrets", "parameter-store:forceSync")
    refuse_unknown_settings(fine, "shop")
    with pytest.raises(
        SpecError, match=r"^shop:externalSecret: there is no such setting; there are shop:externalSecrets, "
    ):
        refuse_unknown_settings([*fine, "shop:externalSecret"], "shop")


def test_settings_from_before_the_project_was_renamed_are_not_overlooked() -> None:
    with pytest.raises(SpecError, match=r"^parameter-store:manifests: .* there are .*shop:manifests"):
        refuse_unknown_settings(["parameter-store:manifests"], "shop")
