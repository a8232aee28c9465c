"""Uniform resource names: how the engine, the state and the program name a resource."""

from __future__ import annotations

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
_SEPARATOR = "::"


def new_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Compose the URN of a resource; the types of its parents (except the stack) are part of it."""
    parent_type = qualified_type(parent) if parent else ""
    full_type = f"{parent_type}${type_}" if parent_type and parent_type != STACK_TYPE else type_
    return _SEPARATOR.join((f"urn:pulumi:{stack}", project, full_type, name))


def qualified_type(urn: str) -> str:
    """Return the type with the types of the parents: `demo:index:Group$demo:index:Thing`."""
    return urn.split(_SEPARATOR, 3)[2]


def type_of(urn: str) -> str:
    """Return the resource's own type."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """Return the resource's logical name."""
    return urn.split(_SEPARATOR, 3)[3]


def is_stack(urn: str) -> bool:
    """Tell whether the URN is the root stack's."""
    return bool(urn) and qualified_type(urn) == STACK_TYPE


def is_provider_type(type_: str) -> bool:
    """Tell whether resources of this type are providers."""
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Tell whether the URN names a provider that the engine registered by itself."""
    return is_provider_type(type_of(urn)) and (name_of(urn) == "default" or name_of(urn).startswith("default_"))


def package_of(type_: str) -> str:
    """Return the package of a type or function token (`aws:ssm/parameter:Parameter` is in `aws`)."""
    if is_provider_type(type_):
        return type_.removeprefix(PROVIDER_PREFIX)
    return type_.split(":", 1)[0]


def display_type(type_: str) -> str:
    """Shorten a type token as people write it: `aws:ssm/parameter:Parameter` is shown as `aws:ssm:Parameter`."""
    parts = type_.split(":")
    if len(parts) == 3 and "/" in parts[1]:  # noqa: PLR2004 - package:module:name
        module, _, file = parts[1].partition("/")
        if file.lower() == parts[2].lower():
            return f"{parts[0]}:{module}:{parts[2]}"
    return type_


def provider_urn(reference: str) -> str:
    """Return the URN part of a provider reference (`<urn>::<id>`)."""
    return reference.rpartition(_SEPARATOR)[0]


def provider_id(reference: str) -> str:
    """Return the id part of a provider reference."""
    return reference.rpartition(_SEPARATOR)[2]


def provider_reference(urn: str, id_: str) -> str:
    """Compose a provider reference."""
    return f"{urn}{_SEPARATOR}{id_}"
