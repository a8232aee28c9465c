"""The entries of one ExternalSecret as they are declared, checked as far as they are known while the program runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ..arguments.data import Extract, Find, RemoteRef
from ..arguments.target import Target
from ..core.secret.kubernetes_secret import secret_key_problem, secret_name_problem
from ..core.secret.target_templates import check_templates
from ..core.spec import entries, target_specs
from ..errors import SpecError
from .declared_store import DeclaredStore, declared
from .ledger import Dependencies, Use, is_made_here


@dataclass(frozen=True)
class Entry:
    """One key, or one entry of `dataFrom`, as it is declared.

    Attributes:
        key: the secret key; None for an entry of `dataFrom`.
        place: what errors call it.
        store: where it is read.
        alias: the store's name in the bag; None for the ExternalSecret's own.
        source: what the store is asked for.
        bag: how it is stored.
    """

    key: str | None
    place: str
    store: DeclaredStore
    alias: str | None
    source: pulumi.Input[str]
    bag: dict[str, Any] = field(repr=False)

    @property
    def is_plain(self) -> bool:
        """Whether neither its source nor what is wanted of it is an Output."""
        return not any(isinstance(each, pulumi.Output) for each in (self.source, *(self.part or {}).values()))

    @property
    def is_optional(self) -> bool:
        """Whether what it reads need not exist."""
        return bool((self.bag.get("extract", {}) if self.key is None else self.bag).get("optional"))

    @property
    def part(self) -> dict[str, Any] | None:
        """What is wanted of the value, see core/secret/parts.py; None where any value will do, or none is read."""
        entry = self.bag.get("extract") if self.key is None else self.bag
        if entry is None or entry.get("metadataPolicy") == "Fetch":
            return None
        own: dict[str, Any] = {"members": True} if self.key is None else {}
        if entry.get("property") is not None:
            own["property"] = entry["property"]
        if self.key is not None and entry.get("decodingStrategy") in ("Base64", "Base64URL"):
            own["decodingStrategy"] = entry["decodingStrategy"]
        return own or None


def entries_of(
    where: str, store: DeclaredStore | None, refs: Mapping[str, RemoteRef], data_from: Sequence[Extract | Find]
) -> Iterator[Entry]:
    """All that an ExternalSecret reads, `data` first.

    Args:
        where: what errors begin with.
        store: the ExternalSecret's own store.
        refs: secret key -> remote reference.
        data_from: entries that give many keys at once.

    Raises:
        SpecError: an entry can never work, or has no store.
    """
    listed: list[tuple[str | None, str, RemoteRef | Extract | Find]] = [
        (key, f"key {key}", ref) for key, ref in refs.items()
    ]
    for index, each in enumerate(data_from):
        listed.append((None, f"dataFrom[{index}].{'find' if isinstance(each, Find) else 'extract'}", each))
    for key, place, entry in listed:
        own = store if entry.store is None else declared(entry.store)
        if own is None:
            raise SpecError(
                f"{where}, {place}: there is no store to read from; give the ExternalSecret, or this entry, one"
            )
        alias = None if own is store else own.pulumi_resource_name
        prefix = own.binding.prefix
        try:
            bag = {**entry.to_bag(), **({} if alias is None else {"store": alias})}
            reference = bag if key is not None else bag.get("extract")
            if reference is not None:
                reference["key"] = _prefixed(prefix, reference["key"])
            read = entries.data_from_bag if key is None else entries.RemoteRef.from_bag
            read_entry: entries.Origin = read(known(bag))
            source = read_entry.source if reference is None else _source(reference)
            if isinstance(source, str):
                own.binding.service.check(source)
        except SpecError as error:
            raise SpecError(f"{where}, {place}: {error}") from None
        yield Entry(key, place, own, alias, source, bag)


def note_uses(where: str, entries: Sequence[Entry], period: float, dependencies: Dependencies) -> None:
    """Note with the stores what is read of them.

    Raises:
        SpecError: see `ReferenceLedger.add`.
    """
    for each in entries:
        use = Use(f"{where}, {each.place}", each.source, period, each.part, each.is_optional)
        each.store.binding.ledger.add(where, use, dependencies)


def bag_of(store: DeclaredStore | None, entries: Sequence[Entry]) -> dict[str, Any]:
    """How the state keeps entries and their stores; a part that is empty is None."""
    others = {each.alias: each.store.binding.store for each in entries if each.alias is not None}
    return {
        "store": store.binding.store if store else None,
        "storeName": store.pulumi_resource_name if store else None,
        "stores": others or None,
        "data": {each.key: each.bag for each in entries if each.key is not None},
        "dataFrom": [each.bag for each in entries if each.key is None] or None,
    }


def pending_sources(sources: Sequence[pulumi.Input[str]], dependencies: Dependencies) -> pulumi.Input[list[str]]:
    """The sources that a resource of this program may yet create."""
    also = bool(dependencies.parameters) or dependencies.deferred
    texts = [source for source in sources if isinstance(source, str)]
    if len(texts) == len(sources):
        return sorted(set(texts)) if also else []
    made = [pulumi.Output.all(source, is_made_here(source, also=also)) for source in sources]
    return pulumi.Output.all(*made).apply(lambda pairs: sorted({source for source, here in pairs if here}))


def _prefixed(prefix: str, key: pulumi.Input[str]) -> pulumi.Input[str]:
    return prefix + key if isinstance(key, str) else pulumi.Output.concat(prefix, key) if prefix else key


def _source(reference: Mapping[str, Any]) -> pulumi.Input[str]:
    """What a store is asked for by a reference as it is stored, which is what the sync will read."""
    asked = {name: reference[name] for name in ("key", "version", "metadataPolicy") if name in reference}
    if any(isinstance(each, pulumi.Output) for each in asked.values()):
        return pulumi.Output.from_input(asked).apply(entries.Reference.source_in)
    return entries.Reference.source_in(asked)


def known(bag: Any) -> Any:
    """A bag in which every Output, which is not known yet, is an empty string."""
    if isinstance(bag, Mapping):
        return {key: known(value) for key, value in bag.items()}
    if isinstance(bag, list | tuple):
        return [known(value) for value in bag]
    return "" if isinstance(bag, pulumi.Output) else bag


def check(where: str, secret_name: pulumi.Input[str], target: Target, entries: Sequence[Entry]) -> None:
    """Check the rest of a declaration: names, keys, policies and templates.

    Raises:
        SpecError: it can never work.
    """
    if not entries:
        raise SpecError(
            f"{where}: data and data_from are empty; name at least one secret key and the parameter that it comes from"
        )
    problems = [secret_name_problem(secret_name) if isinstance(secret_name, str) else None]
    problems += [secret_key_problem(each.key) for each in entries if each.key is not None]
    for problem in problems:
        if problem:
            raise SpecError(f"{where}: {problem}")
    try:
        keys = [each.key for each in entries if each.key is not None]
        read = keys if len(keys) == len(entries) else None
        optional = any(each.is_optional for each in entries)
        check_templates(target_specs.Target.from_bag(known(target.to_bag())), read, optional=optional)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from None
