"""What happens during an operation, as told to those that display or count it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.engine.urn import name_of, type_of

if TYPE_CHECKING:
    from sandbox.engine.steps import Step


@dataclass(frozen=True)
class StepStarted:
    """A step is about to be applied."""

    op: str
    step: Step


@dataclass(frozen=True)
class OutputsKnown:
    """A step has been applied and its outputs are known (components: when they register them)."""

    op: str
    step: Step


@dataclass(frozen=True)
class StepDone:
    """A step has been applied; `counted` says whether the summary counts it."""

    op: str
    step: Step
    counted: bool


@dataclass(frozen=True)
class StepFailed:
    """A step could not be applied."""

    op: str
    step: Step
    error: str


@dataclass(frozen=True)
class Diagnostic:
    """A message to the user about a resource (or the whole stack: no URN).

    Attributes:
        urn: The resource.
        severity: `error`, `warning`, `info` or `debug`.
        message: The text.
        stream: Messages of one stream other than 0 belong together.
        ephemeral: Shown while things run, not at the end.
    """

    urn: str
    severity: str
    message: str
    stream: int = 0
    ephemeral: bool = False

    @property
    def text(self) -> str:
        """The message with its severity in front."""
        return self.message if self.severity == "info" else f"{self.severity}: {self.message}"


@dataclass(frozen=True)
class PackStarted:
    """A policy pack will be asked: its name with its version, and where it is."""

    pack: str
    folder: str


@dataclass(frozen=True)
class PolicyFinding:
    """What a rule of a policy pack has against a resource.

    Attributes:
        urn: The resource.
        pack: The pack's name with its version.
        rule: The rule's name.
        level: `advisory` or `mandatory`.
        severity: How bad it is, empty where the rule does not say.
        message: The rule, and in further lines what it found.
    """

    urn: str
    pack: str
    rule: str
    level: str
    severity: str
    message: str

    @property
    def title(self) -> str:
        """Level, rule and resource, as the Pulumi CLI writes them."""
        severity = f" [severity: {self.severity}]" if self.severity else ""
        return f"[{self.level}]{severity}  {self.rule}  ({type_of(self.urn)}: {name_of(self.urn)})"


Event = StepStarted | OutputsKnown | StepDone | StepFailed | Diagnostic | PackStarted | PolicyFinding
Emit = Callable[[Event], None]
