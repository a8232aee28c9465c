"""ClusterExternalSecrets and ClusterPushSecrets over time: namespaces come and go, and some of them fail."""

import base64
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.transport import Request
from tests.end_to_end.faults.test_killed_provider import kill_when
from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

TEAMS = [{"matchLabels": {"kind": "team"}}]
DATA = [{"secretKey": "user", "remoteRef": {"key": "/app/db", "property": "user"}}]


def manifest(kind: str, name: str, spec: dict[str, Any], namespace: str | None = None) -> str:
    version = "v1alpha1" if "Push" in kind else "v1"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    body = {"apiVersion": f"external-secrets.io/{version}", "kind": kind, "metadata": metadata, "spec": spec}
    return json.dumps(body)


def aws_store(**more: Any) -> dict[str, Any]:
    return {"provider": {"aws": {"service": "ParameterStore", "region": "eu-central-1", **more}}}


def declare(project: Project, *manifests: str) -> None:
    (project.path / "eso.yaml").write_text("\n---\n".join(manifests))
    project.stores, project.manifests = [], ["eso.yaml"]


def label(project: Project, namespace: str, **labels: str | None) -> None:
    body = json.dumps({"metadata": {"labels": labels}}).encode()
    kind = "application/merge-patch+json"
    request = Request("PATCH", f"/api/v1/namespaces/{namespace}", content_type=kind, body=body)
    project.cluster().send(request, Call("label", f"Namespace {namespace}", "the cluster"))


def users(project: Project, *namespaces: str) -> list[str | None]:
    found: list[str | None] = []
    for each in namespaces:
        secret = project.cluster().get_secret(each, "db")
        found.append(base64.b64decode(secret["data"]["user"]).decode() if secret else None)
    return found


@pytest.fixture
def teams(project: Project) -> Project:
    """Three namespaces, of which the first two have the label."""
    for name in ("team-b", "team-c"):
        project.sandbox.kubernetes.create_namespace(name)
    for name in ("team-a", "team-b"):
        label(project, name, kind="team")
    return project


def test_namespaces_come_and_go(teams: Project) -> None:
    """Secrets by selector, their round trip to parameters of each namespace, and a store's conditions."""
    user = teams.put("/app/db", "user")["user"]
    admitted = {"conditions": [{"namespaceSelector": {"matchLabels": {"kind": "team"}}}, {"namespaces": ["team-c"]}]}
    ref = {"name": "all", "kind": "ClusterSecretStore"}
    secret = {"externalSecretName": "db", "externalSecretSpec": {"secretStoreRef": ref, "data": DATA}}
    metadata = {"apiVersion": "kubernetes.external-secrets.io/v1alpha1", "kind": "PushSecretMetadata"}
    entry = {
        "match": {"secretKey": "user", "remoteRef": {"remoteKey": "user"}},
        "metadata": {**metadata, "spec": {"secretType": "SecureString"}},
    }
    push = {
        "selector": {"secret": {"name": "db"}},
        "secretStoreRefs": [{"name": "own"}],
        "data": [entry],
        "deletionPolicy": "Delete",
        "refreshInterval": "0s",
    }
    declare(
        teams,
        manifest("ClusterSecretStore", "all", aws_store() | admitted),
        *(manifest("SecretStore", "own", aws_store(prefix=f"/{each}/"), each) for each in ("team-a", "team-b")),
        manifest("ClusterPushSecret", "copies", {"namespaceSelectors": TEAMS, "pushSecretSpec": push}),
        manifest("ClusterExternalSecret", "dbs", {"namespaceSelectors": TEAMS, "namespaces": ["team-c"], **secret}),
    )
    up = teams.up()
    assert up.result.exit_code == 0, up.output
    assert all(f"{each}: {{" in up.output for each in ("team-a", "team-b", "team-c"))
    assert users(teams, "team-a", "team-b", "team-c") == [user, user, user]
    ssm = teams.sandbox.aws.client("ssm")
    for each in ("team-a", "team-b"):
        assert ssm.get_parameter(Name=f"/{each}/user", WithDecryption=True)["Parameter"]["Value"] == user
    shown = teams.outputs()["clusterExternalSecrets"]["dbs"]["status"]
    assert shown == dict.fromkeys(("team-a", "team-b", "team-c"), "SecretSynced")
    assert teams.preview().changes == {}

    label(teams, "team-b", kind=None)
    gone = teams.preview()
    assert set(gone.changes) == {"dbs", "copies"}
    assert "- team-b" in gone.output
    up = teams.up()
    assert up.result.exit_code == 0, up.output
    assert users(teams, "team-a", "team-b", "team-c") == [user, None, user]
    assert [each["Name"] for each in ssm.describe_parameters()["Parameters"] if "team" in each["Name"]] == [
        "/team-a/user"
    ]

    text = (teams.path / "eso.yaml").read_text()
    (teams.path / "eso.yaml").write_text(text.replace('"namespaces": ["team-c"]}]', '"namespaces": ["team-x"]}]'))
    refused = teams.preview()
    assert refused.result.exit_code != 0
    assert "namespace team-c: its ClusterSecretStore may not be used from namespace 'team-c'" in refused.output
    assert users(teams, "team-c") == [user]
    (teams.path / "eso.yaml").write_text(text)
    assert teams.destroy().result.exit_code == 0
    assert users(teams, "team-a", "team-b", "team-c") == [None, None, None]


PROGRAM = """
import pulumi
from components import ClusterExternalSecret, ClusterSecretStore, LabelRequirement, RemoteRef, Target, Template

text = pulumi.Output.secret(TEXT)
ClusterExternalSecret(
    "db",
    store=ClusterSecretStore("all", region="eu-central-1"),
    data={"user": RemoteRef("/app/db", property="user")},
    namespace_selectors=[[LabelRequirement("kind", "In", ["team"])]],
    target=Target(template=Template(data={"user": text})),
)
"""


def test_what_was_done_where_a_namespace_failed_is_recorded(teams: Project) -> None:
    """The engine knows of the others, and keeps what the one that failed was made of, a secret of the program too."""
    user = teams.put("/app/db", "user")["user"]
    start = "canary-of-a-template"

    def write(template: str) -> None:
        # The text stands in pieces in the program, which is in the same folder as the state.
        teams.write_program(PROGRAM.replace("TEXT", f'"canary-of" "-a-template" " {template}"'))

    def take_away(namespace: str) -> None:
        live = teams.cluster().get_secret_metadata(namespace, "db")
        assert live is not None
        teams.cluster().delete_secret(namespace, "db", uid=live.uid)

    write("{{ .user }}")
    label(teams, "team-c", kind="team")
    assert teams.up().result.exit_code == 0
    take_away("team-b")
    teams.cluster("kubectl").apply_secret("team-b", "db", {"data": {"user": ""}}, force=False)
    write("{{ .user }}!")
    failed = teams.up()
    assert failed.result.exit_code != 0
    assert "namespace team-b: Secret team-b/db exists already and was not created by this" in failed.output
    assert users(teams, "team-a", "team-b", "team-c") == [f"{start} {user}!", "", f"{start} {user}!"]
    (kept,) = (each for each in teams.state() if each["type"].endswith(":ClusterSecretSync"))
    assert sorted(kept["outputs"]["namespaces"]) == ["team-a", "team-b", "team-c"]
    assert "target" in kept["outputs"]["namespaces"]["team-b"]
    assert start not in teams.state_file.read_text()

    label(teams, "team-c", kind=None)
    take_away("team-b")
    up = teams.up()
    assert up.result.exit_code == 0, up.output
    assert users(teams, "team-a", "team-b", "team-c") == [f"{start} {user}!", f"{start} {user}!", None]
    assert start not in teams.state_file.read_text()


PUSHES = """
from components import ClusterPushSecret, LabelRequirement, PushData, SecretStore

names = ("team-a", "team-b", "team-c")
ClusterPushSecret(
    "copies",
    stores=[SecretStore(f"{each}-out", namespace=each, region="eu-central-1", prefix=f"/{each}/") for each in names],
    namespace_selectors=[[LabelRequirement("kind", "In", ["team"])]],
    secret="db",
    data=[PushData("user", "user")],
    deletion_policy="Delete",
)
"""


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the process in Linux's /proc")
def test_killed_between_two_namespaces_the_next_up_ends_it(teams: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider dies at its second write; what it wrote bears our mark, and is not written twice."""
    faults, stop, struck = teams.sandbox.aws.faults, threading.Event(), threading.Event()
    let, writes = faults.strike, list[str]()

    def strike(service: str, operation: str, wait: Callable[[float], object]) -> None:
        if operation == "PutParameter":
            writes.append(operation)
            if len(writes) == 2:
                struck.set()
                stop.wait(60)
        let(service, operation, wait)

    label(teams, "team-c", kind="team")
    values = [f"canary-of-{each}" for each in ("team-a", "team-b", "team-c")]
    teams.guard(*values)
    for value in values:
        encoded = base64.b64encode(value.encode()).decode()
        teams.cluster().apply_secret(value.removeprefix("canary-of-"), "db", {"data": {"user": encoded}}, force=True)
    teams.write_program(PUSHES)
    with monkeypatch.context() as patched, ThreadPoolExecutor(1) as other:
        patched.setattr(faults, "strike", strike)
        killed = other.submit(kill_when, struck, teams.path)
        failed = teams.up()
        stop.set()
    assert len(killed.result()) == 1, "there was one provider process, in the middle of a write"
    assert failed.result.exit_code != 0
    assert "Traceback" not in failed.output
    up = teams.up()
    assert up.result.exit_code == 0, up.output
    ssm = teams.sandbox.aws.client("ssm")
    names = [f"/{each}/user" for each in ("team-a", "team-b", "team-c")]
    found = ssm.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    assert {each["Value"]: each["Version"] for each in found}.keys() == {*values}
    assert {each["Version"] for each in found} == {1}, "none was written twice"
    assert teams.destroy().result.exit_code == 0
    assert ssm.get_parameters(Names=names)["Parameters"] == []
