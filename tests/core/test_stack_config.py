"""A stack's settings are read strictly, and a mistake is named by its place."""

from typing import Any

import pytest

from components.core.errors import SpecError
from components.core.specs import RemoteRefSpec
from components.core.stack_config import read_external_secrets
from components.core.store_config import AccessKeysConfig, SecretKeyConfig, StoreConfig, read_stores

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
    assert (store.name, store.namespace, store.region, store.role, store.requests_per_second) == (
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
    assert store.auth == AccessKeysConfig(
        SecretKeyConfig("aws", "id", None), SecretKeyConfig("aws", "secret", None), session_token=None
    )


def test_an_external_secret_maps_secret_keys_to_remote_references() -> None:
    (secret,) = read_external_secrets([SECRET], stores())
    assert secret.data == {"my_name": RemoteRefSpec("friendslist", "name.first", "3")}
    assert secret.target is None


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
        ({"secretStoreRef": "b"}, "secretStoreRef: there is no store 'b' in secretStores (there are: team-a)"),
        ({"data": {"a": "b"}}, "externalSecrets[0].data: expected a list, got a mapping"),
        ({"data": [{"secretKey": "a"}]}, "externalSecrets[0].data[0].remoteRef is required"),
        ({"data": [{"secretKey": "a", "remoteRef": {}}]}, "externalSecrets[0].data[0].remoteRef.key is required"),
        ({"data": [*SECRET["data"], *SECRET["data"]]}, "externalSecrets[0].data[1].secretKey: 'my_name' occurs twice"),
        ({"target": {"nmae": "x"}}, "externalSecrets[0].target.name is required"),
    ],
)
def test_a_mistake_in_an_external_secret_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_external_secrets([{**SECRET, **change}], stores())
    assert message in str(caught.value)


def test_no_settings_are_no_resources() -> None:
    assert read_stores(None) == []
    assert read_external_secrets(None, []) == []
