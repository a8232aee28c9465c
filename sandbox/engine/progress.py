"""Shows an operation as it runs: the plain progress that the Pulumi CLI prints without a terminal."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from sandbox.engine.events import (
    Diagnostic,
    Event,
    OutputsKnown,
    PackStarted,
    PolicyFinding,
    StepFailed,
    StepStarted,
)
from sandbox.engine.policy_texts import render_policies
from sandbox.engine.stack_outputs import render_outputs
from sandbox.engine.step_texts import diff_info, done_text, progress_text, retained_text, to_show
from sandbox.engine.steps import PREFIXES, REFRESH, REPLACE, SAME, Step
from sandbox.engine.summary import render_duration, render_summary
from sandbox.engine.urn import display_type, is_stack, name_of, type_of


@dataclass(eq=False)
class _Row:
    """What is known of one resource."""

    step: Step | None = None
    op: str = SAME
    hidden: bool = True
    failed: bool = False
    started: float = 0.0
    ended: float = 0.0
    done_ops: set[str] = field(default_factory=set)
    replaced_by: Step | None = None
    last: Diagnostic | None = None
    diagnostics: dict[int, list[Diagnostic]] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        """Count the messages of a severity that stay."""
        every = (item for items in self.diagnostics.values() for item in items)
        return sum(item.severity == severity and not item.ephemeral for item in every)


class ProgressDisplay:
    """One line for each thing that happens; diagnostics, outputs and summary at the end."""

    def __init__(self, out: TextIO, stack: str, project: str, *, preview: bool) -> None:
        self._out = out
        self._name = f"{project}-{stack}"
        self._preview = preview
        self._rows: dict[str, _Row] = {}
        self._stack_urn = ""
        self._done = False
        self._packs: list[PackStarted] = []
        self._findings: list[PolicyFinding] = []

    def show(self, event: Event) -> None:
        """Print what the event changes."""
        if isinstance(event, Diagnostic):
            self._show_diagnostic(event)
        elif isinstance(event, StepStarted):
            self._show_start(event)
        elif isinstance(event, OutputsKnown):
            self._show_outputs(event)
        elif isinstance(event, PackStarted):
            self._packs.append(event)
        elif isinstance(event, PolicyFinding):
            self._findings.append(event)
        elif isinstance(event, StepFailed):
            row = self._row(event.step.urn)
            row.failed, row.ended = True, time.monotonic()
            self._print_row(event.step.urn, row)

    def finish(self, counts: Counter[str], seconds: float) -> None:
        """Print unfinished rows, diagnostics, outputs and the summary."""
        unfinished = [(urn, row) for urn, row in self._rows.items() if not self._is_done(row)]
        self._done = True
        for urn, row in unfinished:
            self._print_row(urn, row)
        if self._packs:
            self._print(render_policies(self._packs, self._findings))
        self._print_diagnostics()
        stack = self._rows.get(self._stack_urn)
        if stack is not None and stack.step is not None:
            text = render_outputs(stack.step, stack.op, 1, preview=self._preview)
            if text:
                self._print(f"Outputs:\n{text}")
        if self._preview and any(each.level == "mandatory" for each in self._findings):
            return  # what was foreseen is not all that there would be, so that Pulumi counts nothing of it
        errored = sum(row.count("error") > 0 for row in self._rows.values())
        text = render_summary(counts, errored, preview=self._preview)
        self._print(text if self._preview else text + render_duration(seconds))

    def _row(self, urn: str) -> _Row:
        if urn in self._rows:
            return self._rows[urn]
        if is_stack(urn):
            self._stack_urn = urn
            if "" in self._rows:
                self._rows[urn] = self._rows.pop("")
                return self._rows[urn]
        row = self._rows[urn] = _Row()
        if self._stack_urn not in self._rows:
            self._rows[self._stack_urn] = _Row(hidden=False)
        return row

    def _show_start(self, event: StepStarted) -> None:
        known = event.step.urn == self._stack_urn
        row = self._row(event.step.urn)
        row.hidden = row.hidden and not (to_show(event.op, event.step) or known)
        row.step, row.op, row.started, row.ended = event.step, event.op, time.monotonic(), 0.0
        self._print_row(event.step.urn, row)

    def _show_outputs(self, event: OutputsKnown) -> None:
        known = event.step.urn == self._stack_urn
        row = self._row(event.step.urn)
        refreshed = row.op == REFRESH
        row.hidden = row.hidden and not (to_show(event.op, event.step) or known)
        row.step, row.op, row.ended = event.step, event.op, time.monotonic()
        row.done_ops.add(event.op)
        if event.op == REPLACE:
            row.replaced_by = event.step
        if refreshed or (not self._preview and event.step.resource.custom and event.op != SAME):
            self._print_row(event.step.urn, row)

    def _show_diagnostic(self, event: Diagnostic) -> None:
        urn = event.urn or self._stack_urn
        row = self._row(urn)
        row.hidden = False
        row.last = event
        row.diagnostics.setdefault(event.stream, []).append(event)
        self._print_row(urn, row)

    def _is_done(self, row: _Row) -> bool:
        if row.failed or self._done:
            return True
        if row.step is None or is_stack(row.step.urn):
            return False
        return row.op in row.done_ops

    def _print_row(self, urn: str, row: _Row) -> None:
        if row.hidden:
            return
        type_, name = (display_type(type_of(urn)), name_of(urn)) if urn else ("pulumi:pulumi:Stack", self._name)
        self._print(f" {PREFIXES[row.op]} {type_} {name} {self._status(row)} {self._info(row)}")

    def _status(self, row: _Row) -> str:
        failed = row.failed or row.count("error") > 0
        if self._is_done(row):
            text = done_text(row.op, failed=failed, preview=self._preview)
        elif row.op == SAME:
            return "running" if row.step is not None and is_stack(row.step.urn) else ""
        else:
            text = progress_text(row.op, preview=self._preview)
        if not self._preview and row.op != SAME and row.started and not (failed and self._is_done(row)):
            seconds = (row.ended or time.monotonic()) - row.started
            text += f" ({seconds:.2f}s)" if row.ended and seconds < 1 else f" ({int(seconds)}s)"
        return text + retained_text(row.op, row.step)

    def _info(self, row: _Row) -> str:
        parts = []
        changes = diff_info(row.replaced_by or row.step, row.op)
        if changes:
            parts.append(f"[{changes}]")
        if self._done:
            for severity, noun in (("error", "error"), ("warning", "warning"), ("info", "message")):
                count = row.count(severity)
                if count:
                    parts.append(f"{count} {noun}{'s' if count > 1 else ''}")
        elif row.last is not None and row.last.text.strip():
            parts.append(row.last.text.strip())
        return "; ".join(parts).partition("\n")[0]

    def _print_diagnostics(self) -> None:
        heading = "Diagnostics:\n"
        for urn, row in self._rows.items():
            blocks = []
            for stream, items in row.diagnostics.items():
                texts = [item.text.rstrip() for item in items if not item.ephemeral]
                texts = ["\n".join(texts)] if stream else texts
                lines = [line.rstrip() for text in texts for line in text.split("\n") if text.strip()]
                if lines:
                    blocks.append("".join(f"    {line}".rstrip() + "\n" for line in lines))
            if blocks:
                type_, name = (display_type(type_of(urn)), name_of(urn)) if urn else ("pulumi:pulumi:Stack", self._name)
                self._print(f"{heading}  {type_} ({name}):\n" + "\n".join(blocks))
                heading = ""

    def _print(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()
