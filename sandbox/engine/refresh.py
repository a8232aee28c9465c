"""Reads every resource again and takes what it finds as the state (`refresh`, and `up --refresh`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.engine.answers import Diff
from sandbox.engine.changes import resource_diff
from sandbox.engine.deployment import Deployment
from sandbox.engine.executor import Executor
from sandbox.engine.state import Resource, now, persistent_fields
from sandbox.engine.steps import DELETE, REFRESH, SAME, UPDATE, Context, Step
from sandbox.engine.urn import is_provider_type
from sandbox.engine.values import equal


@dataclass(eq=False)
class RefreshStep(Step):
    """Reads one resource; `result_op` tells what came out: same, update or delete."""

    found: Diff = field(default_factory=lambda: Diff(changes=False))

    async def apply(self, context: Context) -> None:
        """Read the resource and compare: what would an update change back?"""
        old = self.resource
        self.result_op = SAME
        if not old.custom or is_provider_type(old.type) or old.pending_replacement or old.delete:
            return
        provider = await context.registry.ensure(old.provider)
        id_, outputs, inputs = await provider.read(old.urn, old.id, old.inputs, old.outputs or {})
        if not id_:
            self.result_op, self.new = DELETE, None
            return
        new = old.copy()
        new.id, new.outputs, new.inputs, new.init_errors = id_, outputs, old.inputs if inputs is None else inputs, []
        if not equal(new.outputs, old.outputs) or not equal(new.inputs, old.inputs):
            new.modified = now()
        self.new = new
        if old.external:
            self.result_op = SAME if equal(new.outputs, old.outputs) else UPDATE
            return
        # The roles are inverted: what is there now counts as old, what the state wanted as new.
        diff = await resource_diff(provider, old, id_, new.inputs, outputs, old.inputs)
        self.diff_keys, self.detailed = diff.changed, diff.detailed
        self.result_op = UPDATE if diff.changes else SAME


async def refresh(deployment: Deployment, executor: Executor) -> bool:
    """Refresh the targets; returns whether everything could be read."""
    steps: dict[Resource, RefreshStep] = {}
    for resource in deployment.previous:
        if deployment.targets.includes(resource):
            deployment.targets.add(resource.urn)
            steps[resource] = RefreshStep(REFRESH, resource, resource)
    succeeded = await executor.run_steps(steps.values())
    settler = _Settler(deployment)
    kept: list[Resource] = []
    for resource in deployment.previous:
        step = steps.get(resource)
        new = step.new if step is not None else resource
        if new is None:
            settler.remove(resource)
        else:
            kept.append(settler.keep(resource, new))
    deployment.rebase(kept)
    if deployment.snapshot is not None:
        deployment.snapshot.forget_pending()
    if not succeeded:
        executor.report(canceled=False)
    elif executor.interrupted:
        executor.report(canceled=True)
    return succeeded and not executor.interrupted


class _Settler:
    """Puts refreshed resources in place, without references to what is gone."""

    def __init__(self, deployment: Deployment) -> None:
        self._snapshot = deployment.snapshot
        self._parents: dict[str, str] = {}  # of what is gone
        self._existing: set[str] = set()

    def remove(self, resource: Resource) -> None:
        """Forget a resource; its children go to its parent."""
        self._parents[resource.urn] = resource.parent
        if self._snapshot is not None:
            self._snapshot.remove(resource)

    def keep(self, old: Resource, new: Resource) -> Resource:
        """Return the resource as it is kept."""
        settled = new.copy()
        while settled.parent in self._parents and settled.parent not in self._existing:
            settled.parent = self._parents[settled.parent]
        settled.dependencies = self._known(new.dependencies)
        # As in the Pulumi CLI: properties without dependencies lose their (empty) entry.
        known = {key: self._known(urns) for key, urns in new.property_dependencies.items()}
        settled.property_dependencies = {key: urns for key, urns in known.items() if urns}
        settled.deleted_with = new.deleted_with if new.deleted_with in self._existing else ""
        self._existing.add(new.urn)
        if new is old and persistent_fields(settled) == persistent_fields(old):
            return old
        if self._snapshot is not None:
            self._snapshot.replace(old, settled)
            self._snapshot.update(settled)
        return settled

    def _known(self, urns: list[str]) -> list[str]:
        return [urn for urn in urns if urn in self._existing]
