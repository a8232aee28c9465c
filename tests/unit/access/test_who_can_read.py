"""Who can read the Secrets in the cluster: each rule and binding of RBAC, and the calls that ask for them."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.__main__ import main
from components.core.access.cluster_readers import cluster_readers
from tests.support.access_stacks import SecretPlan, StorePlan, state
from tests.unit.kubernetes_client.support import Reply, Stub, refusal

SECRETS = [("team-a", "db"), ("team-a", "api"), ("team-b", "web")]
MASTERS = "Group system:masters"


def role(name: str, *rules: dict[str, Any], namespace: str = "") -> dict[str, Any]:
    metadata = {"name": name, "uid": "u-1", **({"namespace": namespace} if namespace else {})}
    return {"kind": "Role" if namespace else "ClusterRole", "metadata": metadata, "rules": list(rules)}


def rule(verbs: str, resources: str = "secrets", groups: str = "", names: str = "") -> dict[str, Any]:
    limited = {"resourceNames": names.split()} if names else {}
    return {"apiGroups": [groups], "resources": resources.split(), "verbs": verbs.split(), **limited}


def bound(to: str, *subjects: str, namespace: str = "", role_kind: str = "ClusterRole") -> dict[str, Any]:
    metadata = {"name": f"bind-{to}", "uid": "u-2", **({"namespace": namespace} if namespace else {})}
    listed = [dict(zip(("kind", "name", "namespace"), each.split("/"), strict=False)) for each in subjects]
    ref = {"kind": role_kind, "name": to}
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return {"kind": kind, "metadata": metadata, "roleRef": ref, "subjects": listed}


def told(*objects: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    found = cluster_readers(objects, SECRETS, "")
    return {
        (each.subject, each.namespace, each.secret, " ".join(each.verbs)) for each in found if each.subject != MASTERS
    }


@pytest.mark.parametrize(
    ("given", "verbs"),
    [
        (rule("get"), "get"),
        (rule("list watch create"), "list watch"),
        (rule("*"), "get list watch"),
        (rule("get", "*"), "get"),
        (rule("get", "pods secrets", "*"), "get"),
        (rule("create update patch delete deletecollection"), None),
        (rule("get", "secrets/status"), None),
        (rule("get", "secrets", "apps"), None),
        (rule("get", "configmaps"), None),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, None),
        ({"verbs": None, "resources": 3}, None),
    ],
)
def test_a_rule_shows_secrets_by_each_of_three_verbs(given: dict[str, Any], verbs: str | None) -> None:
    found = told(role("r", given), bound("r", "User/ann"))
    assert found == ({("User ann", each, "", verbs) for each in ("team-a", "team-b")} if verbs else set())


def test_a_name_limits_a_rule_to_that_secret() -> None:
    found = told(role("r", rule("get list", names="db other")), bound("r", "User/ann"))
    assert found == {("User ann", "team-a", "db", "get list")}


def test_a_role_binding_holds_in_its_namespace_for_either_kind_of_role() -> None:
    own = role("own", rule("get"), namespace="team-b")
    wide = role("wide", rule("watch"))
    assert told(
        own,
        wide,
        bound("own", "ServiceAccount/app", "Group/dev", namespace="team-b", role_kind="Role"),
        bound("wide", "ServiceAccount/ci/tools", namespace="team-a"),
        bound("own", "User/eve", namespace="team-a", role_kind="Role"),
        bound("gone", "User/eve"),
    ) == {
        ("ServiceAccount team-b/app", "team-b", "", "get"),
        ("Group dev", "team-b", "", "get"),
        ("ServiceAccount tools/ci", "team-a", "", "watch"),
    }


def test_the_group_that_no_rule_binds_is_named() -> None:
    found = cluster_readers([], SECRETS, "prod")
    assert {(each.subject, each.namespace, each.context) for each in found} == {
        (MASTERS, "team-a", "prod"),
        (MASTERS, "team-b", "prod"),
    }


def command(tmp_path: Path, server: str, *options: str) -> int:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    kubeconfig, file = tmp_path / "config", tmp_path / "state.json"
    kubeconfig.write_text(json.dumps(config))
    file.write_text(json.dumps(state([StorePlan("s", [SecretPlan("db", {"k": {"key": "/prod/db"}})])])))
    return main(["access", "--state", str(file), "--who-can-read", "--kubeconfig", str(kubeconfig), *options])


def test_the_command_asks_the_cluster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = [role("reader", rule("get list")), bound("reader", "Group/on-call")]
    kinds = {"clusterroles": objects[:1], "clusterrolebindings": objects[1:], "roles": [], "rolebindings": None}

    def answer(path: str) -> Reply:
        items = kinds[path.rpartition("/")[2]]
        return Reply(200, json.dumps({"kind": "List", "metadata": {}, "items": items}).encode())

    with Stub(lambda request: answer(request.path)) as server:
        assert command(tmp_path, server.url, "--format", "json") == 0
        found = json.loads(capsys.readouterr().out)
        assert [each["subject"] for each in found["clusterReaders"]] == ["Group on-call", MASTERS]
        assert command(tmp_path, server.url) == 0
        assert "Group on-call" in capsys.readouterr().out
    assert {each.path for each in server.requests} == {f"/apis/rbac.authorization.k8s.io/v1/{each}" for each in kinds}


def test_a_missing_right_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = "clusterroles.rbac.authorization.k8s.io is forbidden: User ann cannot list resource"
    with Stub([refusal(403, "Forbidden", message, kind="clusterroles")]) as server:
        assert command(tmp_path, server.url) == 1
    said = capsys.readouterr().err
    assert "list the ClusterRoles of all namespaces" in said
    assert said.count("\n") == 1
