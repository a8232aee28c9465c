"""Observes what plans are made from: all that `check` asks of AWS and the clusters, without a value.

Each question is asked for all Secrets at once whose plans need its answer, so that few calls ask for many sources.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import ParameterStoreError
from ..operation.template_reads import read_texts
from .cluster_records import locate
from .observation import ClusterAnswer, Declaration, FixedFields, Location, Observation, Question, SourcesAnswer
from .planner import plan, resume
from .standing import claim, recognised, standing_of
from .store_reads import accounts_of, read_unread, reading_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..operation.memory import ProcessMemory

    _Look = Callable[[Observation, ProcessMemory], Observation]
    _Answer = Callable[[list[Observation], ProcessMemory], list[Observation]]


def observe(declarations: Iterable[Declaration], process: ProcessMemory) -> list[Observation]:
    """Ask all that the plans of Secrets need to know; what fails for one of them is its observation's `problem`."""
    plans = plan(map(Observation, declarations))
    for question, answer in _ANSWERS.items():
        asking = [index for index, each in enumerate(plans) if each.question is question]
        answers = answer([plans[index].seen for index in asking], process)
        for index, answered in zip(asking, answers, strict=True):
            plans[index] = resume(plans[index], answered)
    return [each.seen for each in plans]


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
    live, location = None, Location()
    if spec.target.creation_policy != "None":
        live = cluster.live(spec.namespace, spec.name)
        location = locate(declaration, live, process)
    before = None if location.gone else declaration.previous
    known = recognised(spec, before, live, process)
    if known is not spec and (before is not None or not declaration.operation.preview):
        declaration = declaration.owned_by(known)
    answer = ClusterAnswer(
        live,
        standing_of(declaration.spec, before, process),
        location,
        claim(declaration.spec, spec.plain_keys or frozenset(), live.uid if live else None, process),
        accounts_of(spec, declaration.operation, process),
    )
    return replace(seen, declaration=declaration, cluster=answer)


def _fixed(seen: Observation, process: ProcessMemory) -> Observation:
    spec = seen.declaration.spec
    secret = process.cluster(spec.cluster).client.get_secret(spec.namespace, spec.name) or {}
    return replace(seen, fixed=FixedFields(bool(secret.get("immutable")), secret.get("type")))


def _access(seen: Observation, process: ProcessMemory) -> Observation:
    spec = seen.declaration.spec
    doubt = process.cluster(spec.cluster).probe(spec.namespace, spec.name)
    if doubt and seen.declaration.operation.preview:
        text = f"warning: {doubt} That was a dry run without values; whether the Secret itself is taken, `up` tells"
        process.tell_once(f"admission to {spec.namespace}", text)
    return replace(seen, writable=True)


def _sources(seen: list[Observation], process: ProcessMemory) -> list[Observation]:
    problems = read_unread([(each.declaration.spec, each.declaration.operation) for each in seen], process)

    def look(each: Observation, process: ProcessMemory) -> Observation:
        spec, operation = each.declaration.spec, each.declaration.operation
        for store in spec.store_names:
            if problem := problems.get(id(process.store(spec.stores[store], operation))):
                raise problem
        reading = reading_of(spec, operation, process)
        texts = read_texts(process.cluster(spec.cluster), spec.namespace, spec.target.template, operation)
        findings = {name: process.store(store, operation).unusable for name, store in spec.stores.items()}
        return replace(each, sources=SourcesAnswer(reading, texts, findings))

    return [_answered(look, each, process) for each in seen]


_ANSWERS: dict[Question, _Answer] = {
    Question.NAMESPACE: _each(_namespace),
    Question.CLUSTER: _each(_cluster),
    Question.SOURCES: _sources,
    Question.FIXED_FIELDS: _each(_fixed),
    Question.ACCESS: _each(_access),
}
"""How each question is answered, in the order in which plans ask."""
