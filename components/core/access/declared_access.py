"""What the dynamic resources of a stack say of stores, Secrets and pushes, and what the created roles are granted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, TypeVar

from ...errors import SpecError
from ..iam.grants import Grant, Location
from ..iam.names import ROLE_NAME_LIMIT, shortened
from ..service import FIND, Service
from ..services import service_named
from ..shared_bags import SECRET_OF_STORES, unfold
from ..spec.entries import Find, Reference
from ..spec.groups import PUSHES, SECRETS
from ..spec.push_specs import PushMetadata
from ..versions import from_kept, versions_from_bag
from .iam_documents import grants_in, trust_in
from .stack_state import Resource, mapping, mappings, text

Others = TypeVar("Others")
Made = TypeVar("Made")

SNAPSHOT = "parameterstore:Snapshot"
SYNC, PUSH = SECRETS.member, PUSHES.member
CLUSTER_SYNC, CLUSTER_PUSH = "parameterstore:ClusterSecretSync", "parameterstore:ClusterSecretPush"
_MEMBERS = "namespaces"
"""The input of a cluster-wide kind that holds what it keeps in each namespace."""
_ROLE, _INLINE, _MANAGED = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_PARAMETER = "aws:ssm/parameter:Parameter"
_OF_ROLE = re.compile(r"(.+?)(?:-push-[0-9a-f]{8}|-[0-9]{1,3})")
_ROLE_NAME = ROLE_NAME_LIMIT - 8
"""Characters of a role's name in the program at most, as Pulumi appends eight."""
NO_ACCOUNT = "0" * 12
"""Stands for an account that is not known before the first `up`."""


@dataclass(frozen=True)
class Role:
    """A role that a store creates.

    Attributes:
        name: its name in the program.
        arn: its ARN; None where that is known during `up` alone.
        trust: who may take it, in words.
        grants: what it may do; None where that is known during `up` alone.
        reads: it is the one that reads, and no role on the way to it.
    """

    name: str
    arn: str | None
    trust: tuple[str, ...]
    grants: tuple[Grant, ...] | None
    reads: bool


@dataclass(frozen=True)
class DeclaredStore:
    """A store.

    Attributes:
        urn: URN of its snapshot.
        name: its name in the program.
        bag: how it reads, as its resources are told.
        service: the service of AWS.
        location: where it reads; its account may be NO_ACCOUNT.
        versions: reference -> version.
        found: find -> name -> version.
        references: all sources that it reads.
        roles: those that it creates.
        requests_per_second: how many it asks in a second at most.
    """

    urn: str
    name: str
    bag: Mapping[str, Any] = field(repr=False)
    service: Service
    location: Location
    versions: Mapping[str, str]
    found: Mapping[str, Mapping[str, str]]
    references: tuple[str, ...]
    roles: tuple[Role, ...]
    requests_per_second: float

    @property
    def reads_as(self) -> str:
        """The identity that reads, in words."""
        role = next((each for each in self.roles if each.reads), None)
        return _identity(self.bag) if role is None else role.arn or f"role {role.name}, made by the store"

    def arn_of(self, source: str) -> str:
        """The ARN of the one thing that a source reads; SpecError where it can read none."""
        return next(grant.resource for grant in self.service.need(source, "").grants(self.location, ()))


@dataclass(frozen=True)
class Entry:
    """One key of a Secret, or one entry of `dataFrom`, and what it reads.

    Attributes:
        place: the key, or such as `dataFrom[0].find`.
        store: where it is read; None where the store is not of this stack.
        source: what the store is asked for; empty where that is known during `up` alone.
        part: path into the value (ESO: `property`).
        version: the version or label that it is pinned to.
    """

    place: str
    store: DeclaredStore | None
    source: str
    part: str | None = None
    version: str | None = None

    @property
    def finds(self) -> bool:
        """Whether it reads all that match."""
        return self.source.startswith(FIND)


@dataclass(frozen=True)
class DeclaredSecret:
    """One ExternalSecret and the Secret that it writes; its policies are ESO's, and `templated` says that there is one.

    Attributes:
        secret: namespace and name, and the cluster where the declaration names it.
        name: of the ExternalSecret; kind and name of a ClusterExternalSecret, which declares one for each namespace.
        place: namespace and name; empty where they are known during `up` alone.
        cluster: what the declaration says of the cluster, which can be a kubeconfig.
        written_at: when it was written last, as the state says; empty where it does not.
    """

    secret: str
    name: str
    entries: tuple[Entry, ...]
    creation_policy: str
    deletion_policy: str
    templated: bool
    adopts: bool
    kind: str | None
    refresh: Mapping[str, Any]
    place: tuple[str, str] = ("", "")
    cluster: Mapping[str, Any] = field(default_factory=dict, repr=False)
    written_at: str = ""


@dataclass(frozen=True)
class DeclaredPush:
    """One entry of a PushSecret in one store.

    Attributes:
        secret: namespace and name of the Secret; its labels in place of its name where they say which.
        name: of the PushSecret; kind and name of a ClusterPushSecret, which declares them for each namespace.
        place: key of the Secret; None for all of it.
        parameter: what is written; None where the Secret's keys tell the names.
        kind: the parameter's type, such as `SecureString`.
        metadata: what it is to be like.
    """

    secret: str
    name: str
    store: DeclaredStore | None
    place: str | None
    parameter: str | None
    property: str | None
    kind: str
    metadata: PushMetadata[str]
    compares: bool
    deletes: bool
    restores: bool = False
    refresh: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """All that a stack declares.

    Attributes:
        stores: the stores.
        secrets: the ExternalSecrets.
        pushes: the PushSecrets.
        open: kind and name of what is cluster-wide, and known during `up` alone for which namespaces.
        plain: ARN -> type of the parameters that the program itself makes, and that are not encrypted.
    """

    stores: tuple[DeclaredStore, ...]
    secrets: tuple[DeclaredSecret, ...]
    pushes: tuple[DeclaredPush, ...]
    open: tuple[str, ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)


def declared_in(resources: Iterable[Resource]) -> Declared:
    """What the resources of a stack say.

    Raises:
        SpecError: a resource has another form than ours.
    """
    listed = list(resources)
    children: dict[str, list[Resource]] = {}
    for each in listed:
        children.setdefault(each.parent, []).append(each)
    stores = [_in_form(_store, each, children.get(each.parent, ())) for each in _of(SNAPSHOT, listed)]
    secrets = [_in_form(_secret, each, stores) for each in _of(SYNC, listed)]
    pushes = [push for each in _of(PUSH, listed) for push in _in_form(_pushes, each, stores)]
    wide = [(f"ClusterExternalSecret {each.name}", each) for each in _of(CLUSTER_SYNC, listed)]
    wide_pushes = [(f"ClusterPushSecret {each.name}", each) for each in _of(CLUSTER_PUSH, listed)]
    for title, each in wide:
        secrets += [replace(_in_form(_secret, one, stores), name=title) for one in _in_form(_members, each, stores)]
    for title, each in wide_pushes:
        for one in _in_form(_members, each, stores):
            pushes += [replace(push, name=title) for push in _in_form(_pushes, one, stores)]
    still_open = (title for title, each in [*wide, *wide_pushes] if _MEMBERS not in each.inputs)
    return Declared(tuple(stores), tuple(secrets), tuple(pushes), tuple(still_open), dict(_plain(listed)))


def _plain(listed: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for each in listed:
        arn, kind = text(each.outputs.get("arn")), text(each.inputs.get("type"))
        if each.kind == _PARAMETER and arn and kind and kind != "SecureString":
            yield arn, kind


def _members(wide: Resource, _stores: Iterable[DeclaredStore]) -> list[Resource]:
    """What a cluster-wide resource keeps, as a resource for each namespace; one without where they are not known."""
    shared = {name: value for name, value in wide.inputs.items() if name != _MEMBERS}
    if _MEMBERS not in wide.inputs:
        return [replace(wide, inputs=shared)]
    told = mapping(wide.outputs.get(_MEMBERS))
    return [
        replace(wide, inputs=unfold({**shared, "namespace": namespace}, own), outputs=mapping(told.get(namespace)))
        for namespace, own in sorted(wide.inputs[_MEMBERS].items())
    ]


def _of(kind: str, listed: Iterable[Resource]) -> list[Resource]:
    return [each for each in listed if each.kind.endswith(f"dynamic/{kind}")]


def _in_form(read: Callable[[Resource, Others], Made], resource: Resource, others: Others) -> Made:
    """What a resource says; whatever is not as this library writes it is one error that names the resource."""
    try:
        return read(resource, others)
    except SpecError as error:
        raise SpecError(f"{resource.name}: {error}") from None
    except (AttributeError, LookupError, TypeError, ValueError):
        kind = resource.kind.rpartition(":")[2]
        raise SpecError(
            f"{resource.name}: this {kind} is not as this library writes it; give what Pulumi printed"
        ) from None


def _store(snapshot: Resource, siblings: Iterable[Resource]) -> DeclaredStore:
    said = {**snapshot.outputs, **snapshot.inputs}
    bag = mapping(said.get("store"))
    roles = tuple(_roles(list(siblings), bag, shortened(snapshot.name, _ROLE_NAME)))
    region = text(bag.get("region")) or "unknown"
    service = service_named(text(bag.get("service")), in_batches=bag.get("batchReads") is True)
    return DeclaredStore(
        urn=snapshot.urn,
        name=snapshot.name,
        bag=bag,
        service=service,
        location=_location(region, text(said.get("account")), bag, roles),
        versions=versions_from_bag(mapping(said.get("versions"))),
        found={find: versions_from_bag(mapping(names)) for find, names in mapping(said.get("found")).items()},
        references=tuple(each for each in said.get("references") or () if isinstance(each, str)),
        roles=roles,
        requests_per_second=_rate(said.get("requestsPerSecond"), service.requests_per_second),
    )


def _rate(given: Any, usual: float) -> float:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) and 0 < given < inf else usual


def _location(region: str, account: str | None, bag: Mapping[str, Any], roles: Iterable[Role]) -> Location:
    """Where a store reads: the account as AWS said it, else that of its role, else of most that it is granted."""
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    named = [*(role.arn for role in roles if role.reads and role.arn), _identity(bag)]
    granted = [grant.resource for role in roles for grant in role.grants or () if f":{region}:" in grant.resource]
    owners = Counter(owner for each in granted if (owner := _owner(each)))
    known = [owner for each in named if (owner := _owner(each))] + [owner for owner, _ in owners.most_common(1)]
    found = known[0] if known else (partition, NO_ACCOUNT)
    return Location(found[0], region, account or found[1])


def _identity(bag: Mapping[str, Any]) -> str:
    """The identity that reads, where the store does not create it: its ARN, or words."""
    account, runner = mapping(bag.get("serviceAccountRef")), mapping(bag.get("aws"))
    keys = mapping(mapping(bag.get("secretRef")).get("accessKeyIDSecretRef"))
    profile, hops = text(runner.get("profile")), mappings(runner.get("roles"))
    words = (
        text(bag.get("role")),
        *(str(each) for each in (bag.get("additionalRoles") or [])[-1:]),
        f"the role of ServiceAccount {account.get('namespace')}/{account.get('name')}" if account else None,
        text(bag.get("podIdentityRole")),
        f"the access key in Secret {keys.get('namespace')}/{keys.get('name')}" if keys else None,
        *(text(each.get("roleArn")) for each in hops[-1:]),
        f"the identity that runs Pulumi, by profile {profile}" if profile else None,
    )
    return next(filter(None, words), "the identity that runs Pulumi")


def _owner(arn: str) -> tuple[str, str] | None:
    """Partition and account of an ARN."""
    _, partition, _, _, account, _ = (*arn.split(":", 5), *[""] * 6)[:6]
    return (partition, account) if account.isdigit() else None


def _roles(siblings: list[Resource], bag: Mapping[str, Any], own_name: str) -> Iterator[Role]:
    """The roles that a store creates; of two the one that is named after the store, `own_name`, is taken last."""
    made = sorted((each for each in siblings if each.kind == _ROLE), key=lambda each: each.name)
    named = {text(each.inputs.get("name")) or each.name: each.name for each in made}
    documents: dict[str, list[str | None]] = {each.name: [] for each in made}
    attached = {each.name: each for each in siblings if each.kind == _ATTACHMENT}
    for each in siblings:
        if each.kind in (_INLINE, _MANAGED):
            holder = each if each.kind == _INLINE else attached.get(each.name, each)
            matched = _OF_ROLE.fullmatch(each.name)
            fallback = matched[1] if matched and each.kind == _MANAGED else each.name
            of = named.get(str(holder.inputs.get("role")), fallback)
            documents.setdefault(of, []).append(text(each.inputs.get("policy")))
    last = text(bag.get("role"))
    for each in made:
        arn = text(each.outputs.get("arn"))
        granted = [grants_in(document) for document in documents[each.name]]
        trust = tuple(trust_in(text(each.inputs.get("assumeRolePolicy"))))
        # One that a token or a pod takes comes first, and reads itself where none follows.
        first = any(who.startswith(("Federated ", "Service ")) for who in trust)
        ends = each.name == own_name if len(made) > 1 else not (first and bag.get("additionalRoles"))
        yield Role(
            name=each.name,
            arn=arn,
            trust=trust,
            grants=None if None in granted else tuple(sorted({grant for some in granted for grant in some or ()})),
            reads=arn == last if arn and last else not last and ends,
        )


def _secret(sync: Resource, stores: Iterable[DeclaredStore]) -> DeclaredSecret:
    said = sync.inputs
    target = mapping(said.get("target"))
    bags = mapping(said.get("stores"))

    def store_of(bag: Mapping[str, Any], source: str) -> DeclaredStore | None:
        alias = text(bag.get("store"))
        how, name = (said.get("store"), text(said.get("storeName"))) if alias is None else (bags.get(alias), alias)
        same = _told_so(how, stores)
        named = [each for each in same if each.name == name]
        # State of an earlier version does not name the store.
        behind = [each for each in same if each.urn in sync.dependencies]
        return next(iter(named or [each for each in behind if source in each.references] or behind or same), None)

    entries = [
        _entry(key, mapping(bag), mapping(bag), store_of) for key, bag in sorted(mapping(said.get("data")).items())
    ]
    for at, bag in enumerate(mappings(said.get("dataFrom"))):
        kind = "extract" if "extract" in bag else "find"
        entries.append(_entry(f"dataFrom[{at}].{kind}", mapping(bag.get(kind)), bag, store_of))
    namespace = text(said.get("namespace")) or "(known during up)"
    return DeclaredSecret(
        secret=_placed(namespace, text(said.get("secretName")) or "(known during up)", said),
        name=sync.name,
        entries=tuple(entries),
        creation_policy=text(target.get("creationPolicy")) or "Owner",
        deletion_policy=text(target.get("deletionPolicy")) or "Retain",
        templated=bool(target.get("template")),
        adopts=bool(target.get("adopt")),
        kind=text(mapping(target.get("template")).get("type")),
        refresh=mapping(said.get("refresh")),
        place=(text(said.get("namespace")) or "", text(said.get("secretName")) or ""),
        cluster=mapping(said.get("cluster")),
        written_at=text(sync.outputs.get("refreshTime")) or "",
    )


def _told_so(how: Any, stores: Iterable[DeclaredStore]) -> list[DeclaredStore]:
    """The stores that read so; what the bag of one namespace keeps as a secret is not known here, and not compared."""
    listed = list(stores)
    return [each for each in listed if each.bag == how] or [each for each in listed if _open(each.bag) == _open(how)]


def _open(bag: Any) -> dict[str, Any]:
    return {name: value for name, value in mapping(bag).items() if name not in SECRET_OF_STORES}


def _entry(
    place: str,
    of: Mapping[str, Any],
    bag: Mapping[str, Any],
    store_of: Callable[[Mapping[str, Any], str], DeclaredStore | None],
) -> Entry:
    """An entry: `of` is what it reads, and `bag` names its store."""
    version, key = of.get("version"), text(of.get("key"))
    if place.endswith("].find") and "find" in bag:
        source = Find.from_bag({"find": of}).source
        version = None
    else:
        source = "" if key is None else Reference.source_in(of)
    pinned = None if version in (None, "") else from_kept(version)
    return Entry(place, store_of(bag, source), source, text(of.get("property")) or None, pinned)


def _pushes(push: Resource, stores: Iterable[DeclaredStore]) -> list[DeclaredPush]:
    return list(_each_push(push, stores))


def _each_push(push: Resource, stores: Iterable[DeclaredStore]) -> Iterator[DeclaredPush]:
    said = push.inputs
    namespace = text(said.get("namespace")) or "(known during up)"
    secret = text(said.get("secret")) or ("(by labels)" if said.get("selector") else "(known during up)")
    for alias, how in sorted(mapping(said.get("stores")).items()):
        same = _told_so(how, stores)
        store = next(iter([each for each in same if each.name == alias] or same), None)
        prefix = text(mapping(said.get("prefixes")).get(alias)) or ""
        listed = [*mappings(said.get("data")), *mappings(said.get("dataTo"))]
        for bag in listed:
            if bag.get("store") not in (None, alias):
                continue
            metadata: PushMetadata[str] = PushMetadata.unchecked(mapping(bag.get("metadata")))
            remote = text(bag.get("remoteKey"))
            regexp = text(mapping(bag.get("match")).get("regexp"))
            yield DeclaredPush(
                secret=_placed(namespace, secret, said),
                name=push.name,
                store=store,
                place=text(bag.get("secretKey")) or (f"keys like {regexp}" if regexp else None),
                parameter=None if remote is None else prefix + remote,
                property=text(bag.get("property")),
                kind=metadata.secret_type,
                metadata=metadata,
                compares=said.get("updatePolicy") != "IfNotExists",
                deletes=said.get("deletionPolicy") == "Delete",
                restores=bool(said.get("restore")),
                refresh=mapping(said.get("refresh")),
            )


def _placed(namespace: str, name: str, said: Mapping[str, Any]) -> str:
    cluster = mapping(said.get("cluster"))
    context = text(cluster.get("context")) or text(cluster.get("cluster"))
    return f"{namespace}/{name}" + (f" in {context}" if context else "")
