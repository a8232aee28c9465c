"""A value that lacks what is wanted of it, in a whole program: `status` and the next preview say what `up` found."""

import json
from pathlib import Path

import pytest

from components.__main__ import main
from tests.end_to_end.support import Project


@pytest.mark.slow
def test_status_and_the_next_preview_say_what_up_found(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.put("/app/db", "password")
    project.declare("db", "/app/db", "pasword")
    project.declare("good", "/app/db", "password")
    assert project.preview().result.exit_code == 0, "nobody has read the value yet"
    assert project.up(continue_on_error=True).result.exit_code == 1
    assert project.secret("good") is not None

    why = "it has no JSON property 'pasword'"
    assert status(project, tmp_path) == 1
    assert f"warning: db is not ready: key pasword: parameter /app/db, version 1: {why}" in capsys.readouterr().err
    preview = project.preview()
    assert preview.result.exit_code == 1
    assert f"key pasword: parameter /app/db: {why} (version 1, as the last `pulumi up` read it)" in preview.output
    assert project.reads(decrypt=True) == []

    project.put("/app/db", "pasword", "password")
    assert project.up().result.exit_code == 0
    assert status(project, tmp_path) == 0
    assert "not ready" not in capsys.readouterr().err


def status(project: Project, folder: Path) -> int:
    """The exit code of `status --check`, given the stack's outputs."""
    file = folder / "outputs.json"
    file.write_text(json.dumps(project.outputs()), encoding="utf-8")
    code = main(["status", "--check", "--outputs", str(file)])
    file.unlink()
    return code
