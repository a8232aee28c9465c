"""Reads the stores of a stack's settings, `secretStores` and `clusterSecretStores`, in the words of ESO's manifests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .auth import AccessKeyAuth, AssumedRole, Auth, KmsKey, PodIdentityAuth, SecretKeyRef, ServiceAccountAuth
from .core.config_fields import Fields, check_distinct, entries_of
from .core.errors import SpecError
from .core.specs import DEFAULT_REQUESTS_PER_SECOND
from .core.store_conditions import LabelRequirement, StoreCondition

NO_STATIC_KEYS = (
    "an access key in a stack's settings would be in the repository and in Pulumi's state; put it into a Kubernetes "
    "Secret and name that in auth.secretRef, or better use auth.jwt.serviceAccountRef, which needs no key"
)


@dataclass(frozen=True)
class StoreConfig:
    """One entry of `secretStores` or `clusterSecretStores`; the arguments of the component.

    Attributes:
        namespace: the store's own; None for a ClusterSecretStore.
        conditions: of a ClusterSecretStore.
    """

    name: str
    namespace: str | None
    conditions: tuple[StoreCondition, ...]
    region: str
    auth: Auth | None
    role: str | AssumedRole | None
    additional_roles: tuple[str, ...]
    external_id: str | None
    session_tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]
    kms_keys: tuple[KmsKey, ...]
    paths: tuple[str, ...]
    allow_all_parameters: bool
    kubeconfig: str | None
    context: str | None
    requests_per_second: float
    preview_decrypts: bool


def read_stores(own: Any, cluster_wide: Any = None) -> list[StoreConfig]:
    """The stores of a stack, in order.

    Args:
        own: the setting `secretStores`.
        cluster_wide: the setting `clusterSecretStores`.

    Raises:
        SpecError: a setting is not what it should be; the text names the field and what is expected.
    """
    stores = []
    for setting, value in (("secretStores", own), ("clusterSecretStores", cluster_wide)):
        for index, entry in enumerate(entries_of(value, setting)):
            stores.append(_store(Fields(entry, f"{setting}[{index}]"), cluster_wide=setting == "clusterSecretStores"))
    where = "secretStores and clusterSecretStores" if cluster_wide else "secretStores"
    check_distinct([store.name for store in stores], where)
    return stores


def refuse_static_keys(settings: Sequence[str], *, allowed: bool) -> None:
    """Refuse access keys in the AWS provider's own settings.

    Args:
        settings: those that are given of `accessKey`, `secretKey` and `token`.
        allowed: the setting `allowStaticAccessKeys`.

    Raises:
        SpecError: there is one, and it is not allowed.
    """
    if settings and not allowed:
        raise SpecError(
            f"aws:{settings[0]}: {NO_STATIC_KEYS}; or keep the runner's own in its environment. To allow it all the "
            "same, set allowStaticAccessKeys to true"
        )


def _store(fields: Fields, *, cluster_wide: bool) -> StoreConfig:
    auth = fields.mapping("auth")
    store = StoreConfig(
        name=fields.text("name"),
        namespace=None if cluster_wide else fields.text("namespace"),
        conditions=tuple(map(_condition, fields.entries("conditions"))) if cluster_wide else (),
        region=fields.text("region"),
        auth=_auth(auth) if auth else None,
        role=_role(fields),
        additional_roles=fields.texts("additionalRoles"),
        external_id=fields.optional_text("externalID"),
        session_tags=dict(map(_tag, fields.entries("sessionTags"))),
        transitive_tag_keys=fields.texts("transitiveTagKeys"),
        kms_keys=tuple(KmsKey(arn, names) for arn, names in fields.lists("kmsKeys").items()),
        paths=fields.texts("paths"),
        allow_all_parameters=fields.flag("allowAllParameters"),
        kubeconfig=fields.optional_text("kubeconfig"),
        context=fields.optional_text("context"),
        requests_per_second=fields.number("requestsPerSecond", DEFAULT_REQUESTS_PER_SECOND),
        preview_decrypts=fields.flag("previewDecrypts"),
    )
    fields.end()
    return store


def _auth(auth: Fields) -> Auth:
    for name in ("accessKeyID", "accessKeyId", "secretAccessKey", "sessionToken"):
        if auth.has(name):
            raise SpecError(f"{auth.where}.{name}: {NO_STATIC_KEYS}")
    jwt, pods, keys = auth.mapping("jwt"), auth.mapping("podIdentity"), auth.mapping("secretRef")
    auth.end()
    if pods and (jwt or keys):
        raise SpecError(f"{auth.where}.podIdentity: it stands alone; leave jwt and secretRef out, or podIdentity")
    if jwt:
        return _service_account(jwt)
    if pods:
        made = PodIdentityAuth(pods.text("cluster"), pods.text("serviceAccount"), pods.optional_text("namespace"))
        pods.end()
        return made
    if keys:
        return _access_keys(keys)
    raise SpecError(
        f"{auth.where}: one of jwt, podIdentity and secretRef is required; leave auth out for the SDK's default chain"
    )


def _service_account(jwt: Fields) -> ServiceAccountAuth:
    ref = jwt.mapping("serviceAccountRef")
    provider = jwt.optional_text("oidcProvider")
    jwt.end()
    if ref is None and provider is None:
        raise SpecError(f"{jwt.where}.serviceAccountRef is required, or oidcProvider for a store that creates its own")
    made = ServiceAccountAuth(
        ref.text("name") if ref else None,
        namespace=ref.optional_text("namespace") if ref else None,
        audiences=ref.texts("audiences") if ref else (),
        oidc_provider=provider,
    )
    if ref:
        ref.end()
    return made


def _access_keys(ref: Fields) -> AccessKeyAuth:
    keys = AccessKeyAuth(
        access_key_id=_required_key(ref, "accessKeyIDSecretRef"),
        secret_access_key=_required_key(ref, "secretAccessKeySecretRef"),
        session_token=_key(ref.mapping("sessionTokenSecretRef")),
    )
    ref.end()
    return keys


def _required_key(fields: Fields, name: str) -> SecretKeyRef:
    key = _key(fields.mapping(name))
    if key is None:
        raise SpecError(f"{fields.where}.{name} is required")
    return key


def _key(fields: Fields | None) -> SecretKeyRef | None:
    if fields is None:
        return None
    key = SecretKeyRef(fields.text("name"), fields.text("key"), fields.optional_text("namespace"))
    fields.end()
    return key


def _role(fields: Fields) -> str | AssumedRole | None:
    if not fields.is_mapping("role"):
        return fields.optional_text("role")
    role = fields.mapping("role")
    assert role is not None, "it is a mapping"  # noqa: S101
    if not role.flag("create"):
        raise SpecError(f"{role.where}: write the role's ARN, or create: true for one that the store creates")
    made = AssumedRole(role.texts("principals"), allow_wildcards=role.flag("allowWildcards"))
    role.end()
    return made


def _tag(fields: Fields) -> tuple[str, str]:
    tag = fields.text("key"), fields.text("value")
    fields.end()
    return tag


def _condition(fields: Fields) -> StoreCondition:
    selector = fields.mapping("namespaceSelector")
    names, regexes = fields.texts("namespaces"), fields.texts("namespaceRegexes")
    fields.end()
    if not (selector or names or regexes):
        raise SpecError(f"{fields.where}: give it namespaces, namespaceRegexes or a namespaceSelector")
    try:
        return StoreCondition(names, regexes, _selector(selector) if selector else None)
    except SpecError as error:
        raise SpecError(f"{fields.where}.{error}") from None


def _selector(fields: Fields) -> tuple[LabelRequirement, ...]:
    labels, expressions = fields.mapping("matchLabels"), fields.entries("matchExpressions")
    fields.end()
    wanted = [LabelRequirement(name, "In", (labels.text(name),)) for name in labels.names()] if labels else []
    for each in expressions:
        wanted.append(LabelRequirement(each.text("key"), each.text("operator"), each.texts("values")))
        each.end()
    return tuple(wanted)
