"""Writes what steps do to the stack's snapshot: the intention before, the result after."""

from __future__ import annotations

from sandbox.engine.snapshot import Snapshot
from sandbox.engine.steps import (
    CREATE,
    CREATE_REPLACEMENT,
    DELETE,
    DELETE_REPLACED,
    DISCARD,
    FORGET,
    READ,
    REFRESH,
    REPLACE,
    SAME,
    UPDATE,
    Step,
)
from sandbox.engine.values import equal

_KINDS = {
    CREATE: "creating",
    CREATE_REPLACEMENT: "creating",
    UPDATE: "updating",
    DELETE: "deleting",
    DELETE_REPLACED: "deleting",
    DISCARD: "deleting",
    READ: "reading",
    FORGET: "deleting",
}


class Recorder:
    """Records steps; in a preview there is no snapshot and nothing is recorded."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot

    def begin(self, step: Step) -> int:
        """Record that a step starts, before a provider may change anything."""
        if self._snapshot is None or step.op not in _KINDS:
            return -1
        if not step.calls_provider:
            return self._snapshot.number()
        return self._snapshot.begin(_KINDS[step.op], step.resource)

    def end(self, step: Step, number: int, *, succeeded: bool) -> None:
        """Record the result of a step."""
        snapshot, old, new = self._snapshot, step.old, step.new
        if snapshot is None or step.op in (REPLACE, REFRESH):
            return
        if step.op == SAME:
            if old is not None and new is not None:
                snapshot.same(old, new)
        elif not succeeded:
            snapshot.fail(number)
        else:
            self._success(snapshot, step, number)
            if snapshot.pending_operations:
                snapshot.forget_pending(step.urn)

    def outputs(self, step: Step) -> None:
        """Record the outputs that a component registered."""
        if self._snapshot is not None:
            old = step.old.outputs if step.old else None
            self._snapshot.update(step.resource, unchanged=equal(old or {}, step.resource.outputs or {}))

    def _success(self, snapshot: Snapshot, step: Step, number: int) -> None:
        old, new = step.old, step.new
        if new is None and old is not None:
            if step.pending:
                old.pending_replacement = True
                snapshot.succeed(number, mark=(old, "pendingReplacement"))
            else:
                snapshot.succeed(number, drop=old)
        elif old is not None and step.condemn:
            snapshot.succeed(number, put=new, mark=(old, "delete"))
        elif old is None or step.op == UPDATE or old.pending_replacement or step.op == READ:
            snapshot.succeed(number, put=new, drop=old)
        else:
            snapshot.succeed(number, put=new)
