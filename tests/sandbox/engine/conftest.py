"""Projects in temporary folders for the engine's tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.engine.support import THINGS, Project, ProjectFactory


@pytest.fixture
def make_project(tmp_path: Path) -> ProjectFactory:
    """Write a project whose program is given; it may import `Thing` from `things`."""

    def make(program: str) -> Project:
        calls = tmp_path / "calls.jsonl"
        calls.touch()
        project = Project(tmp_path / "project", {"CALLS": str(calls)})
        project.write("Pulumi.yaml", "name: test\nruntime: python\n")
        project.write("things.py", THINGS)
        project.write("__main__.py", program)
        return project

    return make


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Return what the dynamic provider was called with so far."""

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]

    return read
