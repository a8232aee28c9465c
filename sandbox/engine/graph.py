"""Who depends on whom among the resources of a state file (which is in dependency order)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sandbox.engine.state import Resource
from sandbox.engine.urn import provider_urn


def dependents(resources: Sequence[Resource], root: Resource, ignored: set[str]) -> Iterator[Resource]:
    """Yield what depends on `root`, directly or not, in dependency order (children only if they depend as well)."""
    reached = {root.urn}
    found_root = False
    for candidate in resources:
        if candidate is root:
            found_root = True
        elif found_root and candidate.urn not in ignored and not reached.isdisjoint(_needs_without_parent(candidate)):
            reached.add(candidate.urn)
            yield candidate


def needed_by(resources: Sequence[Resource], roots: Iterable[Resource]) -> set[str]:
    """Return the URNs of everything that the roots depend on, directly or not."""
    by_urn: dict[str, list[Resource]] = {}
    for resource in resources:
        by_urn.setdefault(resource.urn, []).append(resource)
    found: set[str] = set()
    frontier = list(roots)
    while frontier:
        for urn in frontier.pop().needs():
            if urn not in found:
                found.add(urn)
                frontier.extend(by_urn.get(urn, ()))
    return found


def deletion_order(resources: Sequence[Resource], condemned: Iterable[Resource]) -> list[list[Resource]]:
    """Group what is to be deleted: each group can be deleted at once, after the groups before it.

    Args:
        resources: All resources, in dependency order.
        condemned: Those to delete.
    """
    wanted = set(condemned)
    levels: dict[str, int] = {}
    groups: dict[int, list[Resource]] = {}
    for resource in resources:
        if resource in wanted:
            level = max((levels[urn] + 1 for urn in resource.needs() if urn in levels), default=0)
            levels[resource.urn] = max(level, levels.get(resource.urn, 0))
            groups.setdefault(level, []).append(resource)
    return [groups[level] for level in sorted(groups, reverse=True)]


def _needs_without_parent(resource: Resource) -> Iterator[str]:
    if resource.provider:
        yield provider_urn(resource.provider)
    yield from resource.dependencies
    for urns in resource.property_dependencies.values():
        yield from urns
    if resource.deleted_with:
        yield resource.deleted_with
