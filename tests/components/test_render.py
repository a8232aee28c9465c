"""`render` shows what manifests and settings come to, with no AWS and no cluster; what is wrong is one line."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.__main__ import main
from components.settings.project_file import PROJECT_FILES
from tests.components.manifest_objects import secret, store
from tests.support.paths import ROOT

SETTINGS: dict[str, Any] = {
    "parameter-store:secretStores": [
        {"name": "team-a", "namespace": "team-a", "region": "eu-central-1", "prefix": "/prod/"},
        {
            "name": "made",
            "namespace": "team-a",
            "region": "eu-central-1",
            "auth": {"jwt": {"oidcProvider": "https://oidc.example.com/x"}},
        },
    ],
    "parameter-store:externalSecrets": [
        {
            "name": "db",
            "secretStoreRef": "team-a",
            "data": [
                {"secretKey": "user", "remoteRef": {"key": "db", "property": "user", "version": "3"}},
                {"secretKey": "maybe", "remoteRef": {"key": "maybe", "optional": True}},
                {"secretKey": "tags", "remoteRef": {"key": "db", "metadataPolicy": "Fetch"}},
                {
                    "secretKey": "other",
                    "remoteRef": {"key": "/x", "decodingStrategy": "Base64"},
                    "sourceRef": {"storeRef": {"name": "made"}},
                },
            ],
            "target": {"name": "database", "template": {"data": {"url": "pg://{{ .user }}"}, "mergePolicy": "Replace"}},
        },
    ],
}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects fails; what the machine knows of AWS and clusters is out of reach."""

    def refuse(*_: Any) -> None:
        raise AssertionError("render asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)


def project(folder: Path, settings: Any, stack: str = "stacks/Pulumi.dev.yaml") -> Path:
    (folder / "Pulumi.yaml").write_text("name: parameter-store\nruntime: python\n")
    file = folder / stack
    file.parent.mkdir(exist_ok=True)
    file.write_text(settings if isinstance(settings, str) else yaml.safe_dump({"config": settings}))
    return file


def rendered(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    code = main(["render", *arguments])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return [line.split("   ") for line in map(str.strip, out.splitlines())]


def cells(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in row if cell.strip()) for row in rendered(capsys, *arguments)]


def test_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project(tmp_path, {**SETTINGS, "aws:profile": "prod", "other:token": {"secure": "v1:abc"}})
    assert cells(capsys, "--settings", str(file)) == [
        ("NAMESPACE", "NAME", "SECRET", "KEY", "SOURCE", "STORE"),
        ("team-a", "db", "database", "(maybe)", "<-", "/prod/maybe, optional", "team-a"),
        ("team-a", "db", "database", "(other)", "<-", "/x, Base64", "made"),
        ("team-a", "db", "database", "(tags)", "<-", "tags of /prod/db", "team-a"),
        ("team-a", "db", "database", "(user)", "<-", "/prod/db, version 3, property user", "team-a"),
        ("team-a", "db", "database", "url", "<-", "template"),
    ]


def test_what_a_group_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pushed = {"match": {"secretKey": "user", "remoteRef": {"remoteKey": "out/user"}}}
    push = {"name": "out", "secretStoreRefs": ["team-a"], "selector": {"secret": {"name": "db"}}, "data": [pushed]}
    settings = {**SETTINGS, "parameter-store:pushSecrets": [push]}
    alone = cells(capsys, "--settings", str(project(tmp_path, settings)))
    grouped = cells(capsys, "--settings", str(project(tmp_path, {**settings, "parameter-store:grouped": True})))
    assert len(alone) == 7
    assert grouped == alone


def test_manifests_with_pushes_and_a_store_that_makes_its_role(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jwt = {"auth": {"jwt": {"serviceAccountRef": {"name": "reader"}}}}
    push = {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": "push", "namespace": "team-a"},
        "spec": {
            "secretStoreRefs": [{"name": "store"}],
            "selector": {"secret": {"name": "pokedex"}},
            "data": [{"match": {"secretKey": "best", "remoteRef": {"remoteKey": "/first", "property": "p"}}}],
        },
    }
    found = secret(
        dataFrom=[
            {"extract": {"key": "/all"}},
            {"find": {"path": "/team", "name": {"regexp": "x$"}, "tags": {"a": "b"}}},
        ]
    )
    for name, each in {"a": store(aws=jwt), "b": found, "c": push}.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(each))
    found_rows = cells(capsys, str(tmp_path))
    assert ("team-a", "push", "pokedex", "best", "->", "/first, property p", "team-a/store") in found_rows
    sources = [row[-2] for row in found_rows]
    assert "/all: all members" in sources
    assert "find: below /team, name 'x$', tag a=b" in sources
    assert main(["render", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["kind"] for each in told} == {"ExternalSecret", "PushSecret"}
    assert told[-1] == {
        "kind": "PushSecret",
        "namespace": "team-a",
        "name": "push",
        "secret": "pokedex",
        "key": "best",
        "source": "/first, property p",
        "store": "team-a/store",
        "only_for_templates": False,
    }


def test_cluster_wide_kinds_with_the_namespaces_that_they_choose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = {"matchLabels": {"kind": "team"}, "matchExpressions": [{"key": "old", "operator": "DoesNotExist"}]}
    store_ref = {"name": "all", "kind": "ClusterSecretStore"}
    wide = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterExternalSecret",
        "metadata": {"name": "dbs"},
        "spec": {
            "namespaceSelectors": [labels, {}],
            "namespaces": ["team-c"],
            "externalSecretName": "db",
            "externalSecretSpec": secret(secretStoreRef=store_ref)["spec"],
        },
    }
    shared = {**store(), "kind": "ClusterSecretStore", "metadata": {"name": "all"}}
    pushes = {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "ClusterPushSecret",
        "metadata": {"name": "copies"},
        "spec": {
            "namespaceSelectors": [{"matchExpressions": [{"key": "kind", "operator": "In", "values": ["a", "b"]}]}],
            "pushSecretSpec": {
                "secretStoreRefs": [{"name": "store"}],
                "selector": {"secret": {"name": "pokedex"}},
                "data": [{"match": {"secretKey": "best", "remoteRef": {"remoteKey": "first"}}}],
            },
        },
    }
    (tmp_path / "a.yaml").write_text(yaml.safe_dump_all([store(aws={"prefix": "/a/"}), shared, wide, pushes]))
    assert main(["render", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [tuple(each[name] for name in ("kind", "namespace", "name", "secret")) for each in told] == [
        ("ClusterExternalSecret", "team-c or labels kind=team,!old or all namespaces", "dbs", "db"),
        ("ClusterPushSecret", "team-a, if labels kind in (a,b)", "copies", "pokedex"),
    ]
    assert (told[1]["source"], told[1]["store"]) == ("/a/first", "team-a/store")
    assert [row[-3] for row in cells(capsys, str(tmp_path))[1:]] == ["<-", "->"]


def test_cluster_wide_kinds_of_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = {"data": [{"secretKey": "user", "remoteRef": {"key": "db"}}], "secretStoreRef": "all"}
    config = {
        "parameter-store:clusterSecretStores": [{"name": "all", "region": "eu-central-1"}],
        "parameter-store:clusterExternalSecrets": [
            {"name": "x", "namespaceSelectors": [{"matchLabels": {"k": "v"}}], "externalSecretSpec": spec}
        ],
    }
    file = project(tmp_path, config)
    assert cells(capsys, "--settings", str(file))[1:] == [("labels k=v", "x", "x", "user", "<-", "db", "all")]


def test_a_store_that_makes_its_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config: dict[str, Any] = {
        **SETTINGS,
        "parameter-store:externalSecrets": [{"name": "x", "secretStoreRef": "made", "data": []}],
    }
    config["parameter-store:externalSecrets"][0]["data"] = [{"secretKey": "k", "remoteRef": {"key": "/x"}}]
    file = project(tmp_path, config)
    assert cells(capsys, "--settings", str(file))[1:] == [("team-a", "x", "x", "k", "<-", "/x", "made")]


MISTAKES = {
    "no store": ({"parameter-store:secretStores": []}, "there is no store 'team-a' (there are: none)"),
    "misspelt setting": (
        {"parameter-store:externalSecret": []},
        "parameter-store:externalSecret: there is no such setting",
    ),
    "bare string": ({"parameter-store:manifests": "eso"}, "parameter-store:manifests: expected a list, got a string"),
    "no region": (
        {
            "parameter-store:secretStores": [{"name": "team-a", "namespace": "team-a"}],
            "parameter-store:externalSecrets": [],
        },
        "region",
    ),
    "encrypted": ({"parameter-store:secretStores": {"secure": "v1:abc"}}, "is encrypted, which `render` does not read"),
    "encrypted in part": (
        {"parameter-store:secretStores": [{"name": "team-a", "kubeconfig": {"secure": "v1:abc"}}]},
        "is encrypted, which `render` does not read",
    ),
    "one setting by two names": ({"externalSecrets": []}, "of which Pulumi takes one at random"),
    "manifests that are not there": ({"parameter-store:manifests": ["nowhere"]}, "nowhere"),
    "static keys": ({"aws:secretKey": {"secure": "v1:abc"}}, "aws:secretKey: "),
}


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line(
    change: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project(tmp_path, {**SETTINGS, **change})
    assert main(["render", "--settings", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give either paths of manifests, or --settings FILE"),
        (["x", "--settings", "y"], "give either paths of manifests, or --settings FILE"),
        (["--settings", "y", "-n", "a"], "--namespace and --exclude are for paths of manifests"),
        (["--settings", "nowhere/Pulumi.dev.yaml"], "it cannot be read (No such file or directory)"),
        (["--settings", "."], "it cannot be read (Is a directory)"),
        (["nowhere.yaml"], "nowhere.yaml: there is no such file, or no manifest below it (looked for in /"),
        (["--settings", "Pulumi.yaml"], "Pulumi.yaml: it is the project's file"),
        (["--settings", "Pulumi.yaml"], "give Pulumi.<stack>.yaml"),
        (
            ["Pulumi.yaml"],
            "Pulumi.yaml: it is a file of Pulumi and no manifest; give a stack's settings with --settings",
        ),
        (["stacks/Pulumi.dev.yaml"], "give a stack's settings with --settings"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project(tmp_path, {})
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["render", *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


def test_a_manifest_without_namespace_is_told_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "store.yaml"
    aws = {"service": "ParameterStore", "region": "eu-central-1"}
    kind = {"apiVersion": "external-secrets.io/v1", "kind": "SecretStore"}
    file.write_text(yaml.safe_dump({**kind, "metadata": {"name": "shop"}, "spec": {"provider": {"aws": aws}}}))
    assert main(["render", str(file)]) == 1
    assert "give `namespace` for all of them (for `render`: --namespace)" in capsys.readouterr().err
    assert main(["render", str(file), "--namespace", "team-a"]) == 0


@pytest.mark.parametrize("text", ["a: b: c", "config: [1]", "- 1", "\x00", "config: {a: *x}"])
def test_a_file_that_is_no_stack_s_is_one_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project(tmp_path, text)
    assert main(["render", "--settings", str(file)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert str(file) in err


def test_a_stack_without_a_project_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config: {}")
    assert main(["render", "--settings", str(file)]) == 1
    assert "there is no Pulumi.yaml in its folder or above" in capsys.readouterr().err


@pytest.mark.parametrize("name", PROJECT_FILES)
def test_a_project_s_file_may_have_each_name_that_pulumi_takes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project(tmp_path, SETTINGS)
    (tmp_path / "Pulumi.yaml").unlink()
    (tmp_path / name).write_text(json.dumps({"name": "parameter-store", "runtime": "python"}))
    assert cells(capsys, "--settings", str(file))[0][0] == "NAMESPACE"


def test_the_command_itself_needs_no_engine() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "components", "render", "--settings", "stacks/Pulumi.dev.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    assert "friendslist, property friends.1.first" in ran.stdout


@pytest.mark.parametrize("name", ["externalSecrets", "parameter-store:manifests"])
def test_a_setting_outside_of_config_is_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project(tmp_path, SETTINGS)
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), name: []}))
    assert main(["render", "--settings", str(file)]) == 1
    assert f"{name} stands outside of config, where Pulumi does not read it" in capsys.readouterr().err
