"""The resources of a stack, out of `pulumi stack export`, or out of `pulumi preview --json --show-sames`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import SpecError
from ..spec.groups import HIDDEN, PUSHES, SECRETS
from ..status_table import UNKNOWN

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - Pulumi's mark of what is not a plain value
_HIDDEN = "[secret]"
"""What a preview prints for a value that is secret."""
_GONE = ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")


@dataclass(frozen=True)
class Resource:
    """One resource as it is declared.

    Attributes:
        urn: its URN.
        kind: its type, such as `aws:iam/role:Role`.
        parent: URN of its parent; empty for the stack.
        inputs: its inputs, without what is secret or not known yet.
        outputs: its outputs, likewise; a preview tells none.
        dependencies: URNs of what its inputs come from.
    """

    urn: str
    kind: str
    parent: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    dependencies: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.split("::", 3)[-1]


def resources_of(document: Any, where: str) -> list[Resource]:
    """The resources of a state or a preview, sorted by URN.

    Args:
        document: decoded JSON.
        where: what errors call it.

    Raises:
        SpecError: it is neither, or a preview that leaves out what does not change.
    """
    bag = document if isinstance(document, Mapping) else {}
    if isinstance(steps := bag.get("steps"), list):
        return _read(_planned(bag, steps, where), where)
    latest = mapping(mapping(bag.get("checkpoint")).get("latest"))
    listed = mapping(bag.get("deployment")).get("resources", latest.get("resources"))
    if listed is None and isinstance(bag.get("deployment"), Mapping):
        listed = []  # a stack that has never been updated
    if not isinstance(listed, list):
        raise SpecError(
            f"{where} is neither a state nor a preview; give what `pulumi stack export` or `pulumi preview --json "
            "--show-sames` prints"
        )
    return _read([each for each in listed if not mapping(each).get("delete")], where)


def is_preview(document: Any) -> bool:
    """Whether a document is a preview and no state, by its form."""
    return isinstance(mapping(document).get("steps"), list)


def stack_of(resources: Sequence[Resource]) -> str:
    """Project and stack, as the URNs name them."""
    parts = resources[0].urn.split("::") if resources else []
    return f"{parts[1]}/{parts[0].rpartition(':')[2]}" if len(parts) > 1 else "an empty stack"


def written_at(document: Any) -> str:
    """When a state was written, as it says."""
    bag = mapping(document)
    kept = mapping(bag.get("deployment")) or mapping(mapping(bag.get("checkpoint")).get("latest"))
    return text(mapping(kept.get("manifest")).get("time")) or "an unknown time"


def _planned(bag: Mapping[str, Any], steps: Sequence[Any], where: str) -> list[Any]:
    same = mapping(bag.get("changeSummary")).get("same", 0)
    if isinstance(same, int) and same > sum(mapping(each).get("op") == "same" for each in steps):
        raise SpecError(
            f"{where} leaves out the resources that do not change; make it with `pulumi preview --json --show-sames`"
        )
    planned = [mapping(each) for each in steps]
    return [_kept(each) for each in planned if each.get("op") not in _GONE and each.get("newState")]


def _kept(step: Mapping[str, Any]) -> dict[str, Any]:
    """What a step comes to; what stays the same resource keeps its outputs, which a preview tells of the old state."""
    new, old = mapping(step["newState"]), mapping(step.get("oldState"))
    same = step.get("op") in ("same", "update", "refresh") and not new.get("outputs")
    return {**new, **({"outputs": old.get("outputs")} if same else {})}


def _read(listed: Sequence[Any], where: str) -> list[Resource]:
    found: dict[str, Resource] = {}
    for each in listed:
        bag = mapping(each)
        urn, kind, parent = bag.get("urn"), bag.get("type"), bag.get("parent") or ""
        if not (isinstance(urn, str) and isinstance(kind, str) and isinstance(parent, str)):
            raise SpecError(f"{where} has a resource without URN or type; give what Pulumi printed, unchanged")
        inputs, outputs = (mapping(_known(mapping(bag.get(part)))) for part in ("inputs", "outputs"))
        found[urn] = Resource(urn, kind, parent, inputs, outputs, frozenset(_dependencies(bag)))
        found |= {each.urn: each for each in _members(found[urn])}
    return [found[urn] for urn in sorted(found)]


def _members(group: Resource) -> Iterator[Resource]:
    """What a group keeps, each as if it were a resource of its own."""
    for kind in (SECRETS, PUSHES):
        if not group.kind.endswith(kind.resource):
            continue
        kept = mapping(group.outputs.get(kind.kept))
        for name, inputs in kind.members(group.inputs):
            urn = text(mapping(inputs.get("owner")).get("urn")) or group.urn
            its = group.kind.replace(kind.resource, kind.member)
            place = f"{urn.removesuffix(f'::{name}')}${its}::{name}"
            yield Resource(place, its, urn, inputs, mapping(kept.get(HIDDEN + name)), group.dependencies)


def _dependencies(bag: Mapping[str, Any]) -> Iterator[str]:
    for listed in (bag.get("dependencies"), *mapping(bag.get("propertyDependencies")).values()):
        yield from (each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()


def _known(value: Any) -> Any:
    """A value without what is secret, or known during `up` alone; None stands for that where a list has it."""
    if isinstance(value, Mapping):
        if _SECRET_MARK in value:
            return None
        return {str(key): known for key, each in value.items() if (known := _known(each)) is not None}
    if isinstance(value, list):
        return [_known(each) for each in value]
    return None if value in (UNKNOWN, _HIDDEN) else value


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping as it is, and an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A string as it is, and None in place of anything else."""
    return value if isinstance(value, str) else None
