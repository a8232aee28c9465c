"""Many Secrets, or pushes, in one resource: each is checked, compared and written as if it were a resource of its own.

The engine's part for one resource is played here for each member: which are new, changed, replaced, or gone. A member
that fails stops no other, and what became of the others is recorded all the same.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import contains_unknowns, wrap_rpc_secret

from ..core.shared_bags import unfold
from ..core.spec.groups import COMMON, HIDDEN
from ..core.spec.owner import Owner
from ..errors import ParameterStoreError, WriteError
from .operation import process
from .operation.member_bags import changes_of, common_of, fold, with_inputs, without_inputs
from .operation.preparation import prepare
from .operation.process import process_memory
from .operation.requests import is_answering, old_inputs
from .operation.results import PROBLEM, failure, passed, take_operation, whole, worded
from .operation.targets import ClaimedError
from .operation.unfinished import UNFINISHED, UnfinishedError, keep_unfinished
from .secret.previous import REVISION

Bag = dict[str, Any]

LEFT = "left"
"""What is not wanted any more, and could not be deleted yet."""
NOTE = "note"
RETAINED = "retainOnDelete"
PROTECTED = "protect"
"""Pulumi's options: the engine heeds them for the resource as a whole, and here they hold for each member, too."""
_PROTECTED = "the option protect forbids to delete what was written there; take that option away first"
_PROVIDER = "__provider"


class Member(Protocol):
    """The provider of one member; its methods are those of `ResourceProvider`."""

    def check_all(self, asked: Sequence[tuple[Bag, Bag]]) -> list[CheckResult]:
        """Check many at once."""

    def diff(self, _id: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare."""

    def create(self, props: Bag) -> CreateResult:
        """Create."""

    def update(self, _id: str, olds: Bag, news: Bag) -> UpdateResult:
        """Update."""

    def read(self, id_: str, props: Bag) -> ReadResult:
        """Refresh."""

    def delete(self, _id: str, props: Bag) -> None:
        """Delete."""

    def is_left(self, key: str, bag: Bag) -> bool:
        """Whether what is not wanted any more is still there to delete."""


@dataclass(frozen=True)
class Members:
    """The members as they are declared.

    Attributes:
        news: key -> its inputs.
        problems: key -> why it cannot be as it is declared.
        notes: what is said of all of them.
    """

    news: Mapping[str, Bag]
    problems: Mapping[str, ParameterStoreError] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """What a write is to do to the members, and how far it has come.

    Attributes:
        new: key -> the inputs that it is to have.
        asked: key -> its inputs as they were before their check.
        options: the inputs of the resource as a whole.
        now: key -> the outputs that it has, as the work goes on.
        left: what is not wanted any more, with its key.
        failed: key -> why.
    """

    new: Mapping[str, Bag]
    asked: Mapping[str, Bag]
    options: Bag
    now: dict[str, Bag]
    left: list[tuple[str, Bag]]
    failed: dict[str, str] = field(default_factory=dict)


class ManyProvider(ResourceProvider):
    """Keeps many members. Stateless, see sync.py.

    Attributes:
        member: the provider of each.
        own: the inputs of the resource that are no member's.
        kept: the property that holds the members' bags.
        hidden: whether they are not shown, so that a preview tells only of members that change.
        listed: the output that lists their keys; empty for none.
        noun: what errors call one of them.
        unknown: the note where the members are not known yet.
        reasons: what `up` does not record of members, as it would stand in the preview of others' changes that it goes.
        may_be_secret: whether the program may give secrets for what is a member's own.
        writers: how many members are written at the same time.
        common: properties that members mostly have alike, though no input says so; their most frequent values are kept
            beside the members.
        awaited: the outputs of members that programs take, which stand in the state even where inputs hold them; None
            where outputs hold all.
        hands_over: a member that goes may come back as a resource of its own in the same operation, which takes over
            what it wrote and says what fails.
    """

    serialize_as_secret_always = False
    member: ClassVar[Member]
    own: ClassVar[tuple[str, ...]]
    kept: ClassVar[str]
    hidden: ClassVar[bool] = False
    listed: ClassVar[str]
    noun: ClassVar[str]
    unknown: ClassVar[str]
    reasons: ClassVar[tuple[str, ...]] = ()
    may_be_secret: ClassVar[bool] = True
    writers: ClassVar[int] = 6
    common: ClassVar[tuple[str, ...]] = ()
    awaited: ClassVar[tuple[str, ...] | None] = None
    hands_over: ClassVar[bool] = False

    @abstractmethod
    def members(self, news: Bag) -> Members | None:
        """The members that are declared; None where that is not known yet.

        Raises:
            ParameterStoreError: it cannot be found out.
        """

    @abstractmethod
    def identity(self, shared: Mapping[str, Any], key: str) -> Bag:
        """What tells a member from the others, as its inputs have it."""

    @abstractmethod
    def recorded(self, inputs: Bag) -> Bag:
        """The inputs as the state keeps them."""

    def configure(self, req: ConfigureRequest) -> None:
        """Called once in the provider process, before anything else."""
        prepare()
        process.configure(req.config.get)

    def check(self, olds: Bag, news: Bag) -> CheckResult:
        """Find the members, and check each."""
        settled = dict(news)
        operation, _ = take_operation(settled)
        inputs = dict(passed(self.recorded(settled)).inputs)
        if not contains_unknowns(urn := news["owner"]["urn"]):
            # Where no member is left to be checked, this alone tells a copied state from its original.
            process_memory().stack = Owner(urn).stack
        try:
            unfolded = self._unfolded(olds)
            found = self.members(news)
        except ParameterStoreError as error:
            if operation.preview:
                return failure(inputs, error, operation)
            return CheckResult({**inputs, PROBLEM: worded(error, operation)}, [])
        if found is None:
            return CheckResult({**inputs, **self.awaiting(olds, news), NOTE: self.unknown}, [])
        before = {key: own for key, own in self._own(olds).items() if own.keys() - {PROBLEM}}
        olds_of = {key: _without_problem(unfolded[key]) for key in before}
        failed = {key: worded(error, operation) for key, error in found.problems.items()}
        if news.get(PROTECTED):
            why = f"it is not wanted any more, but {_PROTECTED}"
            failed |= {key: why for key in before if key not in found.news}
        bags = self._check_each(olds_of, found, failed)
        if failed and operation.preview:
            return CheckResult(inputs, [CheckFailure("", line) for line in self._lines(failed)])
        if not operation.preview:
            self._remember(news, found, bags)
        inputs |= {COMMON: common} if (common := common_of(bags.values(), self.common)) else {}
        kept = {key: self._folded(inputs, key, bag) for key, bag in bags.items()}
        for key, why in failed.items():
            # What the last update left stays beside it, for the next one to go on from.
            kept[key] = {**(self._folded(inputs, key, olds_of[key]) if key in olds_of else {}), PROBLEM: why}
        told: Bag = {}
        if operation.preview and self.hidden:
            told = changes_of(self._own_of(olds_of, before), self._own_of(bags, kept))
        note = {NOTE: "; ".join(found.notes)} if found.notes else {}
        return CheckResult({**inputs, self.kept: {**self._as_kept(kept), **told}, **note}, [])

    def _remember(self, news: Bag, found: Members, bags: dict[str, Bag]) -> None:
        """Remember for the writing what the state does not keep of members."""
        process_memory().declared_many[self._key(news)] = dict(found.news)
        reasons = {key: {name: bag.pop(name) for name in self.reasons if name in bag} for key, bag in bags.items()}
        process_memory().reasons_of_many[self._key(news)] = reasons

    def _key(self, news: Bag) -> str:
        return f"{self.kept} of {news['owner']['urn']}"

    def _own_of(self, bags: Mapping[str, Bag], kept: Mapping[str, Bag]) -> dict[str, Bag]:
        """What of members' bags no input says that all share, and so is told of each that changes."""
        return {
            key: {name: value for name, value in bag.items() if name in self.common or name in kept[key]}
            for key, bag in bags.items()
        }

    def _check_each(self, olds: Mapping[str, Bag], found: Members, failed: dict[str, str]) -> dict[str, Bag]:
        """Check the members; the bags of those that pass, and why others fail is noted."""
        asked = [key for key in sorted(found.news) if key not in found.problems]
        results = self.member.check_all([(olds.get(key, {}), found.news[key]) for key in asked])
        bags: dict[str, Bag] = {}
        for key, got in zip(asked, results, strict=True):
            if got.failures:
                failed[key] = "; ".join(each.reason for each in got.failures)
            else:
                bags[key] = dict(got.inputs)
        return bags

    def diff(self, _id: str, olds: Bag, news: Bag) -> DiffResult:
        """Changed when a member is, or which there are; nothing of it needs a new resource."""
        if PROBLEM in news or news.get(NOTE) == self.unknown or any(self.member.is_left(*each) for each in _left(olds)):
            return DiffResult(changes=True)
        before, now = self._unfolded(self._whole(olds)), self._with_reasons(news)
        if before.keys() != now.keys() or any(PROBLEM in bag for bag in now.values()):
            return DiffResult(changes=True)
        return DiffResult(changes=any(self.member.diff(key, before[key], bag).changes for key, bag in now.items()))

    def create(self, props: Bag) -> CreateResult:
        """Write the members."""
        id_ = Owner.from_bag(props["owner"]).name
        return CreateResult(id_, self._write(id_, {}, props))

    def update(self, _id: str, olds: Bag, news: Bag) -> UpdateResult:
        """Write the members that are new or changed, and delete those that are gone, as their policies say."""
        return UpdateResult(self._write(_id, olds, news))

    def read(self, id_: str, props: Bag) -> ReadResult:
        """Refresh: a member that is gone is removed from the record."""
        outs = {key: value for key, value in self._whole(props).items() if key != _PROVIDER}
        kept, inputs = {}, {}
        for key, bag in self._unfolded(outs).items():
            got = self.member.read(key, bag)
            if got.id:
                kept[key] = self._folded(outs, key, dict(got.outs or {}))
                inputs[key] = self._folded(outs, key, dict(got.inputs or {}))
        declared = {key: value for key, value in outs.items() if key not in (LEFT, self.listed)}
        outs |= {self.kept: self._short(self._as_kept(kept), self._as_kept(inputs)), **self._listing(kept)}
        return ReadResult(id_, outs, {**declared, self.kept: self._as_kept(inputs)})

    def delete(self, _id: str, props: Bag) -> None:
        """Delete the members as their policies say; one that fails stops no other."""
        failed: dict[str, str] = {}
        for key, bag in [*self._unfolded(self._whole(props)).items(), *_left(props)]:
            with _noted(failed, key):
                self.member.delete(key, bag)
        if failed:
            raise WriteError(_in_one_line(self._lines(failed)))

    def _write(self, id_: str, olds: Bag, news: Bag) -> Bag:
        """Do to each member what the engine would do to a resource; the outputs."""
        if PROBLEM in news:
            raise WriteError(news[PROBLEM])
        asked = process_memory().declared_many.pop(self._key(news), {})
        work = Work(self._with_reasons(news), asked, news, self._unfolded(self._whole(olds)), _left(olds))
        self._bring_about(work)
        self._let_go(work)
        kept = self._as_kept({key: self._folded(news, key, bag) for key, bag in work.now.items()})
        # The engine keeps the old inputs beside what an update that failed has done.
        stored = (old_inputs() or {}) if work.failed and olds else news
        outs = {
            **self.recorded(news),
            **{name: news[name] for name in (COMMON,) if name in news},
            self.kept: self._short(kept, stored.get(self.kept) or {}),
            **self._listing(work.now),
            **({LEFT: [{"key": key, "bag": wrap_rpc_secret(bag)} for key, bag in work.left]} if work.left else {}),
        }
        failed = work.failed
        if not failed:
            return outs
        lines = self._lines(failed)
        if (olds or work.now) and keep_unfinished(id_, news, outs, lines):
            some = f"{len(failed)} of {len(work.new.keys() | failed)} {self.noun}s"
            raise WriteError(f"{some} failed, and the rest is done")
        raise WriteError(_in_one_line(lines))

    def _bring_about(self, work: Work) -> None:
        """Create, update or replace the members that are new or changed; why one fails is noted."""
        changes: dict[str, DiffResult] = {}
        for key, bag in work.new.items():
            if key in work.now and PROBLEM not in bag:
                with _noted(work.failed, key):
                    changes[key] = self.member.diff(key, work.now[key], bag)
        # Those that stay the same are none's work, and what is replaced is deleted in the engine's own call.
        done = {key for key, diff in changes.items() if diff.replaces or not diff.changes} | work.failed.keys()
        at_once = [key for key in work.new if key not in done]
        with ThreadPoolExecutor(self.writers) as pool:
            writing = [(key, pool.submit(self._write_one, key, work.new[key], work.now.get(key))) for key in at_once]
            for key, written in writing:
                with _noted(work.failed, key), _kept_unfinished(work.now, key):
                    work.now[key] = written.result()
        for key, diff in changes.items():
            if diff.changes and diff.replaces:
                with _noted(work.failed, key):
                    self._replace(key, diff, work)

    def _write_one(self, key: str, bag: Bag, before: Bag | None) -> Bag:
        """Create or update one member; its outputs."""
        if PROBLEM in bag:
            raise WriteError(bag[PROBLEM])
        made = self.member.create(bag) if before is None else self.member.update(key, before, bag)
        return dict(made.outs or {})

    def _replace(self, key: str, diff: DiffResult, work: Work) -> None:
        """Replace one member."""
        if work.options.get(PROTECTED):
            raise WriteError(f"it would have to be replaced, but {_PROTECTED}")
        before, checked = work.now[key], work.new[key]
        # As the engine does: what is created in another one's place is checked without what the state holds.
        again = dict(self.member.check_all([({}, work.asked.get(key, checked))])[0].inputs)
        if PROBLEM in again:
            raise WriteError(again[PROBLEM])
        again |= {name: checked[name] for name in (REVISION,) if name in checked}  # the state has it in the inputs, too
        if diff.delete_before_replace and not work.options.get(RETAINED):
            self.member.delete(key, before)
            del work.now[key]
        try:
            with _kept_unfinished(work.now, key):
                work.now[key] = dict(self.member.create(again).outs or {})
        finally:
            if not diff.delete_before_replace and work.now.get(key) is not before:
                work.left.append((key, before))

    def _let_go(self, work: Work) -> None:
        """Delete what is not wanted any more; what fails, or another resource is to take over first, stays left."""
        work.left.extend((key, work.now.pop(key)) for key in [*work.now] if key not in work.new)
        if work.options.get(RETAINED):
            for key, _ in work.left:
                process_memory().tell(f"{self.noun} {key}: what was written there stays, as retain_on_delete says")
            work.left.clear()
        work.left[:] = [
            (key, bag)
            for key, bag in work.left
            if UNFINISHED in work.now.get(key, ()) or not self._is_deleted(key, bag, work.failed)
        ]

    def _is_deleted(self, key: str, bag: Bag, failed: dict[str, str]) -> bool:
        try:
            self.member.delete(key, bag)
        except ClaimedError as error:
            if not self.hands_over:
                process_memory().tell(f"{self.noun} {key}: {error}")
            return False
        except ParameterStoreError as error:
            _note(failed, key, error)
            return False
        return True

    def awaiting(self, olds: Bag, _news: Bag) -> Bag:
        """What a preview says of the members while they are not known: they are as they were."""
        return {self.kept: olds[self.kept]} if self.kept in olds else {}

    @property
    def computed(self) -> tuple[str, ...]:
        """What is no input."""
        return (self.kept, self.listed, LEFT, NOTE, PROBLEM, COMMON, _PROVIDER)

    def base(self, bag: Mapping[str, Any], key: str) -> Bag:
        """What a member's bag is unless it says otherwise."""
        shared = {name: value for name, value in bag.items() if name not in (*self.own, *self.computed)}
        return {**shared, **(bag.get(COMMON) or {}), **self.identity(shared, key)}

    def _whole(self, outs: Bag) -> Bag:
        """Outputs of the state, with what was left out of them because inputs hold it."""
        if self.awaited is None or not (inputs := (old_inputs() or {}).get(self.kept)):
            return outs
        return {**outs, self.kept: {key: with_inputs(own, inputs.get(key, {})) for key, own in outs[self.kept].items()}}

    def _short(self, kept: Bag, inputs: Bag) -> Bag:
        """The members' outputs without what their inputs hold."""
        if self.awaited is None or not is_answering():
            return kept
        return {key: without_inputs(own, inputs.get(key, {}), self.awaited) for key, own in kept.items()}

    def _listing(self, members: Mapping[str, Any]) -> Bag:
        return {self.listed: sorted(members)} if self.listed else {}

    def _folded(self, bag: Mapping[str, Any], key: str, own: Bag) -> Bag:
        return fold(self.base(bag, key), own, may_be_secret=self.may_be_secret)

    def _own(self, bag: Mapping[str, Any]) -> dict[str, Bag]:
        """The members' bags as they are kept, by their keys."""
        kept: Mapping[str, Bag] = bag.get(self.kept) or {}
        if not self.hidden:
            return dict(sorted(kept.items()))
        return {key.removeprefix(HIDDEN): own for key, own in sorted(kept.items()) if key.startswith(HIDDEN)}

    def _as_kept(self, members: Mapping[str, Bag]) -> Bag:
        return {HIDDEN * self.hidden + key: bag for key, bag in sorted(members.items())}

    def _unfolded(self, bag: Mapping[str, Any]) -> dict[str, Bag]:
        kept = self._own(bag)
        shared = whole(bag, "owner") if kept else {}
        return {key: unfold(self.base(shared, key), own) for key, own in kept.items()}

    def _with_reasons(self, news: Bag) -> dict[str, Bag]:
        reasons = process_memory().reasons_of_many.get(self._key(news), {})
        return {key: {**bag, **reasons.get(key, {})} for key, bag in self._unfolded(news).items()}

    def _lines(self, failed: Mapping[str, str]) -> list[str]:
        """A line for each problem, with those who have it."""
        keys: dict[str, list[str]] = {}
        for key, why in sorted(failed.items()):
            keys.setdefault(why, []).append(key)
        return [f"{self.noun}{'s' * (len(some) > 1)} {', '.join(some)}: {why}" for why, some in keys.items()]


def _in_one_line(lines: Sequence[str]) -> str:
    """Lines one after the other, as sentences where there are several: an error escapes line breaks."""
    return " ".join([*(f"{line.rstrip('.')}." for line in lines[:-1]), lines[-1]])


def _without_problem(bag: Mapping[str, Any]) -> Bag:
    return {key: value for key, value in bag.items() if key != PROBLEM}


def _left(bag: Mapping[str, Any]) -> list[tuple[str, Bag]]:
    return [(each["key"], each["bag"]) for each in bag.get(LEFT) or ()]


@contextmanager
def _noted(failed: dict[str, str], key: str) -> Iterator[None]:
    try:
        yield
    except ParameterStoreError as error:
        _note(failed, key, error)


@contextmanager
def _kept_unfinished(now: dict[str, Bag], key: str) -> Iterator[None]:
    """Record a member that is there but not as it should be, as any other is recorded."""
    try:
        yield
    except UnfinishedError as error:
        now[key] = dict(error.outs)
        raise


def _note(failed: dict[str, str], key: str, error: ParameterStoreError) -> None:
    failed[key] = f"{failed[key]}; {error}" if key in failed else str(error)
