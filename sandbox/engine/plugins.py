"""Starts provider plugins (and the real dynamic provider) as processes and waits until they serve gRPC."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio

from sandbox.engine.errors import ProviderError
from sandbox.engine.project import Project, python_of
from sandbox.engine.tether import tethered

DYNAMIC_PACKAGE = "pulumi-python"
_OURS = Path(__file__).parents[1] / "bin"
_STOP_SECONDS = 5.0
_STREAM_LIMIT = 16 * 1024 * 1024
GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    # What an update did in part comes beside its error, as metadata. This is the limit of Pulumi's own client (Go's).
    ("grpc.max_metadata_size", 16 * 1024 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
    ("grpc.enable_http_proxy", 0),
]


@dataclass(frozen=True)
class PluginSettings:
    """What every plugin of an operation is started with.

    Attributes:
        project: The project; its program folder is the plugins' working directory.
        environment: The environment that plugins inherit.
        engine_address: Where the engine listens for log messages.
        say: Receives each line that a plugin prints.
    """

    project: Project
    environment: Mapping[str, str]
    engine_address: str
    say: Callable[[str], None]


class Plugin:
    """A running plugin process and the channel to it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, say: Callable[[str], None]) -> None:
        self.process = process
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=GRPC_OPTIONS)
        self._readers = [asyncio.create_task(_relay(stream, say)) for stream in (process.stdout, process.stderr)]

    async def stop(self) -> None:
        """End the process: ask first, kill after five seconds."""
        await self.channel.close()
        await stop_process(self.process)
        await asyncio.gather(*self._readers)


async def start_plugin(package: str, version: str, settings: PluginSettings) -> Plugin:
    """Start the provider of a package.

    Raises:
        ProviderError: There is no such plugin, or it ended instead of serving.
    """
    command = [*_command(package, version, settings), settings.engine_address]
    environment = {**settings.environment, "PULUMI_PROJECT": settings.project.name}
    directory = settings.project.program_directory
    return await start_process(f"provider plugin for {package}", command, directory, environment, settings.say)


async def start_process(
    what: str, command: list[str], directory: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> Plugin:
    """Start a process that serves gRPC, and tells its port in its first line.

    Raises:
        ProviderError: It cannot be started, or it ended instead of serving.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *tethered(command),
            cwd=directory,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_STREAM_LIMIT,
            start_new_session=True,  # Ctrl-C reaches the engine, which lets running calls finish
        )
    except OSError as error:
        raise ProviderError(f"could not start the {what}, {command[0]}: {error.strerror}") from None
    if process.stdout is None or process.stderr is None:
        raise ProviderError(f"the {what} has no output to read its port from")
    first = (await process.stdout.readline()).decode(errors="replace").strip()
    if not first.isdigit():
        await stop_process(process)
        said = "\n".join(
            part for part in (first, (await process.stderr.read()).decode(errors="replace").strip()) if part
        )
        raise ProviderError(f"the {what} ended before it served:\n{said}")
    return Plugin(process, int(first), say)


def _command(package: str, version: str, settings: PluginSettings) -> list[str]:
    if package == DYNAMIC_PACKAGE:
        directory = settings.project.program_directory
        return [python_of(settings.project, directory), "-u", "-m", "pulumi.dynamic"]
    name = f"pulumi-resource-{package}"
    found = shutil.which(name, path=settings.environment.get("PATH")) or _installed(name, package, version, settings)
    if not found:
        wanted = f" version {version}" if version else ""
        ours = (
            f"; for the sandbox's, run it inside `sandbox run -- bash`, or put {_OURS} on PATH"
            if (_OURS / name).exists()
            else ""
        )
        raise ProviderError(
            f"no resource plugin '{name}'{wanted} found: put the executable on PATH, or install it with "
            f"`pulumi plugin install resource {package}`{ours}"
        )
    return [found]


def _installed(name: str, package: str, version: str, settings: PluginSettings) -> str | None:
    home = Path(settings.environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    pattern = f"resource-{package}-v{version or '*'}"
    folders = sorted((home / "plugins").glob(pattern), key=_version_of)
    executables = [folder / name for folder in folders if os.access(folder / name, os.X_OK)]
    return str(executables[-1]) if executables else None


def _version_of(folder: Path) -> list[tuple[int, str]]:
    text = folder.name.rpartition("-v")[2]
    return [(int(part) if part.isdigit() else 0, part) for part in text.split(".")]


async def _relay(stream: asyncio.StreamReader | None, say: Callable[[str], None]) -> None:
    if stream is not None:
        async for line in read_lines(stream):
            say(line)


async def read_lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield what a process prints, line by line; a line too long for memory comes in pieces."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip("\r\n")


async def stop_process(process: asyncio.subprocess.Process) -> None:
    """Interrupt a process, wait, and kill it if it stays."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
