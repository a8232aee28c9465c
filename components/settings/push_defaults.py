"""What ESO's defaults are for the entries of a manifest's PushSecret, which its stores' services decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pulumi

from ..arguments.data import PushData, PushDataTo, PushMetadata
from ..core.service_writing import Writing
from ..core.spec.fields import fields_of
from ..core.spec.push_specs import OF_ESO
from ..display import some_of
from ..errors import SpecError
from ..parameter_store import ClusterSecretStore, SecretStore
from .push_manifest import PushConfig

Entry = TypeVar("Entry", PushData, PushDataTo)
Store = SecretStore | ClusterSecretStore
_NAMES = {each.attribute: each.path[-1] for each in fields_of(PushMetadata)}


def as_eso(
    push: PushConfig, data_to: Sequence[PushDataTo], stores: Sequence[Store]
) -> tuple[tuple[PushData, ...], tuple[PushDataTo, ...]]:
    """The entries of a PushSecret, of a manifest's with ESO's defaults for the services that it writes to.

    Raises:
        SpecError: an entry says for another service what it is like.
    """
    if not push.qualified:
        return push.data, tuple(data_to)
    said = push.said or (frozenset[str](),) * (len(push.data) + len(push.data_to))
    data = [_filled(each, push.where, stores, its) for each, its in zip(push.data, said, strict=False)]
    said_to = {id(each.given["metadata"]): its for each, its in zip(push.data_to, said[len(push.data) :], strict=True)}
    to = [
        _filled(each, push.where, stores if each.store is None else [_made(each.store)], said_to[id(each.metadata)])
        for each in data_to
    ]
    return tuple(data), tuple(to)


def warn_of_defaults(kind: str, name: str, push: PushConfig, stores: Sequence[Store], made: pulumi.Resource) -> None:
    """Say in preview what is pushed as ESO's default has it, where that shows a value to many, or to few."""
    if push.by_default and push.qualified and pulumi.runtime.is_dry_run():
        for writing in {id(each): each for each in map(_writing, stores)}.values():
            pulumi.log.warn(f"{kind} {name} pushes {some_of(push.by_default)} {writing.about_defaults}", made)


def _filled(entry: Entry, where: str, stores: Sequence[Store], said: frozenset[str]) -> Entry:
    writings = [(each, _writing(each)) for each in stores]
    for store, writing in writings:
        for field in sorted(said - set(writing.fields)):
            raise SpecError(
                f"{where}: metadata of {entry.remote_key!r}: {_NAMES[field]} is not for service "
                f"{store.binding.service.name}, of store {store.pulumi_resource_name}; leave it out"
            )
    usual = {each.attribute: each.default for each in fields_of(PushMetadata)}
    given: dict[str, Any] = {}
    for field in OF_ESO - said:
        defaults = [each.defaults[field] for _, each in writings if field in each.defaults]
        given[field] = (defaults or [usual[field]])[0]
    metadata: Any = replace(entry.metadata, **given)
    return replace(entry, metadata=metadata)


def _made(store: Any) -> Store:
    """The store of an entry, which in settings is always one that was declared."""
    assert isinstance(store, Store), "a manifest's stores are declared before what is pushed to them"  # noqa: S101
    return store


def _writing(store: Store) -> Writing:
    """Raises SpecError where a store's service is not written to."""
    writing = store.binding.service.writing
    if writing is None:
        raise SpecError(f"service {store.binding.service.name} is not written to; push to a store of another service")
    return writing
