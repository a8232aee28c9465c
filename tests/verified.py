"""Writes docs/verified.md: which scenario passed against which API server and under which engine, as the runs recorded.

`make test-pulumi` and `make test-kubernetes` record what came of each test (pytest's option `--record-results`).
"""

# ruff: noqa: T201 - a command

import ast
import json
import sys
from collections.abc import Mapping
from itertools import groupby, product
from pathlib import Path

from sandbox.environment import ROOT

APIS = {"sandbox": "sandbox API", "server": "real API server"}
ENGINES = {"sandbox": "sandbox engine", "pulumi": "real CLI"}
PAGE = ROOT / "docs" / "verified.md"
_WORDS = {"passed": "pass", "failed": "**FAIL**"}
_HEAD = """\
# What was verified where

Written by `make verified` from what `make test-pulumi` and `make test-kubernetes` recorded when they last ran; do not
edit. Each scenario that runs ends with an empty preview after its last successful `up`, and with a scan for all secret
values that it used. Under the real CLI it passes only if resources, inputs, outputs, diffs, operations and calls to AWS
and Kubernetes are also the same as under the sandbox's engine.
"""

Outcomes = Mapping[str, str]


def results_file(api: str, engine: str) -> Path:
    """Where a run records what came of each test: against one of `APIS`, under one of `ENGINES`."""
    return ROOT / ".sandbox" / "results" / f"{api}-{engine}.json"


def page(cells: Mapping[tuple[str, str], Outcomes]) -> str:
    """The page for what was recorded in each cell: (API, engine) -> test id -> outcome."""
    columns = list(product(APIS, ENGINES))
    tests = sorted({test for outcomes in cells.values() for test in outcomes})
    parts = [_HEAD]
    for file, names in groupby(tests, key=lambda test: test.partition("::")[0]):
        titles = [f"{APIS[api]}, {ENGINES[engine]}" for api, engine in columns]
        rows = [f"## {_title(file)}\n", _row([f"`{file}`", *titles]), _row(["---"] * (len(titles) + 1))]
        for test in names:
            outcomes = [cells.get(column, {}).get(test, "") for column in columns]
            rows.append(_row([_sentence(test), *(_WORDS.get(outcome, "not run") for outcome in outcomes)]))
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


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
    """Write the page and return an exit code; 1 where nothing was recorded."""
    files = {column: results_file(*column) for column in product(APIS, ENGINES)}
    cells = {column: json.loads(file.read_text()) for column, file in files.items() if file.exists()}
    if not cells:
        print("verified: no run was recorded; run `make test-pulumi` or `make test-kubernetes` first", file=sys.stderr)
        return 1
    PAGE.write_text(page(cells), "utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)} from {len(cells)} of {len(files)} kinds of runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
