"""Rules for a stack as a whole: what it costs, and whether each role is granted what is read and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from .documents import GRANTING, ROLE, Document, documents
from .globs import matches_in_policy
from .names import is_listed
from .pushes import pushed
from .resource import (
    PARAMETER,
    SECRET_PUSH,
    SNAPSHOT,
    Finding,
    Found,
    Resource,
    Unknown,
    entries,
    fields,
    keyed,
    unknown,
)
from .rule import Config, Setting, StackRule
from .services import PARAMETER_STORE, SECRETS_MANAGER, SERVICES, Service, is_pattern, service_of

_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
_BATCH = 10
_ADVANCED_MONTH, _SECRET_MONTH = 0.05, 0.40
_PAID_CALL = 0.05 / 10_000
_FREE_PER_SECOND = 40
"""AWS's prices in dollars, and the rate up to which Parameter Store's calls cost nothing."""


def _cost(resources: Sequence[Resource], config: Config) -> Found:
    advanced = sum(_is_advanced(each) for each in resources)
    pushes = [each for each in resources if each.type == SECRET_PUSH]
    yield from unknown(*(each.props.get("stores") for each in pushes))
    kept = {name for each in pushes for name in _secrets_pushed(each)}
    calls, paid = 0, 0
    for each in resources:
        if each.type != SNAPSHOT:
            continue
        references, found = each.props.get("references"), each.props.get("found")
        yield from unknown(references)
        service = service_of(each.props.get("store"))
        listed = {name for _, names in keyed(found, "found") for name in fields(names)}
        count = len(entries(references)) + len(listed)
        # A run asks for versions in its preview and in its update, and then for what changed.
        asked = 3 * (count if service is SECRETS_MANAGER else ceil(count / _BATCH)) * config["runsPerMonth"]
        rate = each.props.get("requestsPerSecond")
        fast = service is PARAMETER_STORE and isinstance(rate, int | float) and rate > _FREE_PER_SECOND
        calls, paid = calls + asked, paid + (asked if fast or service is SECRETS_MANAGER else 0)
        if service is SECRETS_MANAGER:
            named = [service.read(source) for source in entries(references) if isinstance(source, str)]
            kept |= {("", name) for name in (*named, *map(service.name, listed)) if name}
        if fast:
            yield Finding(
                f"requestsPerSecond is above {_FREE_PER_SECOND}: that needs higher throughput, and every call costs",
                each.urn,
            )
    dollars = advanced * _ADVANCED_MONTH + len(kept) * _SECRET_MONTH + paid * _PAID_CALL
    if dollars > config["dollarsPerMonth"]:
        secrets = f", {len(kept)} {SECRETS_MANAGER.nouns}" if kept else ""
        yield Finding(
            f"up to ${dollars:.2f} a month for {advanced} advanced parameters{secrets} and {paid:.0f} paid calls, more "
            f"than the ${config['dollarsPerMonth']:.2f} that are configured"
        )
    if calls > config["callsPerMonth"]:
        yield Finding(
            f"up to {calls:.0f} calls to AWS a month, more than the {config['callsPerMonth']:.0f} that are configured"
        )


def _is_advanced(resource: Resource) -> int:
    if resource.type == PARAMETER:
        return int(resource.props.get("tier") == "Advanced")
    if resource.type != SECRET_PUSH:
        return 0
    tiers = [fields(fields(fields(each).get("metadata")).get("tier")).get("type") for _, each in pushed(resource)]
    return tiers.count("Advanced")


def _secrets_pushed(resource: Resource) -> Iterator[tuple[str, str]]:
    """The region and the name of each secret that is kept, of which each copy in another region is one."""
    for store, how in fields(resource.props.get("stores")).items():
        if service_of(how) is not SECRETS_MANAGER:
            continue
        prefix = fields(resource.props.get("prefixes")).get(store, "")
        for place, entry in pushed(resource, store):
            name = SECRETS_MANAGER.name(f"{prefix}{fields(entry).get('remoteKey', place)}")
            copies = entries(fields(fields(entry).get("metadata")).get("replicationLocations"))
            yield from ((str(region), name) for region in ("", *copies))


def _covered(resources: Sequence[Resource], _config: Config) -> Found:
    for snapshot in resources:
        if snapshot.type != SNAPSHOT:
            continue
        granting = _granting(snapshot, resources)
        policies = [found for each in granting for found in documents(each)]
        references, store = snapshot.props.get("references"), snapshot.props.get("store")
        if missing := next(unknown(references, store, *policies), None):
            yield missing
        elif policies:
            known = [each for each in policies if isinstance(each, Document)]
            yield from _compared(snapshot, known, resources)


def _granting(snapshot: Resource, resources: Sequence[Resource]) -> list[Resource]:
    """The policies of the roles that a store creates: its own, and those that somebody else attached."""
    below = [each for each in resources if each.parent and each.parent == snapshot.parent]
    roles = {name for each in below if each.type == ROLE for name in (each.props.get("name"),) if isinstance(name, str)}
    attached = [
        each.props.get("policyArn")
        for each in resources
        if each.type == _ATTACHMENT and isinstance(role := each.props.get("role"), str) and role in roles
    ]
    return [
        each
        for each in resources
        if each.type in GRANTING
        and (
            each in below
            or (isinstance(role := each.props.get("role"), str) and role in roles)
            or (isinstance(arn := each.props.get("arn"), str) and arn in attached)
        )
    ]


def _compared(snapshot: Resource, policies: Sequence[Document], resources: Sequence[Resource]) -> Iterator[Finding]:
    own, references = service_of(snapshot.props.get("store")), entries(snapshot.props.get("references"))
    read = {own.read(each) for each in references if isinstance(each, str)} - {""}
    store = next((each.name for each in resources if each.urn == snapshot.parent), "")
    compared = _pushed_by(store, resources, own)
    for service in SERVICES:
        granted = {name for each in policies for name in _granted(each, service)}
        # A path that the role may read, by the store's `paths` say, is no mistake; a name is.
        idle = {each for each in granted if not is_pattern(each)}
        lacking = set[str]()
        if service is own:
            lacking = {each for each in read if not any(matches_in_policy(pattern, each) for pattern in granted)}
            idle = set() if compared is None else idle - read - compared
        for count, what in (
            (
                len(lacking),
                "that its Secrets read and that its role may not read: run `pulumi up` for the role's policy",
            ),
            (len(idle), "that its role may read and that none of its Secrets reads: remove the grant"),
        ):
            if count:
                counted = f"there is 1 {service.noun}" if count == 1 else f"there are {count} {service.nouns}"
                yield Finding(f"{counted} {what}", snapshot.urn)


def _granted(policy: Document, service: Service) -> Iterator[str]:
    """What a policy gives the values of, by the names that the service has for it."""
    for statement in policy.statements or ():
        if statement.allows and statement.does(service.reads):
            for arn in statement.resources:
                if (name := service.granted(arn)) is not None:
                    yield name


def _pushed_by(store: str, resources: Sequence[Resource], service: Service) -> set[str] | None:
    """What PushSecrets write through a store; None where only the Secret tells the names."""
    names: set[str] = set()
    for each in resources:
        if each.type != SECRET_PUSH or store not in fields(each.props.get("stores")):
            continue
        prefix = fields(each.props.get("prefixes")).get(store, "")
        for _, entry in pushed(each, store):
            key = fields(entry).get("remoteKey")
            if not isinstance(key, str) or not isinstance(prefix, str):
                return None
            names.add(service.name(prefix + key))
    return names


def _accounts(resources: Sequence[Resource], config: Config) -> Found:
    accounts = [each for each in resources if each.type == _ACCOUNT and not is_listed(each.name, config["allow"])]
    by_role: dict[str, list[Resource]] = {}
    snapshots = [each for each in resources if each.type == SNAPSHOT]
    used = {_identity(fields(each.props.get("store")).get("serviceAccountRef")) for each in snapshots}
    for each in accounts:
        metadata = each.props.get("metadata")
        annotations = fields(metadata).get("annotations")
        yield from unknown(metadata, annotations)
        role = fields(annotations).get(_ROLE_ANNOTATION)
        if role is None and not isinstance(annotations, Unknown) and _identity(metadata) in used - {None}:
            yield Finding(
                f"a store takes the role of this ServiceAccount, and it has no annotation {_ROLE_ANNOTATION}", each.urn
            )
        if isinstance(role, str):
            by_role.setdefault(role, []).append(each)
    for sharing in by_role.values():
        for each in sharing[1:]:
            yield Finding(
                "another ServiceAccount of this stack has the same role; give each a role of its own", each.urn
            )


def _identity(value: Any) -> tuple[str, str] | None:
    given: Mapping[str, Any] = fields(value)
    namespace, name = given.get("namespace"), given.get("name")
    return (namespace, name) if isinstance(namespace, str) and isinstance(name, str) else None


RULES = (
    StackRule(
        name="cost",
        says="What Parameter Store and Secrets Manager cost a month stays below what is configured.",
        level="advisory",
        severity="low",
        steps="Read a shared JSON parameter in place of many, use the Standard tier, keep in Secrets Manager only what "
        "it rotates, and give refresh_interval.",
        settings={
            "runsPerMonth": Setting("how often `pulumi up` runs a month", 300),
            "dollarsPerMonth": Setting("what it may cost a month", 10.0),
            "callsPerMonth": Setting("how many calls there may be a month", 1_000_000),
        },
        check=_cost,
    ),
    StackRule(
        name="covered",
        says="The role that a store creates may read what its Secrets read, and nothing else.",
        level="mandatory",
        severity="high",
        steps="Leave the store's policy to the store; give what else needs to read a role of its own.",
        check=_covered,
    ),
    StackRule(
        name="service-account-role",
        says="Each ServiceAccount by which a store reads has a role, and no two share one.",
        level="advisory",
        severity="medium",
        steps="Let the store create the ServiceAccount with ServiceAccountAuth(oidc_provider=...).",
        settings={"allow": Setting("names of ServiceAccounts that are left alone; `*` and `?` stand for others", [])},
        check=_accounts,
    ),
)
