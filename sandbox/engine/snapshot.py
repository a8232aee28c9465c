"""The stack's resources while an operation changes them, with a journal on disk so that an interruption loses nothing.

Every change is one appended line, so the cost of an operation grows with what it does and not with the square of the
stack's size. The journal is folded into the checkpoint at the end, or by the next operation when this one is killed.
A resource has a slot: its place in the checkpoint that the operation started from, or a new number behind those.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from sandbox.engine.checkpoint import Checkpoint
from sandbox.engine.passphrase import Crypter
from sandbox.engine.state import Resource, persistent_fields, resource_from_json
from sandbox.engine.values import equal


class Snapshot:
    """Reads a stack's resources and records what happens to them."""

    def __init__(self, checkpoint: Checkpoint, stack_salt: str, environment: Mapping[str, str]) -> None:
        self._checkpoint = checkpoint
        latest = checkpoint.read()
        documents = dict(enumerate(latest.get("resources") or []))
        self.bytes_written = 0
        self._pending: dict[int, dict[str, Any]] = {}
        self._journal = -1
        self._unwritten: list[str] = []
        base = len(documents)
        _replay(checkpoint, documents, self._pending)
        ordered = [documents[slot] for slot in _order(documents, base)]
        interrupted = [*(latest.get("pending_operations") or []), *self._pending.values()]
        self.was_interrupted = checkpoint.journal_file.exists()
        salt = ((latest.get("secrets_providers") or {}).get("state") or {}).get("salt", "")
        self._documents = dict(enumerate(ordered))
        self._base = len(ordered)
        self._next = self._base
        self._pending = {}
        self.crypter = Crypter(environment, stack_salt or salt)
        reader = self.crypter if salt in ("", self.crypter.salt) else Crypter(environment, salt)
        self.resources = [resource_from_json(document, reader) for document in ordered]
        self.pending_operations: list[dict[str, Any]] = interrupted
        self._slots = {resource: slot for slot, resource in enumerate(self.resources)}

    def settle(self) -> None:
        """Fold what an interrupted operation left behind into the checkpoint; comes before the first change."""
        if self.was_interrupted:
            self._write()

    def number(self) -> int:
        """Number an operation that nobody outside sees: it succeeds at once or leaves nothing behind."""
        return self._new_slot()

    def begin(self, kind: str, resource: Resource) -> int:
        """Record that an operation on the resource starts; returns its number."""
        number = self._new_slot()
        self._pending[number] = {"resource": resource.to_json(self.crypter), "type": kind}
        self._append({"begin": number, "operation": self._pending[number]})
        return number

    def fail(self, number: int) -> None:
        """Record that the operation did not change anything."""
        if self._pending.pop(number, None) is not None:
            self._append({"end": number})

    def succeed(
        self,
        number: int,
        *,
        put: Resource | None = None,
        drop: Resource | None = None,
        mark: tuple[Resource, str] | None = None,
    ) -> None:
        """Record the result of an operation: a resource that exists now, one that is gone, one that is marked."""
        self._pending.pop(number, None)
        line: dict[str, Any] = {"end": number}
        if put is not None:
            self._slots[put] = number
            line["put"] = self._documents[number] = put.to_json(self.crypter)
        if drop is not None and drop in self._slots:
            line["drop"] = self._slots.pop(drop)
            self._documents.pop(line["drop"], None)
        if mark is not None and mark[0] in self._slots:
            line["mark"] = [self._slots[mark[0]], mark[1]]
            self._documents[self._slots[mark[0]]][mark[1]] = True
        self._append(line)

    def same(self, old: Resource, new: Resource) -> None:
        """Record that a resource stays; nothing is written until something else changes, unless its fields did."""
        number = self._new_slot()
        if _must_write(old, new):
            self.succeed(number, put=new, drop=old)
            return
        slot = self._slots.pop(old)
        self._slots[new] = number
        self._documents[number] = self._documents.pop(slot)
        self._unwritten.append(json.dumps({"keep": number, "of": slot}))

    def update(self, resource: Resource, *, unchanged: bool = False) -> None:
        """Record new fields of a resource in its place."""
        slot = self._slots[resource]
        self._documents[slot] = resource.to_json(self.crypter)
        line = {"put": self._documents[slot], "at": slot}
        if unchanged:
            self._unwritten.append(json.dumps(line))
        else:
            self._append(line)

    def replace(self, old: Resource, new: Resource) -> None:
        """Let `new` take the place of `old` (a refresh)."""
        self._slots[new] = self._slots.pop(old)

    def remove(self, resource: Resource) -> None:
        """Record that a resource is gone without an operation (a refresh)."""
        slot = self._slots.pop(resource)
        self._documents.pop(slot, None)
        self._append({"drop": slot})

    def forget_pending(self, urn: str = "") -> None:
        """Drop the unfinished operations of an earlier run, all of them or those on one resource."""
        left = [item for item in self.pending_operations if urn and item["resource"]["urn"] != urn]
        if len(left) < len(self.pending_operations):
            self.pending_operations = left
            self._append({"forget": urn})

    def close(self) -> None:
        """Fold the journal into the checkpoint, if anything was written."""
        if self._journal >= 0:
            os.close(self._journal)
            self._journal = -1
            self._write()

    def _new_slot(self) -> int:
        self._next += 1
        return self._next - 1

    def _append(self, line: dict[str, Any]) -> None:
        if self._journal < 0:
            self._checkpoint.journal_file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            self._journal = os.open(self._checkpoint.journal_file, flags, 0o600)
            self._unwritten.insert(0, json.dumps({"checkpoint": self._checkpoint.digest(), "slots": self._base}))
        self._unwritten.append(json.dumps(line))
        data = ("\n".join(self._unwritten) + "\n").encode()
        self._unwritten.clear()
        self.bytes_written += os.write(self._journal, data)

    def _write(self) -> None:
        documents = [self._documents[slot] for slot in _order(self._documents, self._base)]
        pending = [*self.pending_operations, *self._pending.values()]
        self._checkpoint.write(documents, pending, self.crypter.salt)
        self._checkpoint.journal_file.unlink(missing_ok=True)
        self.was_interrupted = False


def _order(documents: dict[int, dict[str, Any]], base: int) -> list[int]:
    """New resources first, in the order in which their operations started; then what the operation has not reached."""
    return sorted(documents, key=lambda slot: (slot < base, slot))


def _must_write(old: Resource, new: Resource) -> bool:
    return (
        persistent_fields(old) != persistent_fields(new)
        or not equal(old.inputs, new.inputs)
        or not equal(old.outputs or {}, new.outputs or {})
    )


def _replay(checkpoint: Checkpoint, documents: dict[int, dict[str, Any]], pending: dict[int, dict[str, Any]]) -> None:
    """Apply the journal of a killed operation; a journal written for another checkpoint is left over and ignored."""
    if not checkpoint.journal_file.exists():
        return
    with checkpoint.journal_file.open(encoding="utf-8") as journal:
        lines = [line for line in journal if line.endswith("\n")]  # the last line may be cut off
    if not lines or json.loads(lines[0]).get("checkpoint") != checkpoint.digest():
        return
    for text in lines[1:]:
        _apply(json.loads(text), documents, pending)


def _apply(line: dict[str, Any], documents: dict[int, dict[str, Any]], pending: dict[int, dict[str, Any]]) -> None:
    if "begin" in line:
        pending[line["begin"]] = line["operation"]
    if "end" in line:
        pending.pop(line["end"], None)
    if "put" in line:
        documents[line["at"] if "at" in line else line["end"]] = line["put"]
    if "drop" in line:
        documents.pop(line["drop"], None)
    if "keep" in line:
        documents[line["keep"]] = documents.pop(line["of"])
    if "mark" in line:
        documents[line["mark"][0]][line["mark"][1]] = True
