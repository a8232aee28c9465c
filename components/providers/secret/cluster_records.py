"""Which cluster a Secret is in, as the state records it: is it the one that is declared, and what is the way back.

A kubeconfig and a context only say how to get there, and may lead elsewhere tomorrow. So the state records the context
and the server that they led to, and the cluster's id: one server may have several URLs, and one URL, such as that of a
tunnel, may lead to several clusters. Where the id is not known, the very Secret, by its uid, proves which one it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi.runtime.rpc import contains_unknowns

from ...core.secret.kubernetes_secret import OWNER_ANNOTATION
from ...core.spec.specs import SecretSpec
from ...core.spec.store_specs import UNREACHABLE_VARIABLE, ClusterSpec
from ...errors import ClusterError
from ..operation.cluster_memory import BY_AUTHORITY, are_other
from ..operation.memory import DELETE_UNREACHABLE
from .observation import Declaration, Location
from .previous import CLUSTER_ID, THERE, WRITTEN_TO

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from ..operation.memory import ProcessMemory


def locate(declaration: Declaration, live: SecretMetadata | None, process: ProcessMemory) -> Location:
    """Say which cluster a Secret is written to, and whether that may be another one than before.

    Args:
        declaration: what is declared and recorded.
        live: the Secret of that name in the cluster that is declared.
        process: the operation's clients and memory.

    Raises:
        ClusterError: the cluster cannot be reached.
    """
    cluster, olds = process.cluster(declaration.spec.cluster), declaration.olds
    client, before = cluster.client, olds.get(WRITTEN_TO) or {}
    marked = live is not None and any(name.startswith(OWNER_ANNOTATION) for name in live.annotations)
    recorded = olds.get(CLUSTER_ID)
    known = recorded if marked and before.get("server") == client.server else None
    # A Secret with our mark proves enough where nothing else has changed, and costs no call; see `is_elsewhere`.
    found = known or cluster.id
    server = _server_before(olds, declaration.news, process)
    moved = server is not None and (server != client.server or are_other(recorded, found))
    gone = moved and (recorded != found if _surely(recorded, found) else not marked)
    return Location({"context": client.context, "server": client.server}, found, moved, gone)


def is_elsewhere(olds: Mapping[str, Any], news: Mapping[str, Any], process: ProcessMemory) -> bool:
    """Whether the Secret that was written is not in the cluster that is declared.

    That cluster's id decides, and where it is not known the Secret's uid.

    Args:
        olds: the outputs of its resource.
        news: its checked inputs.
        process: the operation's clients and memory.

    Raises:
        ClusterError: the cluster cannot be reached.
    """
    before, now = olds.get(CLUSTER_ID), news.get(CLUSTER_ID)
    if THERE in news:
        if _surely(before, now):
            return bool(before != now)
        return "uid" in olds and olds["uid"] != news[THERE]["uid"]
    if WRITTEN_TO not in news or not before or "uid" not in olds:
        return False
    # A Secret with our mark and another uid: made again in this cluster, or copied to another one behind the same URL.
    cluster = process.cluster(ClusterSpec.from_bag(news.get("cluster") or {}))
    seen = cluster.seen(news["namespace"], news["secretName"])
    return seen not in (None, olds["uid"]) and are_other(before, cluster.id)


def are_apart(one: ClusterSpec, other: ClusterSpec, process: ProcessMemory) -> bool:
    """Whether two ways surely lead to two clusters.

    Raises:
        ClusterError: one of them cannot be reached.
    """
    if one == other:
        return False
    ids = [process.cluster(each).id for each in (one, other)]
    return _surely(*ids) and ids[0] != ids[1]


def _surely(one: str | None, other: str | None) -> bool:
    """Whether two ids are those of the clusters themselves, so that they decide."""
    return all(each and not each.startswith(BY_AUTHORITY) for each in (one, other))


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
    context, server, known = record["context"], record["server"], bag.get(CLUSTER_ID)
    named = [spec.cluster, replace(spec.cluster, context=context)] if context else [spec.cluster]
    found: dict[ClusterSpec, str] = {}
    problem: ClusterError | None = None
    for each in dict.fromkeys(named):
        try:
            found[each] = process.cluster(each).client.server
        except ClusterError as error:
            problem = problem or error
    if not known and not _is_by(spec.cluster, context, found, process):
        # By the same URL the current context may lead to another cluster, which no id tells apart.
        found = dict(reversed(found.items()))
    taken = False
    for each in _by_url(found, server, spec.cluster, process):
        if not known or not are_other(known, process.cluster(each).id):
            return each
        taken = True
    for each in found:
        cluster = process.cluster(each)
        live = cluster.client.get_secret_metadata(spec.namespace, spec.name)
        if (known and known == cluster.id) or (live is not None and live.uid == bag.get("uid")):
            return each
    if taken:
        raise _LostError("another cluster answers at that URL by now")
    raise _LostError(str(problem) if problem else "no context of the kubeconfig leads to that server")


def _is_by(way: ClusterSpec, context: str, found: Mapping[ClusterSpec, str], process: ProcessMemory) -> bool:
    return way in found and process.cluster(way).client.context == context


def _by_url(
    found: Mapping[ClusterSpec, str], server: str, cluster: ClusterSpec, process: ProcessMemory
) -> Iterator[ClusterSpec]:
    """The ways that lead to a URL: those that were named, then the other contexts of the kubeconfig."""
    yield from (each for each, url in found.items() if url == server)
    yield from (each for each in _other_contexts(cluster, process) if process.cluster(each).client.server == server)


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
        where = _unreachable(spec, bag)
        if not _counts_as_deleted(spec, process):
            raise _LostError(_advice(where, error, spec, process)) from None
        gone.append(where)
        sys.stderr.write(f"warning: {where}; it is dropped from the state, as deleteUnreachable says\n")
        sys.stderr.flush()


def warn_of_move(bag: Mapping[str, Any], process: ProcessMemory) -> None:
    """Say in preview that the cluster which a Secret moves away from cannot be reached; once for each cluster.

    Args:
        bag: the outputs of its resource.
        process: the operation's clients and memory.
    """
    spec = SecretSpec.from_bag(bag)
    try:
        process.cluster(written_to(spec, bag, process)).live(spec.namespace, spec.name)
    except ClusterError as error:
        where = _unreachable(spec, bag)
        if not _is_unreachable(error):
            text = f"{where}: {str(error).rstrip('.')}. `pulumi up` fails when it deletes the Secret there"
        elif _counts_as_deleted(spec, process):
            text = f"{where}; `pulumi up` drops it from the state, as deleteUnreachable says, and leaves it there"
        else:
            text = (
                f"{_advice(where, error, spec, process)}. Until then `pulumi up` fails when it deletes the Secret there"
            )
        process.tell_once(str(bag[WRITTEN_TO]), f"warning: {text}")


def _unreachable(spec: SecretSpec, bag: Mapping[str, Any]) -> str:
    record = bag.get(WRITTEN_TO) or {}
    place = f" (context '{record['context']}', {record['server']})" if record.get("context") else ""
    return f"Secret {spec.namespace}/{spec.name}: the cluster that it was written to{place} cannot be reached"


def _advice(where: str, error: ClusterError, spec: SecretSpec, process: ProcessMemory) -> str:
    return (
        f"{where}: {str(error).rstrip('.')}. Make it reachable and try again; or, if the cluster is gone for "
        f"good, {_way_out(spec, process)}; or declare retain_on_delete, and the Secret stays where it is"
    )


def _counts_as_deleted(spec: SecretSpec, process: ProcessMemory) -> bool:
    """What the provider was given decides, then the setting, then the environment, as in pulumi-kubernetes."""
    for said in (spec.cluster.delete_unreachable, process.delete_unreachable):
        if said is not None:
            return said
    return os.environ.get(UNREACHABLE_VARIABLE, "").lower() in ("1", "t", "true")


def _way_out(spec: SecretSpec, process: ProcessMemory) -> str:
    """What has the Secrets of a cluster that is gone dropped, where something said that they stay."""
    if spec.cluster.delete_unreachable is not None:
        return "remove the resource by `pulumi state delete`, as its provider's delete_unreachable=False has it kept"
    said = f"the setting {DELETE_UNREACHABLE}"
    if process.delete_unreachable is not None:
        return f"change {said} to true to drop its Secrets from the state"
    ways = f"{UNREACHABLE_VARIABLE}=true (or {said}, or the provider's delete_unreachable)"
    return f"set {ways} to drop its Secrets from the state"


def _is_unreachable(error: ClusterError) -> bool:
    """Whether no answer came at all; one that does not know us says that the cluster is there."""
    from ...clients.kubernetes.cluster_errors import KubeconfigError, UnavailableError  # noqa: PLC0415  see clients.py

    silent = isinstance(error, UnavailableError) and error.last_status is None
    return silent or isinstance(error, KubeconfigError | _LostError)


def _server_before(olds: Mapping[str, Any], news: Mapping[str, Any], process: ProcessMemory) -> str | None:
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
