"""A stack's settings are read strictly, and a mistake is named by its place."""

from typing import Any

import pytest

from components.errors import SpecError
from components.external_secret import Extract, Find, RemoteRef, Target, Template
from components.manifests import read_manifests
from components.settings.secret_manifest import DataEntry, StoreRef
from components.settings.stack_settings import parse_setting, read_external_secrets, refuse_unknown_settings
from components.settings.store_lookup import find_store
from components.settings.store_manifest import StoreConfig, read_stores

STORE = {"name": "team-a", "namespace": "team-a", "region": "eu-central-1"}
SECRET = {
    "name": "friends",
    "secretStoreRef": "team-a",
    "data": [{"secretKey": "my_name", "remoteRef": {"key": "friendslist", "property": "name.first", "version": 3}}],
}


def stores() -> list[StoreConfig]:
    return read_stores([STORE])


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
    ("change", "message"),
    [
        ({"secretStoreRef": None}, "externalSecrets[0].secretStoreRef is required: key my_name has no sourceRef"),
        ({"refreshInterval": "1"}, "externalSecrets[0]: '1' is not a duration"),
        ({"refreshInterval": 30}, "externalSecrets[0].refreshInterval: 30 has no unit; write a duration such as '30s'"),
        ({"data": []}, "externalSecrets[0]: data and dataFrom are empty"),
        ({"data": {"a": "b"}}, "externalSecrets[0].data: expected a list, got a mapping"),
        ({"data": {"a": "b"}}, "; write a list: each entry on a line of its own after '- secretKey: ...'"),
        ({"dataFrom": {"extract": {"key": "/a"}}}, "each entry on a line of its own after '- extract: ...'"),
        ({"dataFrom": [{"extract": {"key": "/a"}, "rewrite": "x"}]}, "a line of its own after '- regexp: ...'"),
        ({"target": {"template": {"templateFrom": "x"}}}, "each entry on a line of its own after '- configMap: ...'"),
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


def test_settings_have_optional_references_and_manifests_do_not() -> None:
    spec: dict[str, Any] = {
        "data": [{"secretKey": "a", "remoteRef": {"key": "/a", "optional": True}}],
        "dataFrom": [{"extract": {"key": "/b", "optional": True}}],
    }
    (secret,) = read_external_secrets([{"name": "s", "secretStoreRef": "team-a", **spec}])
    assert secret.data["a"].entry == RemoteRef("/a", optional=True)
    assert secret.data_from[0].entry == Extract("/b", optional=True)
    for without in spec:
        rest = {field: each for field, each in spec.items() if field != without}
        manifest = {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "s", "namespace": "team-a"},
            "spec": {"secretStoreRef": {"name": "team-a"}, **rest},
        }
        with pytest.raises(SpecError, match="unknown field 'optional'"):
            read_manifests(manifest)
    spec["data"][0]["remoteRef"]["optional"] = "yes"
    with pytest.raises(SpecError, match=r"remoteRef\.optional: expected true or false, got a string"):
        read_external_secrets([{"name": "s", "secretStoreRef": "team-a", **spec}])


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


def test_a_setting_that_nobody_reads_is_an_error_that_says_what_there_is() -> None:
    fine = ("aws:region", "kubernetes:externalSecret", "shop:externalSecrets", "parameter-store:forceSync")
    refuse_unknown_settings(fine, "shop")
    with pytest.raises(
        SpecError, match=r"^shop:externalSecret: there is no such setting; there are shop:externalSecrets, "
    ):
        refuse_unknown_settings([*fine, "shop:externalSecret"], "shop")


def test_settings_from_before_the_project_was_renamed_are_not_overlooked() -> None:
    with pytest.raises(SpecError, match=r"^parameter-store:manifests: .* there are .*shop:manifests"):
        refuse_unknown_settings(["parameter-store:manifests"], "shop")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("parameterstore:secretStores", "parameter-store:secretStores"),
        ("parameter-stor:secretStores", "parameter-store:secretStores"),
        ("parameter_store:externalSecrets", "parameter-store:externalSecrets"),
        ("ParameterStore:manifests", "parameter-store:manifests"),
        ("parameter\u2013store:manifests", "parameter-store:manifests"),
        ("paramater-store:manifest", "parameter-store:manifests"),
        ("parameter-store:config:secretStores", "parameter-store:secretStores"),
        ("ssm:clusterSecretStores", "parameter-store:clusterSecretStores"),
        ("eso:external-secrets", "parameter-store:externalSecrets"),
        ("aws:secretStores", "parameter-store:secretStores"),
        ("kubernetes:manifests", "parameter-store:manifests"),
        ("shop:forceSync", "parameter-store:forceSync"),
        ("x:ExternalSecret", "parameter-store:externalSecrets"),
        ("secretStores", "parameter-store:secretStores"),
        ("parameter-store:external-secrets", "parameter-store:externalSecrets"),
        ("aws:allowStaticAccessKeys", "parameter-store:allowStaticAccessKeys"),
    ],
)
def test_our_settings_in_another_namespace_are_an_error_that_says_what_to_write(key: str, meant: str) -> None:
    with pytest.raises(SpecError) as raised:
        refuse_unknown_settings([key], "parameter-store")
    assert str(raised.value) == (
        f"{key}: there is no such setting; there are parameter-store:externalSecrets, "
        "parameter-store:clusterExternalSecrets, parameter-store:pushSecrets, parameter-store:clusterPushSecrets, "
        "parameter-store:secretStores, "
        "parameter-store:clusterSecretStores, parameter-store:manifests, parameter-store:allowStaticAccessKeys, "
        f"parameter-store:grouped, parameter-store:forceSync. Write {meant}"
    )


@pytest.mark.parametrize("key", ["parameter-stor:foo", "parameters-store:x", "shop:x", "sh-op:x"])
def test_nearly_our_namespace_is_ours(key: str) -> None:
    with pytest.raises(SpecError, match=f"^{key}: there is no such setting; there are shop:externalSecrets, [^.]*$"):
        refuse_unknown_settings([key], "shop")


@pytest.mark.parametrize("project", ["shop", "parameter-store", "aws-secrets"])
def test_settings_of_others_are_left_to_them(project: str) -> None:
    refuse_unknown_settings(
        [
            "aws:region",
            "aws:secretKey",
            "aws:accessKey",
            "aws:allowedAccountIds",
            "aws:assumeRoles",
            "aws:skipCredentialsValidation",
            "aws-native:region",
            "kubernetes:context",
            "kubernetes:kubeconfig",
            "kubernetes:externalSecret",
            "kubernetes:suppressDeprecationWarnings",
            "pulumi:tags",
            "pulumi:autonaming",
            "pulumi:disable-default-providers",
            "network:vpc",
            "team:secrets",
        ],
        project,
    )


@pytest.mark.parametrize("text", ["eso", "", "- eso", "{", "[" * 100_000, "canary-4711"])
def test_a_bare_string_where_a_list_is_wanted_is_told_what_to_write(text: str) -> None:
    with pytest.raises(SpecError) as raised:
        parse_setting("manifests", text)
    assert str(raised.value) == (
        "manifests: expected a list, got a string; write a list: each entry on a line of its own after '- '"
    )


def test_a_list_is_read_as_it_is() -> None:
    assert parse_setting("manifests", '["eso"]') == ["eso"]
    assert parse_setting("manifests", None) is None
