"""Which engine runs a program: the real `pulumi` where one is on PATH and works, else the sandbox's own."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .environment import ROOT

_LOOK = 60.0


@dataclass(frozen=True)
class Engine:
    """A command line that understands preview, up, refresh and destroy.

    Attributes:
        title: what to call it.
        command: how it is started.
        real: True for the Pulumi CLI.
    """

    title: str
    command: tuple[str, ...]
    real: bool

    def run(self, project: Path, environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one operation in a project and give back what it printed, diagnostics included."""
        return subprocess.run(
            [*self.command, *arguments, "--cwd", str(project)],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def sandbox_engine() -> Engine:
    """The engine of this repository."""
    return Engine("the sandbox's engine", (sys.executable, "-m", "sandbox"), real=False)


def real_engine(environment: Mapping[str, str]) -> Engine | None:
    """The Pulumi CLI on PATH, or None where there is none or it cannot run Python programs."""
    pulumi = shutil.which("pulumi", path=environment.get("PATH"))
    python = shutil.which("pulumi-language-python", path=environment.get("PATH"))
    if pulumi is None or python is None:
        return None
    look = subprocess.run(
        [pulumi, "version"], env=dict(environment), capture_output=True, text=True, check=False, timeout=_LOOK
    )
    if look.returncode != 0:
        return None
    return Engine(f"pulumi {look.stdout.strip()}", (pulumi, "--non-interactive", "--color", "never"), real=True)
