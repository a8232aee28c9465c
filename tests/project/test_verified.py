"""docs/verified.md says `pass` only for what a run recorded as passed, and names scenarios that there are."""

import re

from sandbox.environment import ROOT
from tests.verified import PAGE, page

FILE = "tests/whole_program/test_calls.py"


def test_a_cell_says_what_was_recorded_there() -> None:
    results = {
        ("sandbox", "sandbox"): {f"{FILE}::test_a": "passed", f"{FILE}::test_b[up]": "passed"},
        ("sandbox", "pulumi"): {f"{FILE}::test_a": "failed", f"{FILE}::test_b[up]": "passed"},
        ("server", "sandbox"): {f"{FILE}::test_a": "skipped"},
    }
    lines = page(results).splitlines()
    assert "| a | pass | **FAIL** | not run | not run |" in lines
    assert "| b (up) | pass | pass | not run | not run |" in lines


def test_the_page_names_scenarios_that_there_are() -> None:
    text = PAGE.read_text("utf-8")
    files = re.findall(r"^\| `(tests/\S+\.py)`", text, re.MULTILINE)
    assert files
    for file, rows in zip(files, re.split(r"^\| `tests/\S+\.py`.*$", text, flags=re.MULTILINE)[1:], strict=True):
        tests = (ROOT / file).read_text("utf-8")
        for name in re.findall(r"^\| ([a-z][^|(]*?)(?: \([^|]*\))? \|", rows, re.MULTILINE):
            assert f"def test_{name.replace(' ', '_')}(" in tests, f"{file} has no such scenario: {name}"
