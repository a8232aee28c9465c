"""The two dynamic resources as the program declares them; their work is done in the providers' process."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from .providers.snapshot import SnapshotProvider
from .providers.sync import SyncProvider


class Found:
    """A snapshot's maps as one opaque value.

    Pulumi walks every mapping that passes through an Output, so handing a store's whole map to each of its secrets
    would cost the square of their number.
    """

    def __init__(self, versions: Mapping[str, int] | None, problems: Mapping[str, str] | None) -> None:
        """Keep both maps."""
        self._versions = versions or {}
        self._problems = problems or {}

    def of(self, references: Iterable[str]) -> dict[str, Any]:
        """What was found of one secret's references, so that another secret's rotation does not show at this one."""
        wanted = set(references)
        return {
            "versions": {each: self._versions[each] for each in wanted & self._versions.keys()},
            "problems": {each: self._problems[each] for each in wanted & self._problems.keys()},
        }


def told(
    operation: Mapping[str, pulumi.Input[Any]], found: pulumi.Output[Found], references: Sequence[pulumi.Input[str]]
) -> pulumi.Output[dict[str, Any]]:
    """What a sync is told of the running operation, with the versions of its references.

    Every Output costs a fraction of a millisecond, which hundreds of secrets feel, so there is just one where nothing
    else is an Output.
    """
    parts = [*operation.values(), *references]
    if not any(isinstance(part, pulumi.Output) for part in parts):
        plain = [str(reference) for reference in references]
        return found.apply(lambda snapshot: {**operation, **snapshot.of(plain)})
    count = len(operation)
    return pulumi.Output.all(found, *parts).apply(
        lambda known: {**dict(zip(operation, known[1:], strict=False)), **known[0].of(known[1 + count :])}
    )


class Snapshot(Resource, module="parameterstore", name="Snapshot"):
    """The versions of all parameters that one store's secrets refer to.

    Attributes:
        versions: reference -> version number.
        problems: reference -> why it could not be read.
    """

    versions: pulumi.Output[dict[str, int]]
    problems: pulumi.Output[dict[str, str] | None]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the snapshot."""
        super().__init__(SnapshotProvider(), name, {"versions": None, "problems": None, **inputs}, opts)


class SecretSync(Resource, module="parameterstore", name="SecretSync"):
    """One Kubernetes Secret, written from parameters.

    Attributes:
        secretName: name of the Secret; known to exist once it is resolved.
        versions: reference -> version number that the Secret was written from.
        refreshTime: when it was written last, ISO 8601 in UTC.
        status: ESO's reason of condition Ready, `SecretSynced`.
    """

    secretName: pulumi.Output[str]  # noqa: N815  property names are those of the state
    versions: pulumi.Output[dict[str, int]]
    refreshTime: pulumi.Output[str]  # noqa: N815  property names are those of the state
    status: pulumi.Output[str]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the sync."""
        outputs = {"versions": None, "refreshTime": None, "status": None}
        super().__init__(SyncProvider(), name, {**outputs, **inputs}, opts)
