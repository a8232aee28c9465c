"""Does to parameters what was built, and tells how far it is: AWS takes three writes a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ...clients.waiting import TELL_EVERY
from ...core.parameter.parameter_mark import whose
from ...core.service import ProblemKind, tags_source
from ...core.spec.push_specs import OWNER_TAG
from ...core.spec.specs import Operation
from ...errors import ReadError, WriteError
from ..operation.claims import parameter_places
from ..operation.deliveries import passed_on

if TYPE_CHECKING:
    from ..operation.deliveries import Delivery
    from ..operation.memory import ProcessMemory

_AT_ONCE = 10
"""Versions that one call asks for: for so many writes it is looked at once more that nobody was faster."""
_Places = dict[tuple[int, str], str]
"""Something of parameters, by their stores, which are the same object, and names."""


class UndeliveredError(WriteError):
    """Some of it was not done; the rest was.

    Attributes:
        undone: the store and name of each parameter that is not as it should be.
    """

    def __init__(self, text: str, undone: Iterable[Delivery]) -> None:
        """Keep what was not done beside the text."""
        super().__init__(text)
        self.undone = frozenset((each.store, each.name) for each in undone)


def deliver(
    deliveries: Sequence[Delivery],
    process: ProcessMemory,
    owner: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Do it, in order; what fails for one parameter does not stop the others.

    Args:
        deliveries: what is to be done.
        process: the operation's memory.
        owner: the PushSecret, by its URN; None for one that is removed.
        clock: for progress.

    Raises:
        UndeliveredError: AWS refuses something or does not answer, or somebody else was faster; the text names each
            parameter. What was done bears our mark, by which the next update knows it.
    """
    operation = Operation(preview=False, decrypt=True)
    failed: list[str] = []
    undone: list[Delivery] = []
    told = clock()
    for first in range(0, len(deliveries), _AT_ONCE):
        some = deliveries[first : first + _AT_ONCE]
        there = [each for each in some if each.seen is not None]
        try:
            versions, marks = _versions(there, operation, process), _marks(there, operation, process)
        except ReadError as error:
            failed.append(str(error))
            undone += deliveries[first:]
            break
        for at, each in enumerate(some):
            account = process.store(each.store, operation).account
            if each.goes and process.claims.is_wanted(parameter_places(each.store, each.name, account), owner):
                process.tell(passed_on(each.name, each.store))
                continue
            try:
                _refuse_taken(each, marks.get(place := (id(each.store), each.name)))
                _deliver(each, versions.get(place), operation, process)
            except (ReadError, WriteError) as error:
                failed.append(str(error))
                undone.append(each)
            if clock() - told >= TELL_EVERY:
                told = clock()
                process.tell(f"wrote {first + at + 1:,} of {len(deliveries):,} {each.store.service.noun}s")
    if failed:
        raise UndeliveredError("; ".join(failed), undone)


def _by_store(deliveries: Iterable[Delivery]) -> Iterable[tuple[int, list[Delivery]]]:
    """The deliveries of each store, with its identity as an object."""
    grouped: dict[int, list[Delivery]] = {}
    for each in deliveries:
        grouped.setdefault(id(each.store), []).append(each)
    return grouped.items()


def _versions(there: Sequence[Delivery], operation: Operation, process: ProcessMemory) -> _Places:
    """The versions that parameters have now which were there when they were looked at."""
    found: _Places = {}
    for key, some in _by_store(there):
        memory = process.store(some[0].store, operation)
        memory.read([each.name for each in some], decrypt=False)
        found |= {
            (key, each.name): memory.seen.versions[each.name] for each in some if each.name in memory.seen.versions
        }
    return found


def _marks(there: Sequence[Delivery], operation: Operation, process: ProcessMemory) -> _Places:
    """The marks that those parameters bear now; who takes one over need not change its version.

    Raises:
        ReadError: some cannot be read.
    """
    found: _Places = {}
    asked: list[Delivery] = []
    for each in there:
        details = process.store(each.store, operation).seen.details.get(each.name)
        if details is None or details.tags is None:
            asked.append(each)
        elif mark := details.tags.get(OWNER_TAG):
            found[id(each.store), each.name] = mark
    for key, some in _by_store(asked):
        memory = process.store(some[0].store, operation)
        memory.read([tags_source(each.name) for each in some], decrypt=False)
        for each in some:
            problem = memory.seen.problems.get(source := tags_source(each.name))
            if problem and problem.kind is not ProblemKind.MISSING:
                raise ReadError(problem.message)
            if mark := memory.seen.tags.get(source, {}).get(OWNER_TAG):
                found[key, each.name] = mark
    return found


def _refuse_taken(each: Delivery, mark: str | None) -> None:
    """Raise WriteError where a parameter bears another mark than when it was looked at, and not ours."""
    if mark not in (None, each.mark, each.tags.get(OWNER_TAG)):
        raise WriteError(
            f"{each.title} was taken over by somebody else while this was running ({whose(mark)}), so it is not "
            "touched; run this again: preview says what changed"
        )


def _deliver(each: Delivery, version: str | None, operation: Operation, process: ProcessMemory) -> None:
    from ...clients.aws.writes import AlreadyThereError  # noqa: PLC0415  see operation/clients.py

    memory = process.store(each.store, operation)
    writer = memory.writer
    changes = each.seen is not None and (each.put is not None or each.deletes)
    if changes and not each.restores and (version or "") != each.seen:
        if version is None and each.deletes and each.put is None:
            return  # it is gone already
        raise WriteError(
            f"{each.title} was changed by somebody else while this was running, so it is not touched; run "
            "this again: preview says what changed"
        )
    if each.restores:
        writer.restore(each.name)
        memory.seen.forget(each.name)
    # Tags first: what is taken over bears our mark before it is changed.
    if each.tags:
        writer.tag(each.name, each.tags)
    if each.deletes:
        writer.delete(each.name, each.store.deletion, each.metadata)
    if each.put is not None:
        try:
            written: str | None = writer.put(each.put)
        except AlreadyThereError:
            if not _is_made_by_us(each, operation, process):
                raise
            written = each.version
        memory.seen.forget(each.name)
        _check_written(each, written)
    if each.untags:
        writer.untag(each.name, each.untags)
    memory.seen.forget(each.name)
    memory.seen.forget(tags_source(each.name))


def _check_written(each: Delivery, written: str | None) -> None:
    if written != each.version:
        raise WriteError(
            f"{each.title} was written by somebody else at the same time (version {written} came of it); run this "
            "again: preview says what changed"
        )


def _is_made_by_us(each: Delivery, operation: Operation, process: ProcessMemory) -> bool:
    """Whether a parameter bears the mark that it was to be created with: its creation's answer got lost."""
    memory, source = process.store(each.store, operation), tags_source(each.name)
    memory.read([source], decrypt=False)
    memory.read([each.name], decrypt=False)
    wanted = each.put.tags if each.put else None
    is_made = memory.seen.versions.get(each.name) == each.version
    return is_made and bool(wanted) and memory.seen.tags.get(source, {}).get(OWNER_TAG) == (wanted or {}).get(OWNER_TAG)
