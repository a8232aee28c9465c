"""Every kind of entry, templates and policies in one program: what moves shows in preview, and no value gets out."""

import base64
import json
from typing import Any

import pytest

from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

ENTRIES = {
    "data": [
        {"secretKey": "host", "remoteRef": {"key": "/app/db", "property": "host"}},
        {"secretKey": "env", "remoteRef": {"key": "/app/db", "metadataPolicy": "Fetch", "property": "env"}},
    ],
    "dataFrom": [
        {"extract": {"key": "/app/db"}},
        {
            "find": {"path": "/team", "name": {"regexp": "token|pin"}},
            "rewrite": [{"regexp": {"source": "^/team/", "target": ""}}],
        },
    ],
}


def declared(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "secretStoreRef": "team-a", **ENTRIES, **more}


def prepare(project: Project) -> dict[str, str]:
    database = project.put("/app/db", "host", "password")
    ssm = project.sandbox.aws.client("ssm")
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/app/db", Tags=[{"Key": "env", "Value": "prod"}])
    return database


def found(project: Project, *names: str) -> dict[str, str]:
    """Parameters below /team, each with a value of its own; returns key -> value."""
    return {name: json.dumps(project.put(f"/team/{name}", "v")) for name in names}


def test_all_that_is_read_comes_from_one_declaration(project: Project) -> None:
    database = prepare(project)
    tokens = found(project, "token", "other")
    project.secrets = [declared("all")]

    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert "/team/token" in preview.output
    assert "/team/other" not in preview.output
    assert project.reads(decrypt=True) == []

    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("all") == {**database, "env": "prod", "token": tokens["token"]}
    assert project.outputs()["externalSecrets"]["all"]["status"] == "SecretSynced"

    more = found(project, "pin")
    preview = project.preview()
    assert preview.changes == {"all": "update", "team-a": "update"}
    assert "/team/pin" in preview.output
    assert project.up().result.exit_code == 0
    assert project.secret("all") == {**database, "env": "prod", "token": tokens["token"], **more}

    ssm = project.sandbox.aws.client("ssm")
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/app/db", Tags=[{"Key": "env", "Value": "test"}])
    assert "tags of /app/db changed" in project.preview().output
    assert project.up().result.exit_code == 0
    assert (project.secret("all") or {})["env"] == "test"


def test_templates_are_rendered_where_the_values_are(project: Project) -> None:
    database = prepare(project)
    template: dict[str, Any] = {
        "type": "kubernetes.io/basic-auth",
        "metadata": {"labels": {"app": "{{ .env }}"}},
        "data": {"username": "app", "password": "{{ .password }}", "url": "pg://{{ .host }}/{{ .password | b64enc }}"},
    }
    project.secrets = [declared("rendered", target={"name": "login", "template": template})]
    up = project.up()
    assert up.result.exit_code == 0, up.output
    url = f"pg://{database['host']}/{base64.b64encode(database['password'].encode()).decode()}"
    assert project.secret("login") == {"username": "app", "password": database["password"], "url": url}
    live = project.cluster().get_secret(NAMESPACE, "login")
    assert live is not None
    assert (live["type"], live["metadata"]["labels"]["app"]) == ("kubernetes.io/basic-auth", "prod")

    template["data"]["url"] = "{{ .host | nosuchfunction }}"
    preview = project.preview()
    assert preview.result.exit_code != 0
    assert "nosuchfunction" in preview.output
    assert "Traceback" not in preview.output
    template["data"]["url"] = "x"
    assert project.up().result.exit_code == 0


def test_an_immutable_secret_is_made_anew_only_where_that_is_allowed(project: Project) -> None:
    first = prepare(project)
    data = [{"secretKey": "password", "remoteRef": {"key": "/app/db", "property": "password"}}]
    secret: dict[str, Any] = {"name": "fixed", "secretStoreRef": "team-a", "data": data}
    project.secrets = [{**secret, "target": {"immutable": True}}]
    assert project.up().result.exit_code == 0
    second = project.put("/app/db", "host", "password")
    foreseen = project.preview()
    assert foreseen.result.exit_code == 0
    assert "the target is immutable: up fails where a value has changed" in foreseen.output
    refused = project.up()
    assert refused.result.exit_code != 0
    assert "the target is immutable, and its data would change" in refused.output
    assert project.secret("fixed") == {"password": first["password"]}
    project.secrets = [{**secret, "target": {"immutable": True, "replaceImmutable": True}}]
    assert project.preview().changes["fixed"] in ("replace", "create-replacement", "delete-replaced")
    assert project.up().result.exit_code == 0
    assert project.secret("fixed") == {"password": second["password"]}


def test_what_is_young_is_not_read_until_it_is_forced(project: Project) -> None:
    prepare(project)
    project.secrets = [declared("hourly", refreshInterval="1h")]
    assert project.up().result.exit_code == 0
    second = project.put("/app/db", "host", "password")
    preview = project.preview()
    assert preview.changes == {}
    assert "ExternalSecret hourly is not read again" in preview.output
    assert project.sandbox.aws.calls == []
    project.environment["PARAMETER_STORE_FORCE_SYNC"] = "1"
    assert project.up().result.exit_code == 0
    assert (project.secret("hourly") or {})["password"] == second["password"]
    del project.environment["PARAMETER_STORE_FORCE_SYNC"]


def test_a_secret_of_the_operator_is_taken_over_while_it_is_there(project: Project) -> None:
    database = prepare(project)
    owner = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "name": "all",
        "uid": "u",
        "controller": True,
    }
    marks = {"reconcile.external-secrets.io/managed": "true"}
    body = {"metadata": {"labels": marks, "ownerReferences": [owner]}, "data": {"stale": ""}}
    before = project.cluster("externalsecrets.external-secrets.io/all").apply_secret(
        NAMESPACE, "all", body, force=False
    )
    project.secrets = [declared("all")]
    refused = project.preview()
    assert refused.result.exit_code != 0
    assert "External Secrets Operator" in refused.output
    project.secrets = [declared("all", target={"adopt": True})]
    foreseen = project.preview()
    assert "the Secret from ExternalSecret 'all' of External Secrets Operator" in foreseen.output
    assert "key stale, written by externalsecrets.external-secrets.io/all, is removed" in foreseen.output
    assert project.up().result.exit_code == 0
    live = project.cluster().get_secret_metadata(NAMESPACE, "all")
    assert live is not None
    assert (live.uid, live.owners) == (before.uid, ())
    assert not any("external-secrets.io" in label for label in live.labels)
    assert project.secret("all") == {**database, "env": "prod"}
    assert [verb for verb, _ in project.writes()] == ["patch", "patch"]
