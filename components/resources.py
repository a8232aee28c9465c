"""The two dynamic resources as the program declares them; their work is done in the providers' process."""

from collections.abc import Iterable, Mapping
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

    def versions_of(self, references: Iterable[str]) -> dict[str, int]:
        """The versions of one secret's references, so that another secret's rotation does not show at this one."""
        return {reference: self._versions[reference] for reference in references if reference in self._versions}

    def problems_of(self, references: Iterable[str]) -> dict[str, str]:
        """Why some of one secret's references could not be read."""
        return {reference: self._problems[reference] for reference in references if reference in self._problems}


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
        versions: reference -> version number that the Secret was written from.
        refreshTime: when it was written last, ISO 8601 in UTC.
        status: ESO's reason of condition Ready, `SecretSynced`.
    """

    versions: pulumi.Output[dict[str, int]]
    refreshTime: pulumi.Output[str]  # noqa: N815  property names are those of the state
    status: pulumi.Output[str]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the sync."""
        super().__init__(SyncProvider(), name, {"refreshTime": None, "status": None, **inputs}, opts)
