"""A small slice of each kind of fuzzing, and that the fuzzer finds what it looks for."""

import random

import pytest

from components.errors import ExtractError
from tools.fuzz.__main__ import KINDS, main
from tools.fuzz.cases import CANARY, WELL, Case, outcome


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_made_up_cases(kind: str, seed: int) -> None:
    cases = [KINDS[kind](random.Random(f"{seed}/{number}")) for number in range(60)]  # noqa: S311 - to come again
    found = {case.shown: outcome(case) for case in cases}
    assert {shown: result for shown, result in found.items() if result not in WELL} == {}
    assert len(set(found.values())) > 1
    assert list(found.values()).count("done") > 3


def test_the_same_seed_makes_the_same_cases() -> None:
    for make in KINDS.values():
        assert make(random.Random("1/1")).shown == make(random.Random("1/1")).shown  # noqa: S311 - to come again


def raising(error: Exception) -> Case:
    def run() -> None:
        raise error

    return Case("made up", run)


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (ExtractError("well"), "failed"),
        (ExtractError(f"shown: {CANARY.upper()}"), "an error shows a value"),
        (KeyError("escaped"), "KeyError: 'escaped'"),
        (KeyError(CANARY), "an error shows a value"),
    ],
)
def test_faults_are_found(error: Exception, result: str) -> None:
    assert outcome(raising(error)) == result


def test_the_fuzzer_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", "20", "--seed", "5", "paths", "rewrites"]) == 0
    printed = capsys.readouterr().out
    assert "of 20" in printed
    assert "templates" not in printed
    with pytest.raises(SystemExit):
        main(["nope"])
    assert "there is no kind nope; choose from templates, paths, rewrites" in capsys.readouterr().err


@pytest.mark.parametrize("cases", ["0", "-5"])
def test_no_cases_at_all_are_no_success(cases: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--cases", cases, "paths"])
    assert ended.value.code == 2
    assert f"--cases must be at least 1, not {cases}" in capsys.readouterr().err


def test_the_fuzzer_fails_on_a_fault_and_names_its_case(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "paths", lambda _: raising(KeyError("escaped")))
    assert main(["--cases", "1", "paths"]) == 1
    assert "paths case 0 of seed 1: KeyError: 'escaped': made up" in capsys.readouterr().out
