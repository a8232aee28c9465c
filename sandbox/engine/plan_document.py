"""Shows a preview as JSON (`--json`): each step with the old and the new state of its resource."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TextIO

from sandbox.engine.events import Diagnostic, Event, StepDone
from sandbox.engine.state import Resource
from sandbox.engine.steps import SAME
from sandbox.engine.stored_values import to_json
from sandbox.engine.values import Secret


class JsonDisplay:
    """Keeps what it is told, and prints one document at the end; with what stays as it is where that is asked for."""

    def __init__(self, out: TextIO, *, show_sames: bool) -> None:
        self._out = out
        self._show_sames = show_sames
        self._steps: list[dict[str, Any]] = []
        self._diagnostics: list[dict[str, Any]] = []

    def show(self, event: Event) -> None:
        """Keep a step or a message."""
        if isinstance(event, StepDone):
            if event.op != SAME or self._show_sames:
                states = {"oldState": event.step.old, "newState": event.step.new}
                said = {name: _state(state) for name, state in states.items() if state is not None}
                self._steps.append({"op": event.op, "urn": event.step.urn, **said})
        elif isinstance(event, Diagnostic) and not event.ephemeral:
            self._diagnostics.append({"urn": event.urn, "message": event.text, "severity": event.severity})

    def finish(self, counts: Counter[str], seconds: float) -> None:
        """Print the document."""
        document = {
            "steps": self._steps,
            "diagnostics": self._diagnostics,
            "duration": int(seconds * 1e9),
            "changeSummary": dict(counts),
        }
        self._out.write(json.dumps(document, indent=4) + "\n")


def _state(resource: Resource) -> dict[str, Any]:
    """A resource as the document has it; secrets are not shown."""
    return {
        "urn": resource.urn,
        "type": resource.type,
        "custom": resource.custom,
        "parent": resource.parent,
        "dependencies": resource.dependencies,
        "propertyDependencies": resource.property_dependencies,
        "inputs": _shown(resource.inputs),
        "outputs": _shown(resource.outputs or {}),
    }


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return to_json(value, str)
