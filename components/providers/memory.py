"""What one operation remembers: sessions, versions, decrypted values and live Secrets' metadata.

Pulumi runs all dynamic resources of a stack in one process per operation, with four threads, so the memory of this
module lives for exactly one preview or one update. It is the only place where decrypted values are kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from ..core.errors import ParameterStoreError, ReadError
from ..core.kubernetes_secret import probe_body
from ..core.references import ParameterReference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..clients.aws.parameters import ParameterBatch
    from ..clients.aws.ssm import ParameterReader
    from ..clients.kubernetes.client import KubernetesClient
    from ..clients.kubernetes.metadata import SecretMetadata
    from ..core.secret_value import Secret
    from ..core.specs import Operation, SecretSpec
    from ..core.store_specs import ClusterSpec, StoreSpec


class StoreMemory:
    """One store in one operation: one session, and each value decrypted once however many keys use it.

    Attributes:
        granted_in_up: references that are denied in this preview, and granted by the policy that `up` writes first.
    """

    def __init__(self, open_reader: Callable[[], ParameterReader]) -> None:
        """Remember how to open the store's reader; nothing is opened before the first read."""
        self._open = open_reader
        self._reader: ParameterReader | None = None
        self._values: dict[tuple[str, int], Secret] = {}
        self._lock = RLock()
        self.granted_in_up: frozenset[str] = frozenset()

    def read(self, references: Iterable[str], *, decrypt: bool) -> ParameterBatch:
        """Ask SSM for the references' versions; with `decrypt` their values are kept for `values`.

        Raises:
            IdentityError: the store's identity cannot be taken.
            ReadError: the store as a whole cannot be read.
        """
        with self._lock:
            if self._reader is None:
                self._reader = self._open()
            batch = self._reader.read(references, decrypt=decrypt)
            for reference, parameter in batch.found.items():
                if parameter.value is not None:
                    self._values[_name(reference), parameter.version] = parameter.value
            return batch

    def values(self, wanted: Mapping[str, int]) -> dict[str, Secret]:
        """The values of references at just these versions, reading what is not in memory yet.

        Raises:
            ReadError: a value cannot be read; the text names the parameter.
        """
        with self._lock:
            pairs = {reference: (_name(reference), version) for reference, version in wanted.items()}
            missing = sorted(f"{name}:{version}" for name, version in set(pairs.values()) - self._values.keys())
            if missing:
                for problem in self.read(missing, decrypt=True).problems.values():
                    raise ReadError(problem.message)
            return {reference: self._values[pair] for reference, pair in pairs.items()}


LOOKS_BEFORE_LIST = 3
"""A stack of a few Secrets does not list a namespace of thousands; a large one does not look at each of its own."""


@dataclass(frozen=True)
class Write:
    """A Secret built in memory and waiting to be written.

    Attributes:
        body: the apply configuration, with values.
        over_our_own: True where the Secret exists and is ours, so that keys which an editor took over are taken back.
    """

    body: dict[str, Any] = field(repr=False)
    over_our_own: bool


class ClusterMemory:
    """One cluster in one operation: one client, few looks and one write probe per namespace."""

    def __init__(self, open_client: Callable[[], KubernetesClient]) -> None:
        """Remember how to open the client; nothing is opened before the first call."""
        self._open = open_client
        self._client: KubernetesClient | None = None
        self._looks: Counter[str] = Counter()
        self._live: dict[str, dict[str, SecretMetadata]] = {}
        self._labels: dict[str, Mapping[str, str]] = {}
        self._probed: dict[str, ParameterStoreError | None] = {}
        self._wanted: dict[tuple[str, str], Write] = {}
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

    def live(self, namespace: str, name: str) -> SecretMetadata | None:
        """The Secret's metadata, never its values: a few single looks, then one list for the whole namespace."""
        with self._lock:
            if namespace not in self._live:
                self._looks[namespace] += 1
                if self._looks[namespace] <= LOOKS_BEFORE_LIST:
                    return self.client.get_secret_metadata(namespace, name)
                listed = self.client.list_secret_metadata(namespace, "")
                self._live[namespace] = {secret.name: secret for secret in listed}
            return self._live[namespace].get(name)

    def labels(self, namespace: str) -> Mapping[str, str]:
        """A namespace's labels, looked at once.

        Raises:
            ClusterError: they cannot be read.
        """
        from ..clients.kubernetes.lookups import namespace_labels  # noqa: PLC0415  see opening.py

        with self._lock:
            if namespace not in self._labels:
                self._labels[namespace] = namespace_labels(self.client, namespace)
            return self._labels[namespace]

    def probe(self, spec: SecretSpec) -> None:
        """Ask once per namespace, by a dry run without values, whether we may write there.

        Raises:
            ParameterStoreError: we may not; the same error for every Secret of the namespace.
        """
        with self._lock:
            if spec.namespace not in self._probed:
                body = probe_body(spec.namespace, spec.name, spec.owner, spec.data)
                try:
                    self.client.apply_secret(spec.namespace, spec.name, body, force=True, dry_run=True)
                except ParameterStoreError as error:
                    self._probed[spec.namespace] = error
                else:
                    self._probed[spec.namespace] = None
            problem = self._probed[spec.namespace]
        if problem is not None:
            raise problem

    def keep_wanted(self, namespace: str, name: str, write: Write) -> None:
        """Keep what `check` built for `create` or `update` of the same operation."""
        with self._lock:
            self._wanted[namespace, name] = write

    def take_wanted(self, namespace: str, name: str) -> Write | None:
        """Hand over what `check` built and forget it."""
        with self._lock:
            return self._wanted.pop((namespace, name), None)


class ProcessMemory:
    """All stores and clusters of one operation."""

    def __init__(
        self,
        open_reader: Callable[[ProcessMemory, StoreSpec, Operation], ParameterReader],
        open_client: Callable[[ClusterSpec], KubernetesClient],
    ) -> None:
        """Remember how readers and clients are opened."""
        self._open_reader = open_reader
        self._open_client = open_client
        self._stores: dict[StoreSpec, StoreMemory] = {}
        self._clusters: dict[ClusterSpec, ClusterMemory] = {}
        self._lock = RLock()

    def store(self, spec: StoreSpec, operation: Operation) -> StoreMemory:
        """The memory of one store; the same for equal specs."""
        with self._lock:
            if spec not in self._stores:
                self._stores[spec] = StoreMemory(lambda: self._open_reader(self, spec, operation))
            return self._stores[spec]

    def cluster(self, spec: ClusterSpec) -> ClusterMemory:
        """The memory of one cluster; the same for equal specs."""
        with self._lock:
            if spec not in self._clusters:
                self._clusters[spec] = ClusterMemory(lambda: self._open_client(spec))
            return self._clusters[spec]


def _name(reference: str) -> str:
    return ParameterReference.parse(reference).name
