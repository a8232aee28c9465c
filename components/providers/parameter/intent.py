"""Decides what becomes of each parameter, and says why, from what was looked at: pure, and without a value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from ...core.parameter.parameter_mark import is_of_state, is_renamed_parent, mark_of, whose
from ...core.parameter.wanted_parameters import WantedParameter
from ...core.service import ProblemKind
from ...core.service_writing import Details
from ...core.spec.push_specs import MANAGED_BY, MANAGER, OWNER_TAG
from ...core.spec.specs import Operation
from ...display import plain
from ...errors import ParameterStoreError, ReadError, WriteError
from .push_record import Place, Pushed
from .survey import Live, Survey, writing_of

OUTSIDE = "written outside"
"""How the doubt begins that somebody else has written a parameter."""
_OWN_TAGS = {MANAGED_BY, OWNER_TAG}
_EDITED = "Secret edited since the last push"
_AWAITED = "this update writes the Secret first"
_ELSEWHERE = "the Secret of another cluster than at the last push"
_ENTRY = "its entry changed"
_DECLARED = "template or updatePolicy changed"
_VACANT = "it has no value yet"
_UNFINISHED = "written by an update that did not end"


class Action(Enum):
    """What becomes of a parameter."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    REPLACE = "replace"
    KEEP = "keep"
    LEAVE = "leave"
    DELETE = "delete"
    RELEASE = "release"
    RESTORE = "restore"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Intent:
    """What is to become of one parameter, as far as that is known without values.

    Attributes:
        place: its store and name.
        action: what becomes of it.
        wanted: what it is to be; of what is not wanted any more, what it was.
        live: what is there.
        pushed: what is recorded.
        words: what changes of it besides its value, by ESO's names.
        doubt: why its value may have to change; None where it is known to be as wanted.
        retags: tags are set or removed.
    """

    place: Place
    action: Action
    wanted: WantedParameter
    live: Live | None = None
    pushed: Pushed | None = None
    words: tuple[str, ...] = ()
    doubt: str | None = None
    retags: tuple[str, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether it is as it should be."""
        return self.action in (Action.KEEP, Action.LEAVE)


def own_tags(seen: Survey) -> dict[str, str]:
    """The tags that say that a parameter is ours; the mark is left out where the state has no id yet."""
    mark = mark_of(seen.spec.owner)
    return {MANAGED_BY: MANAGER, **({OWNER_TAG: mark} if mark else {})}


def is_ours(live: Live, seen: Survey) -> bool:
    """Whether a parameter bears our very mark, or that of the same PushSecret below another parent."""
    mark = (live.tags or {}).get(OWNER_TAG)
    if mark is None:
        return False
    return mark in (mark_of(seen.spec.owner), seen.record.mark) or is_renamed_parent(mark, seen.spec.owner)


def intents(seen: Survey, operation: Operation) -> list[Intent]:
    """What becomes of all parameters: those that are wanted in order, then those that are not wanted any more.

    Raises:
        WriteError: a parameter is not ours, or AWS refuses what is wanted of it.
        ReadError: one cannot be looked at.
    """
    problems: list[ParameterStoreError] = []
    found: list[Intent] = []
    for place in sorted(seen.wanted):
        try:
            found.append(_intent(place, seen, operation))
        except ParameterStoreError as error:
            problems.append(error)
    if problems:
        kind = type(problems[0])
        raise kind("; ".join(map(str, problems)))
    gone = Action.DELETE if seen.spec.deletion_policy == "Delete" else Action.RELEASE
    for place, pushed in sorted(seen.stale.items()):
        if live := seen.stale_live.get(place):
            found.append(Intent(place, gone, pushed.wanted, live, pushed))
    return found


def lines(listed: Collection[Intent], seen: Survey) -> list[str]:
    """What preview says of parameters, never a value; empty where there is nothing to say."""
    told = [_line(each, seen) for each in listed if not each.is_idle]
    same = len(listed) - len(told)
    return [*told, *([f"{same:,} unchanged"] if told and same else [])]


def _intent(place: Place, seen: Survey, operation: Operation) -> Intent:
    wanted, live, pushed = seen.wanted[place], seen.live.get(place), seen.pushed.get(place)
    if problem := seen.problems.get(place):
        if operation.preview and operation.fresh_role and problem.kind is ProblemKind.DENIED:
            return Intent(place, Action.UNKNOWN, wanted, pushed=pushed)
        raise ReadError(problem.message)
    if live is None:
        return Intent(place, Action.CREATE, wanted, pushed=pushed)
    adopts, marked = False, seen.is_marked_for_deletion(place)
    exists = bool(live.version) and not marked
    if marked:
        _refuse_deleted(place, wanted, live, seen)
    foreign = not is_ours(live, seen) and (live.tags is not None or not seen.is_known(place))
    if foreign and seen.spec.update_policy == "IfNotExists" and not seen.spec.adopt and exists:
        return Intent(place, Action.LEAVE, wanted, live, pushed)
    if live.details and live.details.keeper:
        raise WriteError(f"{titled(place, seen)} {live.details.keeper}, so it is not written to; push to another name")
    if foreign:
        refuse_foreign(place, live, pushed, seen)
        adopts = True
    if seen.spec.update_policy == "IfNotExists" and exists:
        # Nothing is written over anything, but for the mark of who lets it go one day.
        marks = live.tags is not None and live.tags.get(OWNER_TAG) != mark_of(seen.spec.owner)
        action = Action.ADOPT if adopts else Action.UPDATE if marks else Action.KEEP
        return Intent(place, action, wanted, live, pushed, retags=(OWNER_TAG,) if marks else ())
    return _update(place, wanted, live, pushed, seen, adopts=adopts)


def _update(
    place: Place, wanted: WantedParameter, live: Live, pushed: Pushed | None, seen: Survey, *, adopts: bool
) -> Intent:
    writing = writing_of(seen.spec.stores[place[0]])
    recorded = writing.details_of(pushed.wanted.metadata) if pushed else Details()
    before = live.details or recorded
    if live.details and pushed and seen.is_known(place):
        before = writing.as_recorded(live.details, recorded)
    words = writing.changes(before, wanted.metadata)
    retags = _retags(wanted, live, pushed, seen)
    doubt = _doubt(place, wanted, live, pushed, seen)
    replaced = writing.unchangeable(before, wanted.metadata)
    if replaced and seen.spec.deletion_policy != "Delete":
        raise WriteError(
            f"{titled(place, seen)}: {replaced}; set deletionPolicy Delete to have it "
            "deleted and created again, or push to another name"
        )
    action = Action.ADOPT if adopts else Action.UPDATE if words or retags or doubt else Action.KEEP
    if seen.is_marked_for_deletion(place):
        action = Action.RESTORE
    return Intent(place, Action.REPLACE if replaced else action, wanted, live, pushed, words, doubt, retags)


def _retags(wanted: WantedParameter, live: Live, pushed: Pushed | None, seen: Survey) -> tuple[str, ...]:
    """The keys of tags that change; of what nobody asked the tags of, as they were written."""
    now: Mapping[str, str] = {**wanted.metadata.tags, **own_tags(seen)}
    before = live.tags
    if before is None and pushed is not None:
        before = {**pushed.wanted.metadata.tags, MANAGED_BY: MANAGER, OWNER_TAG: seen.record.mark or ""}
    before = before or {}
    ours = pushed.wanted.metadata.tags if pushed else {}
    gone = {key for key in ours if key not in now and key in before}
    return tuple(sorted({key for key, value in now.items() if before.get(key) != value} | gone))


def _refuse_deleted(place: Place, wanted: WantedParameter, live: Live, seen: Survey) -> None:
    """Refuse what is marked for deletion, unless it is to be restored and its value need not be read for that.

    Raises:
        WriteError: the text says until when it is there, and what to do.
    """
    until = live.details.deleted if live.details else None
    what = f"{titled(place, seen)} is marked for deletion{until.strftime(' and goes on %Y-%m-%d') if until else ''}"
    if not seen.spec.restore:
        also = "" if is_ours(live, seen) or seen.spec.adopt else " and `adopt`, as it is not this PushSecret's,"
        raise WriteError(
            f"{what}, so nothing can be pushed to it. Set `restore`{also} to have it restored and pushed to, push to "
            "another name, or wait until it is gone"
        )
    if wanted.properties and not seen.is_known(place):
        raise WriteError(
            f"{what}: its properties are written into the value that is there, which cannot be read before it is "
            "restored; restore it first by hand, then run this again"
        )


def _doubt(place: Place, wanted: WantedParameter, live: Live, pushed: Pushed | None, seen: Survey) -> str | None:
    if not live.version:
        return _VACANT
    if pushed is None:
        return _UNFINISHED if is_ours(live, seen) else "its value is not known"
    if not seen.is_known(place):
        by = f" by {plain(live.details.by)}" if live.details and live.details.by else ""
        at = f" at {live.details.at.isoformat(timespec='seconds')}" if live.details and live.details.at else ""
        return f"{OUTSIDE}{by}{at}"
    old = pushed.wanted
    writing = writing_of(seen.spec.stores[place[0]])
    if old.parts != wanted.parts or writing.is_encoded(old.metadata) != writing.is_encoded(wanted.metadata):
        return _ENTRY
    if seen.remade and not seen.rests:
        return _DECLARED
    return _doubt_of_source(seen) if seen.is_source_changed else None


def _doubt_of_source(seen: Survey) -> str:
    if seen.is_elsewhere:
        return _ELSEWHERE
    return _AWAITED if seen.awaited and not seen.is_edited else _EDITED


def refuse_foreign(place: Place, live: Live, pushed: Pushed | None, seen: Survey) -> None:
    """Refuse a parameter that does not bear our mark, unless `adopt` asks for it.

    One that another state took over from here is not taken back: two that both say `adopt` would do so for ever.

    Raises:
        WriteError: the text says whose it is, and what to do.
    """
    mark = (live.tags or {}).get(OWNER_TAG)
    if not seen.spec.adopt:
        raise WriteError(_foreign(place, live, pushed, seen))
    if pushed is not None and mark is not None and not is_of_state(mark, seen.spec.owner):
        raise WriteError(
            f"{titled(place, seen)} was taken over from this PushSecret ({whose(mark)}), so "
            "it is not touched. Remove this one, which leaves it alone, or push to another name."
        )


def _foreign(place: Place, live: Live, pushed: Pushed | None, seen: Survey) -> str:
    service = seen.spec.stores[place[0]].service
    if pushed is not None and OWNER_TAG not in (live.tags or {}):
        return (
            f"{titled(place, seen)} bears the mark of this PushSecret no more, so it is not touched: somebody took the "
            f"tag away, or made the {service.noun} again. Set `adopt` to take it over."
        )
    whose_it_is = whose((live.tags or {}).get(OWNER_TAG))
    eso = (live.tags or {}).get(MANAGED_BY) == MANAGER and OWNER_TAG not in (live.tags or {})
    also = "; External Secrets Operator has pushed it" if eso else ""
    return (
        f"{service.noun} {place[1]!r} exists already in {_region(place, seen)} and was not written by this PushSecret "
        f"({whose_it_is}{also}), so it is not touched. Push to another name, delete it first, or set `adopt` to take "
        "it over."
    )


def titled(place: Place, seen: Survey) -> str:
    """What a place is called in errors."""
    return f"{seen.spec.stores[place[0]].service.noun} {place[1]!r} in {_region(place, seen)}"


def _region(place: Place, seen: Survey) -> str:
    return seen.spec.stores[place[0]].identity.region


def _so_far(each: Intent) -> str:
    """Whose a parameter was that is taken over, as the end of a line."""
    live = each.live
    tags = (live.tags or {}) if live else {}
    if OWNER_TAG not in tags and each.pushed:
        told = "it bears the mark of this PushSecret no more"
    elif OWNER_TAG not in tags and tags.get(MANAGED_BY) == MANAGER:
        told = "External Secrets Operator has pushed it"
    else:
        told = whose(tags.get(OWNER_TAG))
    by = f", last written by {plain(live.details.by)}" if live and live.details and live.details.by else ""
    return f": {told}{by}"


def _line(each: Intent, seen: Survey) -> str:
    store, name = each.place
    title = name if len({*seen.spec.stores, *seen.record.stores}) <= 1 else f"{name} in {store}"
    hidden = _OWN_TAGS if each.action is Action.ADOPT else {OWNER_TAG}
    tags = [f"tags: {', '.join(tag for tag in each.retags if tag not in hidden)}"]
    listed = [*each.words, *(tags if set(each.retags) - {OWNER_TAG} else [])]
    listed += ["mark"] if OWNER_TAG in each.retags and not listed and each.action is Action.UPDATE else []
    doubt = f"value may change ({each.doubt})" if each.doubt else ""
    match each.action:
        case Action.CREATE:
            return f"create {title}" + (" (it is missing in AWS)" if each.pushed else "")
        case Action.ADOPT | Action.REPLACE | Action.RESTORE:
            adopts = each.action is Action.ADOPT
            changed = [*each.words, *(tags if adopts and set(each.retags) - _OWN_TAGS else [])]
            told = f"{each.action.value} {title}" + (f" ({', '.join(changed)})" if changed else "")
            return told + (_so_far(each) if adopts else "")
        case Action.DELETE:
            return f"delete {title}"
        case Action.RELEASE:
            return f"{title}: stays, and is not kept any more"
        case Action.UNKNOWN:
            return f"{title}: known during up"
    return f"{title}: " + "; ".join(filter(None, [f"update ({', '.join(listed)})" if listed else "", doubt]))
