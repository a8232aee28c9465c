"""Starts the user's program as a process and tells the executor how it ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from errno import E2BIG
from pathlib import Path

from sandbox.engine.checkpoint import ORGANIZATION
from sandbox.engine.configuration import Configuration
from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import ProjectError
from sandbox.engine.events import Diagnostic
from sandbox.engine.exec_program import ERROR_SHOWN
from sandbox.engine.executor import Executor
from sandbox.engine.plugins import read_lines, stop_process
from sandbox.engine.project import Project, python_of
from sandbox.engine.source_events import Ended
from sandbox.engine.tether import tethered

_STDOUT_STREAM = 1_000_001
_STDERR_STREAM = 1_000_002
_STREAM_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class ProgramSettings:
    """What the program is started with.

    Attributes:
        project: The project.
        environment: The environment that the program inherits.
        configuration: The stack's configuration.
        parallel: How many operations run at once.
        address: Where the monitor and the engine listen.
    """

    project: Project
    environment: Mapping[str, str]
    configuration: Configuration
    parallel: int
    address: str


class Program:
    """The running program."""

    def __init__(self, process: asyncio.subprocess.Process, deployment: Deployment, executor: Executor) -> None:
        self._process = process
        self._deployment = deployment
        self._executor = executor
        self._quiet = False
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the program, if it still runs, and wait for it."""
        self._quiet = self._process.returncode is None
        await stop_process(self._process)
        await self._watcher

    async def _watch(self) -> None:
        streams = ((self._process.stdout, _STDOUT_STREAM), (self._process.stderr, _STDERR_STREAM))
        await asyncio.gather(*(self._relay(stream, number) for stream, number in streams))
        code = await self._process.wait()
        if code == 0:
            error = None
        elif code == ERROR_SHOWN:
            error = ""
        elif code < 0:
            error = f"the program was ended by signal {-code}"
        else:
            error = f"program exited with non-zero exit code: {code}"
        self._executor.events.put_nowait(Ended(error))

    async def _relay(self, stream: asyncio.StreamReader | None, number: int) -> None:
        if stream is not None:
            async for line in read_lines(stream):
                if not self._quiet:  # a program that is being ended complains about the engine having gone
                    self._deployment.tell(Diagnostic("", "info", line, number))


async def start_program(settings: ProgramSettings, deployment: Deployment, executor: Executor) -> Program:
    """Start the program; its end arrives as an event at the executor.

    Raises:
        ProjectError: It cannot be started.
    """
    project = settings.project
    values = {key: value.text for key, value in settings.configuration.items()}
    secret_keys = [key for key, value in settings.configuration.items() if value.secret]
    command = [
        python_of(project, project.root),
        "-u",
        "-P",  # keep this folder's modules out of the program's import path
        str(Path(__file__).with_name("exec_program.py")),
        *("--monitor", settings.address, "--engine", settings.address),
        *("--project", project.name, "--stack", deployment.stack, "--organization", ORGANIZATION),
        *("--root_directory", str(project.root), "--parallel", str(settings.parallel)),
        *(("--dry_run",) if deployment.dry_run else ()),
        *(() if project.virtualenv else ("--no_virtualenv",)),
        "." if project.main.is_dir() else project.main.name,
    ]
    try:
        process = await asyncio.create_subprocess_exec(
            *tethered(command),
            cwd=project.program_directory,
            env={
                **settings.environment,
                "PULUMI_CONFIG": json.dumps(values),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(secret_keys),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_STREAM_LIMIT,
            start_new_session=True,
        )
    except OSError as error:
        too_large = "the configuration is larger than a process's environment may be; keep a part of it in files"
        why = too_large if error.errno == E2BIG else error.strerror
        raise ProjectError(f"the program cannot be started: {why}") from None
    return Program(process, deployment, executor)
