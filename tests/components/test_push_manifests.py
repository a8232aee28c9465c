"""PushSecrets as manifests and in a stack's settings: ESO's words, its defaults, and what is not supported by name."""

from typing import Any

import pulumi
import pytest

from components import InvalidArgumentsError, PushData, PushMetadata, declare, read_manifests
from components.settings.push_manifest import PushConfig
from components.settings.stack_settings import read_push_secrets
from tests.components.manifest_objects import secret, store
from tests.components.support import declare as run

METADATA = {"apiVersion": "kubernetes.external-secrets.io/v1alpha1", "kind": "PushSecretMetadata"}
WHERE = "manifests: PushSecret team-a/push: spec"


def entry(key: str | None, remote: str, prop: str | None = None, **spec: Any) -> dict[str, Any]:
    remote_ref = {"remoteKey": remote, **({"property": prop} if prop else {})}
    match = {"remoteRef": remote_ref, **({"secretKey": key} if key else {})}
    return {"match": match, **({"metadata": {**METADATA, "spec": spec}} if spec else {})}


def push(metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": "push", "namespace": "team-a", **(metadata or {})},
        "spec": {
            "refreshInterval": "10s",
            "secretStoreRefs": [{"name": "store", "kind": "SecretStore"}],
            "selector": {"secret": {"name": "pokedex-credentials"}},
            "data": [entry("best-pokemon", "my-first-parameter")],
            **spec,
        },
    }


def read(**spec: Any) -> PushConfig:
    (found,) = read_manifests(push(**spec)).pushes
    return found


def test_the_example_of_esos_documentation() -> None:
    found = read()
    assert found.data == (PushData("my-first-parameter", "best-pokemon", metadata=PushMetadata(secret_type="String")),)
    assert [(ref.name, ref.kind) for ref in found.stores] == [("store", "SecretStore")]
    assert (found.secret, found.by_default) == ("pokedex-credentials", ("my-first-parameter",))
    assert (found.update_policy, found.deletion_policy, found.refresh_interval) == ("Replace", "None", "10s")


def test_all_of_the_metadata() -> None:
    policy = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2030-12-02T21:34:33.000Z"}}
    spec = {
        "secretType": "SecureString",
        "kmsKeyID": "alias/x",
        "tier": {"type": "Advanced", "policies": [policy]},
        "tags": {"team": "a"},
        "description": "d",
        "encodeAsDecoded": True,
    }
    found = read(data=[entry(None, "/all", "whole", **spec)], updatePolicy="IfNotExists", deletionPolicy="Delete")
    made = PushMetadata("SecureString", "alias/x", "Advanced", (policy,), {"team": "a"}, "d", encode_as_decoded=True)
    assert found.data == (PushData("/all", None, "whole", made),)
    assert (found.by_default, found.update_policy, found.deletion_policy) == ((), "IfNotExists", "Delete")


def test_it_is_adopted_by_an_annotation_and_pushed_hourly_by_default() -> None:
    (found,) = read_manifests(
        push({"annotations": {"pulumi-parameter-store/adopt": "true"}}, refreshInterval="")
    ).pushes
    assert (found.adopt, found.refresh_interval) == (True, "1h")


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"selector": {"secret": {}}}, f"{WHERE}.selector.secret.name is required"),
        ({"selector": {}}, f"{WHERE}.selector.secret is required"),
        (
            {"selector": {"generatorRef": {"name": "g"}}},
            f"{WHERE}.selector.generatorRef: generators make values that no Secret holds, .* selector.secret",
        ),
        ({"selector": {"secret": {"name": "a"}, "generatorRef": {}}}, "generators make values"),
        ({"selector": {"secret": {"name": "a", "selector": {"matchLabels": {"a": "b"}}}}}, "do not go together"),
        ({"secretStoreRefs": []}, f"{WHERE}.secretStoreRefs is required"),
        (
            {"secretStoreRefs": [{"name": "store", "labelSelector": {"matchLabels": {"a": "b"}}}]},
            "name and labelSelector do not go together",
        ),
        ({"secretStoreRefs": [{"kind": "SecretStore"}]}, "secretStoreRefs.0..name is required"),
        ({"dataTo": [{}]}, "dataTo.0.: storeRef must specify either name or labelSelector"),
        ({"dataTo": [{"storeRef": {"name": "store"}, "match": {"regexp": "(["}}]}, "match.regexp"),
        (
            {
                "dataTo": [
                    {
                        "storeRef": {"name": "store"},
                        "remoteKey": "/b",
                        "rewrite": [{"regexp": {"source": "a", "target": "b"}}],
                    }
                ]
            },
            "remoteKey and rewrite do not go together",
        ),
        ({"template": {"engineVersion": "v1", "data": {"a": "b"}}}, "engineVersion: 'v1' is not supported"),
        ({"updatePolicy": "Always"}, "updatePolicy 'Always' is not known"),
        ({"deletionPolicy": "Retain"}, "deletionPolicy 'Retain' is not known"),
        ({"refreshInterval": "often"}, "is not a duration"),
        ({"dato": []}, "unknown field 'dato'"),
        ({"data": [{"match": {"secretKey": "a"}}]}, "match.remoteRef is required"),
        ({"data": [{**entry("a", "b"), "conversionStrategy": "Unicode"}]}, "conversionStrategy 'Unicode' is not known"),
        ({"data": [{**entry("a", "b"), "metadata": {**METADATA, "apiVersion": "v1", "spec": {}}}]}, 'apiVersion "v1"'),
        ({"data": [{**entry("a", "b"), "metadata": {**METADATA, "kind": "Other"}}]}, 'unexpected kind "Other"'),
        ({"data": [entry("a", "b", nope=1)]}, "unknown field 'nope'"),
        ({"data": [entry("a", "b", tags={"managed-by": "me"})]}, "this library's own"),
        ({"data": [entry("a", "b", secretType="Text")]}, "secretType 'Text' is not known"),
        ({"data": [entry("a", "b", tier={"type": "Advanced", "policies": "[{}]"})]}, "policies: expected a list"),
        ({"data": [entry("a", "b", tier={"typ": "Advanced"})]}, "unknown field 'typ'"),
    ],
)
def test_what_is_wrong_is_named(spec: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=problem) as caught:
        read(**spec)
    assert str(caught.value).startswith("manifests: PushSecret team-a/push")


def test_declared_it_waits_for_the_external_secret_that_makes_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: warned.append(text))
    maker = secret("maker", target={"name": "pokedex-credentials"})
    cloud = run(lambda: declare(read_manifests([store(), maker, push()])), preview=True)
    inputs = cloud.registered["SecretPush", "team-a/push"]
    assert inputs["operation"]["pendingSecrets"] is True
    assert (inputs["stores"], inputs["refresh"]) == ({"team-a/store": {"region": "eu-central-1"}}, {"interval": "10s"})
    (text,) = warned
    assert text.startswith("PushSecret team-a/push pushes my-first-parameter as type String, which is ESO's default")
    warned.clear()
    run(lambda: declare(read_manifests([store(), push()])))
    assert warned == []


def test_what_has_no_effect_is_taken_as_eso_takes_it() -> None:
    data = [entry("a", "b", kmsKeyID="alias/x"), entry("a", "c", encodeAsDecoded=True)]
    cloud = run(lambda: declare(read_manifests([store(), push(data=data)])))
    assert len(cloud.registered["SecretPush", "team-a/push"]["data"]) == 2
    assert not run(lambda: declare(read_manifests([store(), push(data=[])]))).registered["SecretPush", "team-a/push"][
        "data"
    ]


def test_a_store_that_is_not_there_is_named() -> None:
    told = r"PushSecret team-a/push: spec\.secretStoreRefs\[0\]: there is no SecretStore 'store'"
    with pytest.raises(InvalidArgumentsError, match=told):
        run(lambda: declare(read_manifests([push()])))


def test_settings_have_the_same_fields_and_secure_strings_by_default() -> None:
    (found,) = read_push_secrets(
        [
            {
                "name": "push",
                "secretStoreRefs": ["team-a"],
                "selector": {"secret": {"name": "src"}},
                "adopt": True,
                "data": [entry("a", "b")],
            }
        ]
    )
    assert [each.to_bag() for each in found.data] == [{"remoteKey": "b", "secretKey": "a"}]
    assert (found.stores[0].name, found.stores[0].kind, found.adopt, found.by_default) == ("team-a", None, True, ())
    assert (found.refresh_interval, found.qualified) == (None, False)


def labelled(name: str, **labels: str) -> dict[str, Any]:
    made = store(name)
    return {**made, "metadata": {**made["metadata"], "labels": labels}}


def test_stores_and_secrets_by_labels_and_all_keys_to_one_of_the_stores() -> None:
    stores = [labelled("a", env="prod"), labelled("b", env="dev"), labelled("c")]
    to_b = {
        "storeRef": {"labelSelector": {"matchLabels": {"env": "dev"}}},
        "match": {"regexp": "^DB_"},
        "rewrite": [{"regexp": {"source": "^", "target": "/app/"}}],
        "conversionStrategy": "ReverseUnicode",
    }
    spec: dict[str, Any] = {
        "secretStoreRefs": [{"labelSelector": {"matchExpressions": [{"key": "env", "operator": "Exists"}]}}],
        "selector": {"secret": {"selector": {"matchLabels": {"push": "yes"}}}},
        "data": [],
        "dataTo": [to_b, {"storeRef": {"name": "a"}, "match": {"regexp": "x"}}],
        "template": {"data": {"dsn": "{{ .user }}@db"}},
    }
    wrong = {**spec, "dataTo": [to_b, {"storeRef": {"name": "c"}}]}
    with pytest.raises(InvalidArgumentsError, match="storeRef 'c' not found in secretStoreRefs"):
        run(lambda: declare(read_manifests([*stores, push(**wrong)])))
    inputs = run(lambda: declare(read_manifests([*stores, push(**spec)]))).registered["SecretPush", "team-a/push"]
    assert sorted(inputs["stores"]) == ["team-a/a", "team-a/b"]
    assert inputs["selector"] == [{"key": "push", "operator": "In", "values": ["yes"]}]
    assert inputs["dataTo"] == [
        {
            "store": "team-a/b",
            "match": {"regexp": "^DB_"},
            "rewrite": [{"regexp": {"source": "^", "target": "/app/"}}],
            "metadata": {"secretType": "String"},
            "conversionStrategy": "ReverseUnicode",
        },
        {"store": "team-a/a", "match": {"regexp": "x"}, "metadata": {"secretType": "String"}},
    ]
    assert inputs["template"] == {"data": {"dsn": "{{ .user }}@db"}}


def test_labels_that_no_store_has_are_an_error() -> None:
    refs = [{"labelSelector": {"matchLabels": {"env": "prod"}}}]
    with pytest.raises(InvalidArgumentsError, match="labelSelector does not match any store"):
        run(lambda: declare(read_manifests([store(), push(secretStoreRefs=refs)])))


def reader(name: str, target: str = "read", key: str | None = None, find: Any = None) -> dict[str, Any]:
    data = [] if key is None else [{"secretKey": "k", "remoteRef": {"key": key}}]
    return secret(name, target={"name": target}, data=data, dataFrom=[] if find is None else [{"find": find}])


@pytest.mark.parametrize(
    ("given", "entry", "waits"),
    [
        ({}, {"key": "my-first-parameter"}, True),
        ({}, {"key": "/my-first-parameter"}, True),
        ({}, {"key": "another"}, False),
        ({}, {"find": {"path": "/", "name": {"regexp": "."}}}, True),
        ({}, {"find": {"path": "/other", "name": {"regexp": "."}}}, False),
        ({"dataTo": [{"storeRef": {"name": "store"}, "remoteKey": "/all"}]}, {"key": "/all"}, True),
        ({"dataTo": [{"storeRef": {"name": "store"}, "match": {"regexp": "^DB"}}]}, {"key": "DB_HOST"}, True),
        ({"dataTo": [{"storeRef": {"name": "store"}, "match": {"regexp": "^DB"}}]}, {"key": "HOST"}, False),
        (
            {"dataTo": [{"storeRef": {"name": "store"}, "rewrite": [{"regexp": {"source": "^", "target": "/rt/"}}]}]},
            {"key": "/rt/user"},
            True,
        ),
    ],
)
def test_who_reads_what_is_pushed_waits_for_it(given: dict[str, Any], entry: dict[str, Any], *, waits: bool) -> None:
    cloud = run(lambda: declare(read_manifests([store(), reader("es", **entry), push(**given)])))
    assert cloud.registered["SecretSync", "team-a/es"]["operation"]["late"] is waits


def test_a_circle_is_an_error() -> None:
    readers = [reader("es", "pokedex-credentials", key="/second"), reader("other", "more", key="my-first-parameter")]
    second = push({"name": "second"}, selector={"secret": {"name": "more"}}, data=[entry("k", "/second")])
    with pytest.raises(InvalidArgumentsError, match="ExternalSecrets and PushSecrets wait for each other"):
        run(lambda: declare(read_manifests([store(), *readers, push(), second])))
