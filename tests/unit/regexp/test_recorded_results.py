"""Patterns, matches and replacements are those of Go's regexp package, as recorded from Go 1.26.

A line of golden.jsonl holds a pattern, a text and a replacement, and the byte positions of all matches and the text
after Go's ReplaceAllString; without those Go does not compile the pattern.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from components.golang.regexp import PatternError, find_all, is_match, replace_expanded

RECORDED = [json.loads(line) for line in (Path(__file__).parent / "golden.jsonl").read_text("utf-8").splitlines()]


def result(case: dict[str, Any]) -> dict[str, Any]:
    pattern, text = case["pattern"].encode(), case["text"].encode()
    given = {name: case[name] for name in ("pattern", "text", "replacement")}
    try:
        matches = [list(span) for span in find_all(pattern, text)]
    except PatternError:
        return given
    assert is_match(pattern, text) is bool(matches)
    replaced = replace_expanded(pattern, text, case["replacement"].encode()).decode()
    return {**given, "matches": matches, "replaced": replaced}


@pytest.mark.parametrize("start", range(0, len(RECORDED), 100))
def test_results_are_those_of_go(start: int) -> None:
    for case in RECORDED[start : start + 100]:
        assert result(case) == case


def test_the_record_holds_both_kinds_of_patterns() -> None:
    assert sum("matches" in case for case in RECORDED) > 300
    assert sum("matches" not in case for case in RECORDED) > 50
