"""Who the access map says can read Secrets, held to what a real API server answers for each of them."""

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.role_lists import list_roles
from components.core.access.access_map import ClusterReader
from components.core.access.cluster_readers import cluster_readers
from tools.api_server.cluster import clean
from tools.api_server.server import ApiServer

RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
NAMESPACES = ["rbac-a", "rbac-b"]
NAMES = ["db", "other"]
SUBJECTS = [
    *({"kind": "User", "apiGroup": GROUP, "name": name} for name in ("ann", "system:serviceaccount:rbac-a:named")),
    *({"kind": "Group", "apiGroup": GROUP, "name": name} for name in ("dev", "system:serviceaccounts:rbac-a")),
    *({"kind": "ServiceAccount", "namespace": each, "name": "app"} for each in NAMESPACES),
]
LAST = {"kind": "User", "apiGroup": GROUP, "name": "who-is-bound-last"}
VERBS = ["get", "list", "watch"]


def rule(chance: random.Random) -> dict[str, Any]:
    names = {"resourceNames": chance.sample([*NAMES, "gone"], chance.randint(1, 2))} if chance.random() < 0.4 else {}
    return {
        "apiGroups": chance.choice([[""], ["*"], ["apps"], ["", "apps"], ["core"]]),
        "resources": chance.choice([["secrets"], ["*"], ["pods", "secrets"], ["secrets/status"], ["*/*"], ["pods"]]),
        "verbs": chance.choice([["get"], ["list", "watch"], ["*"], ["create", "update"], ["watch"], ["get", "list"]]),
        **names,
    }


def create(server: ApiServer, kind: str, namespace: str, body: dict[str, Any]) -> None:
    place = f"/namespaces/{namespace}" if namespace else ""
    server.send("POST", f"{RBAC}{place}/{kind}", body)


@pytest.fixture
def bound(api_server: ApiServer) -> Iterator[ApiServer]:
    """A server with made-up roles and bindings, of which the last one is in force."""
    chance = random.Random(11)  # noqa: S311 - the same roles each time
    for each in NAMESPACES:
        api_server.send("POST", "/api/v1/namespaces", {"metadata": {"name": each}})
    roles: list[tuple[str, str]] = []
    for at in range(30):
        namespace = chance.choice(["", "", *NAMESPACES])
        wide = {} if namespace else {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}}
        # The controller that fills aggregated roles does not run here: some have the rules that it writes, others none.
        more = wide if at % 5 == 0 else {}
        rules = [] if more and at % 10 == 0 else [rule(chance) for _ in range(chance.randint(1, 2))]
        metadata = {"name": f"rbac-{at}", "labels": {"to": chance.choice(["all", "none"])}}
        create(
            api_server,
            "roles" if namespace else "clusterroles",
            namespace,
            {"metadata": metadata, "rules": rules, **more},
        )
        roles.append((namespace, f"rbac-{at}"))
    for at, (namespace, name) in enumerate([*roles, ("", "cluster-admin")]):
        within = namespace or chance.choice(["", *NAMESPACES])
        subjects = [LAST] if name == "cluster-admin" else chance.sample(SUBJECTS, chance.randint(1, 2))
        ref = {"apiGroup": GROUP, "kind": "Role" if namespace else "ClusterRole", "name": name}
        kind, where = ("rolebindings", within) if within and subjects != [LAST] else ("clusterrolebindings", "")
        create(api_server, kind, where, {"metadata": {"name": f"rbac-{at}"}, "roleRef": ref, "subjects": subjects})
    deadline = time.monotonic() + 20
    while not may(api_server, LAST, "rbac-a", "get", ""):
        assert time.monotonic() < deadline
    yield api_server
    for kind in ("clusterroles", "clusterrolebindings"):
        for each in api_server.send("GET", f"{RBAC}/{kind}")["items"]:
            if each["metadata"]["name"].startswith("rbac-"):
                api_server.send("DELETE", f"{RBAC}/{kind}/{each['metadata']['name']}")
    clean(api_server)


def may(server: ApiServer, subject: dict[str, Any], namespace: str, verb: str, name: str) -> bool:
    """Whether the server lets a subject, by itself, read a Secret, or with an empty name all of a namespace."""
    who: dict[str, Any] = {"user": subject["name"]}
    if subject["kind"] == "Group":
        who = {"user": "somebody", "groups": [subject["name"]]}
    elif subject["kind"] == "ServiceAccount":
        who = {"user": f"system:serviceaccount:{subject['namespace']}:{subject['name']}"}
    asked = {"namespace": namespace, "verb": verb, "resource": "secrets", "name": name}
    body = {"spec": {**who, "resourceAttributes": asked}}
    answer = server.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    return bool(answer["status"]["allowed"])


def said(found: Sequence[ClusterReader], subject: str, namespace: str, verb: str, name: str) -> bool:
    return any(
        (each.subject, each.namespace) == (subject, namespace) and verb in each.verbs and each.secret in ("", name)
        for each in found
    )


def test_who_is_said_to_read_can_and_who_is_not_cannot(bound: ApiServer, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(bound.kubeconfig_text())
    client = KubernetesClient(load_cluster(str(tmp_path / "kubeconfig"), None, {}))
    found = cluster_readers(list_roles(client), [(space, name) for space in NAMESPACES for name in NAMES], "")
    client.close()
    subjects = {_title(each): each for each in [*SUBJECTS, LAST]}
    subjects |= {each.subject: _subject(each.subject) for each in found}
    assert len(subjects) > len(SUBJECTS) + 5, "those that every cluster has, too"
    verdicts = {True: 0, False: 0}
    for title, subject in subjects.items():
        for namespace in NAMESPACES:
            for verb in VERBS:
                for name in ["", *NAMES]:
                    allowed = may(bound, subject, namespace, verb, name)
                    assert said(found, title, namespace, verb, name) is allowed, (title, namespace, verb, name)
                    verdicts[allowed] += 1
    assert min(verdicts.values()) > 50, verdicts


def _title(subject: dict[str, Any]) -> str:
    name = f"{subject['namespace']}/{subject['name']}" if "namespace" in subject else subject["name"]
    return f"{subject['kind']} {name}"


def _subject(title: str) -> dict[str, Any]:
    kind, _, name = title.partition(" ")
    if kind != "ServiceAccount":
        return {"kind": kind, "name": name}
    namespace, _, own = name.partition("/")
    return {"kind": kind, "namespace": namespace, "name": own}
