"""A resource as rules see it, what is not known of it, and what they find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SNAPSHOT = "pulumi-python:dynamic/parameterstore:Snapshot"
SECRET_SYNC = "pulumi-python:dynamic/parameterstore:SecretSync"  # noqa: S105 - a type
SECRET_GROUP = "pulumi-python:dynamic/parameterstore:SecretGroup"  # noqa: S105 - a type
PUSH_GROUP = "pulumi-python:dynamic/parameterstore:PushGroup"
SECRET_PUSH = "pulumi-python:dynamic/parameterstore:SecretPush"  # noqa: S105 - a type
MEMBERS = {
    "pulumi-python:dynamic/parameterstore:ClusterSecretSync": SECRET_SYNC,
    "pulumi-python:dynamic/parameterstore:ClusterSecretPush": SECRET_PUSH,
}
"""Cluster-wide type -> the type of what it keeps in each namespace."""
GROUPS = {SECRET_GROUP: (SECRET_SYNC, "secrets"), PUSH_GROUP: (SECRET_PUSH, "pushes")}
"""Type of a group -> the type of what it keeps, and the property that holds it."""
KINDS = {**MEMBERS, **{group: kind for group, (kind, _) in GROUPS.items()}}
"""Type of what keeps many -> the type of each."""
STORES = frozenset({"parameterstore:index:SecretStore", "parameterstore:index:ClusterSecretStore"})
PARAMETER = "aws:ssm/parameter:Parameter"
_WITHOUT = "__without"
"""In what is a member's own: those of the shared properties that it does not have."""
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


def members(resource: Resource) -> list[tuple[str, Resource]]:
    """A resource as it is; of a cluster-wide one what it keeps in each namespace, with the words for its place.

    Where it is for no namespace, or that is not known, it is what all of them share.
    """
    if resource.type in GROUPS:
        return _grouped(resource)
    kind = MEMBERS.get(resource.type)
    if kind is None:
        return [("", resource)]
    shared = {name: value for name, value in resource.props.items() if name != "namespaces"}
    kept = resource.props.get("namespaces", Unknown(("namespaces",)))
    if not fields(kept):
        # Where namespaces have stores of their own, what is read by those is not beside them.
        is_split = not {"stores" if kind == SECRET_PUSH else "data", "dataFrom"} & shared.keys()
        apart = ("namespace", *(("data", "dataFrom", "dataTo", "stores") if is_split else ()))
        unsaid = {name: kept for name in apart if name not in shared} if isinstance(kept, Unknown) else {}
        return [("", replace(resource, type=kind, props={**shared, **unsaid}))]
    places = zip(keyed(kept, "namespaces"), kept, strict=True)
    return [
        (place, replace(resource, type=kind, props=_unfolded({**shared, "namespace": name}, fields(own))))
        for (place, own), name in places
    ]


def _grouped(resource: Resource) -> list[tuple[str, Resource]]:
    """What a group keeps, under names that Pulumi does not show, each with the words for its place."""
    kind, place_of_all = GROUPS[resource.type]
    shared = {key: value for key, value in resource.props.items() if key != place_of_all}
    kept = {key: own for key, own in fields(resource.props.get(place_of_all)).items() if key.startswith(_HIDDEN)}
    named = {key.removeprefix(_HIDDEN): own for key, own in kept.items()}
    return [
        (place, replace(resource, type=kind, name=name, props=_unfolded({**shared, **_named(kind, name)}, fields(own))))
        for (place, own), name in zip(keyed(named, place_of_all), named, strict=True)
    ]


def _named(kind: str, name: str) -> dict[str, str]:
    """What a member's name says where it says nothing else."""
    return {"secretName": name} if kind == SECRET_SYNC else {}


def _unfolded(shared: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """All properties of what is kept beside others, with those that all share unless it does not have them."""
    without = [*entries(own.get(_WITHOUT)), _WITHOUT]
    return {name: each for name, each in {**shared, **own}.items() if name not in without}


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
