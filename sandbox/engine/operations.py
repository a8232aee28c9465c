"""The operations on a stack: preview, up, refresh, destroy. `run` is the way in for the command line and for tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TextIO

import grpc.aio
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from sandbox.engine.analyzer import start_packs, stop_packs
from sandbox.engine.checkpoint import Checkpoint, backend_directory
from sandbox.engine.configuration import Configuration, load_configuration, stack_salt
from sandbox.engine.deployment import Deployment
from sandbox.engine.display import Display
from sandbox.engine.engine_log import EngineLog
from sandbox.engine.errors import EngineError, UsageError
from sandbox.engine.events import Diagnostic, PackStarted
from sandbox.engine.executor import Executor
from sandbox.engine.monitor import Monitor, ProgramInfo
from sandbox.engine.passphrase import Crypter
from sandbox.engine.plan_document import JsonDisplay
from sandbox.engine.plugins import GRPC_OPTIONS, PluginSettings
from sandbox.engine.program import ProgramSettings, start_program
from sandbox.engine.progress import ProgressDisplay
from sandbox.engine.project import Project, load_project
from sandbox.engine.redaction import Redactor
from sandbox.engine.refresh import refresh
from sandbox.engine.registry import ProviderRegistry
from sandbox.engine.results import Collector, Options, Result
from sandbox.engine.snapshot import Snapshot
from sandbox.engine.source_events import Ended
from sandbox.engine.state import Resource
from sandbox.engine.steps import SAME
from sandbox.engine.targets import Targets
from sandbox.engine.tree import DiffDisplay

_TITLES = {"up": ("update", "Updating"), "refresh": ("refresh", "Refreshing"), "destroy": ("destroy", "Destroying")}
_STEPS_PER_CORE = 4
_KILLED = 130
__all__ = ["Options", "Result", "run"]


def run(operation: str, options: Options, out: TextIO) -> Result:
    """Run `preview`, `up`, `refresh` or `destroy` and print what happens to `out`.

    Raises:
        EngineError: It could not start: the project, the configuration, the state or the options are not right.
    """
    project = load_project(options.cwd)
    if operation == "preview":
        result = _once("up", project, options, out, dry_run=True)
        if options.expect_no_changes and not result.exit_code and set(result.summary) - {SAME}:
            out.write("error: no changes were expected but changes were proposed\n")
            return replace(result, exit_code=1)
        return result
    result = Result(0)
    if options.preview_only or not options.skip_preview:
        result = _once(operation, project, options, out, dry_run=True)
        if result.exit_code or options.preview_only:
            return result
        if not options.confirm(f"Do you want to perform this {_TITLES[operation][0]}?"):
            out.write("confirmation declined\n")
            return Result(1, result.summary, result.steps, result.diagnostics)
    return _once(operation, project, options, out, dry_run=False)


def _once(operation: str, project: Project, options: Options, out: TextIO, *, dry_run: bool) -> Result:
    checkpoint = Checkpoint(backend_directory(options.environment, project.root), project.name, options.stack)
    with contextlib.nullcontext() if dry_run else checkpoint.lock():
        return asyncio.run(_Operation(operation, project, options, out, checkpoint, dry_run=dry_run).run())


class _Operation:
    """One run over the stack, for show or for real."""

    def __init__(
        self, operation: str, project: Project, options: Options, out: TextIO, checkpoint: Checkpoint, *, dry_run: bool
    ) -> None:
        self._operation = operation
        self._project = project
        self._options = options
        self._out = out
        self._dry_run = dry_run
        self._parallel = options.parallel or _STEPS_PER_CORE * (os.cpu_count() or 1)
        salt = stack_salt(project, options.stack)
        self._snapshot = Snapshot(checkpoint, salt, options.environment)
        crypter = self._snapshot.crypter if salt else Crypter(options.environment, salt)
        self._configuration: Configuration = {}
        if operation == "up":
            self._configuration = load_configuration(project, options.stack, options.config, crypter)
        display: Display
        if options.json:
            display = JsonDisplay(out, show_sames=options.show_sames)
        elif options.diff:
            display = DiffDisplay(out, preview=dry_run)
        else:
            display = ProgressDisplay(out, options.stack, project.name, preview=dry_run)
        self._display = display
        self._collector = Collector(display)

    async def run(self) -> Result:
        """Run and report."""
        if not self._options.json:
            self._print_title()
        started = time.monotonic()
        if not self._dry_run:
            self._snapshot.settle()
        try:
            async with self._serving() as (server, address):
                succeeded = await self._deploy(server, address)
        finally:
            if not self._dry_run:
                self._snapshot.close()
        collector = self._collector
        with contextlib.suppress(BrokenPipeError):
            self._display.finish(collector.counts, time.monotonic() - started)
        return Result(
            0 if succeeded else 1,
            dict(collector.counts),
            tuple(collector.steps),
            tuple(collector.diagnostics),
            self._snapshot.bytes_written,
        )

    @contextlib.asynccontextmanager
    async def _serving(self) -> AsyncIterator[tuple[grpc.aio.Server, str]]:
        server = grpc.aio.server(options=GRPC_OPTIONS)
        port = server.add_insecure_port("127.0.0.1:0")
        try:
            yield server, f"127.0.0.1:{port}"
        finally:
            await server.stop(None)

    async def _deploy(self, server: grpc.aio.Server, address: str) -> bool:
        options = self._options
        redactor = Redactor()
        for value in self._configuration.values():
            if value.secret:
                redactor.learn_text(value.text)
        plugins = PluginSettings(
            self._project,
            options.environment,
            address,
            lambda line: deployment.tell(Diagnostic("", "info", line)),
        )
        olds: dict[str, Resource] = {}  # the deployment fills it; a refresh changes it
        registry = ProviderRegistry(plugins, olds)
        deployment = Deployment(
            project=self._project.name,
            stack=options.stack,
            dry_run=self._dry_run,
            previous=self._snapshot.resources,
            snapshot=None if self._dry_run else self._snapshot,
            registry=registry,
            targets=Targets(options.targets, with_dependents=options.target_dependents),
            emit=self._collector.emit,
            redactor=redactor,
            continue_on_error=options.continue_on_error,
            olds=olds,
        )
        for resource in deployment.previous:
            redactor.learn(resource.inputs)
            redactor.learn(resource.outputs or {})
        executor = Executor(deployment, self._parallel)
        self._add_services(server, deployment, executor)
        await server.start()
        with _interruptible(executor):
            try:
                if self._operation == "up":
                    asked = options.policy_packs
                    deployment.packs = await start_packs(asked, plugins, options.stack, dry_run=self._dry_run)
                for pack in deployment.packs:
                    deployment.tell(PackStarted(pack.title, str(pack.folder)))
                return await self._work(deployment, executor, address)
            except EngineError as error:
                deployment.error("", str(error))
                return False
            finally:
                await stop_packs(deployment.packs)
                await registry.stop()

    def _add_services(self, server: grpc.aio.Server, deployment: Deployment, executor: Executor) -> None:
        info = ProgramInfo(self._configuration, self._parallel)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(deployment, executor, info), server)
        engine_pb2_grpc.add_EngineServicer_to_server(EngineLog(deployment), server)

    async def _work(self, deployment: Deployment, executor: Executor, address: str) -> bool:
        self._check_targets(deployment)
        if self._operation == "refresh":
            return await refresh(deployment, executor)
        if self._options.refresh and not await refresh(deployment, executor):
            return False
        self._warn_of_interrupted(deployment)
        if self._operation == "destroy":
            executor.events.put_nowait(Ended(None))
            return await executor.run()
        settings = ProgramSettings(
            self._project, self._options.environment, self._configuration, self._parallel, address
        )
        program = await start_program(settings, deployment, executor)
        try:
            return await executor.run()
        finally:
            await program.stop()

    def _check_targets(self, deployment: Deployment) -> None:
        known = {resource.urn for resource in deployment.previous}
        if self._operation != "up":
            for urn in deployment.targets.missing(known):
                raise UsageError(f"no resource named '{urn}' found")

    def _warn_of_interrupted(self, deployment: Deployment) -> None:
        pending = self._snapshot.pending_operations
        if pending and not self._dry_run:
            operations = "".join(
                f"  * {item['resource']['urn']}, interrupted while {item['type']}\n" for item in pending
            )
            deployment.warn(
                "",
                f"Attempting to deploy or update resources with {len(pending)} pending operations from previous "
                f"deployment.\n{operations}These resources are in an unknown state because the engine was interrupted "
                "while waiting for changes to these resources to complete. Confirm whether the operations listed "
                "completed by checking the state of the appropriate provider, then repair the stack using `refresh`, "
                "which reads the state from the provider and clears the pending operations.",
            )

    def _print_title(self) -> None:
        kind, doing = _TITLES[self._operation]
        title = f"Previewing {kind}" if self._dry_run else doing
        self._out.write(f"{title} ({self._options.stack}):\n" + ("" if self._options.diff else "\n"))
        self._out.flush()


@contextlib.contextmanager
def _interruptible(executor: Executor) -> Iterator[None]:
    """Ctrl-C (or SIGTERM) lets running steps finish; a second one ends the engine at once, the journal stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if executor.interrupted:
            os._exit(_KILLED)
        executor.interrupt()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
