"""What looks like one of ours and is not understood is an error: it is never taken for "not there"."""

import json
import re
import string
from base64 import b64encode, encodebytes
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.manifests import Manifests, read_manifests
from components.parameter_store import InvalidArgumentsError
from components.settings.manifest.kinds import CLUSTER_SCOPED, READ, standing
from tests.components.manifest_objects import secret, store

V1 = "external-secrets.io/v1"
OLD = "kubernetes-client.io/v1"


def of(version: Any, kind: Any = "ExternalSecret", **changes: Any) -> dict[str, Any]:
    return {**secret(), "apiVersion": version, "kind": kind, **changes}


def refusal(manifest: Any, **options: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        read_manifests(manifest, **options)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("version", ["external-secret.io/v1", "v1", "apps/v1", "secrets.example.com/v1alpha1"])
@pytest.mark.parametrize("skip", [False, True])
def test_a_kind_of_ours_in_another_group_is_an_error(version: str, kind: str, *, skip: bool) -> None:
    text = refusal(of(version, kind), skip_unsupported=skip)
    name = "db" if kind in CLUSTER_SCOPED else "team-a/db"
    assert text.startswith(
        f"manifests: {kind} {name}: apiVersion {version!r} is not of External Secrets Operator; write"
    )


@pytest.mark.parametrize(
    "version",
    [
        *("external-secret.io/v1", "externalsecrets.io/v1", "external-secrets.com/v1", "exernal-secrets.io/v1beta1"),
        *("external-secrets/v1", "External-Secrets.IO/v1", " external-secrets.io/v1", "external_secrets.io/v1"),
        *("external-secrets.io/v1/v1", "external-secrets.io/", "external-secrets.io", "external-secrets.io/V1"),
        *(
            "external-secrets.io/v2",
            "external-secrets.io/v1alpha1",
            "external-secrets.io/v1 ",
            "external-secrets.oi/v1",
        ),
        *("notexternal-secrets.io/v1", "generators.external-secrets.io/v1alpha1", "external\u2010secrets.io/v1"),
    ],
)
def test_a_misspelt_group_or_version_is_an_error(version: str) -> None:
    assert "write" in refusal(of(version), skip_unsupported=True)


@pytest.mark.parametrize("kind", ["Widget", "Externals", "ConfigMap"])
@pytest.mark.parametrize("version", ["external-secret.io/v1", "externalsecrets.io/v1", "external-secrets/v1beta1"])
def test_a_misspelt_group_is_an_error_with_any_kind(version: str, kind: str) -> None:
    assert f"apiVersion {version!r} is not known" in refusal(of(version, kind), skip_unsupported=True)


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("Externalsecret", "ExternalSecret"),
        ("externalsecret", "ExternalSecret"),
        ("ExternalSecrets", "ExternalSecret"),
        ("externalsecrets", "ExternalSecret"),
        ("external-secret", "ExternalSecret"),
        ("ExternalSecret ", "ExternalSecret"),
        ("ExtrenalSecret", "ExternalSecret"),
        ("ExernalSecert", "ExternalSecret"),
        ("ЕxternalSecret", "ExternalSecret"),  # noqa: RUF001 - the first letter is Cyrillic
        ("SecretStores", "SecretStore"),
        ("Secretstore", "SecretStore"),
        ("SecretsStore", "SecretStore"),
        ("ClusterSecretStores", "ClusterSecretStore"),
        ("ClusterSecretstore", "ClusterSecretStore"),
        ("PushSecrets", "PushSecret"),
        ("Clusterexternalsecret", "ClusterExternalSecret"),
    ],
)
def test_a_near_miss_of_a_kind_is_an_error_that_names_the_kind(kind: str, meant: str) -> None:
    assert f"is not known; write {meant}" in refusal(of(V1, kind), skip_unsupported=True)
    if meant in READ and kind != "ExernalSecert":
        assert f"write kind: {meant} with apiVersion: {V1}" in refusal(of("v1", kind), skip_unsupported=True)


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        ("apps/v1", "Deployment"),
        ("bitnami.com/v1alpha1", "SealedSecret"),
        ("clustersecret.io/v1", "ClusterSecret"),
        ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"),
        ("secrets.hashicorp.com/v1beta1", "VaultStaticSecret"),
        ("onepassword.com/v1", "OnePasswordItem"),
        ("secrets.doppler.com/v1alpha1", "DopplerSecret"),
        ("secrets.infisical.com/v1alpha1", "InfisicalSecret"),
        ("isindir.github.com/v1alpha3", "SopsSecret"),
        ("externaldns.k8s.io/v1alpha1", "DNSEndpoint"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass"),
        ("argoproj.io/v1alpha1", "Application"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("example.com/v1", "PullSecret"),
        ("example.com/v1", "InternalSecret"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("example.com/v1", "AllowList"),
    ],
)
def test_objects_of_other_operators_are_passed_over_and_told(version: str, kind: str) -> None:
    read = read_manifests({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "anything": [1]})
    assert read == Manifests(skipped=(f"manifests: {kind} x",))
    (reason,) = read.reasons.values()
    assert reason.text == "they are no stores or ExternalSecrets"


def test_the_operator_before_is_named_and_passed_over_on_request() -> None:
    manifest = {
        "apiVersion": OLD,
        "kind": "ExternalSecret",
        "metadata": {"name": "hello-service"},
        "secretDescriptor": {"backendType": "systemManager", "data": [{"key": "/hello", "name": "password"}]},
    }
    assert "it is of Kubernetes External Secrets, which External Secrets Operator has replaced" in refusal(manifest)
    assert read_manifests(manifest, skip_unsupported=True).skipped == ("manifests: ExternalSecret hello-service",)


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        ("external-secrets.io/v2alpha1", "ProviderStore", "only SecretStores and ClusterSecretStores are supported"),
        ("generators.external-secrets.io/v1alpha1", "Password", "generators make values that no parameter holds"),
        ("generators.external-secrets.io/v1alpha1", "ClusterGenerator", "generators make values that no parameter"),
        ("kubernetes.external-secrets.io/v1alpha1", "PushSecretMetadata", "this kind of External Secrets Operator"),
        (V1, "Widget", "this kind of External Secrets Operator is not supported"),
    ],
)
def test_kinds_that_are_not_supported_are_errors_or_told_with_the_reason(version: str, kind: str, words: str) -> None:
    assert words in refusal(of(version, kind))
    read = read_manifests([of(version, kind), secret()], skip_unsupported=True)
    assert (len(read.secrets), read.skipped) == (1, (f"manifests[0]: {kind} team-a/db",))
    assert read.reasons[read.skipped[0]].text.startswith("they are not supported")


@pytest.mark.parametrize("empty", ["", None, [], {}])
def test_an_empty_api_version_or_kind_is_required(empty: Any) -> None:
    assert refusal(of(empty)) == "manifests.apiVersion is required"
    assert refusal(of(V1, empty)) == "manifests.kind is required"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"apiVerison": V1, "kind": "ExternalSecret"}, "manifests.apiVersion is required; there is 'apiVerison'"),
        ({"apiversion": V1, "kind": "ExternalSecret"}, "manifests.apiVersion is required; there is 'apiversion'"),
        ({"apiVersion": V1, "Kind": "ExternalSecret"}, "manifests.kind is required; there is 'Kind'"),
        ({"apiVersion": V1, "knid": "ExternalSecret"}, "manifests.kind is required; there is 'knid'"),
        (
            {"APIVersion": V1, "Kind": "ExternalSecret"},
            "manifests: it has neither apiVersion nor kind, so it is no manifest; there is 'APIVersion' and 'Kind'",
        ),
        (
            {},
            "manifests: it has neither apiVersion nor kind, so it is no manifest; leave the file out (exclude)",
        ),
    ],
)
def test_what_says_not_what_it_is_is_an_error(wrong: dict[str, Any], message: str) -> None:
    rest = {"metadata": {"name": "db"}, "spec": secret()["spec"]}
    assert refusal({**wrong, **rest}) == message


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "List", "items": None}, "List.items is required; a List of nothing is written `items: []`"),
        ({"kind": "List"}, "List.items is required"),
        (
            {"kind": "List", "itmes": [secret()]},
            "List: unknown field 'itmes'; see docs/configuration.md. Did you mean 'items'",
        ),
        ({"kind": "List", "items": [], "more": 1}, "List: unknown field 'more'"),
        ({"kind": "List", "items": {"a": secret()}}, "List.items expected a list, got a mapping"),
        ({"kind": "List", "items": ["x"]}, "items[0]: expected a mapping with named fields, got a string"),
        ({"kind": "list"}, "list.items is required"),
        ({"kind": "ExternalSecretList", "apiVersion": V1}, "ExternalSecretList.items is required"),
        ({"kind": "ExternalSecretList", "apiVersion": "v1", "items": ""}, "ExternalSecretList.items expected a list"),
        (
            {"kind": "List", "items": [{**secret(), "kind": "ExternalSecrets"}]},
            "items[0]: ExternalSecrets team-a/db: kind",
        ),
    ],
)
def test_a_list_whose_items_are_not_understood_is_an_error(wrong: dict[str, Any], message: str) -> None:
    assert message in refusal({"apiVersion": "v1", **wrong})


def test_an_empty_list_and_an_empty_text_are_told() -> None:
    for manifest in ({"apiVersion": "v1", "kind": "List", "items": []}, "", "# nothing\n", "---\n---\n"):
        read = read_manifests(manifest)
        assert read.skipped == ("manifests",)
        assert read.reasons["manifests"].text == "there is nothing in it"
        # A tool that failed leaves an empty file, and no List.
        assert read.reasons["manifests"].warns == isinstance(manifest, str)


def bare(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}


def test_a_list_as_the_api_server_gives_it_says_what_its_items_are() -> None:
    listed: dict[str, Any] = {"apiVersion": V1, "kind": "ExternalSecretList", "metadata": {"resourceVersion": "1"}}
    listed["items"] = [bare(secret("a")), bare(secret("b"))]
    assert len(read_manifests(listed).secrets) == 2
    stores = {"apiVersion": V1, "kind": "SecretStoreList", "items": [bare(store())]}
    assert len(read_manifests(stores).stores) == 1
    assert "is not known; write ExternalSecret" in refusal(
        {"apiVersion": V1, "kind": "ExternalsecretList", "items": [bare(secret())]}
    )


def test_whatever_has_items_is_a_list_as_for_kubectl() -> None:
    for kind in ("list", "Bundle", "ConfigMapList"):
        assert len(read_manifests({"apiVersion": "v1", "kind": kind, "items": [secret()]}).secrets) == 1
    read = read_manifests({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "items": [{"key": "a"}]})
    assert read.skipped == ("manifests: Pod p",)


def test_one_of_ours_is_no_list_because_it_has_items() -> None:
    items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}]
    assert "ExternalSecret team-a/db: unknown field 'items'" in refusal({**secret(), "items": items})


@pytest.mark.parametrize(
    "wrapper",
    [
        {"kind": "Template", "apiVersion": "template.openshift.io/v1", "objects": [secret()]},
        {
            "kind": "Object",
            "apiVersion": "kubernetes.crossplane.io/v1alpha2",
            "spec": {"forProvider": {"manifest": secret()}},
        },
        {"kind": "ResourceSet", "apiVersion": "fluxcd.controlplane.io/v1", "spec": {"resources": [secret()]}},
        {
            "kind": "HelmRelease",
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "spec": {"values": {"extraObjects": [store()]}},
        },
        {"kind": "ClusterPolicy", "apiVersion": "kyverno.io/v1", "spec": {"rules": [{"generate": {"data": secret()}}]}},
        *(
            {"kind": "ClusterPolicy", "apiVersion": "kyverno.io/v1", "spec": {"rules": [{"generate": generate}]}}
            for made in ({"data": {"spec": {"data": []}}}, {"clone": {"name": "db", "namespace": "shared"}})
            for head in ({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "db"},)
            for generate in ({**head, **made}, {"foreach": [{"list": "request.object", **head, **made}]})
        ),
        {"kind": "Secret", "apiVersion": "v1", "data": {"es": b64encode(yaml.safe_dump(secret()).encode()).decode()}},
        {
            "kind": "ConfigMap",
            "apiVersion": "v1",
            "binaryData": {"es": encodebytes(json.dumps(secret()).encode()).decode()},
        },
        {"kind": "ConfigMap", "apiVersion": "v1", "data": {"es": json.dumps({"manifest": json.dumps(secret())})}},
        {
            "kind": "Composition",
            "apiVersion": "apiextensions.crossplane.io/v1",
            "spec": {"template": "apiVersion: {{ $version }}\nkind: ExternalSecret\n"},
        },
        {"kind": "ConfigMap", "apiVersion": "v1", "data": {"es.yaml": yaml.safe_dump(secret())}},
        {"kind": "ConfigMap", "apiVersion": "v1", "data": {"es.json": json.dumps([secret()])}},
        {"kind": "ConfigMap", "apiVersion": "v1", "data": {"s": yaml.safe_dump({"a": [store()]}, default_style='"')}},
        {
            "kind": "Application",
            "apiVersion": "argoproj.io/v1alpha1",
            "spec": {
                "source": {"helm": {"values": "extra:\n  - apiVersion: external-secrets.io/v1\n    kind: SecretStore"}}
            },
        },
        {
            "kind": "Job",
            "apiVersion": "batch/v1",
            "spec": {"args": [f"kubectl apply -f - <<E\n{json.dumps(store())}\nE"]},
        },
    ],
)
def test_objects_that_hold_ours_for_another_tool_are_warned_of(wrapper: dict[str, Any]) -> None:
    read = read_manifests(wrapper)
    assert read.skipped == (f"manifests: {wrapper['kind']} without a name",)
    (reason,) = read.reasons.values()
    assert reason.text.startswith("another tool makes the ExternalSecrets or stores that it holds")
    assert reason.warns


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap",
        "apiVersion: external-secrets.io/v1\nkind: ProviderStore",
        "the ExternalSecrets of external-secrets.io/v1",
        'apiGroups: ["external-secrets.io"]\nkind: ExternalSecretary',
        "apiVersion" + " " * 100_000 + "kind" * 100_000,
        "Zm9v" + " " * 100_000 + "!",
        b64encode(b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one-of-many}").decode(),
        b64encode(bytes(range(128, 256))).decode(),
        "A" * 41,
    ],
)
def test_strings_that_only_speak_of_ours_are_not_warned_of(text: str) -> None:
    (reason,) = read_manifests({"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": text}}).reasons.values()
    assert not reason.warns


def test_values_that_are_in_many_places_are_looked_at_once() -> None:
    bomb: Any = {"a": "b"}
    for _ in range(60):
        bomb = {"a": bomb, "b": bomb, "c": [bomb] * 9}
    assert len(read_manifests({"kind": "Bomb", "apiVersion": "v1", "spec": bomb}).skipped) == 1


def test_objects_that_only_refer_to_ours_are_not() -> None:
    refers = {"apiVersion": V1, "kind": "ExternalSecret", "name": "db", "namespace": "team-a"}
    flux = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "spec": {"healthChecks": [refers]}}
    (reason,) = read_manifests(flux).reasons.values()
    assert not reason.warns


@pytest.mark.parametrize("namespace", ["external-secrets", "default", ""])
def test_a_cluster_store_is_in_no_namespace_whatever_it_says(namespace: str) -> None:
    wide = store("aws-ssm", kind="ClusterSecretStore", metadata={"name": "aws-ssm", "namespace": namespace})
    (read,) = read_manifests(wide).stores
    assert (read.namespace, read.where) == (None, "manifests: ClusterSecretStore aws-ssm: spec")


@pytest.mark.parametrize("kind", ["Exter\nnalSecret", "\x1b[31mConfigMap", "Config\u202eMap", "x" * 5000])
def test_a_kind_that_cannot_be_printed_is_escaped(kind: str) -> None:
    try:
        (shown,) = read_manifests({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a\x1bb"}}).skipped
    except InvalidArgumentsError as error:
        shown = str(error)
    assert shown.isprintable()
    assert len(shown) < 400


def test_a_json_patch_is_named_as_one() -> None:
    text = refusal([[{"op": "replace", "path": "/spec", "value": {}}]])
    assert "it is a JSON patch of Kustomize, not an object" in text


LETTERS = string.ascii_letters + string.digits + "-. "


@given(data=st.data(), kind=st.sampled_from(READ))
def test_one_slip_of_the_pen_is_never_somebody_else_s(data: st.DataObject, kind: str) -> None:
    at = data.draw(st.integers(0, len(kind) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = (
        kind[:at] + kind[at + 1 :],
        kind[:at] + letter + kind[at:],
        kind[:at] + letter + kind[at + 1 :],
        kind[:at] + kind[at + 1 : at + 2] + kind[at] + kind[at + 2 :],
        kind.swapcase(),
        kind + "s",
    )
    version = data.draw(st.sampled_from([V1, "v1", "example.com/v1", "external-secret.io/v1", OLD]))
    for slip in slips:
        found = standing(version, slip)
        assert not found.foreign, slip
        assert (slip in READ and version == V1) or found.problem, slip


TEXT = yaml.safe_dump_all([secret("a"), store(), secret("b")], sort_keys=False)


@settings(max_examples=300)
@given(
    st.integers(0, len(TEXT) - 1),
    st.sampled_from(["", "#", "-", " ", "x", "E", "\n", '"', ":", "|", "{", "."]),
    st.booleans(),
)
def test_one_keystroke_in_a_text_never_makes_an_object_go(at: int, key: str, replaces: bool) -> None:  # noqa: FBT001
    try:
        read = read_manifests(TEXT[:at] + key + TEXT[at + replaces :])
    except InvalidArgumentsError:
        return
    assert (len(read.stores), len(read.secrets)) == (1, 2)


def test_a_mistake_is_found_before_anything_is_passed_over() -> None:
    several = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, of("external-secret.io/v1")]
    assert re.match(r"manifests\[1\]: ExternalSecret team-a/db: apiVersion", refusal(several))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("metadata: {name: y}", "ExternalSecret true: metadata.name: expected a string, got true or false"),
        ("metadata: {name: a, namespace: Off}", "metadata.namespace: expected a string, got true or false"),
        ("metadata: {name: a, labels: {x: on}}", "metadata.labels.x: expected a string, got true or false"),
        ("metadata: {name: a}\nspec: {data: [{secretKey: No}]}", "data[0].secretKey: expected a string, got true or"),
        (
            "metadata: {name: a}\nspec: {secretStoreRef: {name: YES}}",
            "secretStoreRef.name: expected a string, got true",
        ),
        ("metadata: {name: a}\nspec: {target: {template: {metadata: {finalizers: [n]}}}}", "finalizers[0]: expected"),
    ],
)
def test_a_word_that_yaml_takes_for_a_boolean_is_explained(line: str, said: str) -> None:
    text = refusal(f"apiVersion: {V1}\nkind: ExternalSecret\n{'' if 'spec' in line else 'spec: {}' + chr(10)}{line}")
    assert said in text
    assert text.endswith("got true or false: YAML takes y, yes, on, n, no and off for that too; put it in quotes")


@pytest.mark.parametrize("number", ["5", "0x1F", "1e3", "010"])
def test_a_number_in_place_of_a_string_says_to_put_it_in_quotes(number: str) -> None:
    text = refusal(f"apiVersion: {V1}\nkind: ExternalSecret\nspec: {{}}\nmetadata: {{name: {number}}}")
    assert text.endswith("metadata.name: expected a string, got a number; put it in quotes")
