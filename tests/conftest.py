"""Which engine and which Kubernetes API the end-to-end scenarios run with, and records of what came of it."""

import gc
import json
import logging
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from sandbox.aws import AwsApi
    from sandbox.environment import Kubernetes
    from tests.end_to_end.engines import ProjectEngine
    from tests.end_to_end.support import Project
    from tools.api_server.server import ApiServer


# Timings are for benchmarks: a busy machine must not fail a property.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=["sandbox", "pulumi"], default="sandbox", help="what runs the end-to-end scenarios"
    )
    parser.addoption(
        "--api",
        choices=["sandbox", "server"],
        default="sandbox",
        help="the Kubernetes API: the sandbox's, or a real API server that `python -m tools.api_server` built",
    )
    parser.addoption("--grouped", action="store_true", help="keep the ExternalSecrets of each store in one resource")
    parser.addoption("--history", type=Path, help="a folder for records of what the engine did in each scenario")
    parser.addoption("--record-results", type=Path, help="a file for what came of each test")


def pytest_configure(config: pytest.Config) -> None:
    # Programs that are refused leave Outputs behind whose errors nobody asks for. asyncio logs those when they are
    # dropped, which may be after the last test; without a handler Python prints them below the result.
    logging.getLogger("asyncio").addHandler(logging.NullHandler())
    if config.getoption("api") == "server":
        _require_server()
    path: Path | None = config.getoption("record_results")
    if path is not None and not hasattr(config, "workerinput"):  # workers of xdist report to the one that counts
        config.pluginmanager.register(Results(path))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: no garbage collection goes through them again.

    Whole collections come after each file: in a test that goes to the limit of recursion no finalizer could run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 100_000)


@pytest.fixture(scope="module", autouse=True)
def garbage() -> Iterator[None]:
    """What the tests of a file leave behind goes with its last one."""
    yield
    gc.collect()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With another engine or API, leave out what uses neither: it would do again what it did under the sandbox's."""
    other = {name for name in ("api", "engine") if config.getoption(name) != "sandbox"}
    used = {{"api": "kubernetes", "engine": "engine"}[name] for name in other} | {"api_server"}
    if other:
        same = {item for item in items if used.isdisjoint(getattr(item, "fixturenames", ()))}
        config.hook.pytest_deselected(items=[*same])
        items[:] = [item for item in items if item not in same]


def _require_server() -> None:
    from tools.api_server.binaries import NOT_RUN, built, version  # noqa: PLC0415 - most runs need no server

    if built() is None:
        text = f"--api server: NOT RUN: no kube-apiserver {version()} was built here; `make test-kubernetes` builds it."
        pytest.exit(text, returncode=NOT_RUN)


class Results:
    """Writes down what came of each test, and of which commit it was the test."""

    def __init__(self, path: Path) -> None:
        asked = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
        said = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        self._commit = said.stdout.strip() or "unknown"
        self._path = path
        self._outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # Of setup, call and teardown the worst counts; a scan for secret values fails in the teardown.
        if report.outcome != "passed" or report.when == "call":
            before = self._outcomes.get(report.nodeid)
            self._outcomes[report.nodeid] = "failed" if "failed" in (before, report.outcome) else report.outcome

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):  # half a run is no record
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        record = {"commit": self._commit, "outcomes": self._outcomes}
        self._path.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


@pytest.fixture(scope="module")
def running_aws() -> "Iterator[AwsApi]":
    """The sandbox's AWS; one for each module, as some start one of their own and a process holds only one."""
    from sandbox.aws import AwsApi  # noqa: PLC0415 - most tests need no AWS

    with AwsApi() as aws:
        yield aws


@pytest.fixture
def aws(running_aws: "AwsApi") -> "AwsApi":
    """The sandbox's AWS, empty."""
    running_aws.reset()
    return running_aws


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> "ProjectEngine":
    """The engine that the command line names."""
    from sandbox.engines import real_engine  # noqa: PLC0415 - most tests need no engine
    from tests.end_to_end.engines import PulumiCli, SandboxEngine  # noqa: PLC0415

    if request.config.getoption("engine") == "sandbox":
        return SandboxEngine()
    cli = real_engine(os.environ)
    if cli is None:
        pytest.fail("--engine pulumi: there is no working pulumi CLI on PATH")
    return PulumiCli(cli)


@pytest.fixture(scope="session")
def api_server() -> "Iterator[ApiServer]":
    """A real API server; one for each process of pytest, started when the first test asks for it."""
    from tools.api_server.binaries import built, version  # noqa: PLC0415 - most runs need no server
    from tools.api_server.server import ApiServer  # noqa: PLC0415

    binaries = built()
    if binaries is None:
        pytest.fail(f"no kube-apiserver {version()} was built here; `make test-kubernetes` builds it")
    with ApiServer(binaries) as server:
        yield server


@pytest.fixture
def kubernetes(request: pytest.FixtureRequest) -> "Kubernetes":
    """The Kubernetes API that the command line names, empty, and not started yet."""
    if request.config.getoption("api") == "server":
        from tools.api_server.cluster import RealKubernetes  # noqa: PLC0415 - most runs need no server

        return RealKubernetes(request.getfixturevalue("api_server"))
    from sandbox.kubernetes import KubernetesApi  # noqa: PLC0415

    return KubernetesApi()


@pytest.fixture
def finish(request: pytest.FixtureRequest) -> Callable[["Project"], None]:
    """What ends every scenario: an empty preview, the scan for secret values, and a record where one was asked for."""

    def end(project: "Project") -> None:
        folder: Path | None = request.config.getoption("history")
        project.settle()
        if folder is not None:
            project.export()
            test = request.node.nodeid
            name = re.sub(r"[^\w.-]+", "_", test)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.json").write_text(json.dumps({"test": test, "operations": project.history}))
        project.scan()

    return end
