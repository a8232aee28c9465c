"""Writes docs/verified.md: which test passed against which API server and under which engine, as the runs recorded.

`make test-pulumi` and `make test-kubernetes` record what came of each test (pytest's option `--record-results`). No
machine needs to run all of it: docs/verified.json keeps the last record of each kind of run, with its commit.
"""

# ruff: noqa: T201 - a command

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path

from sandbox.environment import ROOT

APIS = {"sandbox": "sandbox API", "server": "real API server"}
ENGINES = {"sandbox": "sandbox engine", "pulumi": "real CLI"}
PAGE = ROOT / "docs" / "verified.md"
RECORDS = PAGE.with_suffix(".json")
_WORDS = {"passed": "pass", "failed": "**FAIL**"}
_MANY = 12  # cases of one test, above which they share a row
_HEAD = """\
# What was verified where

Written by `make verified` from what `make test-pulumi` and `make test-kubernetes` recorded when they last ran; do not
edit. Each scenario that runs ends with an empty preview after its last successful `up`, and with a scan for all secret
values that it used. Under the real CLI, and on the real API server, it passes only if resources, inputs, outputs,
diffs, operations and calls to AWS and Kubernetes are also those of the sandbox's engine on the sandbox's API.
A test that is newer than a column's record was not run there.

| | passed | failed |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Record:
    """What came of one kind of run.

    Attributes:
        commit: of which commit the tests were.
        outcomes: test id -> `passed`, `failed` or `skipped`.
    """

    commit: str
    outcomes: Mapping[str, str]


Records = Mapping[tuple[str, str], Record]
"""(one of `APIS`, one of `ENGINES`) -> what was recorded there."""


def results_file(api: str, engine: str) -> Path:
    """Where a run records what came of each test: against one of `APIS`, under one of `ENGINES`."""
    return ROOT / ".sandbox" / "results" / f"{api}-{engine}.json"


def page(records: Records) -> str:
    """The page for what was recorded."""
    columns = {column: f"{APIS[column[0]]}, {ENGINES[column[1]]}" for column in product(APIS, ENGINES)}
    tests = sorted({test for record in records.values() for test in record.outcomes if _exists(test)})
    summary = [
        _row([f"{title}, {_when(records.get(column))}", *_counts(records.get(column))])
        for column, title in columns.items()
    ]
    parts = [_HEAD + "\n".join(summary) + "\n"]
    for file, names in groupby(tests, key=lambda test: test.partition("::")[0]):
        rows = [f"## {_title(file)}\n", _row([f"`{file}`", *columns.values()]), _row(["---"] * (len(columns) + 1))]
        for name, cases in groupby(names, key=lambda test: test.partition("[")[0]):
            rows += _rows(name, list(cases), [records.get(column) for column in columns])
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _when(record: Record | None) -> str:
    return f"the tests of commit {record.commit}" if record else "not run"


def _counts(record: Record | None) -> tuple[str, str]:
    """How many tests passed and failed, of those that there still are."""
    kept = [outcome for test, outcome in record.outcomes.items() if _exists(test)] if record else []
    return str(kept.count("passed")), str(kept.count("failed"))


def _exists(test: str) -> bool:
    """Whether there still is such a test."""
    file, _, name = test.partition("::")
    return (ROOT / file).exists() and f"def {name.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")


def _rows(name: str, cases: list[str], records: Sequence[Record | None]) -> list[str]:
    """One row for each case of a test, or one for all where they are many."""
    groups = {_sentence(case): [case] for case in cases}
    if len(cases) > _MANY:
        groups = {f"{_sentence(name)} ({len(cases)} cases)": cases}
    outcomes = {title: [_worst(record, group) for record in records] for title, group in groups.items()}
    return [_row([title, *(_WORDS.get(outcome, "not run") for outcome in each)]) for title, each in outcomes.items()]


def _worst(record: Record | None, cases: list[str]) -> str:
    found = {record.outcomes.get(case, "") if record else "" for case in cases}
    return "failed" if "failed" in found else "passed" if found == {"passed"} else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _title(file: str) -> str:
    docstring = ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8"))) or file
    return docstring.splitlines()[0].rstrip(".")


def _sentence(test: str) -> str:
    name, _, case = test.rpartition("::")[2].partition("[")
    sentence = name.removeprefix("test_").replace("_", " ")
    return f"{sentence} ({case.removesuffix(']')})" if case else sentence


def main() -> int:
    """Take over what was recorded on this machine, write the page and return an exit code."""
    kept = json.loads(RECORDS.read_text("utf-8"))
    for column in product(APIS, ENGINES):
        file = results_file(*column)
        if file.exists():
            kept["-".join(column)] = json.loads(file.read_text("utf-8"))
    RECORDS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    records = {tuple(name.split("-")): Record(**record) for name, record in kept.items()}
    PAGE.write_text(page(records), "utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)} from {len(records)} of {len(APIS) * len(ENGINES)} kinds of runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
