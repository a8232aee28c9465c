"""Shows an operation as a tree of changes with their properties (`--diff`)."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from sandbox.engine.events import (
    Diagnostic,
    Event,
    OutputsKnown,
    PackStarted,
    PolicyFinding,
    StepDone,
    StepFailed,
    StepStarted,
)
from sandbox.engine.objectdiff import narrowed, parse_path
from sandbox.engine.policy_texts import render_packs
from sandbox.engine.printer import Printer, indentation, visible_diff
from sandbox.engine.stack_outputs import render_outputs
from sandbox.engine.state import Resource
from sandbox.engine.step_texts import retained_text, to_show
from sandbox.engine.steps import PREFIXES, REFRESH, SAME, UPDATE, Step
from sandbox.engine.summary import render_duration, render_summary
from sandbox.engine.urn import is_stack, name_of, provider_urn


class DiffDisplay:
    """Every change with its properties, nested as the resources are."""

    def __init__(self, out: TextIO, *, preview: bool) -> None:
        self._out = out
        self._preview = preview
        self._seen: dict[str, tuple[str, Step]] = {}
        self._errored = 0
        self._packs: list[PackStarted] = []

    def show(self, event: Event) -> None:
        """Print the change that an event tells."""
        if isinstance(event, Diagnostic):
            if not event.ephemeral:
                self._write(event.text.rstrip("\n") + "\n")
        elif isinstance(event, StepStarted):
            self._seen[event.step.urn] = (event.op, event.step)
            if event.op != REFRESH and self._to_show(event.op, event.step):
                self._write(self._change(event.op, event.step))
        elif isinstance(event, OutputsKnown):
            self._show_outputs(event)
        elif isinstance(event, StepFailed):
            self._errored += 1
        elif isinstance(event, PackStarted):
            self._packs.append(event)
        elif isinstance(event, PolicyFinding):
            self._write(f"    {event.pack} {event.title}{event.message}\n")
        elif isinstance(event, StepDone):
            return

    def finish(self, counts: Counter[str], seconds: float) -> None:
        """Print the summary."""
        text = render_summary(counts, self._errored, preview=self._preview)
        text += render_packs(self._packs)
        self._write(text if self._preview else text + render_duration(seconds))

    def _to_show(self, op: str, step: Step) -> bool:
        if is_stack(step.urn):
            return True
        return to_show(op, step) and not (step.replacing and not step.logical)

    def _show_outputs(self, event: OutputsKnown) -> None:
        op, step = event.op, event.step
        if not self._to_show(op, step):
            return
        refresh = self._seen.get(step.urn, ("", step))[0] == REFRESH
        if refresh and op == UPDATE:
            self._write(self._change(op, step))
            return
        level = self._level(step)
        text = render_outputs(step, op, level + 1, preview=self._preview, refresh=refresh)
        if refresh:
            self._write(self._header(op, step, level))
        if text:
            self._write(f"{indentation(level + 1)}--outputs:--\n{text}")

    def _change(self, op: str, step: Step) -> str:
        level = self._level(step)
        return self._header(op, step, level) + (_details(op, step, level + 1) if op != SAME else "")

    def _level(self, step: Step) -> int:
        level, parent = 0, step.resource.parent
        while parent in self._seen:
            op, above = self._seen[parent]
            level += self._to_show(op, above)
            parent = above.resource.parent
        return level

    def _header(self, op: str, step: Step, level: int) -> str:
        old, new = step.old, step.new
        locked = ""
        if old is not None and old.protect and new is not None and not new.protect:
            locked = " 🔓"
        elif (new is not None and new.protect) or (old is not None and old.protect):
            locked = " 🔒"
        inner = indentation(level + 1)
        lines = [f"{indentation(level)}{PREFIXES[op]}{step.resource.type}: ({op}{retained_text(op, step)}){locked}"]
        if old is not None and old.id:
            lines.append(f"{inner}[id={old.id}]")
        lines.append(f"{inner}[urn={step.urn}]")
        lines += [f"{inner}{line}" for line in _provider_lines(old, step.resource)]
        return "\n".join(lines) + "\n"

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _provider_lines(old: Resource | None, resource: Resource) -> list[str]:
    if not resource.provider:
        return []
    if old is not None and old.provider != resource.provider:
        return [f"[provider: {old.provider} => {resource.provider}]"]
    return [] if name_of(provider_urn(resource.provider)) == "default" else [f"[provider={resource.provider}]"]


def _details(op: str, step: Step, level: int) -> str:
    old, new = step.old, step.new
    printer = Printer()
    if old is None and new is not None:
        printer.map(new.outputs or new.inputs, level, op, prefix=False)
    elif new is None and old is not None:
        printer.map(old.inputs, level, op, prefix=False)
    elif new is not None and old is not None:
        # A replacement's outputs are known by the time it is shown; an update's are not.
        outputs = bool(new.outputs) and step.detailed is None
        before, after = (old.outputs or {}, new.outputs or {}) if outputs else (old.inputs, new.inputs)
        diff = visible_diff(before, after)
        if diff is not None and step.detailed is not None:
            diff = narrowed(diff, [parse_path(path) for path in step.detailed])
        if diff is None:
            printer.map(after, level, SAME, prefix=True)
        else:
            printer.diff(diff, level)
    return printer.text()
