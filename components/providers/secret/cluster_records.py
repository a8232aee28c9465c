"""Which cluster a Secret is in, as the state records it: is it the one that is declared, and what is the way back.

A kubeconfig and a context only say how to get there, and may lead elsewhere tomorrow. So the state records the context
and the server that they led to. A server may have several URLs; that the very Secret is there, by its uid, proves it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi.runtime.rpc import contains_unknowns

from ...core.spec.specs import SecretSpec
from ...core.spec.store_specs import ClusterSpec
from ...errors import ClusterError
from ..operation.memory import DELETE_UNREACHABLE
from .previous import THERE, WRITTEN_TO

if TYPE_CHECKING:
    from ..operation.memory import ProcessMemory

VARIABLE = "PULUMI_K8S_DELETE_UNREACHABLE"


def is_elsewhere(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the Secret that was written, by its uid, is not in the cluster that is declared."""
    return THERE in news and "uid" in olds and olds["uid"] != news[THERE]["uid"]


def written_to(spec: SecretSpec, bag: Mapping[str, Any], process: ProcessMemory) -> ClusterSpec:
    """The way to the cluster that a Secret was written to.

    Args:
        spec: the Secret, as it is recorded.
        bag: the outputs of its resource.
        process: the clients of the operation.

    Raises:
        ClusterError: the recorded kubeconfig does not lead there any more.
    """
    record = bag.get(WRITTEN_TO)
    if not record:
        return spec.cluster
    context, server = record["context"], record["server"]
    named = [spec.cluster, replace(spec.cluster, context=context)] if context else [spec.cluster]
    found: dict[ClusterSpec, str] = {}
    problem: ClusterError | None = None
    for each in dict.fromkeys(named):
        try:
            found[each] = process.cluster(each).client.server
        except ClusterError as error:
            problem = problem or error
    for each, url in found.items():
        if url == server:
            return each
    for each in _other_contexts(spec.cluster, process):
        if process.cluster(each).client.server == server:
            return each
    for each in found:
        live = process.cluster(each).client.get_secret_metadata(spec.namespace, spec.name)
        if live is not None and live.uid == bag.get("uid"):
            return each
    raise _LostError(str(problem) if problem else "no context of the kubeconfig leads to that server")


class _LostError(ClusterError):
    """The kubeconfig does not lead to the recorded cluster."""


@contextmanager
def unless_unreachable(spec: SecretSpec, bag: Mapping[str, Any], process: ProcessMemory) -> Iterator[list[str]]:
    """Go on without a cluster that cannot be reached where the user says that it is gone, as pulumi-kubernetes does.

    Yields:
        A list, which is empty unless that happened.

    Raises:
        ClusterError: it cannot be reached, and nobody said so; the text says what to do.
    """
    gone: list[str] = []
    try:
        yield gone
    except ClusterError as error:
        if not _is_unreachable(error):
            raise
        record = bag.get(WRITTEN_TO) or {}
        place = f" (context '{record['context']}', {record['server']})" if record.get("context") else ""
        where = f"Secret {spec.namespace}/{spec.name}: the cluster that it was written to{place} cannot be reached"
        if not (spec.cluster.delete_unreachable or process.delete_unreachable or _said_so()):
            raise _LostError(
                f"{where}: {str(error).rstrip('.')}. Make it reachable and try again; or, if the cluster is gone for "
                f"good, set {VARIABLE}=true (or the setting {DELETE_UNREACHABLE}, or the provider's "
                "delete_unreachable) to drop its Secrets from the state; or declare retain_on_delete, and the Secret "
                "stays where it is"
            ) from None
        gone.append(where)
        sys.stderr.write(f"warning: {where}; it is dropped from the state, as deleteUnreachable says\n")
        sys.stderr.flush()


def _said_so() -> bool:
    return os.environ.get(VARIABLE, "").lower() in ("1", "t", "true")


def _is_unreachable(error: ClusterError) -> bool:
    """Whether no answer came at all; one that does not know us says that the cluster is there."""
    from ...clients.kubernetes.errors import KubeconfigError, UnavailableError  # noqa: PLC0415  see clients.py

    silent = isinstance(error, UnavailableError) and error.last_status is None
    return silent or isinstance(error, KubeconfigError | _LostError)


def server_before(olds: Mapping[str, Any], news: Mapping[str, Any], process: ProcessMemory) -> str | None:
    """The server that the last operation wrote to; None where there was none, or that cannot be said."""
    if WRITTEN_TO in olds:
        return str(olds[WRITTEN_TO]["server"])
    # An older version recorded the choice alone.
    if not olds or olds.get("cluster") == news.get("cluster") or contains_unknowns(olds.get("cluster")):
        return None
    try:
        return process.cluster(ClusterSpec.from_bag(olds.get("cluster") or {})).client.server
    except ClusterError:
        return ""


def _other_contexts(cluster: ClusterSpec, process: ProcessMemory) -> Iterator[ClusterSpec]:
    """The cluster's kubeconfig by all of its contexts that can be used."""
    from ...clients.kubernetes.connection import context_names  # noqa: PLC0415  see clients.py

    try:
        names = context_names(cluster.kubeconfig, os.environ)
    except ClusterError:
        return
    for name in names:
        each = replace(cluster, context=name)
        try:
            _ = process.cluster(each).client
        except ClusterError:
            continue
        yield each
