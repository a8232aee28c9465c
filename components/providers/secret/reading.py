"""What a Secret's sources are at the moment: versions and names, as the snapshot saw them or as asked for here.

The snapshot runs before its secrets in the same process, and what it read is in that process's memory. What it did not
read (a targeted update, a secret that waits for other resources, a refresh interval that differs) is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...core.secret.extraction import Got
from ...core.secret_value import Secret
from ...core.spec.entries import Find, Origin
from ...core.spec.specs import Operation, Place, SecretSpec, label, versions_from_bag
from ...errors import ReadError
from ..operation.memory import TOLD_AT_MOST
from ..operation.opening import process_memory

if TYPE_CHECKING:
    from ...clients.aws.ssm.parameters import ReadProblem
    from ..operation.memory import StoreMemory

MISSING = "missing"
WRITTEN_AT = "__writtenAt"
ACCOUNTS = "__accounts"
_ANOTHER_TIME = 1000  # milliseconds; the operations that tell a time need not round it alike


@dataclass(frozen=True)
class Reading:
    """The sources of one Secret, by their labels, without values.

    Attributes:
        versions: reference -> version.
        found: find -> full name -> version.
        written: reference or find -> reference or full name -> when that version was written, in milliseconds.
        tags: tags source -> the parameter's tags; never stored.
        missing: references whose parameter does not exist.
        complete: False where something is only known during up.
        accounts: store's name in entries, empty for the ExternalSecret's own -> AWS account that it was read in, where
            AWS said so.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
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
            written={source: versions_from_bag(times) for source, times in (bag.get(WRITTEN_AT) or {}).items()},
            missing=tuple(bag.get("__missing") or ()),
            accounts=bag.get(ACCOUNTS) or {},
        )

    def to_bag(self) -> dict[str, Any]:
        """What is stored of it, under keys that Pulumi does not show."""
        bag: dict[str, Any] = {"__versions": dict(self.versions)}
        if self.found:
            bag["__found"] = {find: dict(names) for find, names in self.found.items()}
        if self.written:
            bag[WRITTEN_AT] = {source: dict(times) for source, times in self.written.items()}
        if self.missing:
            bag["__missing"] = list(self.missing)
        if self.accounts:
            bag[ACCOUNTS] = dict(sorted(self.accounts.items()))
        return bag

    def made_anew(self, before: Reading) -> tuple[str, ...]:
        """The parameters, sorted, that are of the version that they were of before, and yet not what they were.

        A parameter that is deleted and made anew begins with version 1 again; only the time tells.
        """
        found = set()
        for source, times in self.written.items():
            now, then = self._versions_of(source), before._versions_of(source)
            old_times = before.written.get(source, {})
            found |= {
                name
                for name, at in times.items()
                if now[name] == then.get(name) and abs(at - old_times.get(name, at)) >= _ANOTHER_TIME
            }
        return tuple(sorted(found))

    def elsewhere(self, before: Reading) -> tuple[str, ...]:
        """What is read in another AWS account than before, in words: the same name is another parameter there."""
        then = before.accounts
        return tuple(
            f"{f'store {store}' if store else 'the store'} reads in AWS account {now}, and read in {then[store]} before"
            for store, now in sorted(self.accounts.items())
            if then.get(store, now) != now
        )

    def _versions_of(self, source: str) -> Mapping[str, int]:
        return {source: self.versions[source]} if source in self.versions else self.found.get(source, {})

    def with_tags(self, tags: Mapping[str, Mapping[str, str]]) -> Reading:
        """The same with the tags, which are not stored."""
        return replace(self, tags=tags)

    @property
    def all_versions(self) -> dict[str, int]:
        """Every parameter that the Secret is made of, found ones by their names."""
        flat = {name: version for names in self.found.values() for name, version in names.items()}
        return dict(sorted({**flat, **self.versions}.items()))


def read(spec: SecretSpec, operation: Operation) -> Reading:
    """The sources as they are now; nothing is decrypted.

    Raises:
        ReadError: a source cannot be read; the text names each key or entry that needs it.
        IdentityError: a store's identity cannot be taken.
    """
    problems: dict[str, ReadProblem] = {}
    missing: list[str] = []
    seen: dict[Place, StoreMemory] = {}
    for store in dict.fromkeys(place[0] for place in spec.places):
        memory = process_memory().store(spec.stores[store], operation)
        sources = [source for name, source in spec.places if name == store]
        unread = [source for source in sources if operation.late or source not in memory.seen]
        if unread:
            memory.read(unread, decrypt=False)
        for source in sources:
            place = store, source
            problem = memory.seen.problems.get(source)
            if problem is None:
                seen[place] = memory
            elif operation.preview and (operation.late or source in operation.pending | memory.granted_in_up):
                continue  # up makes or grants it before it reads
            elif problem.kind == MISSING and spec.target.skips_missing:
                missing.append(label(place))
            else:
                problems[label(place)] = problem
    if problems:
        _raise(spec, problems, _besides(spec, operation))
    return Reading(
        versions={label(place): m.seen.versions[place[1]] for place, m in seen.items() if place[1] in m.seen.versions},
        found={label(place): m.seen.found[place[1]] for place, m in seen.items() if place[1] in m.seen.found},
        written={
            label(place): _labelled(place, m.seen.written[place[1]])
            for place, m in seen.items()
            if m.seen.written.get(place[1])
        },
        tags={label(place): m.seen.tags[place[1]] for place, m in seen.items() if place[1] in m.seen.tags},
        missing=tuple(missing),
        accounts=accounts_of(spec, operation),
        complete=len(seen) + len(missing) == len(spec.places),
    )


def accounts_of(spec: SecretSpec, operation: Operation) -> dict[str, str]:
    """The AWS account of each store, as far as this operation has learnt it; nothing is asked."""
    known = {store: process_memory().store(spec.stores[store], operation).account for store, _ in spec.places}
    return {store or "": account for store, account in known.items() if account}


def _labelled(place: Place, times: Mapping[str, int]) -> dict[str, int]:
    """Times by name, where a reference's own name is its label."""
    return {label(place) if name == place[1] else name: at for name, at in times.items()}


def _besides(spec: SecretSpec, operation: Operation) -> list[str]:
    """What else of the same stores cannot be read: a preview ends at the first Secret that fails."""
    if not operation.preview:
        return []
    stores = {place[0] for place in spec.places}
    unreadable = {
        (store, source)
        for store in stores
        for source in process_memory().store(spec.stores[store], operation).unreadable
    }
    return sorted(map(label, unreadable - set(spec.places)))


def _raise(spec: SecretSpec, problems: Mapping[str, ReadProblem], besides: list[str]) -> None:
    told = [
        f"{where}: {problem.message}{_or_find(where, origin, problem)}"
        for where, origin in spec.origins
        if (problem := problems.get(label((origin.store, origin.source))))
    ]
    if besides:
        more = f" and {len(besides) - TOLD_AT_MOST} more" if len(besides) > TOLD_AT_MOST else ""
        told.append(f"besides, other Secrets' {', '.join(besides[:TOLD_AT_MOST])}{more} cannot be read")
    raise ReadError("; ".join(told))


def _or_find(where: str, origin: Origin, problem: ReadProblem) -> str:
    """What to do where somebody extracts a path, to get all that is below it."""
    if problem.kind != MISSING or isinstance(origin, Find) or not where.endswith(".extract"):
        return ""
    if not origin.key.startswith("/"):
        return ""
    return f"; extract takes one parameter: for all below it, write find with path {origin.key!r} and name.regexp '.*'"


def decrypt(spec: SecretSpec, reading: Reading, operation: Operation) -> Got:
    """The values of a reading's sources, at just its versions; they never leave the process.

    Raises:
        ReadError: a value cannot be read; the text names the parameter.
    """
    values: dict[Place, Secret] = {}
    listings: dict[Place, Mapping[str, Secret]] = {}
    by_label = {label(place): place for place in spec.places}
    for store in dict.fromkeys(place[0] for place in spec.places):
        memory = process_memory().store(spec.stores[store], operation)
        wanted = {
            source: reading.versions[label((store, source))]
            for name, source in spec.places
            if name == store and label((store, source)) in reading.versions
        }
        values |= {(store, source): value for source, value in memory.values(wanted).items()}
        for name, source in spec.places:
            if name == store and label((store, source)) in reading.found:
                listings[store, source] = memory.listing(source, reading.found[label((store, source))])
    return Got(
        values=values,
        listings=listings,
        tags={by_label[name]: tags for name, tags in reading.tags.items()},
        missing=frozenset(by_label[name] for name in reading.missing),
    )
