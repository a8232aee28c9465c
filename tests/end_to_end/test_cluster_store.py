"""A ClusterSecretStore serves the namespaces that its conditions admit, and no others."""

from typing import Any

import pytest

from tests.end_to_end.support import NAMESPACE, STORE, Project

pytestmark = pytest.mark.slow

ALL = {"name": "all", "region": STORE["region"]}


@pytest.fixture
def team_b(project: Project) -> Project:
    """A second namespace, with a label."""
    project.sandbox.kubernetes.create_namespace("team-b")
    return project


def declare(project: Project, namespace: str | None, *conditions: dict[str, Any]) -> None:
    project.stores = []
    project.cluster_stores = [{**ALL, "conditions": list(conditions)}]
    project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.secrets[-1] |= {"secretStoreRef": "all", **({"namespace": namespace} if namespace else {})}


@pytest.mark.parametrize(
    "conditions",
    [
        (),
        ({"namespaces": ["team-b"]},),
        ({"namespaceRegexes": ["^team-"]},),
        ({"namespaces": ["x"]}, {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "team-b"}}}),
    ],
)
def test_admitted(team_b: Project, conditions: tuple[dict[str, Any], ...]) -> None:
    declare(team_b, "team-b", *conditions)
    up = team_b.up()
    assert up.result.exit_code == 0, up.output
    assert team_b.cluster().get_secret("team-b", "db") is not None
    assert team_b.cluster().get_secret(NAMESPACE, "db") is None
    assert team_b.preview().changes == {}


@pytest.mark.parametrize(
    "condition",
    [{"namespaces": ["team-c"]}, {"namespaceRegexes": ["^b"]}, {"namespaceSelector": {"matchLabels": {"team": "x"}}}],
)
def test_not_admitted(team_b: Project, condition: dict[str, Any]) -> None:
    declare(team_b, "team-b", condition)
    preview = team_b.preview()
    assert preview.result.exit_code != 0
    assert "may not be used from namespace 'team-b': none of the store's conditions admits it" in preview.output
    assert "Traceback" not in preview.output


def test_the_namespace_must_be_named(team_b: Project) -> None:
    declare(team_b, None)
    preview = team_b.preview()
    assert "a ClusterSecretStore has no namespace of its own; name the Secret's `namespace`" in preview.output


def test_references_must_name_their_namespace(team_b: Project) -> None:
    declare(team_b, "team-b")
    team_b.cluster_stores[0]["auth"] = {"jwt": {"serviceAccountRef": {"name": "reader"}}}
    assert "a ClusterSecretStore has no namespace of its own; give each reference its" in team_b.preview().output
