"""Manifests of External Secrets Operator are read unchanged and strictly."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.errors import SpecError
from components.external_secret import (
    Extract,
    Find,
    MergeRewrite,
    RegexpRewrite,
    RemoteRef,
    Target,
    Template,
    TemplateSource,
)
from components.manifests import Manifests, load_manifests, read_manifests
from components.parameter_store import AccessKeyAuth, InvalidArgumentsError, SecretKeyRef, ServiceAccountAuth
from components.settings.secret_manifest import DataEntry, StoreRef
from tests.components.manifest_objects import secret, store

ROLE = "arn:aws:iam::123456789012:role/reader"


def test_a_store_takes_what_eso_says_of_it() -> None:
    keys = {
        "accessKeyIDSecretRef": {"name": "aws", "key": "id"},
        "secretAccessKeySecretRef": {"name": "aws", "key": "secret"},
    }
    aws = {
        "auth": {"secretRef": keys},
        "prefix": "/prod",
        "role": ROLE,
        "externalID": "x1",
        "sessionTags": [{"key": "team", "value": "a"}],
        "sessionTagsPolicy": "None",
    }
    spec = {"refreshInterval": 300, "conditions": [{"namespaces": ["elsewhere"]}]}
    (read,) = read_manifests(store(aws=aws, spec=spec, status={"conditions": []})).stores
    assert (read.kind, read.name, read.namespace, read.conditions) == ("SecretStore", "store", "team-a", ())
    assert read.given["auth"] == AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef("aws", "secret"))
    assert (read.given["prefix"], read.given["role"], read.given["external_id"]) == ("/prod", ROLE, "x1")
    assert read.given["session_tags"] == {"team": "a"}


def test_a_cluster_store_has_conditions() -> None:
    manifest = store(kind="ClusterSecretStore", spec={"conditions": [{"namespaces": ["team-a"]}]})
    del manifest["metadata"]["namespace"]
    (read,) = read_manifests(manifest).stores
    assert (read.kind, read.namespace) == ("ClusterSecretStore", None)
    assert read.conditions[0].namespaces == ("team-a",)


def test_web_identity_is_named_as_in_eso() -> None:
    auth = {"jwt": {"serviceAccountRef": {"name": "reader", "audiences": ["vault"]}}}
    (read,) = read_manifests(store(aws={"auth": auth})).stores
    assert read.given["auth"] == ServiceAccountAuth("reader", audiences=("vault",))


def test_an_external_secret_takes_all_of_its_spec() -> None:
    ref = {
        "key": "p",
        "property": "a.b",
        "version": 3,
        "decodingStrategy": "Auto",
        "conversionStrategy": "Default",
        "metadataPolicy": "None",
    }
    template = {
        "engineVersion": "v2",
        "type": "Opaque",
        "metadata": {"labels": {"l": "{{ .k }}"}, "annotations": {"a": "1"}, "finalizers": ["x.io/y"]},
        "data": {"c": "{{ .k }}"},
        "templateFrom": [{"target": "Data", "configMap": {"name": "cm", "items": [{"key": "t"}]}}],
    }
    (read,) = read_manifests(
        secret(
            refreshPolicy="OnChange",
            refreshInterval="10m",
            target={"name": "other", "creationPolicy": "Orphan", "immutable": True, "template": template},
            data=[
                {"secretKey": "k", "remoteRef": ref, "sourceRef": {"storeRef": {"name": "s2", "kind": "SecretStore"}}}
            ],
            dataFrom=[
                {"extract": {"key": "j"}, "rewrite": [{"regexp": {"source": "a", "target": "b"}}]},
                {"find": {"name": {"regexp": "x"}, "conversionStrategy": "Unicode"}, "rewrite": [{"merge": {}}]},
            ],
        )
    ).secrets
    assert (read.name, read.namespace, read.store) == ("db", "team-a", StoreRef("store", "SecretStore", ""))
    assert (read.refresh_policy, read.refresh_interval) == ("OnChange", "10m")
    assert read.data == {
        "k": DataEntry(RemoteRef("p", "a.b", "3", decoding_strategy="Auto"), StoreRef("s2", "SecretStore", ""))
    }
    assert read.data_from == (
        DataEntry(Extract("j", rewrite=(RegexpRewrite("a", "b"),))),
        DataEntry(Find(name="x", conversion_strategy="Unicode", rewrite=(MergeRewrite(),))),
    )
    assert read.target.template == Template(
        data={"c": "{{ .k }}"},
        template_from=TemplateSource.all_from_bag({"configMap": {"name": "cm", "items": [{"key": "t"}]}}),
        labels={"l": "{{ .k }}"},
        annotations={"a": "1"},
        finalizers=("x.io/y",),
        type="Opaque",
    )


def test_defaults_are_those_of_eso() -> None:
    (read,) = read_manifests(secret()).secrets
    assert (read.refresh_policy, read.refresh_interval, read.target) == ("Periodic", "1h", Target())


def test_labels_and_annotations_are_the_secret_s_unless_there_is_a_template() -> None:
    annotations = {
        "note": "x",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "pulumi-parameter-store/adopt": "true",
        "pulumi-parameter-store/replace-immutable": "false",
    }
    metadata = {"labels": {"team": "a"}, "annotations": annotations, "uid": "1", "resourceVersion": "7"}
    plain, templated = read_manifests([secret("a", metadata), secret("b", metadata, target={"template": {}})]).secrets
    assert plain.target == Target(adopt=True, labels={"team": "a"}, annotations={"note": "x"})
    assert templated.target == Target(adopt=True, template=Template())


def test_texts_hold_documents_lists_and_json() -> None:
    objects = [store(), {"kind": "List", "apiVersion": "v1", "items": [secret("a"), secret("b")]}]
    text = "\n---\n# nothing\n---\n".join(map(yaml.safe_dump, objects))
    read = read_manifests([text, json.dumps(secret("c", None, refreshInterval="1m"))])
    assert [each.name for each in read.stores] == ["store"]
    assert [each.name for each in read.secrets] == ["a", "b", "c"]


def test_the_former_version_is_read_too() -> None:
    manifest = {**secret(), "apiVersion": "external-secrets.io/v1beta1"}
    assert len(read_manifests(manifest).secrets) == 1


def test_objects_of_others_are_passed_over_and_named() -> None:
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": "team-a"}}
    assert read_manifests(config_map) == Manifests(skipped=("manifests: ConfigMap team-a/cm",))


SECRET = "manifests: ExternalSecret team-a/db"
STORE = "manifests: SecretStore team-a/store: spec"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("a: [", "manifests, line 1, column 5: it is not YAML that can be read"),
        ("a: 1\na: 2", "manifests, line 2, column 1: it is not YAML that can be read: the field 'a' is written twice"),
        ("text", "manifests: expected a mapping with named fields, got a string"),
        ({"kind": "ExternalSecret"}, "manifests.apiVersion is required"),
        ({**secret(), "spec": None}, f"{SECRET}: spec is required"),
        (
            secret(data=[{"secretKey": "k", "remoteRef": {"key": "/x", "version": 10**5000}}]),
            f"{SECRET}: spec.data[0].remoteRef.version: expected a version number or label, got a number that is too",
        ),
        (
            secret(refreshInterval=10**5000),
            f"{SECRET}: spec.refreshInterval: expected a duration such as '1h', got a num",
        ),
        (
            {**secret(), **{f"more{number}": 1 for number in range(5000)}},
            "'more1004', 'more1005' and 4990 more; see docs/configuration.md",
        ),
        ({**secret(), "more": 1}, f"{SECRET}: unknown field 'more'"),
        ({**secret(), "apiVersion": "external-secrets.io/v1alpha1"}, f"{SECRET}: apiVersion 'external-secrets.io/v1al"),
        ({**secret(), "kind": "ClusterExternalSecret"}, "ClusterExternalSecret db: spec: unknown field"),
        (secret(refreshinterval="1h"), f"{SECRET}: spec: unknown field 'refreshinterval'"),
        (secret(refreshInterval="soon"), f"{SECRET}: spec: 'soon' is not a duration"),
        (secret(refreshPolicy="Often"), f"{SECRET}: spec: refreshPolicy 'Often' is not known"),
        (secret(syncWindows={"kind": "allow"}), f"{SECRET}: spec.syncWindows: values are read when `pulumi up` runs"),
        (
            secret(target={"manifest": {"kind": "ConfigMap"}}),
            f"{SECRET}: spec.target.manifest: only Secrets are written",
        ),
        (secret(target={"adopt": True}), f"{SECRET}: spec.target.adopt: a manifest has no such field"),
        (secret(target={"template": {"engineVersion": "v1"}}), "spec.target.template.engineVersion: 'v1' is not"),
        (
            secret(target={"deletionPolicy": "Delete", "creationPolicy": "Merge"}),
            f"{SECRET}: spec.target: deletionPolicy Delete does not go with creationPolicy Merge",
        ),
        (
            secret(target={"template": {"type": "bootstrap.kubernetes.io/token"}}),
            f"{SECRET}: spec.target: template.type 'bootstrap.kubernetes.io/token' is not allowed",
        ),
        (secret(data=None), f"{SECRET}: spec: data and dataFrom are empty"),
        (secret(data=secret()["spec"]["data"] * 2), f"{SECRET}: spec.data[1].secretKey: 'k' occurs twice"),
        (secret(secretStoreRef=None), f"{SECRET}: spec.secretStoreRef is required: key k has no sourceRef.storeRef"),
        (secret(secretStoreRef={"name": "s", "kind": "Store"}), "secretStoreRef.kind: 'Store' is not a kind of store"),
        (secret(dataFrom=[{}]), f"{SECRET}: spec.dataFrom[0]: extract or find is required"),
        (secret(dataFrom=[{"extract": {"key": "a"}, "find": {}}]), "dataFrom[0]: extract and find do not go together"),
        (secret(dataFrom=[{"sourceRef": {"generatorRef": {}}}]), "dataFrom[0].sourceRef.generatorRef: generators make"),
        (secret(dataFrom=[{"find": {"path": "/a"}}]), "dataFrom[0]: find needs a name (ESO: name.regexp) or tags"),
        (
            secret(dataFrom=[{"extract": {"key": "a"}, "rewrite": [{"merge": {}, "transform": {"template": "x"}}]}]),
            "dataFrom[0].rewrite[0]: rewrite needs exactly one of regexp, transform and merge",
        ),
        (
            secret(metadata={"annotations": {"pulumi-parameter-store/adopt": "yes"}}),
            'is \'yes\'; write "true" or "false"',
        ),
        (
            secret(metadata={"annotations": {"pulumi-parameter-store/x": "true"}}),
            "pulumi-parameter-store/x' is not known",
        ),
        (store(spec={"controller": "mine"}), f"{STORE}.controller: there are no controllers here"),
        (store(spec={"retrySettings": {"maxRetries": 3}}), f"{STORE}.retrySettings: retries follow"),
        (store(spec={"provider": {"vault": {}}}), f"{STORE}.provider.aws is required: only AWS's ParameterStore and"),
        (store(aws={"service": "secretsmanager"}), "are. Did you mean 'SecretsManager'?"),
        (store(aws={"service": "Ledger"}), f"{STORE}.provider.aws.service: 'Ledger' is not supported, only"),
        (
            store(aws={"service": "SecretsManager", "secretsManager": {"recoveryWindowInDays": 31}}),
            f"{STORE}.provider.aws.secretsManager.recoveryWindowInDays: a window has 7 to 30 days, not 31",
        ),
        (
            store(
                aws={
                    "service": "SecretsManager",
                    "secretsManager": {"recoveryWindowInDays": 7, "forceDeleteWithoutRecovery": True},
                }
            ),
            f"{STORE}.provider.aws.secretsManager: forceDeleteWithoutRecovery leaves no window for",
        ),
        (
            store(aws={"service": "SecretsManager", "secretsManager": {"restore": True}}),
            f"{STORE}.provider.aws.secretsManager",
        ),
        (
            store(aws={"secretsManager": {"forceDeleteWithoutRecovery": True}}),
            f"{STORE}.provider.aws.secretsManager has no effect with service ParameterStore; leave it out",
        ),
        (store(aws={"sessionTagsPolicy": "Simple"}), f"{STORE}.provider.aws.sessionTagsPolicy: 'Simple' is not"),
        (store(aws={"auth": {"jwt": {"oidcProvider": "x"}}}), f"{STORE}.provider.aws.auth.jwt: unknown field 'oidcP"),
    ],
)
def test_a_mistake_is_named_by_its_place(manifest: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        read_manifests(manifest)
    assert message in str(caught.value)


def test_a_later_entry_of_one_key_wins_where_parameters_may_be_gone() -> None:
    data = [{"secretKey": "k", "remoteRef": {"key": name}} for name in ("p", "q")]
    (read,) = read_manifests(secret(data=data, target={"deletionPolicy": "Merge"})).secrets
    assert read.data["k"].entry.key == "q"  # type: ignore[union-attr]  # it is a RemoteRef


def test_files_folders_and_patterns_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, manifest in (("b.yaml", secret("b")), ("a.json", secret("a")), ("sub/c.yml", secret("c"))):
        (tmp_path / name).write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "README.md").write_text("not a manifest", encoding="utf-8")
    assert [each.name for each in load_manifests(tmp_path).secrets] == ["a", "b", "c"]
    assert [each.name for each in load_manifests(tmp_path / "*.yaml", tmp_path / "b.yaml").secrets] == ["b"]
    (alone,) = load_manifests(tmp_path / "b.yaml").secrets
    assert alone.where == f"{tmp_path}/b.yaml: ExternalSecret team-a/b: spec"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentsError, match=r"none\.yaml: there is no such file"):
        load_manifests(tmp_path / "none.yaml")


@pytest.mark.parametrize("path", ["/", "a\0b", "*" * 5000])
def test_what_cannot_be_looked_for_is_said(path: str) -> None:
    with pytest.raises(InvalidArgumentsError):
        load_manifests(path)


def test_what_is_no_manifest_at_all_is_said() -> None:
    with pytest.raises(InvalidArgumentsError, match="manifests: expected texts and objects, got a number"):
        read_manifests(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("keys", [("a", "a"), ("team", "Team")])
def test_a_session_tag_that_occurs_twice_is_refused(keys: tuple[str, str]) -> None:
    tags = [{"key": key, "value": value} for key, value in zip(keys, ("b", "c"), strict=True)]
    aws = {"role": "arn:aws:iam::123456789012:role/r", "sessionTags": tags}
    with pytest.raises(SpecError, match=rf"sessionTags: the key '{keys[0]}' occurs twice; leave one of them out"):
        read_manifests([store(aws=aws)])
