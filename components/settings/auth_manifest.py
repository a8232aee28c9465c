"""Reads how a store gets its identity in the words of ESO's `auth`, for manifests and for a stack's settings."""

from dataclasses import replace
from typing import Any

from ..arguments.auth import AccessKeyAuth, Auth, PodIdentityAuth, SecretKeyRef, ServiceAccountAuth
from ..core.spec.config_fields import Fields
from ..core.spec.fields import fields_of
from ..errors import SpecError

NO_STATIC_KEYS = (
    "an access key in a stack's settings would be in the repository and in Pulumi's state; put it into a Kubernetes "
    "Secret and name that in auth.secretRef, or better use auth.jwt.serviceAccountRef, which needs no key"
)


def read_auth(auth: Fields, *, may_create: bool) -> Auth | None:
    """Read `auth`, taking all of its fields.

    Settings may also say what the store creates, and manifests not (`may_create`).
    """
    for name in ("accessKeyID", "accessKeyId", "secretAccessKey", "sessionToken"):
        if auth.has(name):
            raise SpecError(f"{auth.where}.{name}: {NO_STATIC_KEYS}")
    auth.only("jwt", "secretRef", *(("podIdentity",) if may_create else ()))
    jwt, keys = auth.mapping("jwt"), auth.mapping("secretRef")
    pods = auth.mapping("podIdentity") if may_create else None
    auth.end()
    if pods and (jwt or keys):
        raise SpecError(f"{auth.where}.podIdentity: it stands alone; leave jwt and secretRef out, or podIdentity")
    if jwt:
        if keys and keys.names():
            _access_keys(keys)  # jwt goes before them, and a mistake in them is one all the same
        return _service_account(jwt, may_create=may_create)
    if pods:
        return PodIdentityAuth.read(pods)
    if keys:
        return _access_keys(keys)
    if not may_create:
        return None  # ESO takes an empty `auth` for none
    raise SpecError(
        f"{auth.where}: one of jwt, podIdentity and secretRef is required; leave auth out for the SDK's default chain"
    )


def _service_account(jwt: Fields, *, may_create: bool) -> ServiceAccountAuth:
    jwt.only("serviceAccountRef", *(("oidcProvider",) if may_create else ()))
    ref = jwt.mapping("serviceAccountRef")
    if ref:
        ServiceAccountAuth.only(ref)
    provider = jwt.optional_text("oidcProvider") if may_create else None
    jwt.end()
    if ref is None and provider is None:
        instead = ", or oidcProvider for a store that creates its own" if may_create else ""
        raise SpecError(f"{jwt.where}.serviceAccountRef is required{instead}")
    if ref is None:
        return ServiceAccountAuth(oidc_provider=provider)
    made = ServiceAccountAuth.read(ref)
    if made.service_account is None:
        raise SpecError(f"{ref.where}.name is required")
    return replace(made, oidc_provider=provider)


def _access_keys(ref: Fields) -> AccessKeyAuth:
    AccessKeyAuth.only(ref)
    keys = {
        each.attribute: _key(ref, each.path[0], required=each.default is not None) for each in fields_of(AccessKeyAuth)
    }
    ref.end()
    return AccessKeyAuth(**keys)


def _key(fields: Fields, name: str, *, required: bool) -> Any:
    found = fields.mapping(name)
    if found is None and required:
        raise SpecError(f"{fields.where}.{name} is required")
    return found and SecretKeyRef.read(found)
