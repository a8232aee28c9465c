"""What one operation remembers of a cluster: one client, few reads, and the Secrets that wait to be written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from ...clients.kubernetes.cluster_errors import RefusedError
from ...core.secret.kubernetes_secret import FIELD_MANAGER
from ...core.spec.owner import Owner
from ...errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...clients.kubernetes.client import KubernetesClient
    from ...clients.kubernetes.metadata import SecretMetadata

SINGLE_READS = 3
"""A stack of a few Secrets does not list a namespace of thousands; a large one does not read each of its own."""

PROBE = f"{FIELD_MANAGER}-probe"

BY_AUTHORITY = "ca:"
"""What an id begins with that is not the cluster's own: its authority can change, and serve several clusters."""


@dataclass(frozen=True)
class Write:
    """What is to be done to a Secret, built in memory and waiting.

    Attributes:
        body: the apply configuration, with values; None where nothing is applied.
        status: what the Secret's status will be (ESO's reason of condition Ready).
        message: what is said of it.
        keys: the keys that it will have of us.
        force: keys of other field managers are taken over.
        live: the very object that the write is for, as it was looked at; None where there is none yet.
        cleanup: a merge patch that removes what others left, if anything, after the apply.
        delete: the Secret is deleted.
        seals: the Secret is there and becomes immutable, which has to come last.
        deletes_first: the Secret that is there is deleted first, as it cannot be changed into what is wanted.
        unmarked: the Secret that is there bears no mark, and was taken for ours by its fields alone.
        renews: the marks alone are renewed, and what was said of the Secret stays.
        same_content: its data are what the last update wrote, or it writes none.
    """

    body: dict[str, Any] | None = field(repr=False)
    status: str
    message: str
    keys: frozenset[str] = frozenset()
    force: bool = False
    live: SecretMetadata | None = None
    cleanup: dict[str, Any] = field(default_factory=dict, repr=False)
    delete: bool = False
    seals: bool = False
    deletes_first: bool = False
    unmarked: bool = False
    renews: bool = False
    same_content: bool = False

    @property
    def uid(self) -> str | None:
        """What identifies the object."""
        return self.live.uid if self.live else None


def are_other(one: str | None, other: str | None) -> bool:
    """Whether two ids of one kind differ."""
    return bool(one and other and one != other and one.startswith(BY_AUTHORITY) == other.startswith(BY_AUTHORITY))


class ClusterMemory:
    """One cluster in one operation: one client, few reads and one write probe per namespace."""

    def __init__(self, open_client: Callable[[], KubernetesClient]) -> None:
        """Remember how to open the client; nothing is opened before the first call."""
        self._open = open_client
        self._client: KubernetesClient | None = None
        self._single_reads: Counter[str] = Counter()
        self._live: dict[str, dict[str, SecretMetadata]] = {}
        self._labels: dict[str, Mapping[str, str]] = {}
        self._namespaces: dict[str, SecretMetadata] | None = None
        self._id: str | None = None
        self._seen: dict[tuple[str, str], str] = {}
        self._config_maps: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._probed: dict[str, ClusterError | None] = {}
        self._wanted: dict[tuple[str, str, str], Write] = {}
        self._marks: dict[tuple[str, str, str], set[str]] = {}
        self._written: set[tuple[str, str, str]] = set()
        self._rebuilt: dict[tuple[str, str, str | None], str | None] = {}
        self._changing: set[tuple[str, str]] = set()
        self._lock = RLock()

    @property
    def client(self) -> KubernetesClient:
        """The cluster's client, opened once.

        Raises:
            ClusterError: the kubeconfig cannot be used.
        """
        with self._lock:
            if self._client is None:
                self._client = self._open()
            return self._client

    @property
    def id(self) -> str:
        """What tells the cluster from others behind the same URL, asked once.

        The uid of its namespace kube-system; where we may not see that, a digest of its certificate authority, after
        `BY_AUTHORITY`; empty where that is not said either.

        Raises:
            ClusterError: it cannot be reached.
        """
        from ...clients.kubernetes.lookups import cluster_id  # noqa: PLC0415  see clients.py

        with self._lock:
            if self._id is None:
                authority = self.client.authority
                self._id = cluster_id(self.client) or (authority and f"{BY_AUTHORITY}{authority}")
            return self._id

    def seen(self, namespace: str, name: str) -> str | None:
        """The uid of the Secret that this operation read last; None where it found none."""
        with self._lock:
            return self._seen.get((namespace, name))

    def live(self, namespace: str, name: str) -> SecretMetadata | None:
        """The Secret's metadata, never its values: a few single reads, then one list for the whole namespace."""
        with self._lock:
            live = self._read(namespace, name)
            if live is not None:
                self._seen[namespace, name] = live.uid
            return live

    def _read(self, namespace: str, name: str) -> SecretMetadata | None:
        with self._lock:
            if namespace not in self._live:
                self._single_reads[namespace] += 1
                if self._single_reads[namespace] <= SINGLE_READS:
                    return self.client.get_secret_metadata(namespace, name)
                listed = self.client.list_secret_metadata(namespace, "")
                self._live[namespace] = {secret.name: secret for secret in listed}
            return self._live[namespace].get(name)

    def labels(self, namespace: str) -> Mapping[str, str]:
        """A namespace's labels, read once.

        Raises:
            ClusterError: they cannot be read.
        """
        from ...clients.kubernetes.lookups import namespace_labels  # noqa: PLC0415  see clients.py

        with self._lock:
            if namespace not in self._labels:
                self._labels[namespace] = namespace_labels(self.client, namespace)
            return self._labels[namespace]

    @property
    def namespaces(self) -> Mapping[str, SecretMetadata]:
        """All namespaces by name, listed once.

        Raises:
            ClusterError: they cannot be listed.
            ForbiddenError: the right is missing.
        """
        from ...clients.kubernetes.lookups import list_namespaces  # noqa: PLC0415  see clients.py

        with self._lock:
            if self._namespaces is None:
                self._namespaces = {each.name: each for each in list_namespaces(self.client)}
                self._labels.update((name, each.labels) for name, each in self._namespaces.items())
            return self._namespaces

    def namespace(self, name: str) -> SecretMetadata | None:
        """A namespace, read once; None if it does not exist.

        Raises:
            ClusterError: the cluster cannot be reached.
            ForbiddenError: the right is missing.
        """
        from ...clients.kubernetes.lookups import get_namespace  # noqa: PLC0415  see clients.py

        with self._lock:
            if self._namespaces is not None:
                return self._namespaces.get(name)
            found = get_namespace(self.client, name)
            if found is not None:
                self._labels[name] = found.labels
            return found

    def config_map(self, namespace: str, name: str) -> dict[str, Any] | None:
        """A ConfigMap, read once; None where there is none.

        Raises:
            ParameterStoreError: it cannot be read.
        """
        from ...clients.kubernetes.lookups import get_config_map  # noqa: PLC0415  see clients.py

        with self._lock:
            if (namespace, name) not in self._config_maps:
                self._config_maps[namespace, name] = get_config_map(self.client, namespace, name)
            return self._config_maps[namespace, name]

    def probe(self, namespace: str, name: str) -> str | None:
        """Ask by a dry run without values whether we may write a Secret; once in a namespace where we may.

        Returns:
            What admission says against it, which may take the Secret itself: the dry run has neither its labels nor its
            keys. None where nothing speaks against it.

        Raises:
            RefusedError: we may not. A role can name the Secrets that it is for, so each is asked for itself.
            ClusterError: the cluster cannot be reached; the same error for every Secret of the namespace.
        """
        with self._lock:
            if namespace not in self._probed:
                body = {"metadata": {"name": name, "namespace": namespace}}
                try:
                    # As somebody else: applying less than before would mean to remove what we wrote.
                    self.client.apply_secret(namespace, name, body, force=True, dry_run=True, field_manager=PROBE)
                except RefusedError as error:
                    if not error.by_admission:
                        raise
                    return str(error)
                except ClusterError as error:
                    self._probed[namespace] = error
                else:
                    self._probed[namespace] = None
            problem = self._probed[namespace]
        if problem is not None:
            raise problem
        return None

    def recall(
        self, namespace: str, name: str, owner: Owner, recorded: Owner | None, *, written: bool
    ) -> tuple[set[str], bool]:
        """Remember what the state says of an ExternalSecret's Secret, and hand over all that it said.

        Before a Secret is deleted and created again the engine asks a second time, without what is in the state.

        Args:
            namespace: of the Secret.
            name: of the Secret.
            owner: the ExternalSecret.
            recorded: it as the state records it.
            written: whether the state records that it wrote the Secret.

        Returns:
            The marks by which it knows its Secret, and whether it wrote it.
        """
        place = namespace, name, owner.text
        with self._lock:
            marks = self._marks.setdefault(place, set())
            marks.update(each.mark for each in (owner, recorded) if each is not None and each.mark is not None)
            if written:
                self._written.add(place)
            return set(marks), place in self._written

    def note_rebuilt(self, namespace: str, name: str, owner: Owner, revision: str | None) -> None:
        """Note that a Secret is to be deleted before it is created again by the very same resource.

        The engine then asks a second time, without what is in the state; the revision is what came of the first time.
        """
        with self._lock:
            self._rebuilt[namespace, name, owner.mark] = revision
            self._written.add((namespace, name, owner.text))

    def is_rebuilt(self, namespace: str, name: str, owner: Owner) -> bool:
        """Whether that was noted."""
        with self._lock:
            return (namespace, name, owner.mark) in self._rebuilt

    def rebuilt_revision(self, namespace: str, name: str, owner: Owner) -> str | None:
        """The revision that was noted with that, if one was."""
        with self._lock:
            return self._rebuilt.get((namespace, name, owner.mark))

    def note_changing(self, namespace: str, name: str) -> None:
        """Note in a preview that `up` may give a Secret other content."""
        with self._lock:
            self._changing.add((namespace, name))

    def is_changing(self, namespace: str, name: str) -> bool:
        """Whether that was noted."""
        with self._lock:
            return (namespace, name) in self._changing

    def keep_wanted(self, namespace: str, name: str, owner: Owner, write: Write) -> None:
        """Keep what `check` built for `create` or `update` of the same operation."""
        with self._lock:
            self._wanted[namespace, name, owner.text] = write

    def take_wanted(self, namespace: str, name: str, owner: Owner) -> Write | None:
        """Hand over what `check` built and forget it."""
        with self._lock:
            return self._wanted.pop((namespace, name, owner.text), None)
