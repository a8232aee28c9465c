"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.auth import Auth
from components.core.errors import SpecError
from components.core.stack_config import ExternalSecretConfig, read_external_secrets
from components.core.store_config import (
    AccessKeysConfig,
    AssumedRoleConfig,
    PodIdentityConfig,
    SecretKeyConfig,
    ServiceAccountConfig,
    StoreConfig,
    read_stores,
    refuse_static_keys,
)
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import (
    AccessKeyAuth,
    AssumedRole,
    Cluster,
    ClusterSecretStore,
    KmsKey,
    PodIdentityAuth,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
    StoreArguments,
)


def declare_store(store: StoreConfig) -> SecretStore | ClusterSecretStore:
    """Declare one SecretStore or ClusterSecretStore."""
    given: StoreArguments = {
        "region": store.region,
        "auth": auth(store.auth),
        "role": role(store.role),
        "additional_roles": store.additional_roles,
        "external_id": store.external_id,
        "session_tags": store.session_tags,
        "transitive_tag_keys": store.transitive_tag_keys,
        "kms_keys": [KmsKey(arn, names) for arn, names in store.kms_keys.items()],
        "paths": store.paths,
        "allow_all_parameters": store.allow_all_parameters,
        "cluster": Cluster(kubeconfig=store.kubeconfig, context=store.context),
        "requests_per_second": store.requests_per_second,
        "preview_decrypts": store.preview_decrypts,
    }
    if store.namespace is None:
        return ClusterSecretStore(store.name, conditions=store.conditions, **given)
    return SecretStore(store.name, namespace=store.namespace, **given)


def auth(config: AccessKeysConfig | ServiceAccountConfig | PodIdentityConfig | None) -> Auth | None:
    """Say as whom a store begins."""
    match config:
        case ServiceAccountConfig():
            return ServiceAccountAuth(
                config.name, namespace=config.namespace, audiences=config.audiences, oidc_provider=config.oidc_provider
            )
        case PodIdentityConfig():
            return PodIdentityAuth(config.cluster, config.service_account, namespace=config.namespace)
        case AccessKeysConfig():
            token = config.session_token
            return AccessKeyAuth(
                access_key_id=key_ref(config.access_key_id),
                secret_access_key=key_ref(config.secret_access_key),
                session_token=key_ref(token) if token else None,
            )
        case None:
            return None


def role(config: str | AssumedRoleConfig | None) -> str | AssumedRole | None:
    """Say which role a store takes last."""
    if isinstance(config, AssumedRoleConfig):
        return AssumedRole(config.principals, allow_wildcards=config.allow_wildcards)
    return config


def key_ref(key: SecretKeyConfig) -> SecretKeyRef:
    """Say where a key is."""
    return SecretKeyRef(key.name, key.key, namespace=key.namespace)


def declare_external_secret(secret: ExternalSecretConfig, store: SecretStore | ClusterSecretStore) -> ExternalSecret:
    """Declare one ExternalSecret."""
    data = {
        key: RemoteRef(
            ref.key,
            property=ref.property_path,
            version=ref.version,
            decoding_strategy=ref.decoding_strategy,
            null_byte_policy=ref.null_byte_policy,
        )
        for key, ref in secret.data.items()
    }
    return ExternalSecret(secret.name, store=store, data=data, namespace=secret.namespace, target=secret.target)


def _placed(text: str) -> str:
    return text if text.startswith("aws:") else f"{pulumi.get_project()}:{text}"


def main() -> None:
    """Declare everything that the stack names."""
    config, aws = pulumi.Config(), pulumi.Config("aws")
    try:
        refuse_static_keys(
            [name for name in ("accessKey", "secretKey", "token") if aws.get_secret(name) is not None],
            allowed=config.get_bool("allowStaticAccessKeys") or False,
        )
        store_configs = read_stores(config.get_object("secretStores"), config.get_object("clusterSecretStores"))
        secret_configs = read_external_secrets(config.get_object("externalSecrets"), store_configs)
    except SpecError as error:
        raise pulumi.RunError(_placed(str(error))) from None
    stores = {store.name: declare_store(store) for store in store_configs}
    secrets = {secret.name: declare_external_secret(secret, stores[secret.store]) for secret in secret_configs}
    pulumi.export(
        "externalSecrets",
        {
            name: {
                "secret": secret.secret_name,
                "namespace": secret.namespace,
                "status": secret.status,
                "refreshTime": secret.refresh_time,
                "versions": secret.synced_versions,
            }
            for name, secret in secrets.items()
        },
    )


main()
