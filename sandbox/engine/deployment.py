"""What one operation on one stack knows: the state before and after, its providers, and whom to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sandbox.engine.analyzer import Pack
from sandbox.engine.errors import BailError
from sandbox.engine.events import Diagnostic, Emit, Event, PolicyFinding
from sandbox.engine.redaction import Redactor
from sandbox.engine.registry import ProviderRegistry
from sandbox.engine.snapshot import Snapshot
from sandbox.engine.state import Resource
from sandbox.engine.targets import Targets


@dataclass(eq=False)
class Deployment:
    """The shared state of an operation.

    Attributes:
        project: The project's name.
        stack: The stack's name.
        dry_run: Whether this is a preview.
        previous: The resources before, in dependency order (a refresh replaces them).
        snapshot: Records changes; missing in previews.
        registry: The providers.
        targets: What the operation is limited to.
        emit: Receives events.
        redactor: Knows secret texts.
        continue_on_error: Go on with independent resources after a failure.
        olds: The live resources before, by URN.
        news: The resources that this operation has established, by URN.
        deletions: URNs that this operation deletes.
        packs: The policy packs that are asked.
        refused: A mandatory rule was broken, so that the operation fails.
    """

    project: str
    stack: str
    dry_run: bool
    previous: Sequence[Resource]
    snapshot: Snapshot | None
    registry: ProviderRegistry
    targets: Targets
    emit: Emit
    redactor: Redactor
    continue_on_error: bool = False
    olds: dict[str, Resource] = field(default_factory=dict)
    news: dict[str, Resource] = field(default_factory=dict)
    deletions: set[str] = field(default_factory=set)
    packs: Sequence[Pack] = ()
    refused: bool = False

    def __post_init__(self) -> None:
        self.rebase(self.previous)

    def rebase(self, resources: Sequence[Resource]) -> None:
        """Take these resources as the state before."""
        self.previous = resources
        self.olds.clear()
        self.olds.update({resource.urn: resource for resource in resources if not resource.delete})

    def tell(self, event: Event) -> None:
        """Pass an event on, secrets replaced."""
        if isinstance(event, Diagnostic):
            event = Diagnostic(
                event.urn, event.severity, self.redactor.redact(event.message), event.stream, event.ephemeral
            )
        self.emit(event)

    async def analyze(self, resource: Resource) -> None:
        """Ask the policy packs about a resource whose inputs have been checked.

        Raises:
            BailError: A mandatory rule is broken (reported); in previews the operation goes on, to find all of them.
            ProviderError: A policy pack failed.
        """
        for pack in self.packs:
            self._take(await pack.analyze(resource, self.news))
        if self.refused and not self.dry_run:
            raise BailError(resource.urn)

    async def analyze_stack(self) -> None:
        """Ask the policy packs about all resources together; see `analyze`."""
        for pack in self.packs:
            self._take(await pack.analyze_stack(self.news))

    def _take(self, findings: Sequence[PolicyFinding]) -> None:
        for finding in findings:
            self.refused = self.refused or finding.level == "mandatory"
            self.tell(replace(finding, message=self.redactor.redact(finding.message)))

    def warn(self, urn: str, message: str) -> None:
        """Show a warning."""
        self.tell(Diagnostic(urn, "warning", message))

    def error(self, urn: str, message: str) -> None:
        """Show an error."""
        self.tell(Diagnostic(urn, "error", message))
