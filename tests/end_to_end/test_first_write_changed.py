"""A Secret that a webhook changes while it is made: the update fails, and the state knows the Secret all the same."""

from typing import Any

import pytest

from sandbox.kubernetes import KubernetesApi
from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

PROGRAM = """
from components import ExternalSecret, RemoteRef, SecretStore, Target

store = SecretStore("team", namespace="team-a", region="eu-central-1", grouped={grouped})
for name, target in {declared}.items():
    ExternalSecret(name, store=store, data={{"password": RemoteRef("/app/a", property="first")}}, target=Target(target))
"""


@pytest.fixture
def kubernetes() -> KubernetesApi:
    """The sandbox's, whatever the command line names: to a real API server a webhook is another server."""
    return KubernetesApi()


@pytest.fixture(params=["alone", "grouped"])
def in_group(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def value(project: Project) -> str:
    return project.put("/app/a", "first")["first"]


def declare(project: Project, in_group: str, **declared: str) -> None:
    project.write_program(PROGRAM.format(grouped=in_group == "grouped", declared=declared))


def webhooks(project: Project) -> list[Any]:
    api = project.sandbox.kubernetes
    assert isinstance(api, KubernetesApi)
    return api.webhooks


def change_secrets(project: Project, name: str) -> None:
    def mutate(kind: Any, value: dict[str, Any]) -> None:
        if kind.name == "Secret" and value.get("data") and value["metadata"]["name"] == name:
            value["data"] = dict.fromkeys(value["data"], "eA==")

    webhooks(project)[:] = [mutate]


def done(project: Project) -> None:
    assert project.up().result.exit_code == 0, project.history[-1]["output"]


def fails(project: Project) -> None:
    assert project.up().result.exit_code == 1
    assert "does not hold what was sent" in project.history[-1]["output"]


def test_it_is_deleted_where_it_is_not_declared_any_more(project: Project, in_group: str) -> None:
    change_secrets(project, "a")
    declare(project, in_group, a="a", b="b")
    fails(project)
    assert project.secret("a") == {"password": "x"}
    declare(project, in_group, b="b")
    done(project)
    assert project.secret("a") is None
    project.settle()


def test_it_is_mended_by_the_next_update(project: Project, in_group: str, value: str) -> None:
    change_secrets(project, "a")
    declare(project, in_group, a="a")
    fails(project)
    fails(project)
    webhooks(project).clear()
    done(project)
    assert project.secret("a") == {"password": value}
    project.settle()


def test_the_secret_that_it_replaces_stays_until_then(project: Project, in_group: str, value: str) -> None:
    declare(project, in_group, a="a")
    done(project)
    change_secrets(project, "c")
    declare(project, in_group, a="c")
    fails(project)
    assert project.secret("a") == {"password": value}
    webhooks(project).clear()
    done(project)
    assert (project.secret("a"), project.secret("c")) == (None, {"password": value})
    project.settle()


def test_it_is_deleted_with_all_else(project: Project, in_group: str) -> None:
    change_secrets(project, "a")
    declare(project, in_group, a="a")
    fails(project)
    assert project.destroy().result.exit_code == 0
    assert project.secret("a") is None
