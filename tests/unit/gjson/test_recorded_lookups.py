"""Every lookup recorded from Go's gjson gives the same result here, and the runner says so."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.conformance.gjson import LOOKUPS, main, read_cases, run_case


def test_all_recorded_lookups_are_equal() -> None:
    cases = list(read_cases(LOOKUPS))
    assert len(cases) >= 352
    outcomes = [run_case(case) for case in cases]
    assert [(o.case.line, o.verdict, o.fields) for o in outcomes if o.verdict != "equal"] == []


def test_absent_cases_are_a_failure_that_says_where_they_belong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cases", str(tmp_path / "none.jsonl")]) == 2
    assert "tests/recorded/" in capsys.readouterr().err


@pytest.mark.parametrize("field", ["exists", "type", "string", "raw"])
def test_the_runner_fails_on_a_difference_and_names_it_without_the_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    case = next(read_cases(LOOKUPS))
    body = {name: value for name, value in asdict(case).items() if name != "line"}
    body[field] = False if field == "exists" else "other"
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(body) + "\n", encoding="utf-8")
    assert main(["--cases", str(file)]) == 1
    printed = capsys.readouterr().out
    assert f"different: line 1 ({case.category}), path {case.path!r} in {field}" in printed
    assert case.string not in printed


def test_the_runner_counts_a_refusal_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body: dict[str, object] = {"category": "hostile", "json": '{"a":1}', "path": "|".join(["{a:@this,b:@this}"] * 60)}
    body |= {"exists": False, "type": "", "string": "", "raw": ""}
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(body) + "\n", encoding="utf-8")
    assert main(["--cases", str(file)]) == 0
    assert "refused       1 of 1" in capsys.readouterr().out


CASE = {
    "category": "new one",
    "json": '{"a":1}',
    "path": "a",
    "exists": True,
    "type": "Number",
    "string": "1",
    "raw": "1",
}


def written(path: Path, *lines: str) -> list[str]:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["--cases", str(path)]


def test_other_categories_further_fields_and_blank_lines_are_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(written(tmp_path / "cases", json.dumps(CASE), "", json.dumps({**CASE, "since": "1.21"}))) == 0
    assert "equal         2 of 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is not JSON"),
        ("[1]", "line 2 is not a JSON object with category, json, path"),
        ('{"json": "s3cret"}', "line 2 lacks category (text), path (text), exists (true or false)"),
        (json.dumps({**CASE, "exists": "yes", "raw": 1}), "line 2 lacks exists (true or false), raw (text)"),
        ("\0", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
    ],
)
def test_a_line_that_is_no_case_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, reason: str
) -> None:
    assert main(written(tmp_path / "cases", json.dumps(CASE), line)) == 2
    printed = capsys.readouterr().err
    assert reason in printed
    assert "s3cret" not in printed


def test_a_large_file_with_many_differences_is_cut_short_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(written(tmp_path / "cases", *[json.dumps({**CASE, "raw": "2"})] * 3000, json.dumps(CASE))) == 1
    printed = capsys.readouterr().out
    assert "different  3000 of 3001" in printed
    assert printed.count("\n") == 4 + 50 + 1
    assert "... and 2950 more that are not equal" in printed
