"""Runs the end-to-end scenarios with one engine and one Kubernetes API, and compares two such runs."""

# ruff: noqa: T201 - for commands

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.environment import ROOT
from tools.scenarios.compare import differences

SCENARIOS = ("tests/end_to_end",)

_AGAIN = 10  # so many scenarios that differ may be luck


@dataclass(frozen=True)
class Run:
    """One way to run the scenarios.

    Attributes:
        api: what pytest's `--api` takes.
        engine: what pytest's `--engine` takes.
        directory: a folder for the histories of all runs of a command.
        results: a file for what came of each test; None to keep none.
    """

    api: str
    engine: str
    directory: Path
    results: Path | None = None

    @property
    def history(self) -> Path:
        """The folder for what was done in each scenario."""
        return self.directory / f"{self.api}-{self.engine}"

    def start(self, *tests: str) -> int:
        """Run tests, and return pytest's exit code."""
        options = ["--api", self.api, "--engine", self.engine, "--history", str(self.history)]
        if self.results is not None:
            options += ["--record-results", str(self.results)]
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--timeout", "600"]
        command += ["--no-loadscope-reorder"]  # files of few tests hold the longest ones, and would come last
        return subprocess.run([*command, *options, *tests], cwd=ROOT, check=False).returncode


def compare(ours: Run, theirs: Run) -> bool:
    """Say where two runs differ, and note it among the results of the second; True where they do.

    In which order threads come is a matter of luck, and a killed provider shows it. So the scenarios that differ run
    once more under both: what differs again is no luck.
    """
    found = _compared(ours, theirs)
    if not found:
        print("Nothing was recorded.")
        return True
    differing = _differing(found)
    if differing and len(differing) <= _AGAIN:
        print(f"{len(differing)} of {len(found)} differ, and run again:\n{_told(differing)}", flush=True)
        first, second = (replace(run, directory=run.directory / "again", results=None) for run in (ours, theirs))
        failed = [run.start(*differing) != 0 for run in (first, second)]
        again = _compared(first, second)
        differing = _differing({test: again.get(test, ["was not recorded"]) for test in differing})
        if any(failed):
            print("Tests failed when they ran again.")
            return True
    print(f"{len(found) - len(differing)} of {len(found)} scenarios are the same.\n{_told(differing)}", end="")
    if theirs.results is not None:
        record = json.loads(theirs.results.read_text())
        record["outcomes"].update(dict.fromkeys(differing, "failed"))
        theirs.results.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return bool(differing)


def _compared(ours: Run, theirs: Run) -> dict[str, list[str]]:
    """By test, where two runs of it differ."""
    pairs = [(_read(file), _read(theirs.history / file.name)) for file in sorted(ours.history.glob("*"))]
    return {one["test"]: differences(one["operations"], other["operations"]) for one, other in pairs}


def _differing(found: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {test: lines for test, lines in found.items() if lines}


def _told(differing: Mapping[str, Sequence[str]]) -> str:
    return "".join(f"DIFFERS {test}\n" + "".join(f"    {line}\n" for line in each) for test, each in differing.items())


def _read(file: Path) -> dict[str, Any]:
    """One scenario's record; without operations where the run did not end by itself."""
    if not file.exists():
        return {"operations": []}
    record: dict[str, Any] = json.loads(file.read_text())
    return record
