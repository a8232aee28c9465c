"""Manifests of External Secrets Operator in files beside the project run unchanged, and `status` shows the outcome."""

import base64
import json
from typing import Any

import pytest
import yaml

from components.__main__ import main
from tests.end_to_end.support import NAMESPACE, STORE, Project

pytestmark = pytest.mark.slow

OTHER = "team-b"
KEYS = ("user", "password")


def write(project: Project, *manifests: dict[str, Any]) -> None:
    (project.path / "eso").mkdir(exist_ok=True)
    (project.path / "eso" / "all.yaml").write_text(yaml.safe_dump_all(manifests), encoding="utf-8")


def manifest(kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "external-secrets.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def store(namespace: str) -> dict[str, Any]:
    aws = {"service": "ParameterStore", "region": STORE["region"], "prefix": "/prod"}
    return manifest("SecretStore", "store", namespace, {"provider": {"aws": aws}})


def secret(namespace: str, **spec: Any) -> dict[str, Any]:
    given = {"secretStoreRef": {"name": "store"}, "dataFrom": [{"extract": {"key": "/db"}}], **spec}
    return manifest("ExternalSecret", "db", namespace, given)


def live(project: Project, namespace: str) -> dict[str, str]:
    found = project.cluster().get_secret(namespace, "db")
    assert found is not None
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


def test_manifests_of_two_namespaces(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.sandbox.kubernetes.create_namespace(OTHER)
    project.stores, project.manifests = [], ["eso"]
    write(project, store(NAMESPACE), secret(NAMESPACE), store(OTHER), secret(OTHER, refreshPolicy="CreatedOnce"))
    first = project.put("/prod/db", *KEYS)

    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert live(project, NAMESPACE) == live(project, OTHER) == first

    outputs = project.path.parent / "outputs.json"
    outputs.write_text(json.dumps(project.outputs()), encoding="utf-8")
    assert main(["status", "--outputs", str(outputs)]) == 0
    rows = [line.split()[:6] for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [[each, "db", "store", "db", "SecretSynced", "True"] for each in (NAMESPACE, OTHER)]

    second = project.put("/prod/db", *KEYS)
    assert project.up().changes == {}, "the hour between two readings, which ESO has too, has not passed"
    project.environment["PARAMETER_STORE_FORCE_SYNC"] = "1"
    forced = project.up()
    assert forced.result.exit_code == 0, forced.output
    assert live(project, NAMESPACE) == live(project, OTHER) == second


def test_status_names_the_secret_that_could_not_be_written(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.put("/app/db", "user")
    for name in ("lost", "well"):
        project.declare(name, "/app/db", "user", target=f"{name}-secret")
    project.secrets[0]["data"][0]["remoteRef"]["property"] = "nobody"
    assert project.up(continue_on_error=True).result.exit_code != 0
    outputs = project.path.parent / "outputs.json"
    outputs.write_text(json.dumps(project.outputs()), encoding="utf-8")
    assert main(["status", "--outputs", str(outputs)]) == 0
    rows = [line.split()[1:6] for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [
        ["lost", "team-a", "lost-secret", "SecretSyncedError", "False"],
        ["well", "team-a", "well-secret", "SecretSynced", "True"],
    ]


def test_a_mistake_is_one_line_with_its_place(project: Project) -> None:
    project.put("/prod/db", *KEYS)
    project.stores, project.manifests = [], [{"path": "eso/*.yaml"}]
    write(project, store(NAMESPACE), secret(NAMESPACE, secretStoreRef={"name": "stroe"}))
    preview = project.preview()
    assert preview.result.exit_code != 0
    where = f"eso/all.yaml, document 2: ExternalSecret {NAMESPACE}/db: spec.secretStoreRef"
    problem = f"there is no SecretStore 'stroe' (there are: SecretStore {NAMESPACE}/store)"
    assert f"{where}: {problem}" in preview.output
    assert "Traceback" not in preview.output


def test_a_misspelt_group_is_an_error_and_deletes_nothing(project: Project) -> None:
    project.manifests = ["eso"]
    write(project, secret(NAMESPACE, secretStoreRef={"name": "team-a"}))
    values = project.put("/db", *KEYS)
    assert project.up().result.exit_code == 0
    file = project.path / "eso" / "all.yaml"
    right = file.read_text(encoding="utf-8")
    for wrong in ("external-secret.io/v1", "''", "kubernetes-client.io/v1"):
        file.write_text(right.replace("external-secrets.io/v1", wrong), encoding="utf-8")
        for outcome in (project.preview(), project.up()):
            assert outcome.result.exit_code != 0
            assert "eso/all.yaml" in outcome.output
            assert "Traceback" not in outcome.output
        assert live(project, NAMESPACE) == values
    file.write_text(right, encoding="utf-8")
    assert project.preview().changes == {}


def test_an_external_secret_that_goes_is_named_in_preview_with_the_reason(project: Project) -> None:
    project.manifests = ["eso"]
    write(project, secret(NAMESPACE, secretStoreRef={"name": "team-a"}))
    project.put("/db", *KEYS)
    assert project.up().result.exit_code == 0
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": NAMESPACE}}
    (project.path / "eso" / "cm.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    project.manifests = [{"path": "eso", "exclude": ["all.yaml"]}]
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    gone = [step for step in preview.result.steps if step.op == "delete"]
    assert any(step.urn.endswith(f"ExternalSecret::{NAMESPACE}/db") for step in gone)
    assert f"{NAMESPACE}/db" in preview.output
    told = [line for line in preview.output.splitlines() if "not read, as" in line]
    assert len(told) == 1
    assert "as `exclude` leaves it out: eso/all.yaml; as they are no stores or ExternalSecrets: eso/cm.yaml" in told[0]


def test_a_folder_of_argo_cd_and_kustomize_is_read_and_leaves_no_bookkeeping(project: Project) -> None:
    project.manifests = ["eso"]
    exported = secret(NAMESPACE, secretStoreRef={"name": "team-a"})
    tracking = {"argocd.argoproj.io/tracking-id": "shop:external-secrets.io/ExternalSecret:team-a/db"}
    exported["metadata"] |= {"annotations": tracking, "labels": {"app.kubernetes.io/instance": "shop", "team": "a"}}
    write(project, exported)
    others = {"kustomization.yaml": "resources: [all.yaml]\nnamespace: team-a", "values.yaml": "a: 1"}
    for name, text in {**others, "Chart.yaml": "apiVersion: v2\nname: shop"}.items():
        (project.path / "eso" / name).write_text(text, encoding="utf-8")
    project.put("/db", *KEYS)
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert len([line for line in up.output.splitlines() if "not read, as" in line]) == 1
    for name in ("kustomization.yaml", "values.yaml", "Chart.yaml"):
        assert f"eso/{name}" in up.output
    found = project.cluster().get_secret(NAMESPACE, "db")
    assert found is not None
    assert found["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "pulumi-parameter-store", "team": "a"}
    assert not [name for name in found["metadata"]["annotations"] if "argocd" in name]


def test_a_namespace_of_a_folder_binds(project: Project) -> None:
    project.sandbox.kubernetes.create_namespace(OTHER)
    project.manifests = [{"path": "eso", "namespace": OTHER}]
    write(project, secret(NAMESPACE, secretStoreRef={"name": "team-a"}))
    project.put("/db", *KEYS)
    up = project.up()
    assert up.result.exit_code != 0
    assert "its metadata.namespace is 'team-a', and namespace 'team-b' is given for all of them" in up.output
    assert project.secret("db") is None


def test_a_cluster_store_with_a_namespace_and_empty_fields_are_read(project: Project) -> None:
    project.stores, project.manifests = [], ["eso"]
    wide = store("external-secrets")
    wide["kind"] = "ClusterSecretStore"
    wide["spec"] |= {"controller": "", "retrySettings": {}}
    ref = {"key": "/db", "property": "user", "version": ""}
    use = secret(NAMESPACE, secretStoreRef={"name": "store", "kind": "ClusterSecretStore"}, syncWindows=[])
    use["spec"] |= {"dataFrom": [], "data": [{"secretKey": "user", "remoteRef": ref}]}
    write(project, wide, use)
    values = project.put("/prod/db", *KEYS)
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert live(project, NAMESPACE) == {"user": values["user"]}


def test_texts_as_other_tools_write_them(project: Project) -> None:
    """Tabs, times of day, emoji in JSON escapes, JSON documents in a row, UTF-16: all of it reaches the Secret."""
    folder = project.path / "eso"
    folder.mkdir()
    (value,) = project.put("/prod/db", "user").values()
    data = {"user": "\U0001f600 {{ .user }}", "a/b".replace("/", "."): "x"}
    json_secret = secret(NAMESPACE, target={"template": {"data": data}})
    texts = [json.dumps(each).replace("/", "\\/") for each in (store(NAMESPACE), json_secret)]
    (folder / "all.json").write_text("\n".join(texts), encoding="utf-8")
    yaml_secret = (
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"
        f"metadata: {{name: tabs, namespace: {NAMESPACE}, annotations: {{window: 22:30}}}}\t# at night\r\n"
        "spec:\n  secretStoreRef:\t{name: store}\t\n  dataFrom: [{extract: {key: /db}}]\n"
    )
    (folder / "tabs.yaml").write_bytes(yaml_secret.encode("utf-16"))
    project.stores, project.manifests = [], ["eso"]

    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert live(project, NAMESPACE) == {"user": f"\U0001f600 {value}", "a.b": "x"}
    found = project.cluster().get_secret(NAMESPACE, "tabs")
    assert found is not None
    assert found["metadata"]["annotations"]["window"] == "22:30"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'a: "\\uD800"',
            "eso/all.yaml, line 1, column 7: it is not YAML that can be read: a \\u escape is half of a pair",
        ),
        (
            "a: !!int b",
            "eso/all.yaml, line 1, column 4: it is not YAML that can be read: the value is not what its tag",
        ),
        ("a: {{ .Release.Name }}", "eso/all.yaml, line 1, column 5: it is a template, with {{ ... }}"),
        (
            "a: " + "[" * 900 + "]" * 900,
            "eso/all.yaml, line 1, column 203: it is not YAML that can be read: it is nested",
        ),
    ],
)
def test_a_text_that_cannot_be_read_is_one_line_in_preview(project: Project, text: str, said: str) -> None:
    project.put("/prod/db", *KEYS)
    (project.path / "eso").mkdir()
    (project.path / "eso" / "all.yaml").write_text(text, encoding="utf-8")
    project.stores, project.manifests = [], ["eso"]
    preview = project.preview()
    assert preview.result.exit_code != 0
    assert said in preview.output
    assert "Traceback" not in preview.output
