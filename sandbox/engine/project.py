"""Reads `Pulumi.yaml`: where the program is, which Python runs it, and which configuration it declares."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.engine.errors import ProjectError
from sandbox.engine.yaml_files import load_yaml

_TOOLCHAINS = ("pip", "poetry", "uv")


@dataclass(frozen=True)
class Project:
    """One Pulumi project.

    Attributes:
        name: The project's name, part of every URN.
        root: The folder of `Pulumi.yaml`.
        main: The folder (or file) of the program, absolute.
        stack_config_dir: The folder of the stack files, absolute.
        options: `runtime.options` as written (toolchain, virtualenv).
        config: The `config:` block as written.
    """

    name: str
    root: Path
    main: Path
    stack_config_dir: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def virtualenv(self) -> str | None:
        """The virtual environment that the project names, or that its toolchain stands for."""
        named = self.options.get("virtualenv")
        if not named and self.options.get("toolchain") == "uv":
            return ".venv"
        return str(named) if named else None

    @property
    def program_directory(self) -> Path:
        """The working directory of the program and of its dynamic providers."""
        return self.main if self.main.is_dir() else self.main.parent

    def stack_file(self, stack: str) -> Path:
        """Where the stack's configuration is."""
        return self.stack_config_dir / f"Pulumi.{stack}.yaml"


def load_project(directory: Path) -> Project:
    """Read the project that the directory belongs to (`Pulumi.yaml` there or in a folder above).

    Raises:
        ProjectError: There is no such directory, no project, or it is not one that this engine runs.
    """
    if not directory.is_dir():  # a folder above would be found in its place, and that may be another project
        raise ProjectError(f"there is no folder {directory}, so that no project can be found in it; correct --cwd")
    file = _find(directory.resolve())
    data = load_yaml(file)
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise ProjectError(f"{file}: project is missing a 'name' attribute")
    runtime = data.get("runtime")
    runtime_name = runtime.get("name") if isinstance(runtime, dict) else runtime
    if runtime_name != "python":
        raise ProjectError(f"{file}: the sandbox engine runs projects with 'runtime: python', not {runtime_name!r}")
    options = (runtime.get("options") if isinstance(runtime, dict) else None) or {}
    if options.get("toolchain", "pip") not in _TOOLCHAINS:
        raise ProjectError(f"{file}: unsupported toolchain {options['toolchain']!r}; use one of pip, poetry, uv")
    stack_config_dir, config = data.get("stackConfigDir"), data.get("config") or {}
    if isinstance(config, str):  # the old spelling of stackConfigDir
        if stack_config_dir:
            raise ProjectError(f"{file}: 'config' names a folder and 'stackConfigDir' is set too; keep one of them")
        stack_config_dir, config = config, {}
    if not isinstance(config, dict):
        raise ProjectError(f"{file}: expected a map of keys and declarations in 'config'")
    root = file.parent
    main = (root / (data.get("main") or ".")).resolve()
    if not main.exists():
        raise ProjectError(f"{file}: 'main' names {main}, which does not exist")
    return Project(name, root, main, (root / (stack_config_dir or ".")).resolve(), options, config)


def python_of(project: Project, relative_to: Path) -> str:
    """Choose the interpreter: the configured virtualenv, `.venv` of a uv project, PULUMI_PYTHON_CMD, or our own.

    Args:
        project: The project.
        relative_to: What a relative `virtualenv` is relative to: the project's root for the program, the program's
            folder for dynamic providers (as the Pulumi CLI has it).

    Raises:
        ProjectError: The configured virtual environment does not exist.
    """
    virtualenv = project.virtualenv
    if virtualenv:
        python = (relative_to / virtualenv) / "bin" / "python"
        if not python.exists():
            raise ProjectError(
                f"the 'virtualenv' option in Pulumi.yaml is set to {virtualenv!r}, but {python.parent.parent} "
                "is not a virtual environment; create it or change the option"
            )
        return str(python)
    return os.environ.get("PULUMI_PYTHON_CMD") or sys.executable


def _find(directory: Path) -> Path:
    for folder in (directory, *directory.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (folder / name).is_file():
                return folder / name
    raise ProjectError(
        f"no Pulumi.yaml project file found in {directory} or above; use --cwd to name the project's folder"
    )
