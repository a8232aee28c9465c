"""The hooks of pre-commit check what `make lint` checks, in its order, and need nothing but .venv."""

import re
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
HOOKS = [hook for repo in CONFIG["repos"] for hook in repo["hooks"]]


def test_hooks_run_the_commands_of_make_lint() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    commands = [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    assert [hook["entry"] for hook in HOOKS] == commands


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert [repo["repo"] for repo in CONFIG["repos"]] == ["local"]
    assert "additional_dependencies" not in {name for hook in HOOKS for name in hook}


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_a_hook_checks_the_whole_project_at_every_commit(hook: dict[str, Any]) -> None:
    # mypy and the import contracts judge a file by what others import of it, so changed files alone are not enough.
    assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("system", False, True)
