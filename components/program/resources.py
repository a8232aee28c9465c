"""The dynamic resources as the program declares them; their work is done in the providers' process."""

from typing import Any

import pulumi
from pulumi.dynamic import Resource

from ..providers.push import PushProvider
from ..providers.secret.previous import FIRST_REVISION
from ..providers.snapshot import SnapshotProvider
from ..providers.sync import SyncProvider


class Snapshot(Resource, module="parameterstore", name="Snapshot"):
    """The versions of all parameters that one store's secrets refer to.

    Attributes:
        versions: reference -> version: a number where the service counts them.
        found: find -> full name -> version.
        problems: source -> why it could not be read.
        stateId: the id of the state that keeps the store; marks on Secrets name it.
    """

    versions: pulumi.Output[dict[str, int | str]]
    found: pulumi.Output[dict[str, dict[str, int | str]] | None]
    problems: pulumi.Output[dict[str, str] | None]
    stateId: pulumi.Output[str | None]  # noqa: N815  property names are those of the state

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the snapshot."""
        outputs = {"versions": None, "found": None, "problems": None, "stateId": None}
        super().__init__(SnapshotProvider(), name, {**outputs, **inputs}, opts)


class SecretSync(Resource, module="parameterstore", name="SecretSync"):
    """One Kubernetes Secret, written from parameters.

    Attributes:
        secretName: name of the Secret; known to exist once it is resolved.
        revision: what changes when the Secret's data are written with other content.
        versions: reference -> version that the Secret was written from.
        refreshTime: when it was written last, ISO 8601 in UTC.
        status: ESO's reason of condition Ready.
        message: what the condition says.
    """

    secretName: pulumi.Output[str]  # noqa: N815  property names are those of the state
    versions: pulumi.Output[dict[str, int | str]]
    revision: pulumi.Output[str]
    refreshTime: pulumi.Output[str]  # noqa: N815  property names are those of the state
    status: pulumi.Output[str]
    message: pulumi.Output[str]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the sync."""
        outputs = {"versions": None, "revision": None, "refreshTime": None, "status": None, "message": None}
        super().__init__(SyncProvider(), name, {**outputs, **inputs}, opts)


def revision_of(sync: SecretSync) -> pulumi.Output[str]:
    """The Secret's revision; where the state of an earlier version goes on as it is, which says none, the first one."""

    def settled(said: object) -> pulumi.Output[str]:
        # One that is not known is none, or what tells that it is not known. What stays as it is has the other outputs.
        known = said if isinstance(said, str) else None
        return sync.refreshTime.apply(lambda _: FIRST_REVISION) if known is None else pulumi.Output.from_input(known)

    return sync.revision.apply(settled, run_with_unknowns=True)


class SecretPush(Resource, module="parameterstore", name="SecretPush"):
    """The parameters that one Kubernetes Secret is pushed to.

    Attributes:
        versions: store -> parameter -> version that was written.
        refreshTime: when they were written last, ISO 8601 in UTC.
        status: ESO's reason of condition Ready.
        message: what the condition says.
    """

    versions: pulumi.Output[dict[str, dict[str, int | str]]]
    refreshTime: pulumi.Output[str]  # noqa: N815  property names are those of the state
    status: pulumi.Output[str]
    message: pulumi.Output[str]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the push."""
        outputs = {"versions": None, "refreshTime": None, "status": None, "message": None}
        super().__init__(PushProvider(), name, {**outputs, **inputs}, opts)
