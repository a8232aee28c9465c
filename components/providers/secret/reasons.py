"""Why a Secret changes, and what else a preview says of it: each reason by its cause, and its one wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ...core.spec.entries import Find, Origin
from ...core.spec.owner import shown_mark
from ...core.spec.specs import SecretSpec, label
from ...display import plain, shown_manager

if TYPE_CHECKING:
    from ...clients.kubernetes.managed_fields import ManagedField
    from .source_versions import Reading

_AGAIN = " (again)"


class Cause(Enum):
    """What a reason is about, and how it reads; the names in braces are fields of `Reason`."""

    # what became of the live Secret (`drift`)
    VANISHED = "Secret deleted from the cluster"
    APPEARED = "Secret created in the cluster, so that keys can be added to it"
    BEING_DELETED = "Secret is being deleted from the cluster"
    KEY_REMOVED = "key {subject} removed in the cluster"
    KEY_EDITED = "key {subject} edited in the cluster by {by}"
    KEY_ADDED = "key {subject} added in the cluster by {by}"
    RENDERED_KEYS_LOST = "{now} of {was} rendered keys edited or removed in the cluster"
    LABEL_CHANGED = "label {subject} changed in the cluster"
    ANNOTATION_CHANGED = "annotation {subject} changed in the cluster"
    ANNOTATION_REMOVED = "annotation {subject} removed in the cluster"
    OPERATOR_TOOK_OVER = "taken over by ExternalSecret {subject!r} of External Secrets Operator; delete that one"
    ANOTHER_TOOK_OVER = "taken over by ExternalSecret {subject}"
    OTHER_VERSIONS = "Secret in the cluster was not made of the recorded {subject} versions"
    # what became of its sources (`drift` too)
    ACCOUNT_CHANGED = "{subject} reads in AWS account {now}, and read in {was} before"
    PARAMETER_RECREATED = "{subject} deleted and created again in AWS"
    TAGS_CHANGED = "{subject} changed"
    TEXT_CHANGED = "template text {subject} changed"
    # why a Secret that others made is replaced (`drift` too)
    WAS_IMMUTABLE = "Secret deleted and created again, because it is immutable"
    WAS_OF_TYPE = "Secret deleted and created again, because its type {was} cannot be changed"
    # what else is to come (`note`)
    ALL_GONE = "all its {subject}s are gone: no Secret is made"
    ALL_GONE_DELETED = "all its {subject}s are gone: the Secret is deleted"
    MARKS_RENEWED = "the marks on the Secret are renewed; its data stay"
    MARK_FOUND = "the Secret is there and bears our mark, though the state does not record it: it is taken over"
    IMMUTABLE = "the target is immutable: up fails where a value has changed, unless replace_immutable is set"
    READ_DURING_UP = "values are read during up: an input is not known yet"
    # whose Secret or keys are taken (`takenOver`)
    TAKEN_OVER = "the Secret from ExternalSecret {subject}"
    OPERATOR_LETS_GO = "the Secret from ExternalSecret {subject!r} of External Secrets Operator"
    ADOPTED = "the Secret, so far written by {by}"
    KEY_TAKEN = "key {subject} from {by}"
    KEY_GOES = "key {subject} is removed, as it is not declared; it was written by {by}"
    KEY_MAY_GO = "key {subject}, written by {by}, is removed unless what is read gives it again"


@dataclass(frozen=True)
class Reason:
    """One thing that a preview says of a Secret.

    Attributes:
        cause: what it is about.
        subject: the key, label, parameter, store or ExternalSecret that it is about, where there is one.
        by: who did it, as far as that may be shown.
        was: what it was before.
        now: what it is now.
    """

    cause: Cause
    subject: str = ""
    by: str = ""
    was: str = ""
    now: str = ""

    @property
    def line(self) -> str:
        """The reason as the user reads it: one line, by name and never by value."""
        return plain(self.cause.value.format(subject=self.subject, by=self.by, was=self.was, now=self.now))


def lines(reasons: Iterable[Reason], previous: Iterable[str] = ()) -> list[str]:
    """The reasons as the user reads them, worded otherwise than last time.

    A preview shows only what differs from the stored inputs.
    """
    now = [each.line for each in reasons]
    return [line + _AGAIN for line in now] if now == list(previous) else now


def by_whom(owner: ManagedField) -> str:
    """A field manager, as far as its name may be shown, and when it wrote."""
    return shown_manager(owner.manager) + (f" at {owner.time.isoformat(timespec='seconds')}" if owner.time else "")


def described_sources(spec: SecretSpec, reading: Reading) -> dict[str, Any]:
    """Where each key (`keys`) and each entry of `dataFrom` (`sources`) comes from, as inputs of the resource."""
    told: dict[str, Any] = {}
    if spec.data:
        told["keys"] = {key: _described(ref, reading, spec) for key, ref in spec.data.items()}
    if spec.data_from:
        told["sources"] = {
            f"dataFrom[{index}].{entry.kind}": _described(entry, reading, spec)
            for index, entry in enumerate(spec.data_from)
        }
    return told


def _described(origin: Origin, reading: Reading, spec: SecretSpec) -> str | Mapping[str, str]:
    """How a preview names what something is made of: parameters and versions, never a value."""
    name = label((origin.store, origin.source))
    if isinstance(origin, Find):
        if name not in reading.found:
            return "known during up"
        described = spec.service_of(origin.store).described
        return {found: described(found, version) for found, version in reading.found[name].items()} or "nothing found"
    at = "" if origin.store is None else f"{origin.store}: "
    if name in reading.missing:
        if origin.optional:
            return f"{at}{origin.key}, does not exist: left out, as it is optional"
        return f"{at}{origin.key}, gone: left out by deletionPolicy {spec.target.deletion_policy}"
    return at + origin.describe(reading.versions.get(name), spec.service_of(origin.store))


def not_read_again(spec: SecretSpec, synced_at: str | None) -> str:
    """What is said of a Secret whose sources are not read, as their time has not come."""
    refresh = spec.refresh
    rule = refresh.policy if refresh.policy != "Periodic" else f"refreshInterval {refresh.seconds or 0:.12g}s"
    return f"ExternalSecret {shown_mark(spec.owner.name)} is not read again, last sync at {synced_at} ({rule})"
