"""The dynamic resources as the program declares them; their work is done in the providers' process."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.output import UNKNOWN
from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.groups import HIDDEN
from ..providers.cluster_wide import ClusterPushProvider, ClusterSyncProvider
from ..providers.group import PushGroupProvider, SecretGroupProvider
from ..providers.push import PushProvider
from ..providers.secret.previous import FIRST_REVISION
from ..providers.snapshot import SnapshotProvider
from ..providers.sync import SyncProvider

_CONSTRUCTORS = 5
"""Frames of Pulumi's own constructors, which it leaves out of the stack that it records."""


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
        with short_trace():
            super().__init__(SyncProvider(), name, {**outputs, **inputs}, opts)
        await_alone(self)

    def of(self, key: str) -> pulumi.Output[Any]:
        """One of the outputs, as programs see it."""
        if key != "revision":
            output: pulumi.Output[Any] = getattr(self, key)
            return output
        # Where the state of an earlier version goes on as it is, which says none, it is the first one.
        return _said(self.revision, self.refreshTime, FIRST_REVISION, str)


class SecretGroup(Resource, module="parameterstore", name="SecretGroup"):
    """The Kubernetes Secrets of a store's ExternalSecrets.

    Attributes:
        secrets: ExternalSecret's name -> what is kept of it.
    """

    secrets: pulumi.Output[dict[str, dict[str, Any]]]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the group."""
        super().__init__(SecretGroupProvider(), name, inputs, opts)


class PushGroup(Resource, module="parameterstore", name="PushGroup"):
    """The parameters of a store's PushSecrets.

    Attributes:
        pushes: PushSecret's name -> what is kept of it.
    """

    pushes: pulumi.Output[dict[str, dict[str, Any]]]

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the group."""
        super().__init__(PushGroupProvider(), name, inputs, opts)


@dataclass(frozen=True)
class GroupMember:
    """One of what a group keeps.

    Attributes:
        kept: name of a member -> what the group keeps of it.
        name: its name.
        otherwise: its outputs where they are left out, as they are what is declared.
    """

    kept: pulumi.Output[dict[str, dict[str, Any]]]
    name: str
    otherwise: Mapping[str, Any] = field(default_factory=dict)

    def of(self, key: str) -> pulumi.Output[Any]:
        """One of the outputs; not known where a preview does not know it, whatever is of the other members."""

        def said(found: Any) -> Any:
            # Pulumi's mocks give back what was asked, which has the plain name.
            bag = found.get(HIDDEN + self.name, found.get(self.name)) if isinstance(found, Mapping) else None
            if not isinstance(bag, Mapping):  # the group failed, or it is not known yet which members there are
                return _unknown()
            value = bag.get(key, self.otherwise.get(key))
            known = value is not None and not contains_unknowns(value)
            return value if known or not pulumi.runtime.is_dry_run() else _unknown()

        return self.kept.apply(said, run_with_unknowns=True)


def stand_in(component: pulumi.ComponentResource, kind: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Make a component an object that stands for a part of another resource: the engine hears nothing of it.

    Pulumi's SDK has such objects for what another process registered; what it leaves out of them, children ask for.

    Args:
        component: the component, before its `ComponentResource.__init__`, which may still be called.
        kind: its type.
        name: its name.
        opts: its options.
    """
    pulumi.Resource.__init__(component, kind, name, custom=False, dependency=True)
    given = opts or pulumi.ResourceOptions()
    inherited = {"_providers": {}, "_protect": None, **(vars(given.parent) if given.parent else {})}
    component.__dict__ |= {
        "_type": kind,
        "_name": name,
        "_remote": False,
        "_aliases": [],
        "_protect": inherited["_protect"],
        "_providers": inherited["_providers"],
        "id": None,
    }
    _, component._providers = component._get_providers(kind, None, given)  # noqa: SLF001 - it has no public name


def belong_to(component: pulumi.ComponentResource, resource: pulumi.Resource) -> None:
    """Have what depends on a component that stands in depend on a resource, and its children be that one's."""
    vars(component)["_childResources"].add(resource)
    component.__dict__["urn"] = resource.urn


def _unknown() -> pulumi.Output[Any]:
    async def answer(value: Any) -> Any:
        return value

    return pulumi.Output(set(), _begun(answer(None)), _begun(answer(False)))


def detached(output: pulumi.Output[Any]) -> pulumi.Output[Any]:
    """An output for resources that wait for its resource anyway: the state names that once for each input with it."""
    return pulumi.Output(set(), _begun(output.future()), _begun(output.is_known()))


def _begun(asked: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """A task, of which nothing is heard where its resource is never declared, as the program failed."""
    task = asyncio.ensure_future(asked)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


_TRACES = Lock()
_shortened = 0
_limit_before: int | None = None


@contextmanager
def short_trace() -> Iterator[None]:
    """Have Pulumi record no stack of the place where a resource is declared: it is 1 KB of state in every step.

    Where a component of ours is declared, the position that it would record is in this library anyway. Programs of
    several stacks may run in threads of one process, which has one limit: the last one of them gives it back.
    """
    global _shortened, _limit_before  # noqa: PLW0603  the limit that they are about is the process's
    with _TRACES:
        if not _shortened:
            _limit_before = getattr(sys, "tracebacklimit", None)
        _shortened += 1
        sys.tracebacklimit = _CONSTRUCTORS
    try:
        yield
    finally:
        with _TRACES:
            _shortened -= 1
            if _shortened == 0 and _limit_before is None:
                del sys.tracebacklimit
            elif _shortened == 0:
                sys.tracebacklimit = _limit_before


def await_alone(resource: pulumi.Resource) -> None:
    """Have Pulumi wait for a resource at the end of the program, not for each of its outputs, too.

    Whenever one of all that it waits for is done, Pulumi's SDK goes through all the rest, so that the time for this
    grows with the square of the outputs. What the program makes of an output is waited for by itself.
    """
    for output in vars(resource).values():
        untrack = getattr(output, "_untrack", None)  # older SDKs have another way
        if untrack is not None and output is not resource.urn:
            untrack()


def problems_of(snapshot: Snapshot) -> pulumi.Output[Mapping[str, str]]:
    """What could not be read; nothing is said of it where all could."""
    return _said(snapshot.problems, snapshot.versions, {}, Mapping)


def _said(
    output: pulumi.Output[Any], with_it: pulumi.Output[Any], otherwise: Any, kind: type[Any]
) -> pulumi.Output[Any]:
    """An output that is left out where there is nothing to say; to Pulumi it is unknown then, until `up` ends.

    Args:
        output: the output.
        with_it: one that is known whenever this one is, or is left out.
        otherwise: what it is where it is left out.
        kind: the type of its values; Pulumi's mark for an unknown value has another type.
    """

    def settled(said: object) -> pulumi.Output[Any]:
        return pulumi.Output.from_input(said) if isinstance(said, kind) else with_it.apply(lambda _: otherwise)

    return output.apply(settled, run_with_unknowns=True)


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
        with short_trace():
            super().__init__(PushProvider(), name, {**outputs, **inputs}, opts)
        await_alone(self)

    def of(self, key: str) -> pulumi.Output[Any]:
        """One of the outputs."""
        output: pulumi.Output[Any] = getattr(self, key)
        return output


class ClusterResource(Resource, module="parameterstore", name="ClusterResource"):
    """What is kept in each namespace that is chosen.

    Attributes:
        namespaces: namespace -> what is kept there.
        provisionedNamespaces: the namespaces.
    """

    namespaces: pulumi.Output[dict[str, dict[str, Any]] | None]
    provisionedNamespaces: pulumi.Output[list[str]]  # noqa: N815  property names are those of the state

    def __init__(
        self, provider: ResourceProvider, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare it."""
        super().__init__(provider, name, {"namespaces": None, "provisionedNamespaces": None, **inputs}, opts)

    def of_each(self, key: str, shown: Callable[[Any], Any] = lambda value: value) -> pulumi.Output[dict[str, Any]]:
        """Namespace -> one of the outputs that are kept there; in a preview each is known or unknown by itself.

        Args:
            key: the output.
            shown: how it is shown.
        """
        previews = pulumi.runtime.is_dry_run()

        def told(found: Any) -> Any:
            if found is UNKNOWN:
                return UNKNOWN
            listed = sorted((found or {}).items())
            return {name: shown(bag[key]) if key in bag else UNKNOWN for name, bag in listed if previews or key in bag}

        return self.namespaces.apply(told, run_with_unknowns=True)


class ClusterSync(ClusterResource, module="parameterstore", name="ClusterSecretSync"):
    """A Kubernetes Secret in each namespace that is chosen."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the sync."""
        super().__init__(ClusterSyncProvider(), name, inputs, opts)


class ClusterPush(ClusterResource, module="parameterstore", name="ClusterSecretPush"):
    """The parameters that a Kubernetes Secret of each namespace that is chosen is pushed to."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Declare the push."""
        super().__init__(ClusterPushProvider(), name, inputs, opts)
