"""What a program wants: one registration, read from the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.proto import resource_pb2

from sandbox.engine.errors import UnsupportedError
from sandbox.engine.values import PropertyMap, from_struct


@dataclass(frozen=True)
class Alias:
    """Another name under which the resource may be known in state; empty parts are taken from the resource."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True)
class Goal:
    """A resource as the program declares it (fields as in the registration request)."""

    type: str
    name: str
    custom: bool
    inputs: PropertyMap = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    deleted_with: str = ""
    custom_timeouts: dict[str, str] = field(default_factory=dict)


def goal_of(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Read a registration.

    Raises:
        UnsupportedError: It needs something that only the Pulumi CLI offers.
    """
    _refuse_unsupported(request)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=from_struct(request.object),
        parent=request.parent,
        provider=request.provider,
        version=request.version,
        dependencies=tuple(request.dependencies),
        property_dependencies={key: list(item.urns) for key, item in request.propertyDependencies.items()},
        protect=request.protect,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=(*(Alias(urn=urn) for urn in request.aliasURNs), *(_alias(item) for item in request.aliases)),
        deleted_with=request.deletedWith,
        custom_timeouts=_timeouts(request),
    )


def _refuse_unsupported(request: resource_pb2.RegisterResourceRequest) -> None:
    resource = f"(used by {request.type} '{request.name}')"
    if request.importId:
        raise UnsupportedError(f"the resource option 'import' {resource}")
    if request.remote:
        raise UnsupportedError(f"components of other packages {resource}")
    if request.transforms:
        raise UnsupportedError(f"resource transforms {resource}")
    if request.hooks.ByteSize():
        raise UnsupportedError(f"resource hooks {resource}")
    if request.replace_with or request.replacement_trigger.WhichOneof("kind") not in (None, "null_value"):
        raise UnsupportedError(f"the resource options 'replace_with' and 'replacement_trigger' {resource}")
    if request.packageRef:
        raise UnsupportedError(f"parameterized packages {resource}")


def _alias(item: Any) -> Alias:
    if item.WhichOneof("alias") == "urn":
        return Alias(urn=item.urn)
    spec = item.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _timeouts(request: resource_pb2.RegisterResourceRequest) -> dict[str, str]:
    timeouts = request.customTimeouts
    named = {"create": timeouts.create, "update": timeouts.update, "delete": timeouts.delete}
    return {name: value for name, value in named.items() if value}
