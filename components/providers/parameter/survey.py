"""Looks at a PushSecret's Secret and parameters: at versions without decryption, and at more only where needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...core.parameter.expansion import Contents, expanded
from ...core.parameter.wanted_parameters import WantedParameter, wanted_parameters
from ...core.service import ProblemKind, tags_source
from ...core.service_writing import Writing
from ...core.spec.push_specs import PushSpec
from ...core.spec.specs import Operation
from ...core.spec.store_specs import StoreSpec
from ...errors import ReadError, SpecError, WriteError
from ..operation.claims import parameter_places
from ..operation.cluster_memory import are_other
from ..operation.deliveries import passed_on
from .push_record import Place, Pushed, PushRecord, moved
from .push_sources import pushed_secrets, read_sources

if TYPE_CHECKING:
    from ...clients.aws.reads import ReadProblem
    from ...core.service_writing import Details
    from ..operation.memory import ProcessMemory


_A_WRITE = 1_000
"""Milliseconds that a write takes at most as a rule; AWS takes three a second."""
_CLOCKS = 60_000
"""Milliseconds by which our clock and that of AWS may differ, as a rule."""


@dataclass(frozen=True)
class Live:
    """One parameter as it is in AWS.

    Attributes:
        version: its newest version; empty where it has none.
        written: when that was written, in milliseconds since 1970, if AWS says so.
        details: what it is like; None where nobody asked.
        tags: its tags; None where nobody asked.
    """

    version: str
    written: int | None = None
    details: Details | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Survey:
    """All that is known of a PushSecret before its values are compared.

    Attributes:
        spec: what is declared.
        record: what is recorded.
        contents: the keys of its Secrets; None where the one that it names is not there, or not yet.
        sources: uid and resource version of each Secret, and of what its template's texts are in.
        wanted: the parameters that it is to have, by place.
        pushed: of those, what is recorded.
        live: the parameters that there are, by place.
        problems: why one could not be looked at, by place.
        stale: what is recorded and not wanted any more, by its recorded place: in another store, that may be one that
            is called as a declared one is.
        stale_live: of those, the parameters that there are.
        accounts: the AWS accounts of the stores, as far as AWS said.
        remade: the template, or whether anything is overwritten, is not as it was at the last push.
        cluster_id: what tells the cluster from others, where it is known.
        rests: what is declared was pushed, and its refresh interval has not passed since.
        awaited: this is a preview, and `up` may give the Secret other content first.
    """

    spec: PushSpec
    record: PushRecord
    contents: Contents | None = field(default=None, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[Place, WantedParameter] = field(default_factory=dict)
    pushed: Mapping[Place, Pushed] = field(default_factory=dict)
    live: Mapping[Place, Live] = field(default_factory=dict)
    problems: Mapping[Place, ReadProblem] = field(default_factory=dict)
    stale: Mapping[Place, Pushed] = field(default_factory=dict)
    stale_live: Mapping[Place, Live] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    cluster_id: str | None = None
    remade: bool = False
    rests: bool = False
    awaited: bool = False

    @property
    def is_edited(self) -> bool:
        """Whether the Secret was written since it was pushed."""
        return self.sources != self.record.sources

    @property
    def is_elsewhere(self) -> bool:
        """Whether the Secret is in another cluster than the one that was pushed."""
        return are_other(self.record.cluster_id, self.cluster_id)

    def is_marked_for_deletion(self, place: Place) -> bool:
        """Whether a parameter is going to be deleted, and has to be restored first."""
        live = self.live.get(place)
        return live is not None and live.details is not None and live.details.deleted is not None

    @property
    def is_source_changed(self) -> bool:
        """Whether the Secret may hold other values than those that were pushed, and they are to be pushed."""
        return (self.remade or self.is_edited or self.awaited) and not self.rests

    def is_known(self, place: Place) -> bool:
        """Whether a parameter is as it was recorded, but for its tags."""
        live, pushed = self.live.get(place), self.pushed.get(place)
        return (
            live is not None
            and pushed is not None
            and live.version == pushed.version
            and not moved(pushed.written, live.written)
        )

    def may_be_another(self, place: Place) -> bool:
        """Whether a parameter may be another one of the version that we wrote, so that its mark has to be looked at.

        When our version was written is not recorded before the update after the one that wrote it. But it was soon
        after that push began.
        """
        live, pushed, began = self.live.get(place), self.pushed.get(place), self.record.pushed_at
        if not (live and pushed and self.is_known(place)) or live.written is None or began is None:
            return False
        lasted = _A_WRITE * len(self.record.parameters)
        return pushed.written is None and not -_CLOCKS < live.written - began < lasted + _CLOCKS


def writing_of(store: StoreSpec) -> Writing:
    """What a store's service says of writing.

    Raises:
        SpecError: it is not written to.
    """
    if store.service.writing is None:
        raise SpecError(f"service {store.service.name} is not written to; push to a store of another service")
    return store.service.writing


def survey(
    spec: PushSpec,
    record: PushRecord,
    operation: Operation,
    process: ProcessMemory,
    *,
    remade: bool = False,
    rests: bool = False,
    still_deleted: bool = False,
) -> Survey:
    """Look at the Secret and at the parameters that are wanted or recorded; see `Survey` for two of the flags.

    With `still_deleted` the Secret may be gone, as it was at the last push, which deleted all that was pushed of it.

    Raises:
        SpecError: what is declared can never work.
        ReadError: the Secret is missing, or AWS cannot be asked.
        IdentityError: a store's identity cannot be taken.
        ClusterError: the cluster cannot be reached.
    """
    if not operation.admits(spec.namespace, None):
        operation.admits(spec.namespace, process.cluster(spec.cluster).labels(spec.namespace))
    contents, sources = read_sources(spec, operation, process)
    known = record.cluster_id if _uids(sources) & _uids(record.sources) else None
    cluster_id = known or process.cluster(spec.cluster).id or None
    awaited = operation.preview and any(
        process.cluster(spec.cluster).is_changing(spec.namespace, name) for name in contents or ()
    )
    found = Survey(spec, record, contents, sources, cluster_id=cluster_id, remade=remade, rests=rests, awaited=awaited)
    if not contents and record.parameters and found.is_elsewhere:
        raise WriteError(
            f"{source_of(spec)} does not exist in this cluster, and what is pushed came of another one, so all of it "
            "stays as it is. Run this with the kubeconfig of that one, or create the Secret here first"
        )
    missing = sorted(pushed_secrets(record.sources) - set(contents or ())) if spec.selector is not None else []
    if missing and found.is_elsewhere and record.parameters and spec.deletion_policy == "Delete":
        raise WriteError(
            f"what is pushed came of another cluster, and this one has no Secret {', '.join(missing)} in namespace "
            f"{spec.namespace} with the labels of the selector, so all of it stays as it is. Run this with the "
            "kubeconfig of that one, create the Secret here first, or set deletionPolicy None, which leaves its "
            "parameters where they are"
        )
    if contents is not None:
        wanted = {
            (store, name): parameter
            for store, its in spec.stores.items()
            for name, parameter in wanted_parameters(
                expanded(spec, store, contents), spec.prefixes.get(store, ""), writing_of(its)
            ).items()
        }
        found = replace(found, wanted=wanted)
        _check_regions(found)
    elif operation.texts_may_come:
        return found
    elif still_deleted:
        process.tell(
            f"warning: {source_of(spec)} is still gone, and what PushSecret {spec.owner.title} pushed of it is "
            "deleted. It is pushed again when the Secret is there; if it is not coming back, remove the PushSecret"
        )
    elif spec.deletion_policy != "Delete" or not record.parameters:
        raise ReadError(
            f"{source_of(spec)} does not exist, so that there is nothing to push (ESO: could not "
            "get source secret); create it, or correct `secret`; if this program makes it, say so in depends_on"
        )
    live, problems = _versions(found.wanted, spec.stores, operation, process, taken=True)
    accounts = {
        store: account for store, its in spec.stores.items() if (account := process.store(its, operation).account)
    }
    found = _matched(replace(found, live=live, problems=problems, accounts=accounts))
    stale, unread = _versions(found.stale, record.stores, operation, process)
    found = _still_wanted(found, operation, process)
    for (store, _), problem in unread.items():
        raise ReadError(f"store {store}, to which nothing more is pushed: {problem.message}")
    doubtful = [place for place in found.wanted if place in live and not found.is_known(place)]
    retiered = [
        place
        for place, pushed in found.pushed.items()
        if found.is_known(place) and pushed.wanted.metadata.tier != found.wanted[place].metadata.tier
    ]
    unlooked = [place for place in (*doubtful, *retiered) if live[place].details is None]
    unlooked += [place for place in found.wanted if _lacks_policies(place, found)]
    live = _with_details(live, {place: found.wanted[place] for place in unlooked}, spec.stores, operation, process)
    unsure = [place for place in found.wanted if found.may_be_another(place)]
    return replace(found, live=with_tags(live, [*doubtful, *unsure], spec.stores, operation, process), stale_live=stale)


def source_of(spec: PushSpec) -> str:
    """What is pushed, for messages."""
    if spec.selector is not None:
        return f"a Secret with the labels of the selector in namespace {spec.namespace}"
    return f"Secret {spec.namespace}/{spec.secret}"


def _check_regions(found: Survey) -> None:
    for (store, name), wanted in found.wanted.items():
        region = found.spec.stores[store].identity.region
        if region in wanted.metadata.replication_locations:
            raise SpecError(
                f"{name}: metadata.replicationLocations: {region!r} is the region of store {store} itself; leave it out"
            )


def _uids(sources: Mapping[str, str]) -> set[str]:
    """The uids of Secrets."""
    return {each.partition(" ")[0] for each in sources.values()}


def recorded_live(
    record: PushRecord, operation: Operation, process: ProcessMemory, *, leaves: bool = False
) -> dict[Place, Live]:
    """The recorded parameters that there are; where that is enough, without those that are out of reach.

    Raises:
        ReadError: one cannot be looked at, or is in another account.
    """
    live, problems = _versions(record.parameters, record.stores, operation, process)
    for problem in problems.values():
        raise ReadError(problem.message)
    for store in sorted({store for store, _ in record.parameters}):
        if other := _account_now(store, record, operation, process):
            if not leaves:
                raise ReadError(_elsewhere(store, record, other))
            process.tell(f"warning: {_elsewhere(store, record, other)}")
            live = {place: each for place, each in live.items() if place[0] != store}
    return live


def _still_wanted(found: Survey, operation: Operation, process: ProcessMemory) -> Survey:
    """Leave out of what is not wanted any more what another PushSecret pushes, and what is out of reach.

    Raises:
        ReadError: something is to be deleted in another account.
    """
    record, stale = found.record, dict(found.stale)
    for place in found.stale:
        store, name = place
        if other := _account_now(store, record, operation, process):
            if found.spec.deletion_policy == "Delete":
                raise ReadError(_elsewhere(store, record, other))
            process.tell_once(f"elsewhere {store}", f"warning: {_elsewhere(store, record, other)}")
            del stale[place]
        elif process.claims.is_wanted(
            parameter_places(record.stores[store], name, record.accounts.get(store)), found.spec.owner.text
        ):
            process.tell(passed_on(name, record.stores[store]))
            del stale[place]
    return replace(found, stale=stale)


def _account_now(store: str, record: PushRecord, operation: Operation, process: ProcessMemory) -> str | None:
    """The account that a recorded store leads to now, where that is surely another one than before."""
    before, now = record.accounts.get(store), process.store(record.stores[store], operation).account
    return now if None not in (before, now) and before != now else None


def _elsewhere(store: str, record: PushRecord, other: str) -> str:
    return (
        f"what store {store} pushed is in account {record.accounts[store]}, and its credentials are now of account "
        f"{other}, so it stays as it is. Run this once with the credentials of the former to let it go there, or set "
        "deletionPolicy None to leave it"
    )


def with_tags(
    live: Mapping[Place, Live],
    places: Iterable[Place],
    stores: Mapping[str, StoreSpec],
    operation: Operation,
    process: ProcessMemory,
) -> dict[Place, Live]:
    """The same, with the tags of parameters that are there.

    Raises:
        ReadError: some cannot be read.
    """
    found = dict(live)
    for store, names in _by_store(place for place in places if place in live and live[place].tags is None).items():
        memory = process.store(stores[store], operation)
        sources = {name: tags_source(name) for name in names}
        memory.read(list(sources.values()), decrypt=False)
        for name, source in sources.items():
            if problem := memory.seen.problems.get(source):
                raise ReadError(problem.message)
            found[store, name] = replace(found[store, name], tags=memory.seen.tags[source])
    return found


def _with_details(
    live: Mapping[Place, Live],
    wanted: Mapping[Place, WantedParameter],
    stores: Mapping[str, StoreSpec],
    operation: Operation,
    process: ProcessMemory,
) -> dict[Place, Live]:
    found = dict(live)
    for store, names in _by_store(wanted).items():
        described = process.store(stores[store], operation).writer.describe(
            {name: wanted[store, name].metadata for name in names},
            {name: details for name in names if (details := live[store, name].details)},
        )
        for name, told in described.items():
            found[store, name] = replace(found[store, name], details=told)
    return found


def _lacks_policies(place: Place, found: Survey) -> bool:
    """Whether a policy may have been changed by others, and the look at the version did not tell which there is.

    One that is declared for the first time is written in any case, and may only be looked at when `up` has granted it.
    """
    live, declared = found.live.get(place), found.wanted[place].metadata.resource_policy is not None
    told = live is None or live.details is None or live.details.policies is not None
    known = found.is_known(place) and found.pushed[place].wanted.metadata.resource_policy is None
    return declared and not told and not known


def _versions(
    places: Collection[Place],
    stores: Mapping[str, StoreSpec],
    operation: Operation,
    process: ProcessMemory,
    *,
    taken: bool = False,
) -> tuple[dict[Place, Live], dict[Place, ReadProblem]]:
    """The parameters that there are, and why some cannot be looked at.

    Args:
        places: which are looked at.
        stores: their stores.
        operation: the operation.
        process: its memory.
        taken: what counts as missing, while its name is taken, is among them all the same.
    """
    live: dict[Place, Live] = {}
    problems: dict[Place, ReadProblem] = {}
    for store, names in _by_store(places).items():
        memory = process.store(stores[store], operation)
        unread = [name for name in names if operation.deferred or name not in memory.seen]
        if unread:
            memory.read(unread, decrypt=False)
        for name in names:
            details = memory.seen.details.get(name)
            if name in memory.seen.versions:
                written = memory.seen.written.get(name, {}).get(name)
                live[store, name] = Live(
                    memory.seen.versions[name], written, details, details.tags if details else None
                )
            elif details is not None:
                found = Live(details.version or "", None, details, details.tags)
                live |= {(store, name): found} if taken else {}
            elif memory.seen.problems[name].kind is not ProblemKind.MISSING:
                problems[store, name] = memory.seen.problems[name]
    return live, problems


def _matched(seen: Survey) -> Survey:
    """Tell which recorded parameters are wanted still, whatever their store is called by now, and which are not."""
    record = seen.record
    pushed: dict[Place, Pushed] = {}
    stale = dict(record.parameters)
    for place in seen.wanted:
        before = [each for each in record.parameters if _is_same(each, place, seen)]
        if before:
            pushed[place] = record.parameters[place if place in before else before[0]]
        for each in before:
            stale.pop(each, None)
    return replace(seen, pushed=pushed, stale=stale)


def _is_same(recorded: Place, wanted: Place, seen: Survey) -> bool:
    """Whether two places are one parameter of one account and region."""
    before, now = seen.record.stores[recorded[0]], seen.spec.stores[wanted[0]]
    accounts = seen.record.accounts.get(recorded[0]), seen.accounts.get(wanted[0])
    writing = writing_of(now)
    return (
        before.identity.region == now.identity.region
        and before.service is now.service
        and (None in accounts or accounts[0] == accounts[1])
        and writing.identity(recorded[1]) == writing.identity(wanted[1])
    )


def _by_store(places: Iterable[Place]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for store, name in places:
        names.setdefault(store, []).append(name)
    return names
