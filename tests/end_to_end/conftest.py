"""The product as a user has it: a Pulumi project, an engine, AWS and Kubernetes at the wire."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from sandbox.environment import Kubernetes, Sandbox
from tests.end_to_end.engines import ProjectEngine
from tests.end_to_end.support import NAMESPACE, Project


@pytest.fixture
def grouped(request: pytest.FixtureRequest) -> dict[str, bool]:
    """The setting that `--grouped` asks for."""
    return {"parameter-store:grouped": True} if request.config.getoption("grouped") else {}


@pytest.fixture
def project(
    tmp_path: Path,
    kubernetes: Kubernetes,
    engine: ProjectEngine,
    finish: Callable[[Project], None],
    grouped: dict[str, bool],
) -> Iterator[Project]:
    """A project with its own state, AWS and cluster; all that it left behind is scanned for values in the end."""
    with Sandbox(kubernetes=kubernetes) as sandbox:
        sandbox.kubernetes.create_namespace(NAMESPACE)
        made = Project(sandbox, tmp_path, engine)
        made.config |= grouped
        yield made
        finish(made)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what the last operation printed."""
    report = yield
    project = getattr(item, "funcargs", {}).get("project")
    if report.failed and isinstance(project, Project):
        report.sections.append(("The last operation", project.said()))
    return report
