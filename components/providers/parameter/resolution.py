"""Makes deliveries of intents: builds values in memory, compares what has to be compared, and decrypts no more."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from ...core.parameter.pushed_values import check_value, merged, missing_key, part_values
from ...core.parameter.wanted_parameters import WantedParameter
from ...core.secret_value import Secret
from ...core.service_writing import Put, Writing
from ...core.spec.push_specs import MANAGED_BY, OWNER_TAG, PushSpec
from ...core.spec.specs import Operation
from ...core.spec.store_specs import StoreSpec
from ...errors import ExtractError, WriteError
from ...golang.gjson import is_empty_object, without_property
from ..operation.claims import Claim, parameter_places
from ..operation.deliveries import Delivery
from .intent import OUTSIDE, Action, Intent, is_ours, own_tags, refuse_foreign
from .push_record import Place, Pushed
from .survey import Live, Survey, with_tags, writing_of

if TYPE_CHECKING:
    from ..operation.memory import ProcessMemory, StoreMemory

CREATES = (Action.CREATE, Action.REPLACE)
WRITES = (*CREATES, Action.UPDATE, Action.ADOPT, Action.RESTORE)
GOES = (Action.DELETE, Action.RELEASE)


@dataclass(frozen=True)
class Resolved:
    """A PushSecret whose values are known to be as wanted, or what makes them so.

    Attributes:
        intents: what becomes of its parameters, with nothing in doubt any more.
        deliveries: what is to be done, in order.
        recorded: what is recorded when that is done.
    """

    intents: tuple[Intent, ...]
    deliveries: tuple[Delivery, ...]
    recorded: Mapping[Place, Pushed]


def check_contents(listed: Iterable[Intent], seen: Survey) -> None:
    """Find what of the Secret cannot be pushed, before anything is read or written.

    Raises:
        ExtractError: a key is missing, or AWS would refuse a value; no value is quoted.
    """
    problems = []
    for each in listed:
        if each.action in GOES:
            continue
        contents, writing = seen.contents or {}, writing_of(seen.spec.stores[each.place[0]])
        if (key := missing_key(each.wanted, contents)) is not None:
            problems.append(
                f"{each.place[1]}: secret key {key} does not exist in {_secrets(seen)}; "
                "correct secret_key (ESO: match.secretKey), or add the key"
            )
        elif each.action in WRITES:
            try:
                # Of properties the value as a whole is known when the others are.
                check_value(merged(part_values(each.wanted, contents, writing), None), each.wanted, writing)
            except ExtractError as error:
                problems.append(f"{each.place[1]}: {error}")
    if problems:
        raise ExtractError("; ".join(problems))


def _secrets(seen: Survey) -> str:
    named = sorted(seen.contents or {})
    return f"Secret {seen.spec.namespace}/{' or '.join(named)}"


def claim(spec: PushSpec, wanted: Iterable[Place], accounts: Mapping[str, str], process: ProcessMemory) -> None:
    """Note that the PushSecret writes these parameters in this operation.

    Raises:
        WriteError: another one of the program writes one of them, or two of its stores are one place.
    """
    own: dict[Hashable, str] = {}
    for store, name in sorted(wanted):
        noun, region = spec.stores[store].service.noun, spec.stores[store].identity.region
        places = parameter_places(spec.stores[store], name, accounts.get(store))
        if twice := next((own[place] for place in places if place in own), None):
            raise WriteError(
                f"{noun} {name!r} in {region} is in both stores {twice} and {store}; name one of "
                "them, or give each a prefix of its own"
            )
        own |= dict.fromkeys(places, store)
        rival = process.claims.claim(places, Claim(spec.owner, shared=False))
        if rival is not None:
            raise WriteError(
                f"{noun} {name!r} in {region} is written by PushSecret {rival.owner.title}, too; give "
                "each its own, or make all properties of it entries of one PushSecret"
            )


def resolve(listed: Sequence[Intent], seen: Survey, operation: Operation, process: ProcessMemory) -> Resolved:
    """Build what the intents come to.

    Raises:
        ExtractError: a value cannot be pushed.
        WriteError: a parameter is not ours any more.
        ReadError: a value or tags cannot be read.
    """
    current = _current(listed, seen, operation, process)
    values = {each.place: _built(each, current, seen) for each in listed if each.action in WRITES}
    changed = {
        each.place
        for each in listed
        if each.place in values and _is_changed(each, values[each.place], current.get(each.place))
    }
    # The mark of what is written or let go is looked at in this very operation.
    touched = [each.place for each in listed if each.place in changed or each.words or each.retags]
    live = with_tags(seen.live, touched, seen.spec.stores, operation, process)
    gone = with_tags(seen.stale_live, seen.stale, seen.record.stores, operation, process)
    ended: list[Intent] = []
    deliveries: list[Delivery] = []
    recorded: dict[Place, Pushed] = {}
    for each in listed:
        delivery: Delivery | None = None
        if each.action in GOES:
            spec = seen.record.stores[each.place[0]]
            deletes = each.action is Action.DELETE
            memory = process.store(spec, operation)
            delivery = let_go(each.place[1], gone[each.place], each.wanted, spec, seen.record.mark, memory, deletes)
            if delivery is None:
                process.tell(stays(each.place[1], spec))
            ended.append(each)
        elif each.action is Action.LEAVE:
            if each.pushed is not None:
                process.tell(stays(each.place[1], seen.spec.stores[each.place[0]]))
            ended.append(each)
        else:
            now = replace(each, live=live.get(each.place))
            with_value = each.place in changed or _writing(each, seen).with_value(each.words)
            value = values.get(each.place) if with_value else None
            done, delivery = _delivered(now, value, seen, is_changed=each.place in changed)
            ended.append(done)
            recorded[each.place] = _record(now, delivery)
        deliveries += [delivery] if delivery else []
    return Resolved(tuple(ended), tuple(deliveries), recorded)


def _current(
    listed: Iterable[Intent], seen: Survey, operation: Operation, process: ProcessMemory
) -> dict[Place, Secret]:
    """The values that have to be known, decrypted ten a call: where they are in doubt, or properties go into them."""
    wanted: dict[str, dict[str, str]] = {}
    for each in listed:
        if each.action not in WRITES or each.action is Action.RESTORE or each.live is None or not each.live.version:
            continue  # what goes may be in a store that is not declared any more
        with_value = _writing(each, seen).with_value(each.words)
        merges = bool(each.wanted.properties) and (with_value or each.action is Action.REPLACE)
        # With another key it is written in any case, and the old key may be why: it may be disabled, or denied.
        compares = each.doubt and not (with_value and "kmsKeyID" in each.words)
        if compares or merges:
            wanted.setdefault(each.place[0], {})[each.place[1]] = each.live.version
    return {
        (store, name): value
        for store, versions in wanted.items()
        for name, value in process.store(seen.spec.stores[store], operation).values(versions).items()
    }


def _built(each: Intent, current: Mapping[Place, Secret], seen: Survey) -> Secret:
    """The value that a parameter is to have.

    Raises:
        ExtractError: it cannot be pushed.
    """
    store = seen.spec.stores[each.place[0]]
    writing = writing_of(store)
    try:
        parts = part_values(each.wanted, seen.contents or {}, writing)
        value = merged(parts, _without_gone(each, current, seen), store.service.noun)
        check_value(value, each.wanted, writing)
    except ExtractError as error:
        raise ExtractError(f"{each.place[1]}: {error}") from None
    return Secret(value.encoded()) if writing.takes_bytes(each.wanted.metadata) else value


def _is_changed(each: Intent, value: Secret, current: Secret | None) -> bool:
    """Whether a value is to be written; one that cannot be read is, where it is in doubt."""
    if current is not None:
        return value != current or value.is_bytes != current.is_bytes
    return (
        each.action in CREATES
        or (each.doubt is not None and each.live is not None and not each.live.version)
        or (each.action is Action.RESTORE and each.doubt is not None)
    )


def _writing(each: Intent, seen: Survey) -> Writing:
    return writing_of(seen.spec.stores[each.place[0]])


def _without_gone(each: Intent, current: Mapping[Place, Secret], seen: Survey) -> Secret | None:
    """The value that is there, without those properties of ours that are not declared any more, under Delete."""
    found = current.get(each.place)
    if found is None or each.pushed is None or seen.spec.deletion_policy != "Delete":
        return found
    gone = set(each.pushed.wanted.properties) - set(each.wanted.properties)
    return Secret(reduce(without_property, sorted(gone), found.reveal()))


def _put(each: Intent, value: Secret | None, version: str, seen: Survey) -> Put:
    metadata, there = each.wanted.metadata, {} if each.live is None else each.live.tags or {}
    return Put(
        each.place[1],
        value,
        _writing(each, seen).details_of(metadata),
        version,
        each.words,
        {**there, **metadata.tags, **own_tags(seen)} if each.action in CREATES else None,
    )


def _delivered(each: Intent, value: Secret | None, seen: Survey, *, is_changed: bool) -> tuple[Intent, Delivery | None]:
    """An intent at its end, and what is to be done.

    Raises:
        WriteError: the parameter bears our mark no more.
    """
    store, name = each.place
    spec, live = seen.spec.stores[store], each.live
    before = None if live is None or each.action is Action.REPLACE else live.version
    version = before if before and value is None else _writing(each, seen).version_after(before)
    put = None if value is None and not each.words else _put(each, value, version, seen)
    metadata, restores = each.wanted.metadata, each.action is Action.RESTORE
    if live is None:
        return each, Delivery(spec, name, put=put, version=version, metadata=metadata)
    tags, untags = _tag_changes(each, live, seen)
    if put is None and not tags and not untags and not restores:
        return replace(each, action=Action.KEEP, words=(), doubt=None, retags=()), None
    if each.action is not Action.ADOPT and not is_ours(live, seen):
        refuse_foreign(each.place, live, each.pushed, seen)
    outside = [each.doubt] if each.doubt and each.doubt.startswith(OUTSIDE) else []  # so that nothing goes unseen
    words = (*(["value", *outside] if is_changed else []), *each.words)
    doubt = each.doubt if "kmsKeyID" in each.words and not is_changed else None
    done = replace(each, words=words, doubt=doubt, retags=tuple(sorted({*tags, *untags})))
    was = (live.version, (live.tags or {}).get(OWNER_TAG))
    if each.action is Action.REPLACE:
        return done, Delivery(spec, name, *was, put, version, deletes=True, metadata=metadata)
    return done, Delivery(spec, name, *was, put, version, tags, untags, restores=restores, metadata=metadata)


def _tag_changes(each: Intent, live: Live, seen: Survey) -> tuple[dict[str, str], tuple[str, ...]]:
    if live.tags is None:  # nothing of it changes
        return {}, ()
    if seen.spec.update_policy == "IfNotExists":
        return {key: value for key, value in own_tags(seen).items() if live.tags.get(key) != value}, ()
    now = {**each.wanted.metadata.tags, **own_tags(seen)}
    ours = each.pushed.wanted.metadata.tags if each.pushed else {}
    gone = tuple(sorted(key for key in ours if key not in now and key in live.tags))
    return {key: value for key, value in now.items() if live.tags.get(key) != value}, gone


def _record(each: Intent, delivery: Delivery | None) -> Pushed:
    if delivery is not None and delivery.put is not None:
        rests = each.live is not None and delivery.version == each.live.version
        return Pushed(delivery.version or "", each.wanted, each.live.written if each.live and rests else None)
    assert each.live is not None, "what is not there is written"  # noqa: S101
    keeps = each.action is Action.KEEP and each.pushed is not None
    return Pushed(each.live.version, each.pushed.wanted if keeps and each.pushed else each.wanted, each.live.written)


def let_go(
    name: str,
    live: Live,
    wanted: WantedParameter,
    spec: StoreSpec,
    mark: str | None,
    memory: StoreMemory,
    deletes: bool,  # noqa: FBT001
) -> Delivery | None:
    """What takes a parameter away, or our mark off it; of JSON that others wrote into as well, our properties alone.

    Args:
        name: its full name.
        live: what is there, with its tags.
        wanted: what it was to be.
        spec: its store.
        mark: the mark that it must bear.
        memory: the store's.
        deletes: it is deleted, and not just released.

    Returns:
        None where the parameter bears another mark, or none.

    Raises:
        ReadError: its value cannot be read.
    """
    if mark is None or (live.tags or {}).get(OWNER_TAG) != mark:
        return None
    if not deletes:
        return Delivery(spec, name, live.version, mark, version=live.version, untags=(OWNER_TAG,), goes=True)
    if wanted.properties:
        value = memory.values({name: live.version})[name]
        rest = Secret(reduce(without_property, wanted.properties, value.reveal()))
        if not is_empty_object(rest.reveal()):
            writing = writing_of(spec)
            version = writing.version_after(live.version)
            kept = Secret(rest.encoded()) if value.is_bytes else rest
            put = Put(name, kept, writing.details_of(wanted.metadata), version)
            return Delivery(spec, name, live.version, mark, put, version, untags=(MANAGED_BY, OWNER_TAG), goes=True)
    return Delivery(spec, name, live.version, mark, deletes=True, goes=True, metadata=wanted.metadata)


def stays(name: str, spec: StoreSpec) -> str:
    """What the user is told of a parameter that is not pushed any more, and is not ours to touch."""
    return (
        f"{spec.service.noun} {name} in {spec.identity.region} stays, though it is not pushed any more: it does not "
        "bear the mark of this PushSecret"
    )
