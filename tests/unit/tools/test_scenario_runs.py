"""Two runs of the scenarios are compared; what differs runs again, so that luck fails nothing and a difference does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.scenarios.runs import Run, compare

TEST = "tests/end_to_end/test_things.py::test_one[a]"


@dataclass(frozen=True)
class Played(Run):
    """A run whose tests do not run: each records the Secret that it is told to, in one run after the other."""

    secrets: Mapping[str, list[str]] = field(default_factory=dict)
    started: list[Sequence[str]] = field(default_factory=list)
    exit_code: int = 0

    def start(self, *tests: str) -> int:
        self.started.append(tests)
        self.record(*tests)
        return self.exit_code

    def record(self, *tests: str) -> None:
        self.history.mkdir(parents=True, exist_ok=True)
        for test in tests:
            operation = {"operation": "up", "exit_code": 0, "resources": [{"urn": self.secrets[test].pop(0)}]}
            file = self.history / f"{test.rsplit('::', 1)[1]}.json"
            file.write_text(json.dumps({"test": test, "operations": [operation]}))


def played(directory: Path, engine: str, secrets: Mapping[str, list[str]], *, exit_code: int = 0) -> Played:
    results = directory / f"{engine}.json"
    results.write_text(json.dumps({"outcomes": dict.fromkeys(secrets, "passed")}))
    run = Played("sandbox", engine, directory, results, secrets=secrets, exit_code=exit_code)
    run.record(*secrets)
    return run


def test_what_differs_once_is_luck(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = played(tmp_path, "sandbox", {TEST: ["a", "b"], "x::test_two": ["c"]})
    theirs = played(tmp_path, "pulumi", {TEST: ["b", "b"], "x::test_two": ["c"]})
    assert not compare(ours, theirs)
    assert ours.started == theirs.started == [(TEST,)]
    shown = capsys.readouterr().out
    assert f"1 of 2 differ, and run again:\nDIFFERS {TEST}\n    1 up: resources: a: " in shown
    assert shown.endswith("2 of 2 scenarios are the same.\n")
    assert "failed" not in (tmp_path / "pulumi.json").read_text()


def test_what_differs_again_is_told_last_and_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = played(tmp_path, "sandbox", {"x::test_two": ["c"], TEST: ["a", "a"]})
    theirs = played(tmp_path, "pulumi", {"x::test_two": ["c"], TEST: ["b", "b"]})
    assert compare(ours, theirs)
    assert capsys.readouterr().out.splitlines()[-3:-1] == [
        f"DIFFERS {TEST}",
        '    1 up: resources: a: ours {"urn": "a", "dependencies": [], "propertyDependencies": {}}, theirs null',
    ]
    assert json.loads((tmp_path / "pulumi.json").read_text())["outcomes"][TEST] == "failed"


def test_a_test_that_fails_when_it_runs_again_is_no_luck(tmp_path: Path) -> None:
    ours = played(tmp_path, "sandbox", {TEST: ["a", "b"]})
    theirs = played(tmp_path, "pulumi", {TEST: ["b", "b"]}, exit_code=1)
    assert compare(ours, theirs)


def test_many_differences_are_no_luck(tmp_path: Path) -> None:
    ours, theirs = (
        played(tmp_path, engine, {f"x::test_{at}": [engine] for at in range(11)}) for engine in ("sandbox", "pulumi")
    )
    assert compare(ours, theirs)
    assert ours.started == theirs.started == []


def test_nothing_recorded_is_a_difference(tmp_path: Path) -> None:
    assert compare(Run("sandbox", "sandbox", tmp_path), Run("sandbox", "pulumi", tmp_path))
