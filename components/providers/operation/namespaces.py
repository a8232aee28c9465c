"""Finds the namespaces that a cluster-wide kind is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.spec.namespace_choice import NamespaceChoice

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from .cluster_memory import ClusterMemory


@dataclass(frozen=True)
class Chosen:
    """Namespaces that were found.

    Attributes:
        names: those that are there, and take Secrets.
        pending: those that are not there yet, and that this program may make.
        notes: what is said of the others.
    """

    names: tuple[str, ...]
    pending: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_namespaces(choice: NamespaceChoice, cluster: ClusterMemory, *, may_come: bool) -> Chosen:
    """Find the namespaces that are chosen; only labels need the right to list them.

    Args:
        choice: what is declared.
        cluster: where they are.
        may_come: those that are missing may be made before anything is written.

    Raises:
        ClusterError: the cluster cannot be reached.
        ForbiddenError: the right to list namespaces is missing.
    """
    there: dict[str, SecretMetadata | None] = {}
    if choice.selectors:
        there |= {name: each for name, each in cluster.namespaces.items() if choice.chooses(name, each.labels)}
    else:
        there |= _named(choice.names, cluster)
    missing = [name for name in choice.names if name not in there]
    leaving = sorted(name for name, each in there.items() if each is not None and each.deletion_timestamp)
    names = tuple(sorted(there.keys() - set(leaving)))
    notes = [f"namespace {name} is being deleted, so it gets nothing" for name in leaving]
    if not may_come:
        notes += [f"namespace {name} does not exist, so it gets nothing" for name in sorted(missing)]
    if not (names or notes or may_come):
        notes = ["no namespace has the labels, so nothing is written"]
    return Chosen(names, tuple(sorted(missing)) if may_come else (), tuple(notes))


def _named(names: Iterable[str], cluster: ClusterMemory) -> dict[str, SecretMetadata | None]:
    """Those that are there; where we may not look, all of them count as there, and writing tells."""
    from ...clients.kubernetes.cluster_errors import ForbiddenError  # noqa: PLC0415  see clients.py

    there: dict[str, SecretMetadata | None] = {}
    for name in names:
        try:
            found = cluster.namespace(name)
        except ForbiddenError:
            there[name] = None
        else:
            there |= {name: found} if found is not None else {}
    return there
