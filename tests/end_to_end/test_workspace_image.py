"""The image of examples/14-operator: what its Dockerfile makes, line by line as it stands, runs the program."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import UP, Example
from tests.support.distribution import build
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

EXAMPLE = Example.read(ROOT / "examples" / "14-operator")


def run_dockerfile(context: Path, root: Path) -> Path:
    """Run the Dockerfile's lines below a folder in place of `/`; the image's working directory."""
    text = (context / "operator" / "Dockerfile").read_text("utf-8")
    first, *lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert first.startswith("FROM pulumi/pulumi-python:")
    # What the wheel needs comes from a package index, and here from the tests' own packages.
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PATH": f"{Path(sys.executable).parent}:/bin"}
    place = root
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "WORKDIR":
            place = root / rest.lstrip("/")
            place.mkdir(parents=True)
        elif word == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                if (context / source).is_dir():
                    shutil.copytree(context / source, place / target)
                else:
                    shutil.copy(context / source, place / target)
        else:
            assert word == "RUN", line
            command = re.sub(r"(?<![\w.])/app\b", str(place), rest)
            subprocess.run(["/bin/sh", "-c", command], cwd=place, env=environment, check=True, capture_output=True)
    (packages,) = (place / ".venv" / "lib").glob("python*/site-packages")
    (packages / "index.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return place


def test_the_image_runs_the_program(tmp_path: Path) -> None:
    context = tmp_path / "context"
    shutil.copytree(EXAMPLE.folder, context)
    build("wheel", context / "wheels")
    workspace = run_dockerfile(context, tmp_path / "image")
    modes = {path.name: path.stat().st_mode for path in workspace.iterdir()}
    assert {"Pulumi.yaml", "__main__.py", ".venv"} <= modes.keys()
    assert all(mode & stat.S_IROTH for mode in modes.values()), "the operator runs it as another user"
    with Sandbox() as sandbox:
        sandbox.kubernetes.create_namespace("team-a")
        for name, value in EXAMPLE.parameters.items():
            sandbox.aws.put_parameter(name, value)
        engine, environment = sandbox_engine(), sandbox.environment()
        engine.prepare(workspace, environment)
        done = engine.run(workspace, environment, *UP)
        assert done.returncode == 0, done.stdout
        assert "db" in {call.name for call in sandbox.kubernetes.calls if call.verb == "patch" and not call.dry_run}
