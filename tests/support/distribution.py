"""Builds what is published, with the packages of the tests' own virtual environment: nothing is downloaded."""

import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT


def build(kind: str, into: Path) -> Path:
    """Build a `wheel` or an `sdist`, and give back its file."""
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(into), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = into.glob("pulumi_parameter_store-*")
    return built
