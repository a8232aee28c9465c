"""The arguments of stores, and what about them can be known to be wrong while the program runs."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict, TypeGuard

import pulumi

from ..core.iam import CustomerKey, check_key_names, check_named_after, check_tag_keys, trust
from ..core.service import Service
from ..core.services import ServiceName, service_named
from ..core.spec import store_conditions, store_specs
from ..core.spec.argument_types import Expected, Instead, MayBeSecret, OfType, OneLine, is_object_name
from ..core.spec.config_fields import Fields
from ..core.spec.store_identity import Identity
from ..errors import SpecError
from .annotations import Input
from .auth import AccessKeyAuth, AssumedRole, Auth, KmsKey, NewRole, PodIdentityAuth, ServiceAccountAuth
from .construction import checks_arguments
from .invalid import InvalidArgumentsError
from .provider_options import KUBERNETES


@checks_arguments()
class Cluster(store_specs.Cluster[Input[str]]):
    """The cluster that Secrets are written to."""


@checks_arguments()
class LabelRequirement(store_conditions.LabelRequirement):
    """One entry of a label selector's `matchExpressions`."""


@checks_arguments(
    instead=dict.fromkeys(
        ("match_labels", "match_expressions", "namespace_selector"),
        "selector=[LabelRequirement('team', 'In', ['a'])], of which all must be met",
    )
)
class StoreCondition(store_conditions.StoreCondition):
    """Namespaces that may use a store. Any name, regex or selector of any condition admits a namespace.

    `StoreCondition(selector=[LabelRequirement("team", "In", ["a"])])` is a manifest's `matchLabels: {team: a}`.
    """


class Store(pulumi.ComponentResource):
    """What a SecretStore and a ClusterSecretStore both are; programs construct one of those.

    Attributes:
        region: AWS region of the parameters.
        versions: parameter -> version, of all parameters that the store's secrets refer to.
        policy_json: the policy of the role that reads, as one document; None where the store does not create that role.
        access: who may do what on what, and because of which secret key, for the roles that the store creates: rows
            with `identity`, `action`, `arn`, `condition` and `because`.
    """

    region: pulumi.Output[str]
    versions: pulumi.Output[Mapping[str, int | str]]
    policy_json: pulumi.Output[str | None]
    access: pulumi.Output[list[dict[str, str]]]


class StoreArguments(TypedDict, total=False):
    """What both kinds of stores take besides their namespaces.

    Attributes:
        region: AWS region, such as `eu-central-1` (ESO: `provider.aws.region`). Default: that of the AWS provider in
            `opts`, of the stack's `aws:region`, or of the environment.
        prefix: stands before the keys of the store's secrets, without a separator; not for `Find`
            (ESO: `provider.aws.prefix`).
        auth: base credentials; default: those of the AWS provider in `opts`, of the stack's `aws:` settings, or the
            SDK's default chain, as the identity that runs Pulumi.
        role: ARN of a role to assume before reading (ESO: `provider.aws.role`), which may be an Output; or the role
            that the store creates and assumes. Default: read with the base credentials.
        additional_roles: ARNs of roles to assume, in this order, before `role` (ESO: `additionalRoles`).
        external_id: external ID that `role` demands (ESO: `externalID`).
        session_tags: session tags for `role` (ESO: `sessionTags`).
        transitive_tag_keys: keys of those that further roles inherit (ESO: `transitiveTagKeys`).
        kms_keys: customer keys and what each encrypts, for the policy of a role that the store creates. AWS's default
            key needs no entry.
        paths: paths that the store alone owns, such as `/team-a`: the policy then grants all that is below them in
            place of single names. For stores that are too large for AWS's limits; never chosen by this library.
        allow_all_parameters: `paths` may be `/`, every parameter of the account, which is refused otherwise.
        cluster: where Secrets are written: a `Cluster`, or a `pulumi_kubernetes.Provider`. Default: the Kubernetes
            provider in `opts`, the stack's `kubernetes:` settings, or as kubectl chooses.
        service: `ParameterStore` or `SecretsManager` (ESO: `provider.aws.service`). Default: `ParameterStore`.
        requests_per_second: how much of the account's shared rate limit one operation may use. Default: Parameter
            Store's quota of 40, and 500 of Secrets Manager's 10,000. Raise it where Parameter Store's higher throughput
            is switched on; what is pushed is then written ten times a second, and three times otherwise.
        preview_decrypts: decrypt in preview too, so that it finds missing JSON properties and undecodable values.
            Default: preview reads versions only.
        batch_reads: read up to 20 current values of Secrets Manager in one call. AWS grants that
            (`secretsmanager:BatchGetSecretValue`) on `*` alone. Default: each value in a call of its own.
        deletion: how Secrets Manager deletes what was pushed: `{"forceDeleteWithoutRecovery": True}` at once, or
            `{"recoveryWindowInDays": 7}` after 7 to 30 days (ESO: `provider.aws.secretsManager`). Default: 30 days.
        grouped: keep the store's ExternalSecrets in one resource and its PushSecrets in another, which is much faster
            where there are hundreds. Those that depend on other resources, or have options of their own, keep a
            resource of their own, and so do cluster-wide kinds. Default: one resource each.
    """

    region: Input[str] | None
    prefix: OneLine
    auth: Auth | None
    role: Annotated[Input[str] | AssumedRole | None, Expected("the ARN of a role, or an AssumedRole")]
    additional_roles: Sequence[Input[str]]
    external_id: Annotated[Input[str] | None, MayBeSecret()]
    session_tags: Mapping[str, Annotated[Input[OneLine], MayBeSecret()]]
    transitive_tag_keys: Sequence[str]
    kms_keys: Sequence[Annotated[KmsKey, Instead((str, pulumi.Output), "write KmsKey(arn)")]]
    paths: Sequence[str]
    allow_all_parameters: bool
    cluster: Annotated[
        Cluster | pulumi.ProviderResource | None,
        Expected("a Cluster or a pulumi_kubernetes.Provider"),
        Instead((str,), "a context's name goes into Cluster(context=...)"),
        OfType((f"pulumi:providers:{KUBERNETES}",)),
    ]
    service: ServiceName
    requests_per_second: float
    preview_decrypts: bool
    batch_reads: bool
    deletion: Mapping[str, bool | int]
    grouped: bool


def check_arguments(kind: str, name: str, namespace: Input[str] | None, given: StoreArguments) -> None:
    """Find what can never work.

    Args:
        kind: what the store is, for errors.
        name: its name.
        namespace: the store's own namespace; None for a ClusterSecretStore.
        given: its arguments.

    Raises:
        InvalidArgumentsError: the text says which argument and what to write instead.
    """
    where = f"{kind} {name!r}"
    try:
        service = service_named(given.get("service"), in_batches=given.get("batch_reads", False))
        if given.get("deletion"):
            _check_deletion(service, given["deletion"])
        _check_rate(given.get("requests_per_second", service.requests_per_second))
        identity_of(given, given.get("region"))
        for key in given.get("kms_keys", ()):
            check_key_names(key.parameters)
            if isinstance(key.arn, str):
                CustomerKey(key.arn)
        if given.get("paths"):
            service.paths_need(given["paths"], everything=given.get("allow_all_parameters", False))
        _check_trust(given)
        _check_made(name, given)
        _check_use(namespace, given)
        _check_effects(given)
    except SpecError as error:
        raise InvalidArgumentsError(f"{where}: {error}") from None


_SLOWEST = 0.1


def _check_deletion(service: Service, given: Mapping[str, Any]) -> None:
    """Check how what is pushed is deleted; a manifest's 0 says nothing (ESO), and a program's would be passed over."""
    found = service.deletion(Fields(given, "deletion"))
    for field_, value in given.items():
        if value is not False and field_ not in found:
            raise SpecError(f"deletion.{field_}: {value!r} has no effect; leave it out")


def _check_rate(rate: float) -> None:
    if not rate > 0:
        raise SpecError(f"requests_per_second must be above 0, not {rate}")
    if rate < _SLOWEST:
        raise SpecError(f"requests_per_second must be at least {_SLOWEST}, not {rate}: a read would wait for minutes")


def identity_of(given: StoreArguments, region: Input[str] | None) -> Identity[Any]:
    """The identity that a store's arguments name, as far as the store does not create it.

    Raises:
        SpecError: what is known of it can never work.
    """
    role = given.get("role")
    return Identity(
        region=region,
        role=None if isinstance(role, AssumedRole) else role,
        external_id=given.get("external_id"),
        session_tags=tuple(sorted(given.get("session_tags", {}).items())),
        transitive_tag_keys=tuple(given.get("transitive_tag_keys", ())),
        additional_roles=tuple(given.get("additional_roles", ())),
    )


def _check_trust(given: StoreArguments) -> None:
    """Refuse what can stand in no trust policy; Outputs are looked at where the policy is made."""
    auth, role = given.get("auth"), given.get("role")
    if isinstance(auth, ServiceAccountAuth) and isinstance(auth.oidc_provider, str):
        trust.check_provider(auth.oidc_provider)
    if isinstance(auth, PodIdentityAuth) and isinstance(auth.cluster, str):
        trust.check_cluster_name(auth.cluster)
    if isinstance(role, AssumedRole):
        for principal in filter(None, map(_known, role.principals)):
            trust.check_principal(principal, allow_wildcards=role.allow_wildcards)


def _check_made(name: str, given: StoreArguments) -> None:
    """Refuse names and tags that what the store creates cannot have."""
    auth, role = given.get("auth"), given.get("role")
    roles = {"role.role": role.role} if isinstance(role, AssumedRole) else {}
    if _makes_base(auth):
        roles["auth.role"] = auth.role
    for argument, each in roles.items():
        check_named_after(name)
        check_tag_keys(f"{argument}.tags", each.tags)
    if isinstance(auth, ServiceAccountAuth) and auth.service_account is None and not is_object_name(name):
        raise SpecError(
            "auth: the store's name can be no ServiceAccount's, which is the default; give the service_account its name"
        )


def _makes_base(auth: Auth | None) -> TypeGuard[PodIdentityAuth | ServiceAccountAuth]:
    """Whether the store creates the role that `auth` stands for."""
    return isinstance(auth, PodIdentityAuth) or (
        isinstance(auth, ServiceAccountAuth) and auth.oidc_provider is not None
    )


def _check_effects(given: StoreArguments) -> None:
    """Refuse arguments that change nothing."""
    auth, role = given.get("auth"), given.get("role")
    if given.get("cluster") == Cluster():
        raise SpecError(
            "cluster: Cluster() has no effect, as it names no cluster; give it a kubeconfig, a context or a cluster, "
            "or leave it out"
        )
    _check_lists(given)
    hops = bool(given.get("additional_roles")) or role is not None
    makes_base = _makes_base(auth)
    if not isinstance(role, AssumedRole) and (hops or not makes_base):
        for name in ("kms_keys", "paths", "allow_all_parameters"):
            if given.get(name):
                raise SpecError(
                    f"{name} has no effect: it is for the policy of the role that reads, and the store does not create "
                    "that role; leave it out, or write role=AssumedRole()"
                )
    for at, key in enumerate(given.get("kms_keys", ())):
        if not key.parameters:
            raise SpecError(f"kms_keys[{at}] has no effect: its `parameters` are empty; name them, or leave it out")
    if given.get("allow_all_parameters") and "/" not in given.get("paths", ()):
        raise SpecError("allow_all_parameters has no effect: it is for the path '/' in `paths`; leave it out")
    if isinstance(auth, ServiceAccountAuth) and auth.oidc_provider is None and auth.role != NewRole():
        raise SpecError("auth.role has no effect without oidc_provider: no role is created; leave it out")
    if isinstance(role, AssumedRole) and role.allow_wildcards and not any(map(_may_be_wildcard, role.principals)):
        raise SpecError("role.allow_wildcards has no effect: no principal has a '*' in it; leave it out")


def _check_use(namespace: Input[str] | None, given: StoreArguments) -> None:
    auth, role = given.get("auth"), given.get("role")
    if namespace is None and auth is not None and None in _namespaces(auth):
        raise SpecError("auth: a ClusterSecretStore has no namespace of its own; give each reference its `namespace`")
    if isinstance(namespace, str) and isinstance(auth, AccessKeyAuth | ServiceAccountAuth):
        for other in _namespaces(auth):
            if isinstance(other, str) and other != namespace:
                raise SpecError(
                    f"auth: namespace {other!r} is not the store's own, {namespace!r}, and a SecretStore takes its "
                    "credentials from there alone; leave `namespace` out, or use a ClusterSecretStore"
                )
    if isinstance(auth, ServiceAccountAuth) and auth.service_account is None and auth.oidc_provider is None:
        raise SpecError(
            "auth: name the service_account to read as, or give the oidc_provider so that the store creates one"
        )
    if role is None and (given.get("external_id") or given.get("session_tags")):
        raise SpecError("external_id and session_tags are for `role`, which is not given")


def _check_lists(given: StoreArguments) -> None:
    """Refuse what is said twice, and changes nothing the second time."""
    auth, role = given.get("auth"), given.get("role")
    plain = not (given.get("external_id") or given.get("session_tags"))
    lists: Mapping[str, Sequence[Any]] = {
        "additional_roles": (*given.get("additional_roles", ()), *([role] if plain else [])),
        "paths": given.get("paths", ()),
        "auth.audiences": auth.audiences if isinstance(auth, ServiceAccountAuth) else (),
        "role.principals": role.principals if isinstance(role, AssumedRole) else (),
    }
    for name, values in lists.items():
        if (twice := _twice(values)) is not None:
            raise SpecError(f"{name}: {twice!r} has no effect the second time; leave one of the two out")


def _twice(values: Sequence[Any]) -> str | None:
    """A string that occurs twice."""
    known = [each for each in map(_known, values) if each]
    return next((each for at, each in enumerate(known) if each in known[:at]), None)


def _may_be_wildcard(principal: Input[str]) -> bool:
    return not isinstance(principal, str) or "*" in principal


def _namespaces(auth: Auth) -> list[Input[str] | None]:
    if isinstance(auth, AccessKeyAuth):
        refs = (auth.access_key_id, auth.secret_access_key, auth.session_token)
        return [ref.namespace for ref in refs if ref is not None]
    return [auth.namespace]


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) else None
