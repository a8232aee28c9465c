"""Manifests declare the components they stand for, each on its store, in the order in which they need each other."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.errors import SpecError
from components.manifests import declare, read_manifests
from components.parameter_store import InvalidArgumentsError
from components.settings.declaration import declare_all
from components.settings.stack_settings import read_manifest_settings
from tests.components.manifest_objects import secret, store
from tests.components.support import Engine
from tests.components.support import declare as run_program


def test_two_of_one_name_in_two_namespaces_are_two_resources() -> None:
    there = {"namespace": "team-b"}
    second = store()
    second["metadata"] |= there

    def program() -> None:
        declare(read_manifests([store(), second, secret(), secret(metadata=there)]))

    syncs = {name: each for (kind, name), each in run_program(program).registered.items() if kind == "SecretSync"}
    assert {name: (each["namespace"], each["secretName"]) for name, each in syncs.items()} == {
        "team-a/db": ("team-a", "db"),
        "team-b/db": ("team-b", "db"),
    }


def test_a_namespace_is_for_those_that_name_none() -> None:
    manifests = [store(), secret()]
    for each in manifests:
        del each["metadata"]["namespace"]

    def program() -> None:
        assert list(declare(read_manifests(manifests), namespace="team-c")) == ["team-c/db"]

    run_program(program)
    with pytest.raises(InvalidArgumentsError, match=r"metadata\.namespace is required"):
        declare(read_manifests(manifests))


@pytest.mark.parametrize(
    "manifest",
    [
        secret(),
        store(),
        store(metadata={"name": "store", "namespace": "team-a"}),
        {"apiVersion": "v1", "kind": "List", "items": [secret()]},
        secret(target={"name": "elsewhere"}),
        {**secret(), "apiVersion": "external-secrets.io/v1beta1"},
    ],
)
def test_a_namespace_refuses_a_manifest_that_names_another(manifest: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(manifest), encoding="utf-8")
    said = (
        "its metadata.namespace is 'team-a', and namespace 'team-b' is given for all of them; take one of the two away"
    )
    with pytest.raises(InvalidArgumentsError) as caught:
        declare(read_manifests(manifest), namespace="team-b")
    assert said in str(caught.value)
    with pytest.raises(SpecError) as refused:
        read_manifest_settings([{"path": str(tmp_path), "namespace": "team-b"}])
    assert str(refused.value).startswith(f"manifests[0]: {file}")
    assert said in str(refused.value)


@pytest.mark.parametrize("namespace", ["team-a", "", None])
def test_the_same_namespace_or_none_is_taken(namespace: str | None) -> None:
    made = read_manifests([store(), secret()]).within(namespace)
    assert (made.stores[0].namespace, made.secrets[0].namespace) == ("team-a", "team-a")


def test_a_cluster_store_with_a_namespace_serves_every_namespace() -> None:
    wide = store("aws-ssm", kind="ClusterSecretStore", metadata={"name": "aws-ssm", "namespace": "external-secrets"})
    use = secret(secretStoreRef={"name": "aws-ssm", "kind": "ClusterSecretStore"})
    read = read_manifests([wide, use])
    run_program(lambda: declare(read))
    run_program(lambda: declare(read, namespace="team-a"))
    with pytest.raises(InvalidArgumentsError, match=r"the name 'aws-ssm' occurs twice"):
        declare(read_manifests([wide, {**wide, "metadata": {"name": "aws-ssm", "namespace": "other"}}, use]))


def test_a_store_that_is_not_there_is_named_with_the_external_secret() -> None:
    there = store("other")
    with pytest.raises(InvalidArgumentsError) as caught:
        declare(read_manifests([there, secret()]))
    assert str(caught.value) == (
        "manifests[1]: ExternalSecret team-a/db: spec.secretStoreRef: there is no SecretStore 'store' (there are: "
        "SecretStore team-a/other); put its manifest beside the others"
    )


def test_a_store_of_another_namespace_is_another_store() -> None:
    with pytest.raises(InvalidArgumentsError, match="there is no SecretStore 'store' for namespace 'team-b'"):
        declare(read_manifests([store(), secret(metadata={"namespace": "team-b"})]))


def test_credentials_without_a_namespace_are_those_of_whoever_uses_a_cluster_store() -> None:
    ref = {"name": "aws", "key": "id"}
    auth = {"secretRef": {"accessKeyIDSecretRef": ref, "secretAccessKeySecretRef": {**ref, "namespace": "keys"}}}
    everywhere = store(kind="ClusterSecretStore", metadata={"name": "css"}, aws={"auth": auth})
    uses = {"name": "css", "kind": "ClusterSecretStore"}
    users = [secret(metadata={"namespace": namespace}, secretStoreRef=uses) for namespace in ("team-a", "team-b")]
    engine = run_program(lambda: declare(read_manifests([everywhere, *users])))
    stores = {name: each["store"] for (kind, name), each in engine.registered.items() if kind == "Snapshot"}
    namespaces = {name: {ref["namespace"] for ref in each["secretRef"].values()} for name, each in stores.items()}
    assert namespaces == {"css@team-a": {"team-a", "keys"}, "css@team-b": {"team-b", "keys"}}


def templated(name: str, secret_name: str, **target: Any) -> dict[str, Any]:
    source = {"secret": {"name": secret_name, "items": [{"key": "k"}]}}
    return secret(name, target={"template": {"templateFrom": [source]}, **target})


def test_the_maker_of_a_template_secret_is_waited_for() -> None:
    manifests = [store(), templated("last", "middle"), templated("middle", "texts"), secret("texts"), secret("apart")]

    def program() -> None:
        assert list(declare(read_manifests(manifests))) == [f"team-a/{name}" for name in NAMES]

    NAMES = ("last", "middle", "texts", "apart")  # noqa: N806 - of the program alone
    syncs = {name: each for (kind, name), each in run_program(program).registered.items() if kind == "SecretSync"}
    assert list(syncs) == ["team-a/texts", "team-a/apart", "team-a/middle", "team-a/last"]
    waits = {name for name, each in syncs.items() if each["operation"]["pendingSecrets"]}
    assert waits == {"team-a/middle", "team-a/last"}
    assert not any(each["operation"]["late"] for each in syncs.values())


@pytest.mark.parametrize("target", [{"name": "a"}, {"name": "other", "creationPolicy": "None"}])
def test_ones_own_secret_and_one_that_nobody_writes_are_not_waited_for(target: dict[str, Any]) -> None:
    def program() -> None:
        declare(read_manifests([store(), templated("a", target["name"]), secret("b", target={**target, "name": "c"})]))

    for (kind, _), each in run_program(program).registered.items():
        assert kind != "SecretSync" or not each["operation"]["pendingSecrets"]


def test_external_secrets_that_wait_for_each_other_are_an_error() -> None:
    with pytest.raises(InvalidArgumentsError, match=r"take texts from each other's Secrets .*team-a/a -> team-a/b"):
        declare(read_manifests([store(), templated("a", "b"), templated("b", "a")]))


def test_what_is_declared_twice_is_an_error() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        declare(read_manifests([store(), secret(), secret()]))
    assert str(caught.value) == (
        "ExternalSecrets: the name 'team-a/db' occurs twice, in manifests[1]: ExternalSecret team-a/db and "
        "manifests[2]: ExternalSecret team-a/db"
    )


def test_patterns_of_the_settings_that_overlap_are_both_named(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": [store(), secret()]}), encoding="utf-8")
    made = read_manifest_settings([str(file), str(tmp_path / "*.json")])
    with pytest.raises(
        SpecError, match=r"occurs twice, in manifests\[0\]: .*all\.json.* and manifests\[1\]: .*all\.json"
    ):
        declare_all(made.stores, made.secrets)


@pytest.mark.parametrize("path", ["team-b", "/*", "/t?am"])
def test_a_find_that_can_never_match_is_refused_at_its_place_before_anything_is_declared(path: str) -> None:
    found = secret(dataFrom=[{"extract": {"key": "/a"}}, {"find": {"path": path, "name": {"regexp": "."}}}])
    engine = Engine()
    with pytest.raises(InvalidArgumentsError, match=r"ExternalSecret .*dataFrom\[1\]: find\.path '"):
        run_program(lambda: declare(read_manifests([store(), found])), engine=engine)
    assert engine.registered == {}
