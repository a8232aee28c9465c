"""What the state records of a PushSecret's parameters: names, versions and what they are like, and never a value.

The version is the one that the last update wrote. While it is the newest one, all that was recorded with it still holds
but for the tags, so that nothing else is asked of AWS.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ...core.parameter.parameter_mark import mark_of
from ...core.parameter.wanted_parameters import WantedParameter
from ...core.spec.owner import Owner
from ...core.spec.push_specs import PushDeletionPolicy
from ...core.spec.store_specs import StoreSpec
from ...core.versions import from_kept, is_another_time, to_kept

VERSIONS = "versions"
SETTINGS = "__parameters"
SOURCES = "__sources"
ACCOUNTS = "__accounts"
TIMES = "__written"
CLUSTER_ID = "clusterId"
PUSHED_AT = "__pushedAt"
RECORDED = (VERSIONS, SETTINGS, SOURCES, ACCOUNTS, TIMES, CLUSTER_ID)
Place = tuple[str, str]
"""A store's name, and a parameter's full name in it."""


@dataclass(frozen=True)
class Pushed:
    """One parameter as it was written last.

    Attributes:
        version: its version then.
        wanted: what it was to be.
        written: when that version was written, in milliseconds since 1970; None where that is not known yet.
    """

    version: str
    wanted: WantedParameter
    written: int | None = None


@dataclass(frozen=True)
class PushRecord:
    """All that is recorded of a PushSecret.

    Attributes:
        owner: it, as it was marked then; None where nothing is recorded.
        stores: the stores that it was written to, by name.
        accounts: their AWS accounts, as far as AWS said.
        parameters: the parameters, by place.
        sources: uid and resource version of each Secret that was pushed, and of what its template's texts are in.
        deletion_policy: what was declared then.
        cluster_id: what tells the cluster of the Secrets from others; None where that is not recorded.
        pushed_at: when the last push began, in milliseconds since 1970; None where that is not recorded.
    """

    owner: Owner | None = None
    stores: Mapping[str, StoreSpec] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[Place, Pushed] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    deletion_policy: PushDeletionPolicy = "None"
    cluster_id: str | None = None
    pushed_at: int | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The record out of a property bag; an empty one where the bag has none."""
        versions, settings, times = bag.get(VERSIONS) or {}, bag.get(SETTINGS) or {}, bag.get(TIMES) or {}
        if "owner" not in bag or not isinstance(versions, Mapping):
            return cls()
        parameters = {}
        for store, names in settings.items():
            for name, told in names.items():
                version = from_kept(versions[store][name])
                known, at = (times.get(store) or {}).get(name) or ("", 0)
                written = int(at) if from_kept(known) == version else None
                parameters[store, name] = Pushed(version, WantedParameter.from_bag(name, told), written)
        return cls(
            owner=Owner.from_bag(bag["owner"]),
            stores={name: StoreSpec.from_bag(store) for name, store in (bag.get("stores") or {}).items()},
            accounts=bag.get(ACCOUNTS) or {},
            parameters=parameters,
            sources=bag.get(SOURCES) or {},
            deletion_policy=bag.get("deletionPolicy") or "None",
            cluster_id=bag.get(CLUSTER_ID),
            pushed_at=int(datetime.fromisoformat(at).timestamp() * 1000) if (at := bag.get(PUSHED_AT)) else None,
        )

    @property
    def is_of_deleted_source(self) -> bool:
        """Whether its Secret was gone then, and what was pushed of it is deleted."""
        return self.owner is not None and not self.parameters and not self.sources

    @property
    def mark(self) -> str | None:
        """The mark that its parameters bear."""
        return mark_of(self.owner) if self.owner else None


def record_to_bag(
    parameters: Mapping[Place, Pushed], sources: Mapping[str, str], accounts: Mapping[str, str]
) -> dict[str, Any]:
    """How parameters are recorded; only `versions` is shown."""
    versions: dict[str, dict[str, Any]] = {}
    settings: dict[str, dict[str, Any]] = {}
    times: dict[str, dict[str, Any]] = {}
    for (store, name), each in sorted(parameters.items()):
        versions.setdefault(store, {})[name] = to_kept(each.version)
        settings.setdefault(store, {})[name] = each.wanted.to_bag()
        if each.written is not None:
            times.setdefault(store, {})[name] = [to_kept(each.version), each.written]
    bag: dict[str, Any] = {VERSIONS: versions, SETTINGS: settings}
    bag |= {TIMES: times} if times else {}
    bag |= {ACCOUNTS: dict(sorted(accounts.items()))} if accounts else {}
    bag |= {SOURCES: dict(sorted(sources.items()))} if sources else {}
    return bag


def written_of(
    before: Mapping[str, Any], after: Mapping[str, Any], undone: Collection[tuple[StoreSpec, str]]
) -> dict[str, Any] | None:
    """What to record where some of what was to be written was not.

    Args:
        before: the property bag before; empty where nothing was written before.
        after: what it was to be.
        undone: the store and name of each parameter that is not as it should be.

    Returns:
        The property bag before with what was done, so that the rest is done next time, and nothing is forgotten that
        bears our mark. None where nothing was done.
    """
    old, new = PushRecord.from_bag(before), PushRecord.from_bag(after)
    done = {place: each for place, each in new.parameters.items() if (new.stores[place[0]], place[1]) not in undone}
    if not done:
        return None
    names = {name for _, name in undone}
    kept = {place: each for place, each in old.parameters.items() if place[1] in names}
    bag = dict(before or after)
    stores, accounts = dict(bag["stores"]), dict((old if before else new).accounts)
    for (store, name), each in done.items():
        title = store
        while title in old.stores and old.stores[title] != new.stores[store]:
            title += "'"  # another store of the same name
        kept[title, name] = each
        stores[title] = after["stores"][store]
        accounts |= {title: new.accounts[store]} if store in new.accounts else {}
    return {**bag, "stores": stores, **record_to_bag(kept, (old if before else new).sources, accounts)}


def moved(before: int | None, now: int | None) -> bool:
    """Whether a version of the same number was written at another time, so that it is another parameter's."""
    return before is not None and now is not None and is_another_time(before, now)
