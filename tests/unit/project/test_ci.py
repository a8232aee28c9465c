"""`.ci/run`: a clone with nothing beside it, and no test that it leaves out."""

import re

from tests.support.paths import ROOT
from tools.scenarios.runs import SCENARIOS

SCRIPT = (ROOT / ".ci" / "run").read_text("utf-8")


def test_ci_runs_in_a_clone_with_nothing_beside_it() -> None:
    assert SCRIPT.index("git clone") < SCRIPT.index("make test")


def test_the_policy_pack_is_tried() -> None:
    assert "make test-policies\n" in SCRIPT


def test_every_slow_test_runs_as_a_scenario_or_in_a_folder_that_is_named() -> None:
    assert "make test-kubernetes\n" in SCRIPT
    (named,) = re.findall(r'^make test-slow TESTS="(.+)" ', SCRIPT, re.MULTILINE)
    folders = tuple(f"{folder}/" for folder in (*SCENARIOS, *named.split()))
    files = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")}
    slow = [name for name, text in files.items() if "mark." + "slow" in text]
    assert slow
    assert [name for name in slow if not name.startswith(folders)] == []
