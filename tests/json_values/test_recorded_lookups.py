"""Every lookup recorded from Go's gjson gives the same result here, and the runner says so."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.conformance.gjson import RECORDED, main, read_cases, run_case


def test_all_recorded_lookups_are_equal() -> None:
    cases = read_cases(RECORDED)
    assert len(cases) >= 352
    outcomes = [run_case(case) for case in cases]
    assert [(o.case.line, o.verdict, o.fields) for o in outcomes if o.verdict != "equal"] == []


def test_absent_cases_are_a_failure_that_says_where_they_belong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cases", str(tmp_path / "none.jsonl")]) == 2
    assert "shared/conformance/" in capsys.readouterr().err


@pytest.mark.parametrize("field", ["exists", "type", "string", "raw"])
def test_the_runner_fails_on_a_difference_and_names_it_without_the_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    case = read_cases(RECORDED)[0]
    body = {name: value for name, value in asdict(case).items() if name != "line"}
    body[field] = False if field == "exists" else "other"
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(body) + "\n", encoding="utf-8")
    assert main(["--cases", str(file)]) == 1
    printed = capsys.readouterr().out
    assert f"different: line 1 ({case.category}), path {case.path!r} in {field}" in printed
    assert case.string not in printed


def test_the_runner_counts_a_refusal_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"category": "hostile", "json": '{"a":1}', "path": "|".join(["{a:@this,b:@this}"] * 60)}
    body |= {"exists": "", "type": "", "string": "", "raw": ""}
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(body) + "\n", encoding="utf-8")
    assert main(["--cases", str(file)]) == 0
    assert "refused       1 of 1" in capsys.readouterr().out
