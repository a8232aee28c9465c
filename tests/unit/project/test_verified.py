"""docs/verified.md says `pass` only for what a run recorded as passed, and names scenarios that there are."""

import re

from sandbox.environment import ROOT
from tools.verified import PAGE, Record, page

FILE = "tests/end_to_end/test_calls.py"
FIRST = "test_reads_are_batched_over_all_secrets_of_a_store"
SECOND = "test_a_role_costs_one_call_to_sts_per_store_and_operation[up]"


def test_a_cell_says_what_was_recorded_there() -> None:
    records = {
        ("sandbox", "sandbox"): {FIRST: "passed", SECOND: "passed"},
        ("sandbox", "pulumi"): {FIRST: "failed", SECOND: "passed"},
        ("server", "sandbox"): {FIRST: "skipped", "test_of_former_times": "passed"},
    }
    text = page(
        {
            column: Record("-".join(column), {f"{FILE}::{test}": outcome for test, outcome in tests.items()})
            for column, tests in records.items()
        }
    )
    lines = text.splitlines()
    assert "| reads are batched over all secrets of a store | pass | **FAIL** | not run | not run |" in lines
    assert "| a role costs one call to sts per store and operation (up) | pass | pass | not run | not run |" in lines
    assert "| sandbox API, real CLI, the tests of commit sandbox-pulumi | 1 | 1 |" in lines
    assert "| real API server, sandbox engine, the tests of commit server-sandbox | 0 | 0 |" in lines
    assert "| real API server, real CLI, not run | 0 | 0 |" in lines
    assert "former" not in text


def test_many_cases_share_a_row_that_is_as_bad_as_the_worst() -> None:
    def records(*outcomes: str) -> list[str]:
        outcomes += ("passed",) * (20 - len(outcomes))
        cases = {f"{FILE}::{FIRST}[{number}]": outcome for number, outcome in enumerate(outcomes) if outcome}
        every = {case: "passed" for number in range(20) for case in [f"{FILE}::{FIRST}[{number}]"]}
        text = page({("sandbox", "sandbox"): Record("c", every), ("server", "sandbox"): Record("c", cases)})
        return [line for line in text.splitlines() if "20 cases" in line]

    sentence = "| reads are batched over all secrets of a store (20 cases) | pass | not run"
    assert records() == [f"{sentence} | pass | not run |"]
    assert records("", "failed") == [f"{sentence} | **FAIL** | not run |"]
    assert records("") == records("skipped") == [f"{sentence} | not run | not run |"]


def test_the_page_names_scenarios_that_there_are() -> None:
    text = PAGE.read_text("utf-8")
    files = re.findall(r"^\| `(tests/\S+\.py)`", text, re.MULTILINE)
    assert files
    for file, rows in zip(files, re.split(r"^\| `tests/\S+\.py`.*$", text, flags=re.MULTILINE)[1:], strict=True):
        tests = (ROOT / file).read_text("utf-8")
        for name in re.findall(r"^\| ([a-z][^|(]*?)(?: \([^|]*\))? \|", rows, re.MULTILINE):
            assert f"def test_{name.replace(' ', '_')}(" in tests, f"{file} has no such scenario: {name}"
