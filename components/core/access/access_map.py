"""The map: which identity may read which parameter, into which Secret, and because of what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...errors import SpecError
from ..iam.grants import ENCRYPTION_CONTEXT, Grant, in_words
from ..iam.minimal import covers, within
from ..service import TAGS_OF
from .declared_access import NO_ACCOUNT, Declared, DeclaredPush, DeclaredSecret, DeclaredStore, Entry, Role

BY_NAME, BELOW, BY_TAGS, EVERYTHING, DECLARED = "by name", "below a path", "by tags", "everything", "declared"
"""How far a right to read goes: DECLARED where the program does not make the role, so that its policy is not known."""


@dataclass(frozen=True, order=True)
class Reader:
    """An identity that may read a parameter.

    Attributes:
        identity: the role's ARN, or the identity in words.
        scope: how far the grant goes by which it may.
        condition: what must hold besides, in IAM's words; empty for nothing.
    """

    identity: str
    scope: str
    condition: str = ""


@dataclass(frozen=True, order=True)
class Parameter:
    """A parameter, or what another service keeps, that the stack reads or writes.

    Attributes:
        arn: its ARN, without account where that is not known yet.
        name: its name.
        service: the service's name.
        versions: the versions that were seen, sorted.
        keys: the customer keys by which a role of the stack may decrypt it.
        readers: who may read it.
    """

    arn: str
    name: str
    service: str
    versions: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = ()


@dataclass(frozen=True, order=True)
class Delivery:
    """One parameter in one key of a Secret.

    Attributes:
        secret: namespace and name of the Secret.
        key: the key, or the entry of `dataFrom`, whose keys the value tells.
        parameter: ARN; empty where a find has not found anything yet.
        store: name of the store that reads it.
        property: path into the value.
        version: the version or label that it is pinned to.
        tags: its tags are delivered, and not its value.
        find: the find that brings it.
        external_secret: name of the ExternalSecret; of a cluster-wide one with its kind.
    """

    secret: str
    key: str
    parameter: str
    store: str
    property: str = ""
    version: str = ""
    tags: bool = False
    find: str = ""
    external_secret: str = ""


@dataclass(frozen=True, order=True)
class Pushed:
    """One parameter that a Secret is pushed to.

    Attributes:
        secret: namespace and name of the Secret, or its labels.
        key: its key; empty for all of it.
        parameter: ARN; empty where the Secret's keys tell the name.
        store: name of the store.
        property: path into the value.
        kind: type of the parameter, such as `SecureString`.
        push_secret: name of the PushSecret; of a cluster-wide one with its kind.
    """

    secret: str
    key: str
    parameter: str
    store: str
    property: str = ""
    kind: str = ""
    push_secret: str = ""


@dataclass(frozen=True, order=True)
class Granted:
    """A grant of a role, and what needs it.

    Attributes:
        action: IAM action.
        resource: ARN or pattern.
        condition: in IAM's words.
        scope: how far it goes.
        because: the keys of Secrets, and the pushes, that need it.
    """

    action: str
    resource: str
    condition: str = ""
    scope: str = BY_NAME
    because: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class StoreRole:
    """An identity that a store reads with, or that it creates on the way to it.

    Attributes:
        store: name of the store.
        identity: as in `Reader`.
        created: the store creates it, so that its policy is known.
        trust: who may take it, in words; of created ones.
        grants: what it may do; of created ones.
    """

    store: str
    identity: str
    created: bool
    trust: tuple[str, ...] = ()
    grants: tuple[Granted, ...] = ()


@dataclass(frozen=True, order=True)
class Written:
    """One ExternalSecret and the Secret that it writes; empty for what is as by default.

    Attributes:
        secret: namespace and name of the Secret.
        external_secret: name of the ExternalSecret; of a cluster-wide one with its kind.
        creation_policy: ESO's.
        deletion_policy: ESO's.
        type: type of the Secret.
        templated: a template makes its keys of what was read.
        adopts: a Secret that is there already is taken over.
        refresh: ESO's policy and interval.
        written_at: when it was written last; shown to people alone, so that the JSON of equal declarations is equal.
    """

    secret: str
    external_secret: str
    creation_policy: str = "Owner"
    deletion_policy: str = "Retain"
    type: str = ""
    templated: bool = False
    adopts: bool = False
    refresh: str = ""
    written_at: str = field(default="", metadata={"json": False})


@dataclass(frozen=True, order=True)
class Finding:
    """Something to look at.

    Attributes:
        kind: its name, see docs/access-map.md.
        where: the store, parameter, Secret or push.
        what: details, each a name or a number of its own.
    """

    kind: str
    where: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class ClusterReader:
    """Somebody who can read Secrets in the cluster.

    Attributes:
        namespace: whose Secrets.
        secret: the one Secret of it; empty for all.
        subject: kind and name of the user, group or ServiceAccount.
        verbs: by which of `get`, `list` and `watch`.
        through: the binding and the role.
        context: the cluster, where the map names it.
    """

    namespace: str
    secret: str
    subject: str
    verbs: tuple[str, ...]
    through: str
    context: str = ""


@dataclass(frozen=True)
class AccessMap:
    """Everything, sorted, so that equal stacks make equal maps."""

    parameters: tuple[Parameter, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    pushes: tuple[Pushed, ...] = ()
    roles: tuple[StoreRole, ...] = ()
    secrets: tuple[Written, ...] = ()
    findings: tuple[Finding, ...] = ()
    cluster_readers: tuple[ClusterReader, ...] = ()


class _Rights:
    """What a role may do, found by resource, as stores have thousands of grants."""

    def __init__(self, role: Role, store: DeclaredStore) -> None:
        self.role = role
        self.store = store
        self._exact: dict[str, list[Grant]] = {}
        self._wide: list[Grant] = []
        self._keys: dict[str, set[str]] = {}
        self._wide_keys: list[tuple[str, str]] = []
        listed = store.service.client + ":"
        for each in role.grants or ():
            for pattern in contexts_of(each) if each.action == "kms:Decrypt" else ():
                if pattern.endswith("*"):
                    self._wide_keys.append((pattern, each.resource))
                else:
                    self._keys.setdefault(pattern, set()).add(each.resource)
            if each.action.startswith(listed):
                # A grant on a path is one on what is below it, though no star is in it.
                wide = each.resource.endswith("*") or each.action.endswith("ByPath")
                (self._wide if wide else self._exact.setdefault(each.resource, [])).append(each)

    @property
    def identity(self) -> str:
        return self.role.arn or f"role {self.role.name}, made by the store"

    def readings(self, arn: str) -> Iterator[Reader]:
        for grant in [*self._exact.get(arn, ()), *self._wide]:
            if self.store.service.may_read(grant, arn):
                # A service's own keys tell how it is called, which is as the caller wants.
                limits = [each for each in grant.conditions if each.key.startswith("aws:")]
                yield Reader(self.identity, scope_of(grant, self.store), in_words(limits))

    def paths(self) -> list[str]:
        """The paths below which everything may be written."""
        wide = {each.resource for each in self._wide if ":Put" in each.action and each.resource.endswith("/*")}
        return sorted(self.store.service.name_in(each.removesuffix("/*")) for each in wide)

    def keys(self, arn: str) -> set[str]:
        wide = {key for pattern, key in self._wide_keys if within(pattern, arn)}
        return self._keys.get(arn, set()) | wide

    def allowing(self, grant: Grant) -> list[Grant]:
        """The grants by which another one holds."""
        return [each for each in [*self._exact.get(grant.resource, ()), *self._wide] if covers(each, grant)]


def contexts_of(grant: Grant) -> list[str]:
    """The ARNs, or patterns of such, of what a grant lets its holder decrypt or encrypt."""
    return [value for each in grant.conditions if each.key.startswith(ENCRYPTION_CONTEXT) for value in each.values]


def scope_of(grant: Grant, store: DeclaredStore) -> str:
    """How far a grant goes."""
    if any(each.key.startswith("aws:ResourceTag/") for each in grant.conditions) and grant.resource.endswith("*"):
        return BY_TAGS
    if grant.resource.endswith("*") or grant.action.endswith("ByPath"):
        path = store.service.name_in(grant.resource.removesuffix("*")) if grant.resource != "*" else "/"
        return EVERYTHING if path.strip("/") == "" else BELOW
    return BY_NAME


def access_map(declared: Declared) -> AccessMap:
    """The map of what a stack declares."""
    return _Mapping(declared).made()


class _Mapping:
    """One map while it is made."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        made = [(role, store) for store in declared.stores for role in store.roles]
        self._rights = [_Rights(role, store) for role, store in made if role.grants is not None]
        self._arns: dict[tuple[int, str], str] = {}
        self._parameters: dict[str, tuple[DeclaredStore, set[str]]] = {}
        self._declared_readers: dict[str, set[Reader]] = {}
        self._because: dict[tuple[int, Grant], set[str]] = {}
        self._users: dict[str, set[str]] = {}
        why = ("which namespaces are chosen",)
        self._findings: set[Finding] = {Finding("known-during-up", each, why) for each in declared.open}

    def made(self) -> AccessMap:
        deliveries = [row for secret in self._declared.secrets for row in self._deliveries(secret)]
        pushes = [row for push in self._declared.pushes for row in self._pushed(push)]
        parameters = [self._parameter(arn) for arn in sorted(self._parameters)]
        roles = [role for store in self._declared.stores for role in self._roles(store)]
        return AccessMap(
            tuple(sorted(parameters)),
            tuple(sorted(set(deliveries))),
            tuple(sorted(set(pushes))),
            tuple(sorted(roles)),
            tuple(sorted(map(_written, self._declared.secrets))),
            tuple(sorted(self._findings)),
        )

    @cached_property
    def _reading(self) -> dict[int, _Rights | None]:
        """The rights of the role that reads, by store; None where the store does not create it."""
        found: dict[int, _Rights | None] = {id(store): None for store in self._declared.stores}
        found.update({id(each.store): each for each in self._rights if each.role.reads})
        return found

    def _deliveries(self, secret: DeclaredSecret) -> Iterator[Delivery]:
        for entry in secret.entries:
            if entry.store is None:
                self._findings.add(Finding("no-store", f"{secret.secret}, {entry.place}"))
                continue
            store, where = entry.store, f"{secret.secret}, {entry.place}"
            if not entry.source:
                self._findings.add(Finding("known-during-up", where, ("its parameter's name",)))
                continue
            if self._need(store, entry.source, where) is None:
                continue
            row = Delivery(
                secret=secret.secret,
                key=entry.place,
                parameter="",
                store=store.name,
                property=entry.part or "",
                version=entry.version or "",
                tags=entry.source.startswith(TAGS_OF),
                find=entry.source if entry.finds else "",
                external_secret=secret.name,
            )
            arns = list(self._read(entry, store))
            if not arns:
                yield row
            for arn in arns:
                self._users.setdefault(arn, set()).add(where)
                if arn in self._declared.plain and not row.tags:
                    self._findings.add(Finding("plain-parameter", where, (self._declared.plain[arn],)))
                yield replace(row, parameter=_shown(arn))

    def _read(self, entry: Entry, store: DeclaredStore) -> Iterator[str]:
        """The ARNs of what an entry reads, as far as it is known."""
        if not entry.finds:
            version = store.versions.get(entry.source)
            yield self._note(store, entry.source, {version} if version else set(), reads=_reads_value(entry.source))
            return
        for name, version in store.found.get(entry.source, {}).items():
            yield self._note(store, name, {version}, reads=True)

    def _note(self, store: DeclaredStore, source: str, versions: set[str], *, reads: bool) -> str:
        """Note a parameter; returns its ARN."""
        arn = self._arns.get((id(store), source))
        if arn is None:
            arn = self._arns[id(store), source] = store.arn_of(source)
        _, known = self._parameters.setdefault(arn, (store, set()))
        known |= versions
        if reads and self._reading[id(store)] is None:
            self._declared_readers.setdefault(arn, set()).add(Reader(store.reads_as, DECLARED))
        return arn

    def _need(self, store: DeclaredStore, source: str, where: str) -> list[Grant] | None:
        """What reading a source needs, noted for the grants; None where it can be no source."""
        try:
            needed = list(store.service.need(source, "").grants(store.location, ()))
        except SpecError:
            self._findings.add(Finding("cannot-be-read", where))
            return None
        self._account_for(store, needed, where)
        return needed

    def _account_for(self, store: DeclaredStore, needed: Iterable[Grant], where: str) -> None:
        rights = self._reading[id(store)]
        for grant in needed:
            allowing = rights.allowing(grant) if rights else []
            for each in allowing:
                self._because.setdefault((id(store), each), set()).add(where)
            if rights and not allowing:
                self._findings.add(Finding("not-granted", where, (rights.identity, grant.action, grant.resource)))

    def _pushed(self, push: DeclaredPush) -> Iterator[Pushed]:
        if push.store is None:
            self._findings.add(Finding("no-store", f"{push.secret}, {titled('PushSecret', push.name)}"))
            return
        store, writing = push.store, push.store.service.writing
        kind = push.kind if writing is None else writing.kind_of(push.metadata)
        row = Pushed(push.secret, push.place or "", "", store.name, push.property or "", kind, push.name)
        where = f"push of {push.secret}" + (f", {push.place}" if push.place else "")
        if writing is None:
            yield row
            return
        if writing.is_plain(push.metadata):
            self._findings.add(Finding("plain-push", where, (push.kind,)))
        rights = self._reading[id(store)]
        names = (rights.paths() if rights else []) if push.parameter is None else [push.parameter]
        for name in names:
            need = writing.need(
                name,
                push.metadata,
                below=push.parameter is None,
                compares=push.compares,
                deletes=push.deletes,
                restores=push.restores,
                reason="",
            )
            try:
                needed = list(need.grants(store.location, ()))
            except SpecError:
                self._findings.add(Finding("cannot-be-written", where))
                return
            self._account_for(store, [each for each in needed if not each.action.startswith("kms:")], where)
        if push.parameter is None:
            yield row
            return
        arn = self._note(store, push.parameter, set(), reads=push.compares)
        self._users.setdefault(arn, set()).add(where)
        yield replace(row, parameter=_shown(arn))

    def _users_of(self, pattern: str) -> set[str]:
        if pattern.endswith("*"):
            return {where for arn, users in self._users.items() if within(pattern, arn) for where in users}
        return self._users.get(pattern, set())

    def _parameter(self, arn: str) -> Parameter:
        store, versions = self._parameters[arn]
        readers = {each for rights in self._rights for each in rights.readings(arn)}
        keys = {key for rights in self._rights for key in rights.keys(arn)}
        return Parameter(
            arn=_shown(arn),
            name=store.service.name_in(arn),
            service=store.service.name,
            versions=tuple(sorted(versions, key=lambda each: (len(each), each))),
            keys=tuple(sorted(keys)),
            readers=tuple(sorted(readers | self._declared_readers.get(arn, set()))),
        )

    def _roles(self, store: DeclaredStore) -> Iterator[StoreRole]:
        if self._reading[id(store)] is None and not any(role.reads for role in store.roles):
            yield StoreRole(store.name, store.reads_as, created=False)
        for role in store.roles:
            if role.grants is None:
                self._findings.add(Finding("known-during-up", store.name, (f"the policy of role {role.name}",)))
            rights = _Rights(role, store)
            yield StoreRole(
                store.name,
                rights.identity,
                created=True,
                trust=role.trust,
                grants=tuple(sorted(self._granted(each, store, reads=role.reads) for each in role.grants or ())),
            )

    def _granted(self, grant: Grant, store: DeclaredStore, *, reads: bool) -> Granted:
        because = self._because.get((id(store), grant), set()) if reads else set[str]()
        because |= {where for value in contexts_of(grant) for where in self._users_of(value)} if reads else set()
        return Granted(
            grant.action, grant.resource, in_words(grant.conditions), scope_of(grant, store), tuple(sorted(because))
        )


def _written(secret: DeclaredSecret) -> Written:
    refresh = " ".join(str(secret.refresh[each]) for each in ("policy", "interval") if each in secret.refresh)
    return Written(
        secret.secret,
        secret.name,
        secret.creation_policy,
        secret.deletion_policy,
        secret.kind or "",
        secret.templated,
        secret.adopts,
        refresh,
        secret.written_at,
    )


def titled(kind: str, name: str) -> str:
    """Kind and name of what declares something; a cluster-wide one is named with its kind."""
    return name if name.startswith(f"Cluster{kind} ") else f"{kind} {name}"


def _reads_value(source: str) -> bool:
    return not source.startswith(TAGS_OF)


def _shown(arn: str) -> str:
    return arn.replace(f":{NO_ACCOUNT}:", "::", 1)
