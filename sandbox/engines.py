"""Which engine runs a program: the real `pulumi` where one is on PATH and works, else the sandbox's own."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

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

    def prepare(self, project: Path, environment: Mapping[str, str]) -> None:
        """Make a project ready for its first operation: the CLI wants to know the stack `dev`, and our plugins.

        Plugins that the project itself names are used without the CLI's warnings about those found on PATH.

        Raises:
            subprocess.CalledProcessError: The CLI refused; its message is the error's `output`.
        """
        if self.real:
            providers = [{"name": name, "path": str(ROOT / "sandbox" / "bin")} for name in ("aws", "kubernetes")]
            with (project / "Pulumi.yaml").open("a", encoding="utf-8") as file:
                file.write(yaml.safe_dump({"plugins": {"providers": providers}}))
            self.run(project, environment, "stack", "init", "dev").check_returncode()

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
    version = look.stdout.strip() or "of no version (built by hand)"
    return Engine(f"pulumi {version}", (pulumi, "--non-interactive", "--color", "never"), real=True)
