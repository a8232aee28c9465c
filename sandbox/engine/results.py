"""What an operation is asked for and what it gives back; the results are made from its events."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.engine.analyzer import PackOptions
from sandbox.engine.display import Display
from sandbox.engine.events import Diagnostic, Event, StepDone, StepFailed
from sandbox.engine.objectdiff import diff_objects


@dataclass(frozen=True)
class Options:
    """What the user asks for.

    Attributes:
        stack: The stack's name.
        cwd: A folder of the project.
        skip_preview: Change things without showing a preview first.
        diff: Show properties and not only names.
        json: Show a JSON document in place of text (preview).
        show_sames: What stays as it is, is in that document.
        expect_no_changes: Changes are a failure (preview).
        targets: URNs (with `*`) that the operation is limited to.
        target_dependents: What depends on a target is a target.
        continue_on_error: Go on with independent resources after a failure.
        parallel: How many provider calls run at once; 0 means four per core.
        refresh: Refresh before the operation (up, preview).
        preview_only: Only show what the operation would do (refresh, destroy).
        policy_packs: Policy packs that are asked about what the operation does (up, preview).
        config: `key=value` pairs that win over the stack file.
        environment: The environment of the program and of plugins, and where PULUMI_* settings are looked up.
        confirm: Asked after the preview; the operation goes on when it returns True.
    """

    stack: str
    cwd: Path = Path()
    skip_preview: bool = False
    diff: bool = False
    json: bool = False
    show_sames: bool = False
    expect_no_changes: bool = False
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    continue_on_error: bool = False
    parallel: int = 0
    refresh: bool = False
    preview_only: bool = False
    policy_packs: tuple[PackOptions, ...] = ()
    config: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    confirm: Callable[[str], bool] = lambda _question: True


@dataclass(frozen=True)
class StepEvent:
    """One step as it went: operation, resource, property keys that differ, and the error if it failed."""

    op: str
    urn: str
    diff: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Result:
    """How an operation went.

    Attributes:
        exit_code: 0 when all is well, else 1.
        summary: Resources by operation, as the printed summary counts them.
        steps: What was done, in order of completion (parts of replacements too).
        diagnostics: Messages as (URN, severity, text).
        bytes_written: Size of the journal that the operation wrote.
    """

    exit_code: int
    summary: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[StepEvent, ...] = ()
    diagnostics: tuple[tuple[str, str, str], ...] = ()
    bytes_written: int = 0


class Collector:
    """Counts and keeps what happens, and passes it on to the display."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self.counts: Counter[str] = Counter()
        self.steps: list[StepEvent] = []
        self.diagnostics: list[tuple[str, str, str]] = []

    def emit(self, event: Event) -> None:
        """Take an event."""
        with contextlib.suppress(BrokenPipeError):  # nobody reads on; the operation must still finish
            self._display.show(event)
        if isinstance(event, StepDone):
            if event.counted:
                self.counts[event.op] += 1
            step = event.step
            changes = diff_objects(step.old.inputs, step.new.inputs) if step.old and step.new else None
            keys = tuple(changes.changed_keys()) if changes else ()
            self.steps.append(StepEvent(event.op, step.urn, step.diff_keys or keys))
        elif isinstance(event, StepFailed):
            self.steps.append(StepEvent(event.op, event.step.urn, error=event.error))
        elif isinstance(event, Diagnostic):
            self.diagnostics.append((event.urn, event.severity, event.message))
