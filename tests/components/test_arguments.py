"""What can never work is said when the component is constructed, with its name and what to write instead."""

from collections.abc import Callable
from typing import Any, get_args

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.core.services import SERVICES, ServiceName
from components.external_secret import (
    ExternalSecret,
    Extract,
    Find,
    MergeRewrite,
    RegexpRewrite,
    RemoteRef,
    Target,
    Template,
    TemplateItem,
    TemplateSource,
    TransformRewrite,
)
from components.parameter_store import (
    AccessKeyAuth,
    AssumedRole,
    InvalidArgumentsError,
    KmsKey,
    LabelRequirement,
    PodIdentityAuth,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
    StoreCondition,
)
from tests.components.support import Engine, declare, resolved

STORE: dict[str, Any] = {"namespace": "team-a", "region": "eu-central-1"}


@pytest.mark.parametrize("version", ["", pulumi.Output.from_input("")])
@pytest.mark.parametrize("kind", [RemoteRef, Extract])
def test_an_empty_version_is_none(version: Any, kind: Any) -> None:
    def program() -> None:
        store = SecretStore("s", **STORE)
        entry = kind("friendslist", version=version)
        entries: dict[str, Any] = {"data": {"k": entry}} if kind is RemoteRef else {"data_from": [entry]}
        ExternalSecret("e", store=store, **entries)

    assert declare(program).registered["Snapshot", "s"]["references"] == ["friendslist"]


ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOT_SHOWN = "the string that was given (not shown, as it can hold a credential)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"service": "Ledger"},
            "SecretStore 's': service 'Ledger' is not known; write ParameterStore or SecretsManager",
        ),
        (
            {"service": "secretsmanager"},
            "SecretStore 's': service 'secretsmanager' is not known; did you mean 'SecretsManager'?",
        ),
        ({"region": "Frankfurt"}, "SecretStore 's': region: 'Frankfurt' is not an AWS region"),
        ({"namespace": ""}, "SecretStore 's': namespace is empty"),
        ({"role": "reader"}, "SecretStore 's': role: 'reader' is not a role's ARN"),
        ({"region": ACCESS_KEY}, f"SecretStore 's': region: {NOT_SHOWN} is not an AWS region"),
        ({"role": ACCESS_KEY}, f"SecretStore 's': role: {NOT_SHOWN} is not a role's ARN"),
        ({"additional_roles": [ACCESS_KEY]}, f"SecretStore 's': additional_roles: {NOT_SHOWN} is not a role's ARN"),
        ({"requests_per_second": 0}, "SecretStore 's': requests_per_second must be above 0"),
        ({"requests_per_second": 1e-9}, "SecretStore 's': requests_per_second must be at least 0.1, not 1e-09"),
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
            "ExternalSecret 'e', key k: decoding_strategy 'Base32' is not known; write None, Base64, Base64URL or Auto",
        ),
        ({"target": Target(labels={"a": "c d"})}, "ExternalSecret 'e': label 'a' has a value that Kubernetes does not"),
        (
            {"target": Target(template=Template(type="kubernetes.io/tls"))},
            "ExternalSecret 'e': the Secret cannot be written: type kubernetes.io/tls needs key tls.crt and tls.key",
        ),
        ({"data": {"k": "no good"}}, "ExternalSecret 'e', key k: 'no good' cannot be a parameter's name"),
        ({"refresh_interval": 60}, "ExternalSecret 'e': '60' is not a duration; write one such as '1h'"),
        ({"refresh_policy": "x"}, "ExternalSecret 'e': refresh_policy 'x' is not known; write Periodic, OnChange or"),
    ],
)
def test_an_external_secrets_arguments(change: dict[str, Any], message: str) -> None:
    def program() -> None:
        arguments: dict[str, Any] = {"data": {"k": "friendslist"}, **change}
        with pytest.raises(InvalidArgumentsError) as caught:
            ExternalSecret("e", store=SecretStore("s", **STORE), **arguments)
        assert message in str(caught.value)

    declare(program)


KEY = "a RemoteRef or a parameter's name"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": {"a": 5}}, f"ExternalSecret 'e', key a: expected {KEY}, got a number"),
        ({"data": {"a": None}}, f"ExternalSecret 'e', key a: expected {KEY}, got nothing"),
        (
            {"data": {"a": Extract("p")}},
            f"ExternalSecret 'e', key a: expected {KEY}, got Extract; an Extract or a Find goes into data_from",
        ),
        ({"data": {5: "p"}}, "ExternalSecret 'e', data: expected texts as secret keys, got a number"),
        ({"data": [RemoteRef("p")]}, "ExternalSecret 'e', data: expected a mapping of secret keys to RemoteRefs"),
        ({"data": {"a": RemoteRef(5)}}, "ExternalSecret 'e', key a.key: expected a parameter's name, got a number"),  # type: ignore[arg-type]
        (
            {"data": {"a": RemoteRef("p", store="s")}},  # type: ignore[arg-type]
            "ExternalSecret 'e', key a.store: expected a SecretStore or ClusterSecretStore, got a string",
        ),
        (
            {"data_from": ["/p"]},
            "data_from[0]: expected an Extract or a Find, got a string; write Extract('/the/parameter')",
        ),
        (
            {"data_from": Extract("p")},
            "ExternalSecret 'e', data_from: expected a list of Extract and Find, got Extract",
        ),
        (
            {"data_from": [Extract("p", rewrite="x")]},  # type: ignore[arg-type]
            "ExternalSecret 'e', data_from[0].rewrite: expected a list of rewrites, got a string",
        ),
        (
            {"data_from": [Find(name="x", rewrite=["x"])]},  # type: ignore[list-item]
            "data_from[0].rewrite[0]: expected a RegexpRewrite, TransformRewrite or MergeRewrite, got a string",
        ),
        (
            {"target": {"name": "x"}},
            "ExternalSecret 'e', target: expected a Target, or the Secret's name, got a mapping",
        ),
        ({"store": "s"}, "ExternalSecret 'e', store: expected a SecretStore or ClusterSecretStore, got a string"),
    ],
)
def test_arguments_of_the_wrong_kind(change: dict[str, Any], message: str) -> None:
    def program() -> None:
        arguments: dict[str, Any] = {"store": SecretStore("s", **STORE), "data": {"k": "friendslist"}, **change}
        with pytest.raises(InvalidArgumentsError) as caught:
            ExternalSecret("e", **arguments)
        assert message in str(caught.value)

    declare(program)


@pytest.mark.parametrize(
    ("construct", "message"),
    [
        (lambda: RegexpRewrite("(", "x"), "rewrite.regexp.source '('"),
        (lambda: TransformRewrite("{{"), "rewrite.transform.template"),
        (lambda: MergeRewrite(strategy="JSON"), "merge.into is required"),
        (lambda: TemplateItem("k", "x"), "template_as 'x' is not known"),  # type: ignore[arg-type]
        (TemplateSource, "template_from needs exactly one of"),
        (lambda: StoreCondition(namespace_regexes=("(",)), "namespace_regexes: '('"),
        (lambda: LabelRequirement("l", "Like"), "the requirement on label 'l'"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_while_an_argument_is_constructed(construct: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        construct()
    assert message in str(caught.value)


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
    # The mocks put a component without a parent below the stack.
    urn = "urn:pulumi:dev::shop::pulumi:pulumi:Stack$parameterstore:index:ExternalSecret::b"
    assert registered["SecretSync", "b"]["owner"] == {"urn": urn}


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
        for name in ("secret_name", "namespace", "synced_versions", "revision", "status", "refresh_time"):
            resolved(getattr(secret, name), seen, name)

    declare(program)
    assert seen == {
        "secret_name": "friends",
        "namespace": "team-a",
        "synced_versions": {"friendslist": 2},
        "revision": "0",
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


@pytest.mark.parametrize(
    ("kinds", "told"), [("plain", "None"), ("output", "False"), ("secret", "True"), ("both", "True")]
)
def test_a_provider_gets_to_know_that_a_template_is_a_secret_of_pulumi_s(kinds: str, told: str) -> None:
    def program() -> None:
        texts: dict[str, pulumi.Input[str]] = {"plain": "{{ .x }}"}
        if kinds in ("output", "both"):
            texts["output"] = pulumi.Output.from_input("{{ .x }}")
        if kinds in ("secret", "both"):
            texts["secret"] = pulumi.Output.secret("{{ .x }}")
        target = Target(template=Template(data=texts))
        ExternalSecret("e", store=SecretStore("s", **STORE), data={"x": "p"}, target=target)

    inputs = declare(program).registered["SecretSync", "e"]
    assert str(inputs["operation"].get("confidentialTexts")) == told


SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PLAIN_KEY = "wJalrXUtnFEMI0K7MDENG0bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize("text", [SECRET_KEY, PLAIN_KEY])
@pytest.mark.parametrize(
    "given",
    [
        lambda text: {"auth": AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef("aws", text))},
        lambda text: {"auth": AccessKeyAuth(SecretKeyRef("aws", text), SecretKeyRef("aws", "secret"))},
        lambda text: {"auth": AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef(text, "secret"))},
        lambda text: {"auth": AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef("aws", "secret", text))},
        lambda text: {"auth": ServiceAccountAuth(text)},
        lambda text: {"namespace": text},
    ],
)
def test_a_key_that_stands_where_a_name_belongs_is_not_shown(given: Callable[[str], dict[str, Any]], text: str) -> None:
    arguments: dict[str, Any] = {"namespace": "team-a", "region": "eu-central-1", **given(text)}
    with pytest.raises(InvalidArgumentsError) as caught:
        declare(lambda: SecretStore("s", **arguments))
    assert text not in str(caught.value)
    assert "not shown, as it can hold a credential) is not allowed; write " in str(caught.value)


def test_an_arn_that_stands_where_a_name_belongs_is_shown() -> None:
    role = "arn:aws:iam::123456789012:role/Reader"
    with pytest.raises(InvalidArgumentsError, match=role):
        declare(lambda: SecretStore("s", **STORE, auth=ServiceAccountAuth(role)))


def test_a_variable_that_says_neither_yes_nor_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAMETER_STORE_FORCE_SYNC", "yess")
    with pytest.raises(pulumi.RunError, match="PARAMETER_STORE_FORCE_SYNC is neither 1 nor 0"):
        declare(lambda: SecretStore("s", **STORE))


SECRET_KEYS = (
    ACCESS_KEY,
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IkEx.eyJpc3MiOiJrdWJlcm5ldGVz.c2lnbmF0dXJl",
    "FwoGZXIvYXdzEJr9" * 20,
)
ROLE = AssumedRole(principals=["arn:aws:iam::123456789012:role/r"])


@pytest.mark.parametrize("key", SECRET_KEYS)
@pytest.mark.parametrize(
    "given",
    [
        lambda key: {"role": AssumedRole(principals=[key])},
        lambda key: {"auth": ServiceAccountAuth(oidc_provider=key)},
        lambda key: {"auth": PodIdentityAuth(cluster=key, service_account="s")},
        lambda key: {"role": ROLE, "kms_keys": [KmsKey(key, ["/x"])]},
        lambda key: {"role": ROLE, "paths": [key]},
        lambda key: {"service": key},
    ],
)
def test_a_key_in_the_place_of_a_stores_names_is_not_shown(given: Callable[[str], Any], key: str) -> None:
    def program() -> None:
        with pytest.raises(InvalidArgumentsError) as caught:
            SecretStore("s", **{**STORE, **given(key)})
        assert "'(not shown)'" in str(caught.value)
        assert key[:20] not in str(caught.value)

    declare(program)


@pytest.mark.parametrize("key", SECRET_KEYS)
@pytest.mark.parametrize(
    "given",
    [
        lambda key: {"data": {"k": RemoteRef("/x", decoding_strategy=key)}},
        lambda key: {"target": Target(creation_policy=key)},
        lambda key: {"target": Target(name=key)},
        lambda key: {"refresh_interval": key},
        lambda key: {"refresh_policy": key},
        lambda key: {"data_from": [Find(path=key, name="x")]},
    ],
)
def test_nor_in_the_place_of_an_external_secrets(given: Callable[[str], Any], key: str) -> None:
    def program() -> None:
        with pytest.raises(InvalidArgumentsError) as caught:
            ExternalSecret("e", **{"store": SecretStore("s", **STORE), "data": {"k": "/x"}, **given(key)})
        assert "'(not shown)'" in str(caught.value)
        assert key[:20] not in str(caught.value)

    declare(program)


@pytest.mark.parametrize(
    ("kept", "known"),
    [({"revision": "a1"}, "a1"), ({"refreshTime": "2026-11-24T00:00:00+00:00"}, "0"), ({}, None)],
    ids=["as it was", "state of an earlier version as it was", "to be written"],
)
def test_a_preview_knows_the_revision_where_nothing_changes(kept: dict[str, str], known: str | None) -> None:
    class Previewed(Engine):
        def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
            name, outputs = super().new_resource(args)
            if args.typ.endswith(":SecretSync"):
                del outputs["refreshTime"]
            return name, {**outputs, **kept}

    seen: dict[str, Any] = {}

    def program() -> None:
        secret = ExternalSecret("a", store=SecretStore("s", **STORE), data={"k": "friendslist"})

        async def is_known() -> bool:
            return await secret.revision.is_known()

        resolved(pulumi.Output.from_input(is_known()), seen, "known")
        resolved(secret.revision, seen, "revision")

    declare(program, preview=True, engine=Previewed())
    assert seen.pop("known") is (known is not None)
    assert seen.get("revision") == known


def test_type_checkers_see_the_services_that_there_are() -> None:
    assert get_args(ServiceName) == tuple(SERVICES)
