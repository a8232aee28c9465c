"""Rules for what stores read: from where, into which namespace, as whom, and what becomes of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .globs import matches
from .names import is_listed
from .parameters import SECRET
from .resource import (
    PARAMETER,
    SECRET_PUSH,
    SECRET_SYNC,
    SNAPSHOT,
    Finding,
    Found,
    Resource,
    Unknown,
    fields,
    keyed,
    numbered,
    unknown,
)
from .rule import Config, ResourceRule, Setting
from .services import PARAMETER_STORE, Service, service_of

_AWS = "pulumi:providers:aws"
_SHARED = ("Merge", "CreateOrMerge")
_PRODUCTION = ["prod", "production", "prod-*", "*-prod", "production-*", "*-production"]
_HERE = {
    "stacks": Setting("names of the stacks that are in production; `*` and `?` stand for others", _PRODUCTION),
    "tags": Setting("tags of a stack, kept by Pulumi Cloud, that put it in production", {"environment": "production"}),
}


class _Source(NamedTuple):
    """What a SecretSync reads.

    Attributes:
        place: the words for where it says so.
        kind: `key`, `extract` or `find`; empty where that is not known.
        read: the reference.
        service: the service of its store.
    """

    place: str
    kind: str
    read: Any
    service: Service


def _sources(resource: Resource) -> Iterator[_Source]:
    props = resource.props
    data, data_from = props.get("data"), props.get("dataFrom")

    def service(entry: Any) -> Service:
        alias = fields(entry).get("store")
        return service_of(fields(props.get("stores")).get(alias) if isinstance(alias, str) else props.get("store"))

    yield from (_Source("", "", each, service(None)) for each in unknown(data, data_from))
    for place, each in keyed(data, "data"):
        yield _Source(place, "key", each, service(each))
    for place, each in numbered(data_from, "dataFrom"):
        if isinstance(each, Unknown):
            yield _Source(place, "", each, service(None))
        for kind in ("extract", "find"):
            if kind in fields(each):
                yield _Source(f"{place}.{kind}", kind, each[kind], service(each))


def _find_scope(resource: Resource, config: Config) -> Found:
    for place, kind, each, _ in _sources(resource):
        path = fields(each).get("path")
        yield from unknown(*([each, path] if kind == "find" else [each] if not kind else []))
        if kind != "find" or isinstance(each, Unknown) or isinstance(path, Unknown):
            continue
        depth = len([level for level in str(path or "").split("/") if level])
        if depth == 0:
            yield Finding(f"{place} looks through every parameter of the account and region; give it a path")
        elif depth < config["minimumDepth"]:
            yield Finding(f"{place}: its path has fewer levels than the {config['minimumDepth']:g} that are configured")


def _owned_prefix(resource: Resource, config: Config) -> Found:
    namespace = resource.props.get("namespace")
    if not (config["pattern"] or config["namespaces"]):
        return
    if isinstance(namespace, Unknown):
        yield namespace
    if not isinstance(namespace, str):
        return
    pattern = config["namespaces"].get(namespace, config["pattern"]).replace("{namespace}", namespace)
    if not pattern:
        return
    for place, kind, each, service in _sources(resource):
        name = fields(each).get("path" if kind == "find" else "key")
        yield from unknown(each, name)
        if isinstance(each, Unknown) or isinstance(name, Unknown) or matches(pattern, _path(name, kind, service)):
            continue
        yield Finding(f"{place}: it is outside of what namespaces may read; see the rule's configuration")


def _path(name: Any, kind: str, service: Service) -> str:
    """A name with a leading slash; of a path, what is below it, as far as the service has levels."""
    text = str(name or "")
    text = (service.granted(text) or "") if text.startswith("arn:") else text
    text = text if text.startswith("/") else f"/{text}"
    return f"{text.rstrip('/')}/" if kind == "find" and service is PARAMETER_STORE else text


def _adopt(resource: Resource, config: Config) -> Found:
    holder: Any = resource.props
    place, name = "", resource.props.get("secret")
    if resource.type == SECRET_SYNC:
        holder, place, name = holder.get("target"), "target.", holder.get("secretName")
    namespace, adopts = resource.props.get("namespace"), fields(holder).get("adopt")
    policy = fields(holder).get("creationPolicy")
    yield from unknown(holder, adopts, policy)
    if is_listed(f"{namespace}/{name}", config["allow"]):
        return
    if adopts is True:
        yield Finding(f"{place}adopt takes over what somebody else made; leave it out when that is done")
    if policy in _SHARED:
        yield Finding(f"{place}creationPolicy {policy} writes into a Secret that somebody else may own")


def _deletion(resource: Resource, config: Config) -> Found:
    tagged = any(resource.stack_tags.get(key) == value for key, value in config["tags"].items())
    if not tagged and not is_listed(resource.stack, config["stacks"]):
        return
    props = resource.props
    holder: Mapping[str, Any] = props if resource.type != SECRET_SYNC else fields(props.get("target"))
    place = "target." if resource.type == SECRET_SYNC else ""
    policy, window = holder.get("deletionPolicy"), props.get("recoveryWindowInDays")
    yield from unknown(props.get("target"), policy, window)
    if policy == "Delete":
        yield Finding(f"{place}deletionPolicy is Delete, and the stack is in production; leave it out")
        stores = props.get("stores") if resource.type == SECRET_PUSH else None
        yield from unknown(stores)
        for name, store in keyed(stores, "stores"):
            if fields(fields(store).get("deletion")).get("forceDeleteWithoutRecovery") is True:
                yield Finding(f"{name}: forceDeleteWithoutRecovery, in production; what is deleted is gone at once")
    if resource.type in (PARAMETER, SECRET) and not resource.protect:
        yield Finding("the stack is in production, and it is not protected; set the resource option protect")
    if resource.type == SECRET and window == 0:
        yield Finding("recoveryWindowInDays is 0, and the stack is in production; what is deleted is gone at once")


def _versions(resource: Resource, config: Config) -> Found:
    if resource.type == SNAPSHOT:
        yield from _behind(resource, config["maximumBehind"])
        return
    if config["require"] == "either":
        return
    for place, kind, each, _ in _sources(resource):
        version = fields(each).get("version")
        yield from unknown(each)
        if isinstance(each, Unknown) or kind == "find":
            continue
        if config["require"] == "pinned" and version is None:
            yield Finding(f"{place} reads the latest version, and versions are to be pinned")
        if config["require"] == "latest" and version is not None:
            yield Finding(f"{place} pins a version, and the latest is to be read")


def _behind(snapshot: Resource, maximum: float) -> Found:
    """Versions that are pinned, against the latest ones that the same store reads."""
    if maximum < 0:
        return
    versions, found = snapshot.props.get("versions"), snapshot.props.get("found")
    yield from unknown(versions, found)
    read = [fields(versions), *(fields(each) for _, each in keyed(found, "found"))]
    behind = 0
    for source, pinned in fields(versions).items():
        name, _, version = str(source).rpartition(":")
        if name and version.isdigit() and isinstance(pinned, int | float):
            latest = [each[name] for each in read if isinstance(each.get(name), int | float)]
            behind += any(number - pinned > maximum for number in latest)
    if behind:
        references = "1 reference pins a version" if behind == 1 else f"{behind} references pin versions"
        yield Finding(f"{references} more than {maximum:g} behind the latest one, which the same store reads too")


def _static_keys(resource: Resource, _config: Config) -> Found:
    if resource.type == _AWS:
        given = [name for name in ("accessKey", "secretKey") if resource.props.get(name) not in (None, "")]
        if given:
            yield Finding(f"{given[0]} is given: a key that never expires; take a role, or a profile with one")
        return
    store = resource.props.get("store")
    yield from unknown(store)
    if fields(store).get("secretRef") is not None:
        yield Finding("the store reads with keys that never expire; write auth=ServiceAccountAuth(...) in their place")


RULES = (
    ResourceRule(
        name="find-scope",
        says="dataFrom[].find looks below a path.",
        level="mandatory",
        severity="high",
        steps="Give find a path that only this team writes below.",
        settings={"minimumDepth": Setting("levels that a path must have; `/team-a/app` has two", 1)},
        types=frozenset({SECRET_SYNC}),
        check=_find_scope,
    ),
    ResourceRule(
        name="namespace-owns-prefix",
        says="A namespace reads its own parameters.",
        level="mandatory",
        severity="high",
        steps="Read a parameter of the namespace, or have the configuration say that it may read this one.",
        settings={
            "pattern": Setting(
                "what a parameter's name must be like, as in `/{namespace}/*`; nothing is looked at without one", ""
            ),
            "namespaces": Setting("namespace -> its own pattern, in place of `pattern`", {}),
        },
        types=frozenset({SECRET_SYNC}),
        check=_owned_prefix,
    ),
    ResourceRule(
        name="no-foreign-adopt",
        says="What somebody else made is left to them.",
        level="advisory",
        severity="medium",
        steps="Remove adopt after the first up; give the Secret a name of its own in place of Merge.",
        settings={"allow": Setting("`namespace/name` of Secrets that may be; `*` and `?` stand for others", [])},
        types=frozenset({SECRET_SYNC, SECRET_PUSH}),
        check=_adopt,
    ),
    ResourceRule(
        name="deletion",
        says="In production nothing is deleted by mistake.",
        level="mandatory",
        severity="high",
        steps="Leave deletionPolicy out, set the resource option protect, and keep a recovery window.",
        settings=_HERE,
        types=frozenset({SECRET_SYNC, SECRET_PUSH, PARAMETER, SECRET}),
        check=_deletion,
    ),
    ResourceRule(
        name="pinned-or-latest",
        says="Versions are pinned, or are not, as the configuration says.",
        level="advisory",
        severity="low",
        steps="Write a version, or leave it out.",
        settings={
            "require": Setting("what references must be", "either", ("either", "pinned", "latest")),
            "maximumBehind": Setting("how far a pinned version may be behind the latest; below 0 it is not asked", -1),
        },
        types=frozenset({SECRET_SYNC, SNAPSHOT}),
        check=_versions,
    ),
    ResourceRule(
        name="static-keys",
        says="Nobody reads with access keys that never expire.",
        level="mandatory",
        severity="high",
        steps="Let the provider assume a role; give the store ServiceAccountAuth or PodIdentityAuth.",
        types=frozenset({_AWS, SNAPSHOT}),
        check=_static_keys,
    ),
)
