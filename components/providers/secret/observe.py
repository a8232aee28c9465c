"""Observes what plans are made from: all that `check` asks of AWS and the clusters, without a value.

Each question is asked for all Secrets at once whose plans need its answer, so that sources go out in few calls. The
snapshot runs before its secrets in the same process, and what it read is in that process's memory. What it did not read
(a targeted update, a secret that waits for other resources, a refresh interval that differs) is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...clients.aws.ssm.parameters import ProblemKind
from ...core.secret.kubernetes_secret import decoded
from ...core.secret.template_texts import TextKey, text_keys
from ...core.spec.entries import FindSpec, RemoteRefSpec
from ...core.spec.specs import Operation, Place, SecretSpec, label
from ...errors import ParameterStoreError, ReadError, SpecError
from ..operation.cluster_memory import Claim
from ..operation.memory import TOLD_AT_MOST
from .cluster_records import server_before
from .observation import ClusterAnswer, Declaration, Kind, Observation, Question, SourcesAnswer, Texts
from .ownership import Standing
from .plan import plan
from .reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...clients.aws.ssm.parameters import ReadProblem
    from ..operation.cluster_memory import ClusterMemory
    from ..operation.memory import ProcessMemory, StoreMemory
    from .previous import Previous

    _Look = Callable[[Observation, ProcessMemory], Observation]
    _Answer = Callable[[list[Observation], ProcessMemory], list[Observation]]


def observe(declarations: Iterable[Declaration], process: ProcessMemory) -> list[Observation]:
    """Ask all that the plans of Secrets need to know.

    Args:
        declarations: what is declared and recorded of each.
        process: the operation's clients and memory.

    Returns:
        One for each declaration. What fails for one of them is its observation's `problem`.
    """
    seen = [Observation(each) for each in declarations]
    plans = plan(seen)
    for question, answer in _ANSWERS.items():
        asking = [index for index, each in enumerate(plans) if each.question is question]
        answers = answer([seen[index] for index in asking], process)
        for index, answered, planned in zip(asking, answers, plan(answers), strict=True):
            seen[index], plans[index] = answered, planned
    return seen


def _each(look: _Look) -> _Answer:
    """Answer a question Secret by Secret."""
    return lambda seen, process: [_answered(look, each, process) for each in seen]


def _answered(look: _Look, seen: Observation, process: ProcessMemory) -> Observation:
    try:
        return look(seen, process)
    except ParameterStoreError as error:
        return replace(seen, problem=error)


def _namespace(seen: Observation, process: ProcessMemory) -> Observation:
    spec = seen.declaration.spec
    return replace(seen, labels=process.cluster(spec.cluster).labels(spec.namespace))


def _cluster(seen: Observation, process: ProcessMemory) -> Observation:
    declaration, spec = seen.declaration, seen.declaration.spec
    cluster = process.cluster(spec.cluster)
    live, server, moved, rival = None, {}, False, None
    if spec.target.creation_policy != "None":
        live = cluster.live(spec.namespace, spec.name)
        server = {"context": cluster.client.context, "server": cluster.client.server}
        before = server_before(declaration.olds, declaration.news, process)
        moved = before is not None and before != cluster.client.server
        rival = cluster.claim(
            spec.namespace, spec.name, Claim(spec.owner, spec.target.shared, spec.plain_keys or frozenset())
        )
    previous = declaration.previous_here(live, moved=moved)
    accounts = _accounts(spec, declaration.operation, process)
    return replace(seen, cluster=ClusterAnswer(live, standing(spec, previous, process), server, moved, rival, accounts))


def standing(spec: SecretSpec, previous: Previous | None, process: ProcessMemory) -> Standing:
    """What the state says of a Secret, as far as this operation was told."""
    written = previous is not None and previous.wrote
    known, was_written = process.cluster(spec.cluster).recall(
        spec.namespace, spec.name, spec.owner, previous.spec.owner if previous else None, written=written
    )
    return Standing(frozenset(known), written or was_written, frozenset(process.state_ids))


def _kind(seen: Observation, process: ProcessMemory) -> Observation:
    spec = seen.declaration.spec
    secret = process.cluster(spec.cluster).client.get_secret(spec.namespace, spec.name) or {}
    return replace(seen, kind=Kind(bool(secret.get("immutable")), secret.get("type")))


def _access(seen: Observation, process: ProcessMemory) -> Observation:
    spec = seen.declaration.spec
    process.cluster(spec.cluster).probe(spec.namespace, spec.name)
    return replace(seen, writable=True)


def _sources(seen: list[Observation], process: ProcessMemory) -> list[Observation]:
    problems = _read_unread([(each.declaration.spec, each.declaration.operation) for each in seen], process)

    def look(each: Observation, process: ProcessMemory) -> Observation:
        spec, operation = each.declaration.spec, each.declaration.operation
        for store in _stores_read(spec):
            if problem := problems.get(id(process.store(spec.stores[store], operation))):
                raise problem
        reading = _reading(spec, operation, process)
        texts = read_texts(process.cluster(spec.cluster), spec, operation)
        findings = {name: process.store(store, operation).unusable for name, store in spec.stores.items()}
        return replace(each, sources=SourcesAnswer(reading, texts, findings))

    return [_answered(look, each, process) for each in seen]


def _stores_read(spec: SecretSpec) -> list[str | None]:
    """The names in entries of the stores that are read from, in order."""
    return list(dict.fromkeys(store for store, _ in spec.places))


def _read_unread(
    secrets: Iterable[tuple[SecretSpec, Operation]], process: ProcessMemory
) -> dict[int, ParameterStoreError]:
    """Ask each store once for what its snapshot did not ask; id of its memory -> why it cannot be read."""
    unread: dict[int, tuple[StoreMemory, dict[str, None]]] = {}
    for spec, operation in secrets:
        for store, source in spec.places:
            memory = process.store(spec.stores[store], operation)
            if operation.late or source not in memory.seen:
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
        ReadError: a source cannot be read; the text names each key or entry that needs it.
        IdentityError: a store's identity cannot be taken.
    """
    for problem in _read_unread([(spec, operation)], process).values():
        raise problem
    return _reading(spec, operation, process)


def _reading(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> Reading:
    problems: dict[str, ReadProblem] = {}
    missing: list[str] = []
    seen: dict[Place, StoreMemory] = {}
    for store, source in sorted(spec.places, key=lambda place: _stores_read(spec).index(place[0])):
        place, memory = (store, source), process.store(spec.stores[store], operation)
        problem = memory.seen.problems.get(source)
        if problem is None:
            seen[place] = memory
        elif operation.preview and (operation.late or source in operation.pending | memory.granted_in_up):
            continue  # up makes or grants it before it reads
        elif problem.kind is ProblemKind.MISSING and spec.target.skips_missing:
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
        accounts=_accounts(spec, operation, process),
        complete=len(seen) + len(missing) == len(spec.places),
    )


def _accounts(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> dict[str, str]:
    """The AWS account of each store, as far as this operation has learnt it; nothing is asked."""
    known = {store: process.store(spec.stores[store], operation).account for store, _ in spec.places}
    return {store or "": account for store, account in known.items() if account}


def _labelled(place: Place, times: Mapping[str, int]) -> dict[str, int]:
    """Times by name, where a reference's own name is its label."""
    return {label(place) if name == place[1] else name: at for name, at in times.items()}


def _besides(spec: SecretSpec, operation: Operation, process: ProcessMemory) -> list[str]:
    """What else of the same stores cannot be read: a preview ends at the first Secret that fails."""
    if not operation.preview:
        return []
    unreadable = {
        (store, source)
        for store in _stores_read(spec)
        for source in process.store(spec.stores[store], operation).unreadable
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


def _or_find(where: str, origin: RemoteRefSpec | FindSpec, problem: ReadProblem) -> str:
    """What to do where somebody extracts a path, to get all that is below it."""
    if problem.kind is not ProblemKind.MISSING or isinstance(origin, FindSpec) or not where.endswith(".extract"):
        return ""
    if not origin.key.startswith("/"):
        return ""
    return f"; extract takes one parameter: for all below it, write find with path {origin.key!r} and name.regexp '.*'"


def read_texts(cluster: ClusterMemory, spec: SecretSpec, operation: Operation) -> Texts:
    """The texts that the Secret's template names.

    Raises:
        SpecError: a ConfigMap or Secret is not there, or lacks a key.
        ParameterStoreError: one cannot be read.
    """
    template = spec.target.template
    texts: dict[TextKey, bytes] = {}
    complete = True
    for index, source in enumerate(template.template_from if template else ()):
        keys = text_keys(source)
        if not keys:
            continue
        kind, name, _ = keys[0]
        found = _read(cluster, spec.namespace, kind, name)
        where = f"target.template.templateFrom[{index}]: {kind} {spec.namespace}/{name}"
        if found is None:
            if not operation.texts_may_come:
                raise SpecError(f"{where} does not exist")
            complete = False
            continue
        data = _data(kind, found)
        for key in keys:
            item = key[2]
            if item in data:
                texts[key] = data[item]
            elif operation.texts_may_come:
                complete = False
            else:
                raise SpecError(f"{where} has no key {item!r} (missing key {item})")
    return Texts(texts, complete)


def _read(cluster: ClusterMemory, namespace: str, kind: str, name: str) -> dict[str, Any] | None:
    if kind == "ConfigMap":
        return cluster.config_map(namespace, name)
    return cluster.client.get_secret(namespace, name)


def _data(kind: str, found: Mapping[str, Any]) -> dict[str, bytes]:
    if kind == "Secret":
        return decoded(found.get("data"))
    return {key: text.encode() for key, text in (found.get("data") or {}).items()}


_ANSWERS: dict[Question, _Answer] = {
    Question.NAMESPACE: _each(_namespace),
    Question.CLUSTER: _each(_cluster),
    Question.SOURCES: _sources,
    Question.KIND: _each(_kind),
    Question.ACCESS: _each(_access),
}
"""How each question is answered, in the order in which plans ask."""
