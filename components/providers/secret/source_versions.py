"""What the sources of a Secret are at one moment: versions, names and times, and never a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...core.versions import is_another_time, versions_from_bag, versions_to_bag

WRITTEN_AT = "__writtenAt"
ACCOUNTS = "__accounts"


@dataclass(frozen=True)
class Reading:
    """The sources of one Secret, by their labels, without values.

    Attributes:
        versions: reference -> version.
        found: find -> full name -> version.
        written: reference or find -> reference or full name -> when that version was written, in milliseconds.
        tags: tags source -> the tags; never stored.
        missing: references of what does not exist.
        complete: False where something is only known during up.
        accounts: store's name in entries, empty for the ExternalSecret's own -> AWS account that it was read in, where
            AWS said so.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    written: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    missing: tuple[str, ...] = ()
    complete: bool = True
    accounts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Reading:
        """What an earlier operation stored; tags are not among it."""
        return cls(
            versions=versions_from_bag(bag.get("__versions")),
            found={find: versions_from_bag(names) for find, names in (bag.get("__found") or {}).items()},
            written={source: _times(source, told) for source, told in (bag.get(WRITTEN_AT) or {}).items()},
            missing=tuple(bag.get("__missing") or ()),
            accounts=bag.get(ACCOUNTS) or {},
        )

    def to_bag(self) -> dict[str, Any]:
        """What is stored of it, under keys that Pulumi does not show."""
        bag: dict[str, Any] = {"__versions": versions_to_bag(self.versions)}
        if self.found:
            bag["__found"] = {find: versions_to_bag(names) for find, names in self.found.items()}
        if self.written:
            bag[WRITTEN_AT] = {
                source: times[source] if times.keys() == {source} else dict(times)
                for source, times in self.written.items()
            }
        if self.missing:
            bag["__missing"] = list(self.missing)
        if self.accounts:
            bag[ACCOUNTS] = dict(sorted(self.accounts.items()))
        return bag

    def recreated(self, previous: Reading) -> tuple[str, ...]:
        """The parameters, sorted, that have the version that they had, and yet are not what they were.

        A parameter that is deleted and created again begins with version 1 again; only the time tells.
        """
        found = set()
        for source, times in self.written.items():
            now, then = self._versions_of(source), previous._versions_of(source)
            old_times = previous.written.get(source, {})
            found |= {
                name
                for name, at in times.items()
                if now[name] == then.get(name) and is_another_time(at, old_times.get(name, at))
            }
        return tuple(sorted(found))

    def account_changes(self, previous: Reading) -> tuple[tuple[str, str, str], ...]:
        """What is read in another AWS account than before, where the same name is another parameter.

        Returns:
            For each: the store's name in entries, empty for the ExternalSecret's own, the account before, and now.
        """
        then = previous.accounts
        return tuple(
            (store, then[store], now) for store, now in sorted(self.accounts.items()) if then.get(store, now) != now
        )

    def differs(self, previous: Reading) -> bool:
        """Whether another version is read, or something else is found or missing."""
        now, then = (self.versions, self.found, self.missing), (previous.versions, previous.found, previous.missing)
        return now != then

    def _versions_of(self, source: str) -> Mapping[str, str]:
        return {source: self.versions[source]} if source in self.versions else self.found.get(source, {})

    def with_tags(self, tags: Mapping[str, Mapping[str, str]]) -> Reading:
        """The same with the tags, which are not stored."""
        return replace(self, tags=tags)

    @property
    def all_versions(self) -> dict[str, str]:
        """The versions of all that the Secret is made of, found ones by their names."""
        flat = {name: version for names in self.found.values() for name, version in names.items()}
        return dict(sorted({**flat, **self.versions}.items()))


def _times(source: str, told: Any) -> dict[str, int]:
    """When versions were written; a reference's own time stands alone, but in what earlier versions stored."""
    times = told if isinstance(told, Mapping) else {source: told}
    return {name: int(at) for name, at in times.items()}
