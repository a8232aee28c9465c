"""What is asked of a Secret's stores: versions, for which nothing is decrypted, and values at just those versions.

The snapshot runs before its secrets in the same process, and what it read is in that process's memory. What it did not
read (a targeted update, a secret that waits for other resources, a refresh interval that differs) is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from ...core.secret.extraction import Got
from ...core.service import ProblemKind
from ...core.spec.entries import Find, Origin
from ...core.spec.specs import Operation, SecretSpec, StoreSource, label
from ...display import NOT_SHOWN, may_be_secret_key, some_of
from ...errors import ParameterStoreError, ReadError
from .source_versions import Reading

if TYPE_CHECKING:
    from ...clients.aws.reads import ReadProblem
    from ...core.secret_value import Secret
    from ..operation.memory import ProcessMemory, StoreMemory


def read_unread(
    secrets: Iterable[tuple[SecretSpec, Operation]], process: ProcessMemory
) -> dict[int, ParameterStoreError]:
    """Ask each store once for what its snapshot did not ask; id of its memory -> why it cannot be read."""
    unread: dict[int, tuple[StoreMemory, dict[str, None]]] = {}
    for spec, operation in secrets:
        for store, source in spec.store_sources:
            memory = process.store(spec.stores[store], operation)
            if operation.deferred or source not in memory.seen:
                unread.setdefault(id(memory), (memory, {}))[1][source] = None
    problems: dict[int, ParameterStoreError] = {}
    for key, (memory, sources) in unread.items():
        try:
            memory.read(list(sources), decrypt=False)
        except ParameterStoreError as error:
            problems[key] = error
    return problems


def read(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> Reading:
    """The sources of one Secret as they are now; nothing is decrypted.

    Raises:
        ReadError: as `reading_of`, or a store as a whole cannot be read.
        IdentityError: a store's identity cannot be taken.
    """
    for problem in read_unread([(spec, operation)], process).values():
        raise problem
    return reading_of(spec, operation, process)


def reading_of(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> Reading:
    """The sources of one Secret, which have been read.

    Raises:
        ReadError: a source could not be read; the text names each key or entry that needs it.
    """
    problems: dict[str, ReadProblem] = {}
    missing: list[str] = []
    seen: dict[StoreSource, StoreMemory] = {}
    by_place: dict[StoreSource, list[Origin]] = {}
    for _, origin in spec.origins:
        by_place.setdefault((origin.store, origin.source), []).append(origin)
    order = spec.store_names
    for store, source in sorted(spec.store_sources, key=lambda place: order.index(place[0])):
        place, memory = (store, source), process.store(spec.stores[store], operation)
        problem = memory.seen.problems.get(source)
        if problem is None:
            seen[place] = memory
        elif operation.preview and (operation.deferred or source in operation.pending | memory.granted_in_up):
            continue  # up makes or grants it before it reads
        elif problem.kind is ProblemKind.MISSING and all(spec.may_lack(each) for each in by_place[place]):
            missing.append(label(place))
        else:
            problems[label(place)] = problem
    if problems:
        _raise(spec, problems, _besides(spec, operation, process))
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
        accounts=accounts_of(spec, operation, process),
        complete=len(seen) + len(missing) == len(spec.store_sources),
    )


def accounts_of(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> dict[str, str]:
    """The AWS account of each store, as far as this operation has learnt it; nothing is asked."""
    known = {store: process.store(spec.stores[store], operation).account for store in spec.store_names}
    return {store or "": account for store, account in known.items() if account}


def _labelled(place: StoreSource, times: Mapping[str, int]) -> dict[str, int]:
    """Times by name, where a reference's own name is its label."""
    return {label(place) if name == place[1] else name: at for name, at in times.items()}


def _besides(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> list[str]:
    """What else of the same stores cannot be read: a preview ends at the first Secret that fails."""
    if not operation.preview:
        return []
    unreadable = {
        (store, source)
        for store in spec.store_names
        for source in process.store(spec.stores[store], operation).unreadable
    }
    listed = unreadable - set(spec.store_sources)
    return sorted(NOT_SHOWN if may_be_secret_key(place[1]) else label(place) for place in listed)


def _raise(spec: SecretSpec, problems: Mapping[str, ReadProblem], besides: list[str]) -> None:
    told = [
        f"{where}: {problem.message}{_or_find(where, origin, problem, spec)}"
        for where, origin in spec.origins
        if (problem := problems.get(label((origin.store, origin.source))))
        and not (problem.kind is ProblemKind.MISSING and spec.may_lack(origin))
    ]
    if besides:
        told.append(f"besides, other Secrets' {some_of(besides)} cannot be read")
    raise ReadError("; ".join(told))


def _or_find(where: str, origin: Origin, problem: ReadProblem, spec: SecretSpec) -> str:
    """What to do where somebody extracts a path, to get all that is below it."""
    if problem.kind is not ProblemKind.MISSING or isinstance(origin, Find) or not where.endswith(".extract"):
        return ""
    service = spec.service_of(origin.store)
    path = service.path_of_find(origin.key)
    if path is None:
        return ""
    return (
        f"; extract takes one {service.noun}: for all below it, write find with path {path!r} and name '.*' "
        "(ESO: name.regexp)"
    )


def read_ahead(wanted: Iterable[tuple[SecretSpec, Reading, Operation]], process: ProcessMemory) -> None:
    """Read the values of many Secrets' keys together, as few calls do; what cannot be read is told by who needs it.

    Args:
        wanted: the Secrets, with nothing but the keys whose values are needed.
        process: where the values are kept.
    """
    asked: dict[int, tuple[StoreMemory, dict[str, str]]] = {}
    for spec, reading, operation in wanted:
        for reference in spec.data.values():
            version = reading.versions.get(label((reference.store, reference.source)))
            if version is not None:
                memory = process.store(spec.stores[reference.store], operation)
                asked.setdefault(id(memory), (memory, {}))[1][reference.source] = version
    for memory, versions in asked.values():
        with suppress(ParameterStoreError):
            memory.values(versions)


def decrypt(spec: SecretSpec, reading: Reading, operation: Operation, process: ProcessMemory) -> Got:
    """The values of a reading's sources, at just its versions; they never leave the process.

    Raises:
        ReadError: a value cannot be read; the text names it.
    """
    values: dict[StoreSource, Secret] = {}
    listings: dict[StoreSource, Mapping[str, Secret]] = {}
    by_label = {label(place): place for place in spec.store_sources}
    for store in spec.store_names:
        memory = process.store(spec.stores[store], operation)
        wanted = {
            source: reading.versions[label((store, source))]
            for name, source in spec.store_sources
            if name == store and label((store, source)) in reading.versions
        }
        values |= {(store, source): value for source, value in memory.values(wanted).items()}
        for name, source in spec.store_sources:
            if name == store and label((store, source)) in reading.found:
                listings[store, source] = memory.listing(source, reading.found[label((store, source))])
    return Got(
        values=values,
        listings=listings,
        tags={by_label[name]: tags for name, tags in reading.tags.items()},
        missing=frozenset(by_label[name] for name in reading.missing),
    )
