"""Finds what has to be deleted: what the program no longer registers, and what has been replaced."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import BailError
from sandbox.engine.graph import deletion_order, dependents, needed_by
from sandbox.engine.registration import StepGenerator
from sandbox.engine.state import Resource
from sandbox.engine.steps import DELETE, DELETE_REPLACED, DISCARD, FORGET, SAME, Step


class Deleter:
    """Plans the deletions at the end of an operation; in a destroy that is everything."""

    def __init__(self, deployment: Deployment, generator: StepGenerator) -> None:
        self._deployment = deployment
        self._generator = generator

    async def plan(self) -> tuple[list[Step], list[list[Step]]]:
        """Return the steps that keep what is no target, and the groups of deletions in order.

        Raises:
            BailError: Something that is no target would have to go (reported).
        """
        deployment = self._deployment
        allowed = self._allowed()
        sames: list[Step] = []
        deletions: dict[Resource, Step] = {}
        for resource in deployment.previous:
            if allowed is not None and resource.urn not in allowed:
                if not resource.delete and not self._generator.is_seen(resource.urn):
                    sames.append(Step(SAME, resource, resource.copy(), untargeted=True))
                continue
            step = self._deletion(resource)
            if step is not None:
                deletions[resource] = step
                deployment.deletions.add(resource.urn)
                if resource.provider:
                    await deployment.registry.ensure(resource.provider)
        self._refuse_untargeted(deletions)
        groups = deletion_order(deployment.previous, deletions)
        return sames, [[deletions[resource] for resource in group] for group in groups]

    def blocked_by(self, failed: Iterable[Step]) -> set[str]:
        """Return the URNs that cannot be deleted because something that needs them could not be deleted."""
        roots = [state for step in failed for state in (step.old, step.new) if state is not None]
        return needed_by(self._deployment.previous, roots)

    def _deletion(self, resource: Resource) -> Step | None:
        if resource.delete:
            if resource.pending_replacement:
                return None
            return Step(DELETE_REPLACED, resource, None, replacing=True)
        if self._generator.is_seen(resource.urn):
            return None
        if resource.pending_replacement:
            return Step(FORGET, resource, None)
        return Step(DISCARD if resource.external else DELETE, resource, None)

    def _allowed(self) -> set[str] | None:
        targets = self._deployment.targets
        if not targets.constrained:
            return None
        allowed: set[str] = set()
        for resource in self._deployment.previous:
            if targets.contains(resource.urn):
                allowed.add(resource.urn)
                if not self._generator.is_seen(resource.urn):
                    allowed.update(item.urn for item in dependents(self._deployment.previous, resource, set()))
                    allowed.update(self._children(resource.urn))
        return allowed

    def _children(self, urn: str) -> set[str]:
        found = {urn}
        for resource in self._deployment.previous:
            if resource.parent in found:
                found.add(resource.urn)
        return found

    def _refuse_untargeted(self, deletions: Iterable[Resource]) -> None:
        targets = self._deployment.targets
        refused = False
        for resource in deletions:
            if targets.constrained and not targets.contains(resource.urn) and not self._with_dependents():
                self._deployment.error(
                    resource.urn,
                    f"Resource '{resource.urn}' will be destroyed but was not specified in --target list.\n"
                    "Either include resource in --target list or pass --target-dependents to proceed.",
                )
                refused = True
        if refused:
            self._generator.errored = True
            if not self._deployment.dry_run:
                raise BailError("target")

    def _with_dependents(self) -> bool:
        return self._deployment.targets.with_dependents
