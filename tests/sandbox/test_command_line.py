"""What `python -m sandbox` says and prints is what a shell needs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.environment import PLUGINS, ROOT

OWN = {"AWS_ENDPOINT_URL_SSM": "https://prod.example", "PULUMI_ACCESS_TOKEN": "prod"}
LAST = "export PATH="


@contextmanager
def started() -> Iterator[list[str]]:
    """What `start` prints, while it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "start"],
        cwd=ROOT,
        env={**os.environ, **OWN},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(LAST):
                break
        yield lines
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def in_a_shell(lines: list[str], command: str) -> str:
    done = subprocess.run(
        ["/bin/sh", "-eu"],
        input="".join(lines) + command,
        env={"PATH": os.defpath, **OWN},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_start_prints_all_that_a_shell_needs() -> None:
    with started() as lines:
        plugins = in_a_shell(lines, "command -v pulumi-resource-kubernetes; command -v pulumi-resource-aws")
        variables = dict(each.split("=", 1) for each in in_a_shell(lines, "env").splitlines())
        assert Path(variables["KUBECONFIG"]).exists()
    assert plugins.split() == [str(PLUGINS / "pulumi-resource-kubernetes"), str(PLUGINS / "pulumi-resource-aws")]
    assert variables["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert variables["PULUMI_BACKEND_URL"].startswith("file://")
    assert not variables.keys() & OWN.keys()


def test_the_examples_of_the_help_name_the_checkouts_own_python(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    examples = capsys.readouterr().out.partition("examples:\n")[2]
    commands = re.findall(r"^  (\S+) -m sandbox .*$", examples, re.MULTILINE)
    assert len(commands) > 3
    assert set(commands) == {".venv/bin/python"}
    assert " python -m" not in examples


@pytest.mark.parametrize(
    "profile",
    [
        {"AWS_PROFILE": "not-there"},
        {"AWS_DEFAULT_PROFILE": "not-there"},
        {"AWS_CONFIG_FILE": "broken"},
        {"AWS_SHARED_CREDENTIALS_FILE": "broken"},
    ],
)
def test_a_profile_of_the_environment_is_not_the_sandboxs(profile: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("[not a\nprofile")
    own = {name: value.replace("broken", str(tmp_path / "broken")) for name, value in profile.items()}
    looks = "import os; print(sorted(name for name in os.environ if 'PROFILE' in name or name.endswith('_FILE')))"
    command = [sys.executable, "-m", "sandbox", "run", "--", sys.executable, "-c", looks]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "AWS_PROFILE" not in done.stdout


@pytest.mark.parametrize(
    "command", ["preview", "up --yes", "refresh --yes", "destroy --yes", "stack export", "stack output"]
)
def test_a_folder_that_is_not_there_is_no_reason_to_take_the_project_above(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('ran', 1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "p")
    for folder in ("my-projct", "__main__.py"):
        assert main([*command.split(), "--stack", "dev", "--cwd", folder]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err == f"error: there is no folder {folder}, so that no project can be found in it; correct --cwd\n"


@pytest.mark.parametrize(("command", "says"), [("run", "run a command whose"), ("start", "that another shell needs")])
def test_the_help_of_a_command_says_what_it_does(command: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert says in " ".join(capsys.readouterr().out.split())


def test_a_python_without_packages_is_told_what_to_do() -> None:
    command = [sys.executable, "-S", "-m", "sandbox", "--help"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run `make setup` in the checkout, and then .venv/bin/python -m sandbox\n" in done.stderr
    assert "Traceback" not in done.stderr
