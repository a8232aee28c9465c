"""Runs an operation: takes registrations one by one, runs their steps in parallel, then deletes what is left over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sandbox.engine.deletion import Deleter
from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import BailError, EngineError, PartialFailureError, ProtectedError
from sandbox.engine.events import Diagnostic, OutputsKnown, StepDone, StepFailed, StepStarted
from sandbox.engine.recording import Recorder
from sandbox.engine.registration import StepGenerator
from sandbox.engine.source_events import Ended, Outputs, Read, Registration, SourceEvent, Stopped
from sandbox.engine.steps import DELETE, FAILED, READ, REPLACE, SAME, SKIPPED, SUCCESS, UNKNOWN_RESULT, Step
from sandbox.engine.urn import is_default_provider, is_stack
from sandbox.engine.values import PropertyMap, Secret


class Executor:
    """The main loop of an operation and the workers that apply its steps."""

    def __init__(self, deployment: Deployment, parallel: int) -> None:
        self._deployment = deployment
        self.generator = StepGenerator(deployment)
        self.events: asyncio.Queue[SourceEvent] = asyncio.Queue()
        self.interrupted = False
        self._recorder = Recorder(deployment.snapshot)
        self._workers = asyncio.Semaphore(parallel)
        self._running: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._registered: dict[str, Step] = {}  # steps whose outputs may still be registered
        self._stack_outputs: Outputs | None = None
        self._failed: list[Step] = []
        self._errored = False
        self._crash: Exception | None = None
        self._skipped: set[str] = set()

    def stop(self) -> None:
        """Start nothing more; what runs may finish."""
        if not self._stopped:
            self._stopped = True
            self.events.put_nowait(Stopped())

    def interrupt(self) -> None:
        """Stop as the user wants it."""
        self.interrupted = True
        text = "^C received: running operations finish, nothing new is started. Press ^C again to end at once."
        self._deployment.tell(Diagnostic("", "info", text, ephemeral=True))
        self.stop()

    async def run(self) -> bool:
        """Run until the program has ended and everything is done; returns whether it all succeeded."""
        bailed = False
        try:
            if await self._program():
                await self._delete_rest()
        except EngineError as error:
            bailed = True
            self._stopped = True
            if not isinstance(error, BailError):
                self._deployment.error("", str(error))
        await self._drain()
        failed = bailed or self._errored or self.generator.errored
        self._finish_stack_outputs(failed=failed or self.interrupted)
        if not failed and not self.interrupted:
            await self._deployment.analyze_stack()
        failed = failed or self._deployment.refused
        if not bailed and (failed or self.interrupted):
            self.report(canceled=self.interrupted and not failed)
        return not failed and not self.interrupted

    async def run_steps(self, steps: Iterable[Step]) -> bool:
        """Run independent steps in parallel; a failure does not stop the others. Returns whether all succeeded."""
        for step in steps:
            if self._stopped:
                break
            await self._submit([step], keep_going=True)
        await self._drain()
        return not self._errored

    def report(self, *, canceled: bool) -> None:
        """Say how the operation ended."""
        kind = "preview" if self._deployment.dry_run else "update"
        self._deployment.error("", f"{kind} {'canceled' if canceled else 'failed'}")

    async def _program(self) -> bool:
        """Handle what the program asks for; returns whether it ended by itself."""
        while True:
            event = await self.events.get()
            if self._stopped or isinstance(event, Stopped):
                return False
            if isinstance(event, Ended):
                if event.error is not None:
                    if event.error:
                        self._deployment.error("", event.error)
                    raise BailError("program")
                return True
            if isinstance(event, Outputs):
                self._register_outputs(event)
            else:
                await self._register(event)

    async def _register(self, event: Registration | Read) -> None:
        try:
            if isinstance(event, Read):
                steps = self.generator.read(event.goal, event.id, event.answer)
            else:
                steps = await self.generator.register(event.goal, event.answer)
        except BailError:
            raise
        except EngineError as error:
            self._deployment.error(self.generator.urn_of(event.goal), str(error))
            raise BailError(event.goal.name) from None
        self._skipped.update(step.urn for step in self._failed)
        if any(not self._skipped.isdisjoint(step.resource.needs()) for step in steps):
            for step in steps:
                self._skipped.add(step.urn)
                step.answer(step.resource, SKIPPED)
            return
        await self._submit(steps)

    async def _submit(self, chain: list[Step], *, keep_going: bool = False) -> None:
        """Apply the steps one after the other; in the background where a provider has to work."""
        if not any(step.calls_provider for step in chain):
            await self._run_chain(chain, keep_going=keep_going)
            return
        await self._workers.acquire()
        task = asyncio.create_task(self._work(chain, keep_going=keep_going))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work(self, chain: list[Step], *, keep_going: bool) -> None:
        try:
            await self._run_chain(chain, keep_going=keep_going)
        except Exception as error:  # noqa: BLE001 - a mistake of this engine; raised again when all workers have ended
            self._crash = error
            self.stop()
        finally:
            self._workers.release()

    async def _run_chain(self, chain: list[Step], *, keep_going: bool) -> None:
        for step in chain:
            if self._stopped:
                return
            try:
                await self._run_step(step)
            except EngineError as error:
                self._fail(step, error, keep_going=keep_going)
                return

    async def _run_step(self, step: Step) -> None:
        deployment = self._deployment
        shown = not is_default_provider(step.urn)
        if shown:
            deployment.tell(StepStarted(step.op, step))
        ticket = self._recorder.begin(step)
        try:
            await step.apply(deployment)
        except EngineError as error:
            kept = isinstance(error, PartialFailureError)
            self._mark_secrets(step)
            self._recorder.end(step, ticket, succeeded=kept)
            raise
        self._mark_secrets(step)
        if step.logical and step.new is not None:
            self._registered[step.urn] = step
        if step.new is not None and step.op != REPLACE:
            deployment.news[step.urn] = step.new
        op = step.result_op or step.op
        if shown:
            counted = (step.logical or bool(step.result_op)) and step.op != READ
            deployment.tell(StepDone(op, step, counted=counted))
            if step.resource.custom or step.result_op or step.op == DELETE:
                deployment.tell(OutputsKnown(op, step))
        self._recorder.end(step, ticket, succeeded=True)
        step.answer(step.resource, UNKNOWN_RESULT if step.skipped_create else SUCCESS)

    def _mark_secrets(self, step: Step) -> None:
        new = step.new
        if new is None or new.outputs is None or step.op in (REPLACE, SAME):
            return
        for key, value in new.outputs.items():
            secret = key in new.additional_secret_outputs or isinstance(new.inputs.get(key), Secret)
            if secret and not isinstance(value, Secret):
                new.outputs[key] = Secret(value)
        self._deployment.redactor.learn(new.outputs)

    def _fail(self, step: Step, error: EngineError, *, keep_going: bool) -> None:
        self._errored = True
        urn = "" if is_default_provider(step.urn) else step.urn
        self._deployment.error(urn, str(error))
        self._deployment.tell(StepFailed(step.op, step, self._deployment.redactor.redact(str(error))))
        if keep_going:
            return
        if self._deployment.continue_on_error or isinstance(error, ProtectedError):
            self._failed.append(step)
            step.answer(step.resource, FAILED)
        else:
            self.stop()

    def _register_outputs(self, event: Outputs) -> None:
        if is_stack(event.urn):
            self._stack_outputs = event
            event.done()
            return
        step = self._registered.pop(event.urn, None)
        if step is None:
            raise EngineError(f"cannot complete a resource '{event.urn}' whose registration isn't pending")
        if not step.skipped_create:
            self._set_outputs(step, event.outputs)
        event.done()

    def _set_outputs(self, step: Step, outputs: PropertyMap) -> None:
        self._deployment.redactor.learn(outputs)
        step.resource.outputs = outputs
        self._recorder.outputs(step)
        self._deployment.tell(OutputsKnown(step.op, step))

    def _finish_stack_outputs(self, *, failed: bool) -> None:
        """Set the stack's outputs at the very end; after a failure old outputs that are missing now are kept."""
        event = self._stack_outputs
        step = self._registered.pop(event.urn, None) if event else None
        if event is not None and step is not None:
            old = (step.old.outputs if step.old else None) or {}
            self._set_outputs(step, {**old, **event.outputs} if failed else event.outputs)

    async def _delete_rest(self) -> None:
        """Delete what the program no longer registers, dependents first."""
        await self._drain()
        if self._stopped:
            return
        deleter = Deleter(self._deployment, self.generator)
        sames, groups = await deleter.plan()
        for step in sames:
            await self._run_step(step)
        for group in groups:
            blocked = deleter.blocked_by(self._failed)
            for step in group:
                if step.urn not in blocked and not self._stopped:
                    await self._submit([step])
            await self._drain()

    async def _drain(self) -> None:
        while self._running:
            await asyncio.wait(self._running)
        if self._crash is not None:
            raise self._crash
