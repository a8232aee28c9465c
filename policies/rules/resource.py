"""A resource as rules see it, what is not known of it, and what they find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SNAPSHOT = "pulumi-python:dynamic/parameterstore:Snapshot"
SECRET_SYNC = "pulumi-python:dynamic/parameterstore:SecretSync"  # noqa: S105 - a type
SECRET_GROUP = "pulumi-python:dynamic/parameterstore:SecretGroup"  # noqa: S105 - a type
SECRET_PUSH = "pulumi-python:dynamic/parameterstore:SecretPush"  # noqa: S105 - a type
STORES = frozenset({"parameterstore:index:SecretStore", "parameterstore:index:ClusterSecretStore"})
PARAMETER = "aws:ssm/parameter:Parameter"
_PLAIN_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")
_LONGEST_KEY = 100
_HIDDEN = "__"
"""What stands before the names of what a group keeps; what it shows besides is for those who read a preview."""


@dataclass(frozen=True)
class Unknown:
    """A value that is not known during preview.

    Attributes:
        path: where it is, key by key.
        kind: pulumi_policy's mark for its type.
    """

    path: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule has against a resource, or against the whole stack.

    Attributes:
        message: what is wrong and where; never a property's value.
        urn: the resource, in a rule for a whole stack.
    """

    message: str
    urn: str = ""


Found = Iterator[Finding | Unknown]
"""What a rule finds; an `Unknown` is what it would have to know to say more."""


@dataclass(frozen=True)
class Resource:
    """One resource of the stack.

    Attributes:
        type: its type token.
        name: its name in the program.
        urn: its URN.
        props: its properties, with `Unknown` where something is not known.
        protect: whether the program protects it.
        parent: URN of its parent, empty where it has none.
        dependencies: URNs of what it depends on.
        stack_tags: the tags of its stack, which Pulumi Cloud keeps.
    """

    type: str
    name: str = ""
    urn: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    protect: bool = False
    parent: str = ""
    dependencies: Sequence[str] = ()
    stack_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.urn.partition("::")[0].removeprefix("urn:pulumi:")


def grouped(resource: Resource) -> Iterator[Resource]:
    """The SecretSyncs that a group keeps, each as if it were a resource of its own."""
    secrets = resource.props.get("secrets")
    shared = {key: value for key, value in resource.props.items() if key != "secrets"}
    for key, own in sorted(fields(secrets).items()):
        name = key.removeprefix(_HIDDEN)
        if name != key:
            props = {**shared, "secretName": name, **fields(own)}
            yield replace(resource, type=SECRET_SYNC, name=name, props=props)


def fields(value: Any) -> Mapping[str, Any]:
    """A mapping as it is; nothing of what is none."""
    return value if isinstance(value, Mapping) else {}


def entries(value: Any) -> Sequence[Any]:
    """A list as it is; nothing of what is none."""
    return value if isinstance(value, list) else []


def unknown(*values: Any) -> Iterator[Unknown]:
    """Those of some values that are not known."""
    return (value for value in values if isinstance(value, Unknown))


def keyed(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values of a mapping, each with the words for its place; a key that no message can hold is only counted."""
    for number, (key, each) in enumerate(fields(value).items()):
        plain = len(key) <= _LONGEST_KEY and _PLAIN_KEY.issuperset(key)
        yield f"{name}.{key}" if plain else f"{name} (key {number + 1})", each


def numbered(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values of a list, each with the words for its place."""
    for number, each in enumerate(entries(value)):
        yield f"{name}[{number}]", each
