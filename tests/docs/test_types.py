"""pyright finds each planted mistake, as mypy does, and nothing in what is right: the examples."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.docs

PYRIGHT = ROOT / ".venv-docs" / "bin" / "pyright"
MISTAKES = Path(__file__).with_name("planted_mistakes.py")


def errors(settings: Path, *files: Path) -> set[tuple[str, int]]:
    """File and line of each error."""
    python = ROOT / ".venv" / "bin" / "python"
    command = [PYRIGHT, "--project", settings, "--pythonpath", python, "--outputjson"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] >= len(files), done.stdout
    return {
        (each["file"], each["range"]["start"]["line"] + 1)
        for each in told["generalDiagnostics"]
        if each["severity"] == "error"
    }


def test_it_finds_each_planted_mistake_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "pulumi_parameter_store").symlink_to(ROOT / "components", target_is_directory=True)
    files = [tmp_path / "mistakes.py"]
    files[0].write_text(MISTAKES.read_text().replace("from components import", "from pulumi_parameter_store import"))
    for number, example in enumerate(sorted((ROOT / "examples").glob("[0-9]*-*/__main__.py"))):
        if "pulumi_kubernetes" not in example.read_text():  # whose types ask more of dictionaries than its docs do
            files.append(tmp_path / f"example_{number}.py")
            files[-1].write_text(example.read_text())
    settings = {"include": [file.name for file in files], "enableTypeIgnoreComments": False}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    lines = files[0].read_text().splitlines()
    planted = {(str(files[0]), at) for at, line in enumerate(lines, 1) if re.search("# type: ignore", line)}
    assert len(planted) >= 18
    assert errors(tmp_path / "pyrightconfig.json", *files) == planted
