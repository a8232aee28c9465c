"""Which cluster a Secret is in, as the state records it: is it the one that is declared, and what is the way back.

A kubeconfig and a context only say how to get there, and may lead elsewhere tomorrow. So the state records the context
and the server that they led to. A server may have several URLs; that the very Secret is there, by its uid, proves it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi.runtime.rpc import contains_unknowns

from ...core.secret.kubernetes_secret import OWNER_ANNOTATION
from ...core.spec.specs import SecretSpec
from ...core.spec.store_specs import ClusterSpec
from ...errors import ClusterError
from ..operation.opening import process_memory

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata

WRITTEN_TO = "writtenTo"
THERE = "__there"
VARIABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
SETTING = "kubernetes:deleteUnreachable"

_settings: dict[str, bool] = {}


def take_settings(get: Callable[[str], Any]) -> None:
    """Remember what the stack's settings say, as the provider's process is told of them once."""
    _settings[SETTING] = str(get(SETTING) or "").lower() == "true"


def note_cluster(
    spec: SecretSpec, olds: Mapping[str, Any], live: SecretMetadata | None, inputs: dict[str, Any]
) -> bool:
    """Record in the inputs which cluster the Secret is written to, and whether that is another server than before.

    Args:
        spec: the Secret.
        olds: what the last operation recorded.
        live: the Secret of that name in the cluster that is declared.
        inputs: gets `writtenTo`, and where the server is another one, what is there under the Secret's name.

    Returns:
        True where the Secret that was written is surely not in this cluster. Where it looks like it, `is_elsewhere`
        decides, which knows its uid.
    """
    if spec.target.creation_policy == "None":
        return False
    client = process_memory().cluster(spec.cluster).client
    inputs[WRITTEN_TO] = {"context": client.context, "server": client.server}
    before = _server_before(olds, inputs)
    if before is None or before == client.server:
        return False
    inputs[THERE] = {"uid": live.uid if live else ""}
    return live is None or not any(name.startswith(OWNER_ANNOTATION) for name in live.annotations)


def is_elsewhere(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the Secret that was written, by its uid, is not in the cluster that is declared."""
    return THERE in news and "uid" in olds and olds["uid"] != news[THERE]["uid"]


def written_to(spec: SecretSpec, bag: Mapping[str, Any]) -> ClusterSpec:
    """The way to the cluster that a Secret was written to.

    Args:
        spec: the Secret, as it is recorded.
        bag: the outputs of its resource.

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
            found[each] = process_memory().cluster(each).client.server
        except ClusterError as error:
            problem = problem or error
    for each, url in found.items():
        if url == server:
            return each
    for each in _other_contexts(spec.cluster):
        if process_memory().cluster(each).client.server == server:
            return each
    for each in found:
        live = process_memory().cluster(each).client.get_secret_metadata(spec.namespace, spec.name)
        if live is not None and live.uid == bag.get("uid"):
            return each
    raise _LostError(str(problem) if problem else "no context of the kubeconfig leads to that server")


class _LostError(ClusterError):
    """The kubeconfig does not lead to the recorded cluster."""


@contextmanager
def unless_unreachable(spec: SecretSpec, bag: Mapping[str, Any]) -> Iterator[list[str]]:
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
        if not (spec.cluster.delete_unreachable or _settings.get(SETTING) or _said_so()):
            raise _LostError(
                f"{where}: {str(error).rstrip('.')}. Make it reachable and try again; or, if the cluster is gone for "
                f"good, set {VARIABLE}=true (or the setting {SETTING}, or the provider's delete_unreachable) to drop "
                "its Secrets from the state; or declare retain_on_delete, and the Secret stays where it is"
            ) from None
        gone.append(where)
        sys.stderr.write(f"warning: {where}; it is dropped from the state, as deleteUnreachable says\n")
        sys.stderr.flush()


def _said_so() -> bool:
    return os.environ.get(VARIABLE, "").lower() in ("1", "t", "true")


def _is_unreachable(error: ClusterError) -> bool:
    """Whether no answer came at all; one that does not know us says that the cluster is there."""
    from ...clients.kubernetes.errors import KubeconfigError, UnavailableError  # noqa: PLC0415  see opening.py

    silent = isinstance(error, UnavailableError) and error.last_status is None
    return silent or isinstance(error, KubeconfigError | _LostError)


def _server_before(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str | None:
    """The server that the last operation wrote to; None where there was none, or that cannot be said."""
    if WRITTEN_TO in olds:
        return str(olds[WRITTEN_TO]["server"])
    # An older version recorded the choice alone.
    if not olds or olds.get("cluster") == news.get("cluster") or contains_unknowns(olds.get("cluster")):
        return None
    try:
        return process_memory().cluster(ClusterSpec.from_bag(olds.get("cluster") or {})).client.server
    except ClusterError:
        return ""


def _other_contexts(cluster: ClusterSpec) -> Iterator[ClusterSpec]:
    """The cluster's kubeconfig by all of its contexts that can be used."""
    from ...clients.kubernetes.connection import context_names  # noqa: PLC0415  see opening.py

    try:
        names = context_names(cluster.kubeconfig, os.environ)
    except ClusterError:
        return
    for name in names:
        each = replace(cluster, context=name)
        try:
            _ = process_memory().cluster(each).client
        except ClusterError:
            continue
        yield each
