"""What becomes of a Secret, as planner.py plans it: why it changes, what is refused, and what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from ...core.spec.specs import Operation, SecretSpec
from ...errors import ParameterStoreError
from ..operation.template_reads import Texts
from .drift import Drift
from .observation import ClusterAnswer, Observation, Question
from .ownership import Standing
from .previous import Previous
from .reasons import Cause, Reason, lines
from .source_versions import Reading

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from ..operation.claims import Rival

REPLACED = "__rebuilt"


class Action(Enum):
    """What becomes of the Secret."""

    NOTHING = auto()
    """It stays as it is."""
    WRITE = auto()
    """It is written in `up`; its values are not known in this operation."""
    BUILD = auto()
    """It is written, and its values are known in this operation."""
    RENEW = auto()
    """Its marks alone are written again."""


@dataclass(frozen=True)
class Plan:
    """What becomes of a Secret, and what is said and recorded of it.

    Attributes:
        seen: what it is planned from.
        stage: how far it is; one that waits for an answer goes on from there.
        question: what has to be known before it can go on.
        refusal: why it ends here; what is recorded so far still holds.
        action: what becomes of the Secret.
        previous: what the last update left in this cluster.
        drift: why the Secret changes, besides what is declared and other versions.
        reading: what it is made of.
        texts: templates out of the cluster.
        notes: what else is said of it.
        taken_over: whose Secret or keys it takes.
        recorded: further inputs of the resource.
        claims: the keys that it keeps, where it is not written.
        keeps: the live Secret is this ExternalSecret's, so that no other entry of the state may delete it.
        replaces: the resource is replaced, as Kubernetes does not allow the change.
        deletes_first: the live Secret, which others made, is deleted before it is written.
        skipped: why its sources are not read.
        same_content: its data were built, and are what the last update wrote.
    """

    seen: Observation
    stage: int = 0
    question: Question | None = None
    refusal: ParameterStoreError | None = None
    action: Action = Action.NOTHING
    previous: Previous | None = None
    drift: Drift = field(default_factory=Drift)
    reading: Reading = field(default_factory=Reading)
    texts: Texts = field(default_factory=Texts, repr=False)
    notes: tuple[Reason, ...] = ()
    taken_over: tuple[Reason, ...] = ()
    recorded: Mapping[str, Any] = field(default_factory=dict, repr=False)
    claims: frozenset[str] | None = None
    keeps: bool = False
    replaces: bool = False
    deletes_first: bool = False
    skipped: str | None = None
    same_content: bool = False

    @property
    def spec(self) -> SecretSpec:
        """What is declared."""
        return self.seen.declaration.spec

    @property
    def operation(self) -> Operation:
        """What the running operation is."""
        return self.seen.declaration.operation

    @property
    def cluster(self) -> ClusterAnswer:
        """What the cluster holds."""
        if self.seen.cluster is None:
            raise ValueError("the cluster has not been asked")
        return self.seen.cluster

    @property
    def live(self) -> SecretMetadata | None:
        """The Secret that is there."""
        return self.cluster.live

    @property
    def standing(self) -> Standing:
        """What the state says of the Secret."""
        return self.cluster.standing

    @property
    def is_frozen(self) -> bool:
        """Whether the Secret that is there is ours, and immutable."""
        before = self.previous
        return before is not None and before.spec.target.immutable and self.live is not None and not before.nothing

    @property
    def reusable(self) -> frozenset[str]:
        """The keys whose live value is right: made of the same as before, and not touched."""
        return self.drift.intact & self.unchanged

    @property
    def unchanged(self) -> frozenset[str]:
        """The keys that are made of the same as before: same store, same reference, same version, no template."""
        spec, before = self.spec, self.previous
        if before is None or spec.stores != before.spec.stores or spec.target.template or before.spec.target.template:
            return frozenset()
        if Cause.ACCOUNT_CHANGED in self._causes:
            return frozenset()
        now, then = self.reading.versions, before.reading.versions
        recreated = self.reading.recreated(before.reading)
        return frozenset(
            key
            for key, ref in spec.data.items()
            if before.spec.data.get(key) == ref
            and ref.store is None
            and ref.source in now
            and now[ref.source] == then.get(ref.source)
            and ref.source not in recreated
        )

    @property
    def sources_differ(self) -> bool:
        """Whether something else is declared, or another version is read, so that data may change."""
        before, now = self.previous, self.spec
        if before is None:
            return True
        then = before.spec
        declared = (now.data, now.data_from, now.target.template) != (then.data, then.data_from, then.target.template)
        return declared or self.reading.differs(before.reading) or bool(self.reading.recreated(before.reading))

    @property
    def same_sources(self) -> bool:
        """Whether the data are surely what the last update wrote: they are made of the same, in the same way.

        Tags and texts in the cluster are known by digests on the Secret alone, so not where that is gone.
        """
        before, texts = self.previous, self.texts.texts
        return not (
            before is None
            or before.nothing
            or self.spec.stores != before.spec.stores
            or self.sources_differ
            or not (self.reading.complete and self.texts.complete)
            or (texts and self.operation.texts_may_come)
            or self._causes & {Cause.ACCOUNT_CHANGED, Cause.TAGS_CHANGED, Cause.TEXT_CHANGED}
            or (self.live is None and (self.reading.tags or texts))
            or self.seen.declaration.check_templates(texts)
        )

    @property
    def revision(self) -> str | None:
        """The revision that stays; None where the data get other content, or only values tell whether they do."""
        if self.previous is None:
            return None
        by_action = {Action.BUILD: self.same_content, Action.WRITE: self.same_sources}
        return self.previous.revision if by_action.get(self.action, True) else None

    @property
    def deletes(self) -> bool:
        """Whether the live Secret is deleted, as the target's deletionPolicy says."""
        return any(each.cause is Cause.ALL_GONE_DELETED for each in self.notes)

    @property
    def _causes(self) -> set[Cause]:
        return {each.cause for each in self.drift.reasons}

    @property
    def inputs(self) -> dict[str, Any]:
        """What is told and recorded of it, as inputs of the resource."""
        told = dict(self.recorded)
        if self.drift.reasons:
            told["drift"] = lines(self.drift.reasons, self.previous.drift if self.previous else ())
        if self.notes:
            told["note"] = "; ".join(lines(self.notes))
        if self.taken_over:
            told["takenOver"] = lines(self.taken_over)
        return told | ({REPLACED: True} if self.replaces else {})


@dataclass(frozen=True)
class Outcome:
    """What building a Secret told, without a value.

    Attributes:
        keys: the keys that it gets.
        nothing: nothing is written.
        same_data: the live Secret holds just these values.
        same_content: the data are what the last update wrote.
        rival: another ExternalSecret of the program that is in the way.
    """

    keys: frozenset[str]
    nothing: bool = False
    same_data: bool = False
    same_content: bool = False
    rival: Rival | None = None
