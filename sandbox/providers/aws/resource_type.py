"""What the provider must know of a resource type: a table entry that the generic machinery in lifecycle.py works on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.providers.changes import Same, same_json

from .session import Clients

Plain = dict[str, Any]
Tags = Mapping[str, str]


@dataclass(frozen=True)
class AutoName:
    """A name made from the resource's when the program gives none: `<prefix><resource name>-<7 hex digits>`."""

    limit: int
    prefix: str = ""


@dataclass(frozen=True)
class Update:
    """A change in place, with plain values.

    Attributes:
        id: the resource's id.
        old: inputs as they were.
        new: the wanted inputs.
        changed: top-level properties that differ.
    """

    id: str
    old: Plain
    new: Plain
    changed: frozenset[str]


def no_update(_clients: Clients, _update: Update) -> None:
    """Do nothing: every change that reaches AWS replaces the resource."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type.

    Attributes:
        label: how errors call it.
        inputs: the input properties that are understood; others are refused.
        create: makes it from plain inputs, returns its id.
        read: returns its properties by output name, given id and plain inputs (none in an import); raises AWS's
            "no such" error when it is gone.
        delete: deletes it, given id and plain inputs.
        update: changes it in place.
        required: inputs that must be given.
        defaults: inputs filled in when missing.
        replaces: inputs whose change needs a new resource.
        computed: outputs that only AWS knows, unknown in the preview of a create.
        volatile: computed output to the inputs whose change changes it.
        documents: inputs that are JSON documents: text, or an object that becomes text.
        write_only: inputs that cannot be read back.
        secrets: outputs that are always secret.
        same: when two different values of an input mean the same.
        auto_name: how `name` is made up; None if it is given or does not exist.
        check: further validation of plain inputs, as (property, reason).
    """

    label: str
    inputs: frozenset[str]
    create: Callable[[Clients, Plain], str]
    read: Callable[[Clients, str, Plain], Plain]
    delete: Callable[[Clients, str, Plain], None]
    update: Callable[[Clients, Update], None] = no_update
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    replaces: frozenset[str] = frozenset()
    computed: tuple[str, ...] = ()
    volatile: Mapping[str, frozenset[str]] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    write_only: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    same: Mapping[str, Same] = field(default_factory=dict)
    auto_name: AutoName | None = None
    check: Callable[[Plain], list[tuple[str, str]]] = lambda _inputs: []

    def sameness(self) -> Mapping[str, Same]:
        """When two different values mean the same, documents included."""
        return {**dict.fromkeys(self.documents, same_json), **self.same}


def given(**members: Any) -> Plain:
    """Return the members of a request that have a value."""
    return {name: value for name, value in members.items() if value is not None and value not in ({}, [])}


def tag_list(tags: Tags | None) -> list[dict[str, str]]:
    """Return tags as AWS's lists have them."""
    return [{"Key": key, "Value": value} for key, value in sorted((tags or {}).items())]


def tag_outputs(tags: list[dict[str, str]], key: str = "Key", value: str = "Value") -> Plain:
    """Return the outputs `tags` (when there are some) and `tagsAll`."""
    found = {tag[key]: tag[value] for tag in tags}
    return given(tags=found) | {"tagsAll": found}


def retag(update: Update, add: Callable[[list[dict[str, str]]], object], remove: Callable[[list[str]], object]) -> None:
    """Change the tags to those that are wanted."""
    if "tags" not in update.changed:
        return
    old, new = update.old.get("tags") or {}, update.new.get("tags") or {}
    if gone := sorted(old.keys() - new.keys()):
        remove(gone)
    if changed := {key: value for key, value in new.items() if old.get(key) != value}:
        add(tag_list(changed))
