"""Reads stores in the words of ESO's manifests: those of manifests, and those of a stack's settings.

The settings `secretStores` and `clusterSecretStores` have the fields of `provider.aws` without that nesting, and more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from ..arguments.auth import AssumedRole, KmsKey
from ..arguments.store import Cluster, LabelRequirement, StoreArguments, StoreCondition
from ..core.services import SERVICES, ServiceName, service_named
from ..core.spec.config_fields import Fields, asks_for_nothing, check_distinct, entries_of, likeliest
from ..core.spec.spelling import of_yaml
from ..core.spec.store_conditions import LabelOperator, refuse_contradiction
from ..errors import SpecError
from .auth_manifest import NO_STATIC_KEYS, read_auth

StoreKind = Literal["SecretStore", "ClusterSecretStore"]
KINDS: tuple[StoreKind, ...] = get_args(StoreKind)

_UNSUPPORTED_SPEC = {
    "controller": "there are no controllers here that could share the stores; leave it out",
    "retrySettings": "retries follow AWS's own advice within a budget of time; leave it out, and see requestsPerSecond",
}
_SPEC_FIELDS = ("provider", "conditions", "refreshInterval", *_UNSUPPORTED_SPEC)
_UNSUPPORTED_AWS = {"customSessionTags": "write sessionTags in its place"}
_BLOCKS = {each.block: each for each in SERVICES.values() if each.block is not None}
_IDENTITY_FIELDS = ("auth", "role", "additionalRoles", "externalID", "sessionTags", "transitiveTagKeys")
_AWS_FIELDS = ("service", "region", "prefix", *_IDENTITY_FIELDS, "sessionTagsPolicy", *_BLOCKS, *_UNSUPPORTED_AWS)
_SETTINGS_FIELDS = (
    *("name", "service", "region", "prefix", *_IDENTITY_FIELDS, "kmsKeys", "paths", "allowAllParameters"),
    *("kubeconfig", "context", "cluster", "requestsPerSecond", "previewDecrypts", "batchReads"),
)


@dataclass(frozen=True)
class StoreConfig:
    """A store as it was read; the arguments of the component.

    Attributes:
        where: where it was read, for errors.
        kind: which component it is.
        name: its name.
        namespace: a SecretStore's own; None for a ClusterSecretStore, and while a manifest's is not known yet.
        conditions: of a ClusterSecretStore.
        given: what both kinds of components take.
        qualified: it comes from a manifest, so a SecretStore's resource is named `namespace/name`.
        labels: its labels, by which PushSecrets may name it.
    """

    where: str = field(compare=False)
    kind: StoreKind
    name: str
    namespace: str | None
    given: StoreArguments
    conditions: tuple[StoreCondition, ...] = ()
    qualified: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


@of_yaml()
def read_stores(own: Any, cluster_wide: Any = None) -> list[StoreConfig]:
    """The stores of a stack, in order, from the settings `secretStores` and `clusterSecretStores`."""
    stores = []
    for setting, value in (("secretStores", own), ("clusterSecretStores", cluster_wide)):
        for index, entry in enumerate(entries_of(value, setting)):
            stores.append(_store(Fields(entry, f"{setting}[{index}]"), cluster_wide=setting == "clusterSecretStores"))
    where = "secretStores and clusterSecretStores" if cluster_wide else "secretStores"
    check_distinct([(store.name, store.where) for store in stores], where)
    return stores


def refuse_static_keys(settings: Sequence[str], *, allowed: bool) -> None:
    """Refuse access keys in the AWS provider's own settings, unless the setting `allowStaticAccessKeys` is true."""
    if settings and not allowed:
        raise SpecError(
            f"aws:{settings[0]}: {NO_STATIC_KEYS}; or keep the runner's own in its environment. To allow it all the "
            "same, set allowStaticAccessKeys to true"
        )


def read_store_spec(fields: Fields, kind: StoreKind, name: str, namespace: str | None) -> StoreConfig:
    """Read the `spec` of a manifest, taking all of its fields.

    `refreshInterval` says how often ESO looks at a store, and is ignored; so are `conditions` of a SecretStore, as by
    ESO.
    """
    fields.only(*_SPEC_FIELDS)
    fields.refuse(_UNSUPPORTED_SPEC)
    fields.ignore("refreshInterval")
    conditions = tuple(map(_condition, fields.entries("conditions")))
    provider = fields.mapping("provider")
    fields.end()
    aws = provider.mapping("aws") if provider else None
    if provider is None or aws is None:
        others = provider.names() if provider else ()
        there = f" (there is {', '.join(map(repr, others))})" if others else ""
        raise SpecError(
            f"{fields.where}.provider.aws is required: only AWS's {' and '.join(SERVICES)} are supported{there}"
        )
    provider.end()
    aws.only(*_AWS_FIELDS)
    aws.refuse(_UNSUPPORTED_AWS)
    service, policy = _service(aws, aws.text("service")), aws.optional_text("sessionTagsPolicy") or "None"
    if policy != "None":
        raise SpecError(f"{aws.where}.sessionTagsPolicy: {policy!r} is not supported; write sessionTags in its place")
    given = _arguments(aws)
    given["service"] = service
    given["deletion"] = _deletion(aws, service)
    aws.end()
    return StoreConfig(
        where=fields.where,
        kind=kind,
        name=name,
        namespace=namespace,
        given=given,
        conditions=conditions if kind == "ClusterSecretStore" else (),
        qualified=True,
    )


def _deletion(fields: Fields, service: str) -> dict[str, Any]:
    """How what is pushed is deleted, as the field says that is for the store's service alone."""
    found: dict[str, Any] = {}
    for field_, of_service in _BLOCKS.items():
        if asks_for_nothing(given := fields.raw(field_)):
            continue
        if of_service.name != service:
            raise SpecError(f"{fields.where}.{field_} has no effect with service {service}; leave it out")
        block = Fields(given, f"{fields.where}.{field_}")
        found = of_service.deletion(block)
        block.end()
    return found


def _service(fields: Fields, name: str) -> ServiceName:
    if name not in SERVICES:
        near = likeliest(name, SERVICES)
        hint = f". Did you mean {near!r}?" if near else ""
        raise SpecError(f"{fields.where}.service: {name!r} is not supported, only {' and '.join(SERVICES)} are{hint}")
    return cast("ServiceName", name)


def _store(fields: Fields, *, cluster_wide: bool) -> StoreConfig:
    """Read an entry of the settings, which may say more than a manifest: what the store creates, and which cluster."""
    fields.only(*_SETTINGS_FIELDS, *_BLOCKS, "conditions" if cluster_wide else "namespace")
    given = _arguments(fields, may_create=True)
    given["service"] = _service(fields, fields.optional_text("service") or service_named().name)
    given["kms_keys"] = tuple(KmsKey(arn, names) for arn, names in fields.lists("kmsKeys").items())
    given["paths"] = fields.texts("paths")
    given["allow_all_parameters"] = fields.flag("allowAllParameters")
    cluster = {name: _place(fields, name) for name in ("kubeconfig", "context", "cluster")}
    given["cluster"] = Cluster(**cluster) if any(cluster.values()) else None
    given["requests_per_second"] = fields.number(
        "requestsPerSecond", service_named(given["service"]).requests_per_second
    )
    given["preview_decrypts"] = fields.flag("previewDecrypts")
    given["batch_reads"] = fields.flag("batchReads")
    given["deletion"] = _deletion(fields, given["service"])
    store = StoreConfig(
        where=fields.where,
        kind="ClusterSecretStore" if cluster_wide else "SecretStore",
        name=fields.text("name"),
        namespace=None if cluster_wide else fields.text("namespace"),
        given=given,
        conditions=tuple(map(_condition, fields.entries("conditions"))) if cluster_wide else (),
    )
    fields.end()
    return store


def _arguments(fields: Fields, *, may_create: bool = False) -> StoreArguments:
    """What a manifest's `provider.aws` and an entry of the settings both say."""
    auth = fields.mapping("auth")
    return {
        "region": fields.optional_text("region") if may_create else fields.text("region"),  # ESO's CRD requires it
        "prefix": fields.optional_text("prefix") or "",
        "auth": read_auth(auth, may_create=may_create) if auth else None,
        "role": _role(fields) if may_create else fields.optional_text("role") or None,
        "additional_roles": fields.texts("additionalRoles"),
        "external_id": fields.optional_text("externalID") or None,
        "session_tags": _tags(fields, "sessionTags"),
        "transitive_tag_keys": fields.texts("transitiveTagKeys"),
    }


def _place(fields: Fields, name: str) -> str | None:
    """A text that says which cluster. Empty does not count as left out here: that would be another cluster."""
    found = fields.optional_text(name, may_be_empty=True)
    if found is not None and not found.strip():
        raise SpecError(f"{fields.where}.{name} is empty; leave it out, or write what it should be")
    return found


def _role(fields: Fields) -> str | AssumedRole | None:
    if not fields.is_mapping("role"):
        return fields.optional_text("role")
    role = fields.mapping("role")
    assert role is not None, "it is a mapping"  # noqa: S101
    role.only("create", "principals", "allowWildcards")
    if not role.flag("create"):
        raise SpecError(f"{role.where}: write the role's ARN, or create: true for one that the store creates")
    made = AssumedRole(role.texts("principals"), allow_wildcards=role.flag("allowWildcards"))
    role.end()
    return made


def _tags(fields: Fields, name: str) -> dict[str, str]:
    """A list of tags, each with a key of its own; STS tells no upper case from lower."""
    listed = list(map(_tag, fields.entries(name)))
    for key, _ in listed:
        if sum(other.lower() == key.lower() for other, _ in listed) > 1:
            raise SpecError(f"{fields.where}.{name}: the key {key!r} occurs twice; leave one of them out")
    return dict(listed)


def _tag(fields: Fields) -> tuple[str, str]:
    fields.only("key", "value")
    tag = fields.text("key"), fields.text("value", may_be_empty=True)
    fields.end()
    return tag


def _condition(fields: Fields) -> StoreCondition:
    StoreCondition.only(fields, "namespaceSelector")
    selector = fields.mapping("namespaceSelector")
    values = StoreCondition.values_of(fields)
    if not (selector or any(values.values())):
        raise SpecError(f"{fields.where}: give it namespaces, namespaceRegexes or a namespaceSelector")
    wanted = label_selector(selector) if selector else None
    try:
        return StoreCondition(**values, selector=wanted)
    except SpecError as error:
        raise SpecError(f"{fields.where}.{error}") from None


def label_selector(fields: Fields) -> tuple[LabelRequirement, ...]:
    """A label selector of Kubernetes, all of whose fields are taken.

    Raises:
        SpecError: a field is not what it should be.
    """
    fields.only("matchLabels", "matchExpressions")
    labels, expressions = fields.mapping("matchLabels"), fields.entries("matchExpressions")
    fields.end()

    def required(key: str, operator: str, values: Sequence[str]) -> LabelRequirement:
        try:
            return LabelRequirement(key, cast("LabelOperator", operator), values)
        except SpecError as error:
            raise SpecError(f"{fields.where}: {str(error).removeprefix('namespaceSelector: ')}") from None

    equal = {name: labels.text(name, may_be_empty=True) for name in labels.names()} if labels else {}
    wanted = [required(name, "In", (value,)) for name, value in equal.items()]
    for each in expressions:
        each.only("key", "operator", "values")
        wanted.append(required(each.text("key"), each.text("operator"), each.texts("values", may_be_empty=True)))
        each.end()
    refuse_contradiction(fields.where, wanted)
    return tuple(wanted)
