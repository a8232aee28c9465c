"""`make test-pulumi`: the end-to-end scenarios under the real Pulumi CLI, compared with the sandbox's engine."""

# ruff: noqa: T201 - a command

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sandbox.engines import real_engine
from sandbox.environment import ROOT
from tests.pulumi_cli.compare import differences
from tests.verified import results_file

SCENARIOS = ("tests/whole_program", "tests/faults")
NOT_RUN = 77  # what automake's test harness, too, takes for "skipped"


def main() -> int:
    """Run, compare, and return an exit code: 0 all is the same, 1 something failed or differs, 77 not run."""
    cli = real_engine(os.environ)
    if cli is None:
        print(
            "test-pulumi: NOT RUN: there is no working Pulumi CLI on PATH (`pulumi` with `pulumi-language-python`).\n"
            "Install it as https://www.pulumi.com/docs/install/ says; docs/ci/README.md shows how CI does."
        )
        return NOT_RUN
    with tempfile.TemporaryDirectory(prefix="test-pulumi-") as directory:
        failed = False
        for name, title in (("sandbox", "the sandbox's engine"), ("pulumi", cli.title)):
            print(f"--- The scenarios under {title}", flush=True)
            failed = _run(name, Path(directory, name)) != 0 or failed
        print("--- The two compared: resources, inputs, outputs, diffs, operations, calls to AWS and Kubernetes")
        differing = _compare(Path(directory, "sandbox"), Path(directory, "pulumi"))
    return int(failed or differing)


def _run(engine: str, history: Path) -> int:
    options = ["--engine", engine, "--history", str(history), "--record-results", str(results_file("sandbox", engine))]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "--timeout",
        "600",
        *options,
        *SCENARIOS,
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _compare(ours: Path, theirs: Path) -> bool:
    """Say where the histories differ, and note it among the results of the CLI; True where they do."""
    pairs = {file.name: [_read(file), _read(theirs / file.name)] for file in sorted(ours.glob("*.json"))}
    found = {pair[0]["test"]: differences(*(each["operations"] for each in pair)) for pair in pairs.values()}
    if not found:
        print("Nothing was recorded.")
        return True
    for test, lines in found.items():
        print(f"{'DIFFERS' if lines else 'same   '} {test}")
        for line in lines:
            print(f"    {line}")
    results = results_file("sandbox", "pulumi")
    outcomes = json.loads(results.read_text())
    outcomes.update({test: "failed" for test, lines in found.items() if lines})
    results.write_text(json.dumps(outcomes, indent=1, sort_keys=True) + "\n")
    return any(found.values())


def _read(file: Path) -> dict[str, Any]:
    """One scenario's record; without operations where the engine did not come to its end."""
    if not file.exists():
        return {"operations": []}
    record: dict[str, Any] = json.loads(file.read_text())
    return record


if __name__ == "__main__":
    sys.exit(main())
