"""Decides what becomes of each parameter, and says why, from what was looked at: pure, and without a value."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from ...core.parameter.parameter_mark import is_of_state, is_renamed_parent, mark_of, whose
from ...core.parameter.stored_parameter import Details
from ...core.parameter.wanted_parameters import WantedParameter
from ...core.service import ProblemKind
from ...core.spec.push_specs import MANAGED_BY, MANAGER, OWNER_TAG, PushMetadata, Tier
from ...core.spec.specs import Operation
from ...display import plain
from ...errors import ParameterStoreError, ReadError, WriteError
from .push_record import Place, Pushed
from .survey import Live, Survey

OUTSIDE = "written outside"
"""How the doubt begins that somebody else has written a parameter."""
_EDITED = "Secret edited since the last push"
_ELSEWHERE = "the Secret of another cluster than at the last push"
_ENTRY = "its entry changed"
_DECLARED = "template or updatePolicy changed"
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
    adopts = False
    if not seen.is_known(place) and not is_ours(live, seen):
        if seen.spec.update_policy == "IfNotExists" and not seen.spec.adopt:
            return Intent(place, Action.LEAVE, wanted, live)
        refuse_foreign(place, live, pushed, seen)
        adopts = True
    if seen.spec.update_policy == "IfNotExists":
        # Nothing is written over anything, but for the mark of who lets it go one day.
        marks = live.tags is not None and live.tags.get(OWNER_TAG) != mark_of(seen.spec.owner)
        action = Action.ADOPT if adopts else Action.UPDATE if marks else Action.KEEP
        return Intent(place, action, wanted, live, pushed, retags=(OWNER_TAG,) if marks else ())
    return _update(place, wanted, live, pushed, seen, adopts=adopts)


def _update(
    place: Place, wanted: WantedParameter, live: Live, pushed: Pushed | None, seen: Survey, *, adopts: bool
) -> Intent:
    before = _details_of(pushed.wanted.metadata) if pushed and live.details is None else live.details or Details("")
    words = _changed(before, wanted.metadata)
    retags = _retags(wanted, live, pushed, seen)
    doubt = _doubt(place, wanted, live, pushed, seen)
    replaced = _unchangeable(before, live, wanted.metadata)
    if replaced and seen.spec.deletion_policy != "Delete":
        raise WriteError(
            f"parameter {wanted.name!r} in {_region(place, seen)}: {replaced}; set deletionPolicy Delete to have it "
            "deleted and created again, or push to another name"
        )
    action = Action.ADOPT if adopts else Action.UPDATE if words or retags or doubt else Action.KEEP
    return Intent(place, Action.REPLACE if replaced else action, wanted, live, pushed, words, doubt, retags)


def _changed(before: Details, wanted: PushMetadata[str]) -> tuple[str, ...]:
    words = []
    if before.type != wanted.secret_type:
        words.append(f"secretType: {plain(before.type)} => {wanted.secret_type}")
    elif _is_other_key(before.key, wanted.key):
        words.append("kmsKeyID")
    if _tier_after(before.tier, wanted.tier) != before.tier and before.tier != wanted.tier:
        words.append(f"tier: {plain(before.tier)} => {wanted.tier}")
    if before.policies != policy_texts(wanted):
        words.append("policies")
    if before.description != wanted.described:
        words.append("description")
    return tuple(words)


def _is_other_key(before: str | None, wanted: str | None) -> bool:
    """Whether a key is another one than before; AWS may tell its ARN where its ID was asked for."""
    if before == wanted or before is None or wanted is None:
        return before != wanted
    return before.rpartition("/")[2] != wanted.rpartition("/")[2]


def _tier_after(before: str, wanted: Tier) -> str:
    """The tier that a write comes to, as far as that is known: Intelligent-Tiering keeps what there is."""
    return before if wanted == "Intelligent-Tiering" else wanted


def policy_texts(metadata: PushMetadata[str]) -> tuple[str, ...]:
    """Policies as texts that are equal for equal ones; none in a tier that has none."""
    if metadata.tier == "Standard":
        return ()
    return tuple(sorted(json.dumps(each, sort_keys=True, separators=(",", ":")) for each in metadata.policies))


def _details_of(metadata: PushMetadata[str]) -> Details:
    """What a parameter is like that was written so."""
    return Details(
        type=metadata.secret_type,
        tier=metadata.tier,
        key=metadata.key,
        description=metadata.described,
        policies=policy_texts(metadata),
    )


def _unchangeable(before: Details, live: Live, wanted: PushMetadata[str]) -> str | None:
    """Why AWS would not change a parameter into what is wanted; None where it would."""
    if before.type != wanted.secret_type:
        return f"AWS does not change the type of a parameter ({plain(before.type)} => {wanted.secret_type})"
    tier = live.details.tier if live.details else before.tier
    if tier == "Advanced" and wanted.tier == "Standard":
        return "AWS does not move a parameter from tier Advanced to Standard"
    return None


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


def _doubt(place: Place, wanted: WantedParameter, live: Live, pushed: Pushed | None, seen: Survey) -> str | None:
    if pushed is None:
        return _UNFINISHED if is_ours(live, seen) else "its value is not known"
    if not seen.is_known(place):
        by = f" by {plain(live.details.by)}" if live.details and live.details.by else ""
        at = f" at {live.details.at.isoformat(timespec='seconds')}" if live.details and live.details.at else ""
        return f"{OUTSIDE}{by}{at}"
    old = pushed.wanted
    if old.parts != wanted.parts or old.metadata.encode_as_decoded != wanted.metadata.encode_as_decoded:
        return _ENTRY
    if seen.remade and not seen.rests:
        return _DECLARED
    return (_ELSEWHERE if seen.is_elsewhere else _EDITED) if seen.is_source_changed else None


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
            f"parameter {place[1]!r} in {_region(place, seen)} was taken over from this PushSecret ({whose(mark)}), so "
            "it is not touched. Remove this one, which leaves the parameter alone, or push to another name."
        )


def _foreign(place: Place, live: Live, pushed: Pushed | None, seen: Survey) -> str:
    name = place[1]
    if pushed is not None and OWNER_TAG not in (live.tags or {}):
        return (
            f"parameter {name!r} in {_region(place, seen)} bears the mark of this PushSecret no more, so it is not "
            "touched: somebody took the tag away, or wrote the parameter again. Set `adopt` to take it over."
        )
    whose_it_is = whose((live.tags or {}).get(OWNER_TAG))
    eso = (live.tags or {}).get(MANAGED_BY) == MANAGER and OWNER_TAG not in (live.tags or {})
    also = "; External Secrets Operator has pushed it" if eso else ""
    return (
        f"parameter {name!r} exists already in {_region(place, seen)} and was not written by this PushSecret "
        f"({whose_it_is}{also}), so it is not touched. Push to another name, delete it first, or set `adopt` to take "
        "it over."
    )


def _region(place: Place, seen: Survey) -> str:
    return seen.spec.stores[place[0]].identity.region


def _line(each: Intent, seen: Survey) -> str:
    store, name = each.place
    title = name if len({*seen.spec.stores, *seen.record.stores}) <= 1 else f"{name} in {store}"
    tags = [f"tags: {', '.join(tag for tag in each.retags if tag != OWNER_TAG)}"]
    listed = [*each.words, *(tags if set(each.retags) - {OWNER_TAG} else [])]
    listed += ["mark"] if OWNER_TAG in each.retags and not listed and each.action is Action.UPDATE else []
    doubt = f"value may change ({each.doubt})" if each.doubt else ""
    match each.action:
        case Action.CREATE:
            return f"create {title}" + (" (it was deleted outside)" if each.pushed else "")
        case Action.ADOPT | Action.REPLACE:
            return f"{each.action.value} {title}" + (f" ({', '.join(each.words)})" if each.words else "")
        case Action.DELETE:
            return f"delete {title}"
        case Action.RELEASE:
            return f"{title}: stays, and is not kept any more"
        case Action.UNKNOWN:
            return f"{title}: known during up"
    return f"{title}: " + "; ".join(filter(None, [f"update ({', '.join(listed)})" if listed else "", doubt]))
