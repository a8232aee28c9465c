"""Turns what the program registers into steps: finds the old resource, checks, and decides what has to happen."""

from __future__ import annotations

from sandbox.engine.changes import ChangePlanner
from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import BailError
from sandbox.engine.goal import Alias, Goal
from sandbox.engine.objectdiff import ignore_changes
from sandbox.engine.state import Resource
from sandbox.engine.steps import CREATE, CREATE_REPLACEMENT, READ, REPLACE, SAME, Answer, Step
from sandbox.engine.urn import (
    STACK_TYPE,
    is_default_provider,
    is_provider_type,
    is_stack,
    name_of,
    new_urn,
    type_of,
)
from sandbox.engine.values import PropertyMap


class StepGenerator:
    """Generates the steps of an operation, one registration after the other (checks and diffs are serial)."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.seen: set[str] = set()
        self.skipped_creates: set[str] = set()
        self.errored = False
        self._aliased: dict[str, str] = {}  # old URN -> new URN
        self._alias_of: dict[str, str] = {}  # new URN -> old URN
        self._registered: set[str] = set()
        self._retained: set[str] = set()
        self._deleted_with: dict[str, str] = {}
        self._changes = ChangePlanner(deployment, self.seen, self._aliased)

    async def register(self, goal: Goal, answer: Answer) -> list[Step]:
        """Return the steps for a registration.

        Raises:
            BailError: Something is wrong that has been reported.
            ProviderError: A provider failed to check or diff.
        """
        new = self._new_resource(goal)
        old = self._find_old(new, goal)
        self._deployment.redactor.learn(new.inputs)
        targeted = is_provider_type(new.type) or is_stack(new.urn) or self._deployment.targets.includes(new)
        recreating = new.urn in self._deployment.deletions and old is not None
        steps = await self._steps(goal, old, new, answer, targeted=targeted, recreating=recreating)
        self.seen.add(new.urn)
        return self._refuse_missing_dependencies(steps)

    def read(self, goal: Goal, id_: str, answer: Answer) -> list[Step]:
        """Return the steps for a resource that the program only reads (`get`)."""
        new = self._new_resource(goal)
        old = self._find_old(new, goal)
        new.id, new.external = id_, True
        self.seen.add(new.urn)
        return [Step(READ, old, new, answer, condemn=old is not None and not old.external)]

    def is_seen(self, urn: str) -> bool:
        """Tell whether the program registered the resource, under this name or as the alias of another."""
        return self._aliased.get(urn, urn) in self.seen

    def urn_of(self, goal: Goal) -> str:
        """Name the resource that a goal describes."""
        parent = goal.parent if goal.type != STACK_TYPE else ""
        return new_urn(self._deployment.stack, self._deployment.project, parent, goal.type, goal.name)

    async def _steps(
        self, goal: Goal, old: Resource | None, new: Resource, answer: Answer, *, targeted: bool, recreating: bool
    ) -> list[Step]:
        fresh = old is None or recreating or old.external
        inputs = new.inputs if old is None else ignore_changes(new.inputs, old.inputs, goal.ignore_changes)
        if targeted:
            olds: PropertyMap = {} if fresh or old is None else old.inputs
            new.inputs = await self._changes.check(new, olds, goal.inputs if fresh else inputs)
            await self._deployment.analyze(new)
        elif old is not None:
            new.inputs = old.inputs
        if old is None:
            if targeted:
                return [Step(CREATE, None, new, answer)]
            self.skipped_creates.add(new.urn)
            return [Step(SAME, None, new, answer, skipped_create=True)]
        if recreating:
            self._deployment.deletions.discard(new.urn)
            self._changes.replaced.add(new.urn)
            return [
                Step(REPLACE, old, new, replacing=True),
                Step(CREATE_REPLACEMENT, old, new, answer, replacing=True),
            ]
        if old.external:
            return [
                Step(CREATE_REPLACEMENT, old, new, answer, replacing=True, condemn=True),
                Step(REPLACE, old, new, replacing=True),
            ]
        if not targeted:
            return self._carry_over(old, answer)
        if self._deployment.targets.constrained and self._deployment.targets.includes(new):
            self._deployment.targets.add(new.urn)
        return await self._changes.plan(goal, old, new, answer)

    def _new_resource(self, goal: Goal) -> Resource:
        deployment = self._deployment
        urn = self.urn_of(goal)
        if urn in self._registered:
            deployment.error(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
            raise BailError(urn)
        self._registered.add(urn)
        stack = new_urn(
            deployment.stack, deployment.project, "", STACK_TYPE, f"{deployment.project}-{deployment.stack}"
        )
        parent = goal.parent
        if not parent and urn != stack and not is_default_provider(urn) and stack in self._registered:
            parent = stack
        retained = goal.parent in self._retained if goal.retain_on_delete is None else goal.retain_on_delete
        if retained:
            self._retained.add(urn)  # children inherit it
        if deleted_with := goal.deleted_with or self._deleted_with.get(goal.parent, ""):
            self._deleted_with[urn] = deleted_with  # and this too
        return Resource(
            urn=urn,
            type=goal.type,
            custom=goal.custom,
            inputs=goal.inputs,
            parent=parent,
            protect=goal.protect,
            dependencies=list(goal.dependencies),
            property_dependencies=goal.property_dependencies,
            provider=goal.provider,
            additional_secret_outputs=list(goal.additional_secret_outputs),
            custom_timeouts=goal.custom_timeouts,
            retain_on_delete=retained,
            deleted_with=deleted_with,
            ignore_changes=list(goal.ignore_changes),
            replace_on_changes=list(goal.replace_on_changes),
        )

    def _find_old(self, new: Resource, goal: Goal) -> Resource | None:
        olds = self._deployment.olds
        if new.urn in olds:
            return olds[new.urn]
        for alias in self._aliases(new, goal):
            if alias in olds and alias not in self._registered and alias not in self._aliased:
                self._aliased[alias] = new.urn
                self._alias_of[new.urn] = alias
                new.aliases = [alias]
                return olds[alias]
        return None

    def _aliases(self, new: Resource, goal: Goal) -> list[str]:
        found = [self._alias_urn(new, alias) for alias in goal.aliases]
        parent_alias = self._alias_of.get(new.parent)
        if parent_alias:
            own = [(new.type, name_of(new.urn)), *((type_of(urn), name_of(urn)) for urn in found)]
            found += [self._inherited(new, parent_alias, type_, name) for type_, name in own]
        return found

    def _alias_urn(self, new: Resource, alias: Alias) -> str:
        if alias.urn:
            return alias.urn
        parent = self._alias_of.get(alias.parent, alias.parent) if alias.parent else new.parent
        if alias.no_parent or is_stack(parent):
            parent = ""
        project, stack = alias.project or self._deployment.project, alias.stack or self._deployment.stack
        return new_urn(stack, project, parent, alias.type or new.type, alias.name or name_of(new.urn))

    def _inherited(self, new: Resource, parent_alias: str, type_: str, name: str) -> str:
        parent_name = name_of(new.parent)
        if name.startswith(parent_name):
            name = name_of(parent_alias) + name.removeprefix(parent_name)
        return new_urn(self._deployment.stack, self._deployment.project, parent_alias, type_, name)

    def _carry_over(self, old: Resource, answer: Answer) -> list[Step]:
        """Keep a resource that is no target, and before it what it depends on and the program no longer registers."""
        steps: list[Step] = []
        for urn in old.needs():
            needed = self._deployment.olds.get(urn)
            if needed is not None and not self.is_seen(urn):
                steps += self._carry_over(needed, _ignore)
        new = old.copy()
        self.seen.add(old.urn)
        return [*steps, Step(SAME, old, new, answer, untargeted=True)]

    def _refuse_missing_dependencies(self, steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.new is None or step.skipped_create:
                continue
            for urn in step.new.needs():
                if urn in self.skipped_creates:
                    self._deployment.error(
                        step.urn,
                        f"Resource '{step.urn}' depends on '{urn}' which was was not specified in --target list.",
                    )
                    self.errored = True
                    if not self._deployment.dry_run:
                        raise BailError(step.urn)
                    self.skipped_creates.discard(urn)
        return steps


def _ignore(_state: Resource, _result: str) -> None:
    return
