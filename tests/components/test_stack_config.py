"""A stack's settings are read strictly, and a mistake is named by its place."""

from typing import Any

import pytest

from components.core.errors import SpecError
from components.declaring import find_store
from components.external_secret import Extract, Find, RemoteRef, Target, Template
from components.secret_config import DataEntry, StoreRef
from components.stack_config import read_external_secrets, refuse_unknown_settings
from components.store_config import StoreConfig, read_stores

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
