"""Runs the two dynamic providers' methods in the engine's order, one process memory an operation, with a state."""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any, ClassVar

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from components.core.spec.entries import Origin, RemoteRef, data_from_bag
from components.errors import ParameterStoreError
from components.providers.operation.process import forget
from components.providers.operation.unfinished import UnfinishedError
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider
from tests.providers.group_support import GroupOfOne

NAMESPACE = "team-a"


@dataclass
class Outcome:
    """What one operation came to.

    Attributes:
        change: what happened to the Secret's resource: `create`, `update`, `replace`, `same`, or `failed`.
        failures: the texts of check failures, or of the failure of the write.
        inputs: the sync's checked inputs.
    """

    change: str
    failures: list[str]
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def drift(self) -> list[str]:
        """What the preview says of the live Secret."""
        return list(self.inputs.get("drift") or [])


class Stack:
    """One store with one ExternalSecret, kept by the providers' methods alone.

    Attributes:
        grouped: whether a group keeps it; set for all of a run.
        others: what other ExternalSecrets of the store read.
        owner: `project/stack/name` of the ExternalSecret.
        parents: the types of its parents, as they stand in its URN.
        state_id: the id of the stack's state, None for a state that has none yet. Default: one for each
            `project/stack`, as all stores of one state share it.
    """

    grouped: ClassVar[bool] = False

    def __init__(self, data: dict[str, dict[str, Any]], name: str = "db", **more: Any) -> None:
        self._group = GroupOfOne() if self.grouped else None
        self.data = data
        self.more = more
        self.others: list[str] = []
        self.waits: dict[str, float] = {}
        self.name = name
        self.owner = f"shop/dev/{name}"
        self.parents = ""
        self.state_id: str | None = ""
        self.store: dict[str, Any] = {"region": "eu-central-1"}
        self.cluster: dict[str, Any] = {}
        self.snapshot_inputs: dict[str, Any] = {}
        self.snapshot: dict[str, Any] = {}
        self.sync_inputs: dict[str, Any] = {}
        self.sync: dict[str, Any] = {}

    @property
    def urn(self) -> str:
        """The ExternalSecret's URN."""
        project, stack, name = self.owner.split("/", 2)
        return f"urn:pulumi:{stack}::{project}::{self.parents}parameterstore:index:ExternalSecret::{name}"

    def preview(self, **operation: Any) -> Outcome:
        """Checks and diffs; nothing is stored."""
        return self._run(apply=False, operation={"preview": True, "decrypt": False, **operation})

    def up(self, *, fresh: bool = True, **operation: Any) -> Outcome:
        """Checks, diffs, and does what they came to; in the same operation as what was done before, if not `fresh`."""
        return self._run(apply=True, operation={"preview": False, "decrypt": True, **operation}, fresh=fresh)

    def refresh(self) -> dict[str, Any] | None:
        """Reads the Secret's resource; None when it is gone."""
        forget()
        if self._group:
            self._group.read()
            self.sync_inputs, self.sync = self._group.kept_inputs, self._group.kept
            return self.sync or None
        got = SyncProvider().read("id", self.sync)
        self.sync_inputs, self.sync = (dict(got.inputs or {}), dict(got.outs or {})) if got.id else ({}, {})
        return self.sync or None

    def destroy(self, *, fresh: bool = True) -> None:
        """Deletes the Secret's resource; at the end of the operation that was done before, if not `fresh`."""
        if fresh:
            forget()
        if self._group:
            self._group.delete()
        else:
            SyncProvider().delete("id", self.sync)

    def written_before(self, milliseconds: int) -> None:
        """As if what was read had been written so much before; what lies within a second counts as one time."""
        recorded = self.sync_inputs["__writtenAt"]
        for source, times in recorded.items():
            if isinstance(times, dict):
                times.update({name: at - milliseconds for name, at in times.items()})
            else:
                recorded[source] = times - milliseconds

    def remove(self) -> None:
        """Deletes the Secret, whoever keeps it."""
        live = cluster().get_secret_metadata(NAMESPACE, self.name)
        if live is not None:
            cluster().delete_secret(NAMESPACE, self.name, uid=live.uid)

    def previewed_with(self, other: "Stack") -> list[Outcome]:
        """A preview of both in one operation."""
        operation = {"preview": True, "decrypt": False}
        return [self.preview(), other._run(apply=False, operation=operation, fresh=False)]

    def _references(self) -> list[str]:
        origins: list[Origin] = [data_from_bag(each) for each in self.more.get("dataFrom", [])]
        origins += map(RemoteRef[str, str, str].from_bag, self.data.values())
        own = {each.source for each in origins}
        return sorted(own | set(self.others))

    def _parts(self) -> dict[str, list[dict[str, Any]]]:
        """What the program would tell the snapshot of what is wanted of each value."""
        entries = [(ref, False) for ref in self.data.values()]
        entries += [(each["extract"], True) for each in self.more.get("dataFrom", []) if "extract" in each]
        parts: dict[str, list[dict[str, Any]]] = {}
        for ref, members in entries:
            own: dict[str, Any] = {"members": True} if members else {}
            own |= {key: ref[key] for key in ("property", "decodingStrategy") if ref.get(key) and not members}
            if own and ref.get("metadataPolicy") != "Fetch":
                parts.setdefault(RemoteRef.from_bag(ref).source, []).append(own)
        return parts

    def _run(self, *, apply: bool, operation: dict[str, Any], fresh: bool = True) -> Outcome:
        if fresh:
            forget()
        provider = SnapshotProvider()
        references = self._references()
        told = {**operation, "waits": self.waits, "parts": self._parts()}
        asked = {"store": self.store, "references": references, "operation": told}
        place = "/".join(self.owner.split("/")[:2])
        state_id = hashlib.sha256(place.encode()).hexdigest()[:32] if self.state_id == "" else self.state_id
        known = {} if state_id is None else {"stateId": state_id}
        checked = provider.check({**known, **self.snapshot_inputs}, asked)
        if checked.failures:
            return Outcome("failed", [failure.reason for failure in checked.failures])
        if apply:
            try:
                self._apply_snapshot(provider, dict(checked.inputs))
            except ParameterStoreError as error:  # the engine skips what depends on the snapshot
                return Outcome("failed", [str(error)])
        keep = self._sync if self._group is None else self._grouped
        return keep(
            {
                "namespace": NAMESPACE,
                "secretName": self.name,
                "owner": {"id": checked.inputs["stateId"], "urn": self.urn},
                "store": self.store,
                "cluster": self.cluster,
                "data": self.data,
                **self.more,
                "operation": dict(operation),
            },
            apply=apply,
        )

    def _apply_snapshot(self, provider: SnapshotProvider, inputs: dict[str, Any]) -> None:
        if not self.snapshot:
            self.snapshot = dict(provider.create(inputs).outs or {})
        elif provider.diff("id", self.snapshot, inputs).changes:
            self.snapshot = dict(provider.update("id", self.snapshot, inputs).outs or {})
        self.snapshot_inputs = inputs

    def _sync(self, news: dict[str, Any], *, apply: bool) -> Outcome:
        provider = SyncProvider()
        checked = provider.check(self.sync_inputs, news)
        if checked.failures:
            return Outcome("failed", [failure.reason for failure in checked.failures])
        inputs = dict(checked.inputs)
        if not self.sync:
            change = "create"
        else:
            difference = provider.diff("id", self.sync, inputs)
            change = ("replace" if difference.replaces else "update") if difference.changes else "same"
            if change == "replace" and apply:
                inputs = dict(provider.check({}, news).inputs)  # as the engine does
        if apply:
            first = change == "replace" and bool(difference.delete_before_replace)
            try:
                self._carry_out(change, inputs, deletes_first=first)
            except ParameterStoreError as error:
                return Outcome("failed", [str(error)])
            self.sync_inputs = inputs
        return Outcome(change, [], inputs)

    def _carry_out(self, change: str, inputs: dict[str, Any], *, deletes_first: bool) -> None:
        provider, before = SyncProvider(), self.sync
        if deletes_first:
            provider.delete("id", before)
        if change in ("create", "replace"):
            try:
                self.sync = dict(provider.create(inputs).outs or {})
            except UnfinishedError as error:
                self.sync, self.sync_inputs = dict(error.outs), inputs  # as the engine does
                raise
        elif change == "update":
            self.sync = dict(provider.update("id", self.sync, inputs).outs or {})
        if change == "replace" and not deletes_first:
            provider.delete("id", before)

    def _grouped(self, news: dict[str, Any], *, apply: bool) -> Outcome:
        group = self._group
        assert group
        checked = group.check(self.sync_inputs, news, self.sync)
        if checked.failures:
            return Outcome("failed", [failure.reason for failure in checked.failures])
        change, inputs = "create", dict(checked.inputs)
        if self.sync:
            difference = group.diff(self.sync, inputs)
            change = ("replace" if difference.replaces else "update") if difference.changes else "same"
        if apply:
            try:
                if change != "same":
                    self.sync = group.write()
            except ParameterStoreError as error:
                return Outcome("failed", [str(error)])
            group.settle()
            self.sync_inputs = group.kept_inputs
        return Outcome(change, [], inputs)


def cluster(field_manager: str = "test") -> KubernetesClient:
    """A client of its own, for looking at what was written and for playing somebody else."""
    return KubernetesClient(load_cluster(None, None, os.environ), field_manager=field_manager)


def values(name: str = "db") -> dict[str, str] | None:
    """The live Secret's values, decoded; None when there is none."""
    secret = cluster().get_secret(NAMESPACE, name)
    if secret is None:
        return None
    return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
