"""What one operation remembers of its stores: sessions, versions and decrypted values.

Pulumi runs all dynamic resources of a stack in one process per operation, with four threads, so the memory of this
module lives for exactly one preview or one update. It is the only place where decrypted values are kept. Clusters have
theirs in cluster_memory.py.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from ...core.secret.json_documents import JsonDocuments
from ...core.spec.owner import MOVED_FROM, Owner
from ...errors import ParameterStoreError, ReadError
from .claims import Claims
from .cluster_memory import ClusterMemory
from .deliveries import Deliveries
from .targets import Targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ...clients.aws.readers import Access
    from ...clients.aws.reads import Answer, ReadProblem
    from ...clients.aws.writes import Writer
    from ...clients.kubernetes.client import KubernetesClient
    from ...core.secret_value import Secret
    from ...core.service import Service
    from ...core.service_writing import Details
    from ...core.spec.specs import Operation
    from ...core.spec.store_specs import ClusterSpec, StoreSpec
    from .findings import Finding

DELETE_UNREACHABLE = "kubernetes:deleteUnreachable"
HOW_TO_FORCE = "set PARAMETER_STORE_FORCE_SYNC=1, or the setting parameter-store:forceSync, to read all"


@dataclass
class Seen:
    """What this operation has learnt of its sources, without values.

    Attributes:
        versions: reference -> version.
        found: find -> full name -> version.
        written: reference or find -> reference or full name -> when that version was written, in milliseconds.
        tags: tags source -> the tags.
        problems: source -> why it could not be read.
        details: reference -> what it is like, where the look at its version told that.
    """

    versions: dict[str, str] = field(default_factory=dict)
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    written: dict[str, dict[str, int]] = field(default_factory=dict)
    tags: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    problems: dict[str, ReadProblem] = field(default_factory=dict)
    details: dict[str, Details] = field(default_factory=dict, repr=False)

    def __contains__(self, source: str) -> bool:
        return any(source in each for each in (self.versions, self.found, self.tags, self.problems))

    def forget(self, source: str) -> None:
        """Drop what is known of a source."""
        for each in (self.versions, self.found, self.written, self.tags, self.problems, self.details):
            each.pop(source, None)

    def add(self, answer: Answer) -> None:
        """Keep the outcome of a read in place of what was known."""
        for source in (*answer.found, *answer.listings, *answer.tags, *answer.problems):
            self.forget(source)
        self.versions |= {source: each.version for source, each in answer.found.items()}
        self.found |= {
            source: {name: each.version for name, each in sorted(listing.items())}
            for source, listing in answer.listings.items()
        }
        items = {source: {source: each} for source, each in answer.found.items()} | dict(answer.listings)
        self.written |= {
            source: {name: each.written for name, each in sorted(some.items()) if each.written is not None}
            for source, some in items.items()
        }
        self.tags |= {
            source: {key: value.reveal() for key, value in tags.items()} for source, tags in answer.tags.items()
        }
        self.problems |= answer.problems
        for some in (answer.found, answer.problems):
            self.details |= {source: each.details for source, each in some.items() if each.details}


class StoreMemory:
    """One store in one operation: one session, and each value decrypted once however many keys use it.

    Attributes:
        service: what the store reads from.
        seen: what is known so far.
        granted_in_up: references that are denied in this preview, and granted by the policy that `up` writes first.
        unreadable: the store's sources that its snapshot found unreadable, and that nothing in this program makes.
        unusable: source -> what its value cannot give, as the last `up` found.
        account: the AWS account that the store reads in, as far as the answers tell.
    """

    def __init__(self, service: Service, open_access: Callable[[], Access]) -> None:
        """Remember how to open the store's session; nothing is opened before the first call."""
        self.service = service
        self._open = open_access
        self._access: Access | None = None
        self._writer: Writer | None = None
        self._values: dict[str, Secret] = {}  # by pinned source
        self._failure: ParameterStoreError | None = None
        self._lock = RLock()
        self.seen = Seen()
        self.granted_in_up: frozenset[str] = frozenset()
        self.unreadable: frozenset[str] = frozenset()
        self.unusable: Mapping[str, Finding] = {}
        self.account: str | None = None

    def give_up(self, error: ParameterStoreError) -> None:
        """Ask nothing more of a store that cannot be read: every later read raises this error at once."""
        with self._lock:
            self._failure = error

    def read(self, sources: Iterable[str], *, decrypt: bool) -> None:
        """Ask AWS and keep the outcome in `seen`; with `decrypt` values are kept for `values` and `listing`.

        Raises:
            IdentityError: the store's identity cannot be taken.
            ReadError: the store as a whole cannot be read.
        """
        with self._lock:
            self.seen.add(self._read(sources, decrypt=decrypt))

    @property
    def writer(self) -> Writer:
        """What writes with the store's identity.

        Raises:
            IdentityError: the store's identity cannot be taken.
            WriteError: the service is not written to.
        """
        with self._lock:
            if self._writer is None:
                self._writer = self._opened().open_writer()
            return self._writer

    def values(self, wanted: Mapping[str, str]) -> dict[str, Secret]:
        """The values of references at just these versions, reading what is not in memory yet.

        Raises:
            ReadError: a value cannot be read; the text names it.
        """
        pinned = self._pinned(wanted)
        with self._lock:
            self._decrypt(pinned.values())
            return {source: self._values[each] for source, each in pinned.items()}

    def listing(self, find: str, wanted: Mapping[str, str]) -> dict[str, Secret]:
        """The values of what was found, at just these versions, reading what is not in memory yet.

        Raises:
            ReadError: a value cannot be read; the text names it.
        """
        pinned = self._pinned(wanted)
        with self._lock:
            if self.service.lists_values and not set(pinned.values()) <= self._values.keys():
                for problem in self._read([find], decrypt=True).problems.values():
                    raise ReadError(problem.message)
            self._decrypt(pinned.values())  # what was written again in just this moment
            return {name: self._values[each] for name, each in pinned.items()}

    def _pinned(self, versions: Mapping[str, str]) -> dict[str, str]:
        return {name: self.service.pinned(name, version) for name, version in versions.items()}

    def _decrypt(self, pinned: Iterable[str]) -> None:
        missing = sorted(set(pinned) - self._values.keys())
        if missing:
            for problem in self._read(missing, decrypt=True).problems.values():
                raise ReadError(problem.message)

    def _read(self, sources: Iterable[str], *, decrypt: bool) -> Answer:
        answer = self._opened().reader.ask(sources, decrypt=decrypt)
        self.account = answer.account or self.account
        for items in (answer.found, *answer.listings.values()):
            for name, item in items.items():
                if item.value is not None:
                    self._values[self.service.pinned(name, item.version)] = item.value
        return answer

    def _opened(self) -> Access:
        if self._failure is not None:
            raise self._failure
        if self._access is None:
            self._access = self._open()
        return self._access


class ProcessMemory:
    """All stores and clusters of one operation.

    Attributes:
        documents: the JSON values from which Secrets took properties last.
        declared_many: what keeps many members -> their inputs, as `check` was told them.
        reasons_of_many: what keeps many members -> why they change, where `up` does not record it.
    """

    def __init__(
        self,
        open_access: Callable[[ProcessMemory, StoreSpec, Operation], Access],
        open_client: Callable[[ClusterSpec], KubernetesClient],
        tell: Callable[[str], None],
        *,
        delete_unreachable: bool | None = None,
    ) -> None:
        """Remember how sessions and clients are opened, how the user is told something, and a setting of the stack."""
        self._open_access = open_access
        self._open_client = open_client
        self._stores: dict[StoreSpec, StoreMemory] = {}
        self._clusters: dict[ClusterSpec, ClusterMemory] = {}
        self._told: set[str] = set()
        self.state_ids: set[str] = set()
        self.stack: str | None = None
        self._moved_from = os.environ.get(MOVED_FROM)
        self._kept: dict[str, set[str]] = {}
        self.targets = Targets()
        self.claims = Claims()
        self.deliveries = Deliveries()
        self.declared_many: dict[str, dict[str, dict[str, Any]]] = {}
        self.reasons_of_many: dict[str, dict[str, dict[str, Any]]] = {}
        self._recorded: dict[str, Any] = {}
        self._entries: dict[str, str] = {}
        self._tell = tell
        self.documents = JsonDocuments()
        self.delete_unreachable = delete_unreachable
        self._lock = RLock()

    def state_id(self, known: str | None) -> str:
        """The id of the stack's state: the one that is known, else that of another store of it, else a new one."""
        with self._lock:
            found = known or next(iter(sorted(self.state_ids)), None) or secrets.token_hex(16)
            self.state_ids.add(found)
            return found

    def is_inherited(self, owner: Owner, asked_for: str | None = None) -> bool:
        """Whether an owner in the state is of another stack than the running one, and nobody said that it moved here.

        The stack was renamed, or its state moved or copied, which look the same from here: of a copy the original goes
        on.

        Args:
            owner: the owner.
            asked_for: the stack that the engine's request names, in an operation that runs no program.
        """
        return owner.stack not in (self.stack or asked_for or owner.stack, self._moved_from)

    def recorded_owner(self, urn: str, recorded: Any) -> Any:
        """What the state records as an ExternalSecret's owner, remembered where the engine asks again without it."""
        with self._lock:
            return self._recorded.setdefault(urn, recorded) if recorded is not None else self._recorded.get(urn)

    def entry(self, urn: str) -> str:
        """What tells the entry of an ExternalSecret from others with its mark; one for each in an operation."""
        with self._lock:
            return self._entries.setdefault(urn, secrets.token_hex(4))

    def keep(self, uid: str, mark: str) -> None:
        """Note that a resource of this operation keeps a Secret under a mark.

        What is known of a Secret by its uid holds for all clusters: two ways to name a cluster may mean the same one.
        """
        with self._lock:
            self._kept.setdefault(uid, set()).add(mark)

    def keeps(self, uid: str, mark: str | None) -> bool:
        """Whether a resource of this operation keeps the Secret under this mark."""
        with self._lock:
            return mark in self._kept.get(uid, ())

    def tell(self, text: str) -> None:
        """Tell the user something."""
        self._tell(text)

    def tell_once(self, subject: str, text: str) -> None:
        """Tell the user of the first of its kind, for all of the operation."""
        with self._lock:
            told = subject in self._told
            self._told.add(subject)
        if not told:
            self._tell(text)

    def say_skipped(self, text: str) -> None:
        """Tell the user of something that is not read again: of the first, for all of the operation."""
        self.tell_once("skipped", f"{text}, nor are others whose time has not come; {HOW_TO_FORCE}")

    def store(self, spec: StoreSpec, operation: Operation) -> StoreMemory:
        """The memory of one store; the same for equal specs."""
        with self._lock:
            if spec not in self._stores:
                self._stores[spec] = StoreMemory(spec.service, lambda: self._open_access(self, spec, operation))
            return self._stores[spec]

    def cluster(self, spec: ClusterSpec) -> ClusterMemory:
        """The memory of one cluster; the same for equal specs."""
        with self._lock:
            if spec not in self._clusters:
                self._clusters[spec] = ClusterMemory(lambda: self._open_client(spec))
            return self._clusters[spec]
