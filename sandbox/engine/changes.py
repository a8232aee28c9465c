"""Decides for a resource that exists: nothing, an update in place, or a replacement (and of what else with it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.engine.answers import Check, Diff
from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import BailError, ProviderError
from sandbox.engine.goal import Goal
from sandbox.engine.graph import dependents
from sandbox.engine.objectdiff import contains, diff_objects, ignore_changes, parse_path
from sandbox.engine.provider import Provider
from sandbox.engine.state import Resource
from sandbox.engine.steps import CREATE_REPLACEMENT, DELETE_REPLACED, REPLACE, SAME, UPDATE, Answer, Step
from sandbox.engine.urn import is_provider_type, name_of, provider_urn
from sandbox.engine.values import UNKNOWN, PropertyMap, equal, has_secrets, unwrap


class ChangePlanner:
    """Plans changes; knows what has been replaced so far."""

    def __init__(self, deployment: Deployment, seen: set[str], aliased: Mapping[str, str]) -> None:
        self._deployment = deployment
        self._seen = seen
        self._aliased = aliased
        self.replaced: set[str] = set()
        self.deleted_early: set[Resource] = set()

    async def check(self, new: Resource, olds: PropertyMap, news: PropertyMap) -> PropertyMap:
        """Let the provider check inputs (components have none); returns what it makes of them.

        Raises:
            BailError: The provider finds them wrong (reported).
        """
        if not new.custom:
            return news
        if is_provider_type(new.type):
            result = await self._deployment.registry.check(new.urn, olds, news)
        else:
            result = await (await self._provider(new)).check(new.urn, olds, news)
        report_check_failures(self._deployment, new, result)
        return result.inputs

    async def plan(self, goal: Goal, old: Resource, new: Resource, answer: Answer) -> list[Step]:
        """Return the steps from old to new.

        Raises:
            BailError: The change is not allowed (reported).
        """
        diff = await self._diff(old, new)
        if diff.unavailable:
            self._deployment.warn(new.urn, diff.unavailable)
        diff = replace_on_changes(diff, goal.replace_on_changes)
        if diff.changes or old.pending_replacement:
            if diff.replaces or old.pending_replacement:
                return await self._replace(goal, old, new, diff, answer)
            return [Step(UPDATE, old, new, answer, diff_keys=diff.changed, detailed=diff.detailed)]
        if old.init_errors:
            return [Step(UPDATE, old, new, answer, diff_keys=diff.changed, detailed=diff.detailed)]
        return [Step(SAME, old, new, answer)]

    async def _replace(self, goal: Goal, old: Resource, new: Resource, diff: Diff, answer: Answer) -> list[Step]:
        if new.protect and old.protect:
            self._deployment.error(
                new.urn,
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
            )
            raise BailError(new.urn)
        self.replaced.add(new.urn)
        new.inputs = await self.check(new, {}, goal.inputs)
        create = Step(
            CREATE_REPLACEMENT, old, new, answer, diff_keys=diff.changed, detailed=diff.detailed, replacing=True
        )
        replace = Step(REPLACE, old, new, diff_keys=diff.changed, detailed=diff.detailed, replacing=True)
        first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if not first and not old.pending_replacement:
            create.condemn = True
            return [create, replace]
        return [*await self._delete_first(old), replace, create]

    async def _delete_first(self, old: Resource) -> list[Step]:
        steps = []
        for dependent in reversed(await self._dependents_to_replace(old)):
            if dependent in self.deleted_early:
                continue
            if dependent.protect:
                self._deployment.error(
                    old.urn,
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{old.urn}" as it is currently '
                    "marked for protection. To unprotect the resource, remove the `protect` flag from the resource in "
                    "your Pulumi program and run `pulumi up`",
                )
                raise BailError(old.urn)
            steps.append(self._delete(dependent))
        if not old.pending_replacement:
            if not is_provider_type(old.type):
                await self._deployment.registry.ensure(old.provider)
            steps.append(Step(DELETE_REPLACED, old, None, replacing=True, pending=True))
        return steps

    def _delete(self, resource: Resource) -> Step:
        self._deployment.deletions.add(resource.urn)
        self.deleted_early.add(resource)
        return Step(DELETE_REPLACED, resource, None, replacing=True, pending=not resource.delete)

    async def _dependents_to_replace(self, root: Resource) -> list[Resource]:
        """Find what must be deleted before `root` is: dependents that would be replaced if their inputs changed."""
        found: list[Resource] = []
        urns = {root.urn}
        for candidate in dependents(self._deployment.previous, root, self._seen):
            if await self._replaced_with(candidate, urns):
                found.append(candidate)
                urns.add(candidate.urn)
        return found

    async def _replaced_with(self, candidate: Resource, urns: set[str]) -> bool:
        if not candidate.custom or candidate.external:
            return False
        if candidate.provider and provider_urn(candidate.provider) in urns:
            return True
        if candidate.deleted_with in urns:
            return True
        unknown = {key for key, needed in candidate.property_dependencies.items() if not urns.isdisjoint(needed)}
        if not unknown & candidate.inputs.keys():
            return False
        inputs = {key: UNKNOWN if key in unknown else value for key, value in candidate.inputs.items()}
        diff = await self._provider_diff(candidate, candidate.inputs, inputs)
        return bool(replace_on_changes(diff, candidate.replace_on_changes).replaces)

    async def _diff(self, old: Resource, new: Resource) -> Diff:
        if new.deleted_with and new.deleted_with in self.replaced:
            return Diff(changes=True, replaces=("deletedWith",))
        if await self._provider_changed(old, new):
            return Diff(changes=True, replaces=("provider",))
        if not new.custom:
            return Diff(changes=not equal(old.inputs, new.inputs))
        return await self._provider_diff(old, old.inputs, new.inputs, new)

    async def _provider_diff(
        self, old: Resource, old_inputs: PropertyMap, inputs: PropertyMap, new: Resource | None = None
    ) -> Diff:
        resource = new or old
        outputs = old.outputs or {}
        if is_provider_type(resource.type):
            return await self._deployment.registry.diff(resource.urn, old_inputs, outputs, inputs)
        provider = await self._provider(resource)
        return await resource_diff(provider, resource, old.id, old_inputs, outputs, inputs)

    async def _provider_changed(self, old: Resource, new: Resource) -> bool:
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = provider_urn(old.provider), provider_urn(new.provider)
        if self._aliased.get(old_urn) == new_urn:
            return False
        before, after = self._deployment.olds.get(old_urn), self._deployment.news.get(new_urn)
        if before is None or after is None:
            return False
        diff = await self._deployment.registry.diff(new_urn, before.inputs, before.outputs or {}, after.inputs)
        return bool(diff.changes and diff.replaces)

    async def _provider(self, resource: Resource) -> Provider:
        found = self._deployment.registry.get(resource.provider)
        try:
            return found or await self._deployment.registry.ensure(resource.provider)
        except ProviderError as error:
            self._deployment.error(resource.urn, str(error))
            raise BailError(resource.urn) from None


async def resource_diff(
    provider: Provider,
    resource: Resource,
    id_: str,
    old_inputs: PropertyMap,
    old_outputs: PropertyMap,
    news: PropertyMap,
) -> Diff:
    """Ask the provider; where it cannot say, compare the inputs."""
    diff = await provider.diff(resource.urn, id_, old_inputs, old_outputs, news, resource.ignore_changes)
    if diff.changes is not None:
        return diff
    wanted = ignore_changes(news, old_inputs, resource.ignore_changes)
    changes = diff_objects(unwrap(old_inputs), unwrap(wanted))
    if changes is None:
        return Diff(changes=False)
    keys = tuple(changes.changed_keys())
    return Diff(changes=True, changed=keys, replaces=diff.replaces, delete_before_replace=diff.delete_before_replace)


def replace_on_changes(diff: Diff, paths: Sequence[str]) -> Diff:
    """Turn changes of the named properties into a replacement."""
    if not diff.changes or not paths:
        return diff
    wanted = [parse_path(path) for path in paths]
    changed = {*diff.changed, *(diff.detailed or ())}
    forced = [key for key in sorted(changed) if any(contains(path, parse_path(key)) for path in wanted)]
    return Diff(
        changes=True,
        replaces=(*diff.replaces, *(key for key in forced if key not in diff.replaces)),
        changed=diff.changed,
        detailed=diff.detailed,
        delete_before_replace=diff.delete_before_replace,
    )


def report_check_failures(deployment: Deployment, new: Resource, check: Check) -> None:
    """Report what a provider finds wrong with inputs, one line each; secret values are not shown.

    Raises:
        BailError: There is something.
    """
    for key, reason in check.failures:
        subject = f"{new.type} resource '{name_of(new.urn)}'"
        if key:
            subject += f": property {key} value {{{_shown(new.inputs.get(key))}}}"
        deployment.error(new.urn, f"{subject} has a problem: {reason}")
    if check.failures:
        raise BailError(new.urn)


def _shown(value: object) -> str:
    if has_secrets(value):
        return "[secret]"
    return str(value).lower() if isinstance(value, bool) else str(value)
