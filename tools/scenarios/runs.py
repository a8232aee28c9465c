"""Runs the end-to-end scenarios with one engine and one Kubernetes API, and compares two such runs."""

# ruff: noqa: T201 - for commands

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.environment import ROOT
from tools.scenarios.compare import differences

SCENARIOS = ("tests/end_to_end",)


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

    def start(self, *more: str) -> int:
        """Run the scenarios, and more tests, and return pytest's exit code."""
        options = ["--api", self.api, "--engine", self.engine, "--history", str(self.history)]
        if self.results is not None:
            options += ["--record-results", str(self.results)]
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--timeout", "600"]
        return subprocess.run([*command, *options, *SCENARIOS, *more], cwd=ROOT, check=False).returncode


def compare(ours: Run, theirs: Run) -> bool:
    """Say where two runs differ, and note it among the results of the second; True where they do."""
    pairs = {file.name: [_read(file), _read(theirs.history / file.name)] for file in sorted(ours.history.glob("*"))}
    found = {pair[0]["test"]: differences(*(each["operations"] for each in pair)) for pair in pairs.values()}
    if not found:
        print("Nothing was recorded.")
        return True
    for test, lines in found.items():
        print(f"{'DIFFERS' if lines else 'same   '} {test}")
        for line in lines:
            print(f"    {line}")
    if theirs.results is not None:
        record = json.loads(theirs.results.read_text())
        record["outcomes"].update({test: "failed" for test, lines in found.items() if lines})
        theirs.results.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return any(found.values())


def _read(file: Path) -> dict[str, Any]:
    """One scenario's record; without operations where the run did not end by itself."""
    if not file.exists():
        return {"operations": []}
    record: dict[str, Any] = json.loads(file.read_text())
    return record
