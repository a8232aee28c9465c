"""A resource as the engine and the state file know it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.engine.passphrase import Crypter
from sandbox.engine.stored_values import from_json, to_json
from sandbox.engine.urn import provider_urn
from sandbox.engine.values import PropertyMap

# How the fields are spelled in the state file, in the order in which the Pulumi CLI writes them.
_JSON_NAMES = {
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "aliases": "aliases",
    "custom_timeouts": "customTimeouts",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "created": "created",
    "modified": "modified",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
}
_ALWAYS_WRITTEN = ("urn", "custom", "type")


@dataclass(eq=False, slots=True)
class Resource:
    """One physical resource. Two of them may share a URN during a replacement, so identity is what counts.

    Attributes follow the state file (deployment version 3); times are ISO 8601 in UTC.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: PropertyMap = field(default_factory=dict)
    outputs: PropertyMap | None = None
    parent: str = ""
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    provider: str = ""
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, str] = field(default_factory=dict)
    retain_on_delete: bool = False
    deleted_with: str = ""
    init_errors: list[str] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""

    def copy(self) -> Resource:
        """Return another physical resource with the same fields."""
        return copy.copy(self)

    def needs(self) -> Iterator[str]:
        """Yield the URNs that this resource depends on in any way, its parent and provider included."""
        if self.parent:
            yield self.parent
        if self.provider:
            yield provider_urn(self.provider)
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns
        if self.deleted_with:
            yield self.deleted_with

    def to_json(self, crypter: Crypter) -> dict[str, Any]:
        """Write the resource for the state file, secrets encrypted."""
        document: dict[str, Any] = {}
        for name, json_name in _JSON_NAMES.items():
            value = getattr(self, name)
            if value or name in _ALWAYS_WRITTEN:
                document[json_name] = to_json(value, crypter.encrypt) if name in ("inputs", "outputs") else value
        return document


def resource_from_json(document: dict[str, Any], crypter: Crypter) -> Resource:
    """Read a resource of the state file; fields that this engine does not know are left out."""
    fields = {name: document[json_name] for name, json_name in _JSON_NAMES.items() if json_name in document}
    for name in ("inputs", "outputs"):
        if name in fields:
            fields[name] = from_json(fields[name], crypter.decrypt)
    if not fields.get("outputs"):
        fields["outputs"] = {} if fields.get("custom") else None
    return Resource(**fields)


def now() -> str:
    """Return the time as the state file has it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def persistent_fields(resource: Resource) -> tuple[Any, ...]:
    """Return what decides whether an unchanged resource must be written again (not times, not advice)."""
    skipped = {"created", "modified", "init_errors", "inputs", "outputs", "dependencies", "property_dependencies"}
    rest = tuple(getattr(resource, item.name) for item in dataclasses.fields(resource) if item.name not in skipped)
    return (*rest, sorted(resource.dependencies), resource.property_dependencies)
