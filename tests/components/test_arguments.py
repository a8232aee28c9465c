"""What can never work is said when the component is constructed, with its name and what to write instead."""

from typing import Any

import pulumi
import pytest

from components.external_secret import ExternalSecret, RemoteRef, Target, Template
from components.parameter_store import AccessKeyAuth, InvalidArgumentsError, SecretKeyRef, SecretStore
from tests.components.support import declare, resolved

STORE: dict[str, Any] = {"namespace": "team-a", "region": "eu-central-1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"service": "SecretsManager"}, "SecretStore 's': service 'SecretsManager' is not supported"),
        ({"region": "Frankfurt"}, "SecretStore 's': region: 'Frankfurt' is not an AWS region"),
        ({"namespace": ""}, "SecretStore 's': namespace is empty"),
        ({"role": "reader"}, "SecretStore 's': role: 'reader' is not a role's ARN"),
        ({"requests_per_second": 0}, "SecretStore 's': requests_per_second must be above 0"),
    ],
)
def test_a_stores_arguments(change: dict[str, Any], message: str) -> None:
    def program() -> None:
        with pytest.raises(InvalidArgumentsError) as caught:
            SecretStore("s", **{**STORE, **change})
        assert message in str(caught.value)

    declare(program)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": {}}, "ExternalSecret 'e': data and data_from are empty"),
        ({"data": {"a b": "x"}}, "ExternalSecret 'e': secret key 'a b' is not allowed"),
        ({"target": "UPPER"}, "ExternalSecret 'e': Secret name 'UPPER' is not allowed"),
        (
            {"data": {"k": RemoteRef("p", decoding_strategy="Base32")}},  # type: ignore[arg-type]
            "ExternalSecret 'e', key k: decodingStrategy 'Base32' is not known; write None, Base64, Base64URL or Auto",
        ),
        ({"target": Target(labels={"a": "c d"})}, "ExternalSecret 'e': label 'a' has a value that Kubernetes does not"),
        (
            {"target": Target(template=Template(type="kubernetes.io/tls"))},
            "ExternalSecret 'e': the Secret cannot be written: type kubernetes.io/tls needs key tls.crt and tls.key",
        ),
        ({"data": {"k": "no good"}}, "ExternalSecret 'e', key k: 'no good' cannot be a parameter's name"),
    ],
)
def test_an_external_secrets_arguments(change: dict[str, Any], message: str) -> None:
    def program() -> None:
        arguments: dict[str, Any] = {"data": {"k": "friendslist"}, **change}
        with pytest.raises(InvalidArgumentsError) as caught:
            ExternalSecret("e", store=SecretStore("s", **STORE), **arguments)
        assert message in str(caught.value)

    declare(program)


def test_the_text_is_shown_without_a_traceback() -> None:
    assert issubclass(InvalidArgumentsError, pulumi.RunError)


def test_the_target_is_named_like_the_resource_unless_told_otherwise() -> None:
    def program() -> None:
        store = SecretStore("s", **STORE)
        ExternalSecret("a", store=store, data={"k": "friendslist"})
        ExternalSecret("b", store=store, data={"k": "friendslist"}, target="other")

    registered = declare(program).registered
    assert registered["SecretSync", "a"]["secretName"] == "a"
    assert registered["SecretSync", "b"]["secretName"] == "other"
    assert registered["SecretSync", "b"]["owner"] == "shop/dev/b"


def test_access_keys_are_named_and_never_read_by_the_program() -> None:
    def program() -> None:
        auth = AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef("aws", "secret"))
        SecretStore("s", auth=auth, **STORE)

    assert declare(program).registered["Snapshot", "s"]["store"] == {
        "region": "eu-central-1",
        "secretRef": {
            "accessKeyIDSecretRef": {"namespace": "team-a", "name": "aws", "key": "id"},
            "secretAccessKeySecretRef": {"namespace": "team-a", "name": "aws", "key": "secret"},
        },
        "cluster": {},
    }


def test_outputs_are_what_others_need() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        secret = ExternalSecret(
            "a", store=SecretStore("s", **STORE), data={"k": RemoteRef("friendslist")}, target="friends"
        )
        for name in ("secret_name", "namespace", "synced_versions", "status", "refresh_time"):
            resolved(getattr(secret, name), seen, name)

    declare(program)
    assert seen == {
        "secret_name": "friends",
        "namespace": "team-a",
        "synced_versions": {"friendslist": 2},
        "status": "SecretSynced",
        "refresh_time": "2026-11-24T00:00:00+00:00",
    }


def test_children_stand_under_their_components() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        store = SecretStore("s", **STORE)
        ExternalSecret("a", store=store, data={"k": "friendslist"})

        async def urn() -> str | None:
            (snapshot,) = await store.versions.resources()
            return await snapshot.urn.future()

        resolved(pulumi.Output.from_input(urn()), seen, "snapshot")

    declare(program)
    assert "parameterstore:index:SecretStore$pulumi-python:dynamic/parameterstore:Snapshot::s" in seen["snapshot"]
