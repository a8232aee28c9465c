"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.core.errors import SpecError
from components.core.stack_config import (
    AccessKeysConfig,
    ExternalSecretConfig,
    StoreConfig,
    read_external_secrets,
    read_stores,
)
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import AccessKeyAuth, Cluster, SecretKeyRef, SecretStore


def declare_store(store: StoreConfig) -> SecretStore:
    """Declare one SecretStore."""
    return SecretStore(
        store.name,
        namespace=store.namespace,
        region=store.region,
        role=store.role,
        auth=access_key_auth(store.access_keys) if store.access_keys else None,
        cluster=Cluster(kubeconfig=store.kubeconfig, context=store.context),
        requests_per_second=store.requests_per_second,
        preview_decrypts=store.preview_decrypts,
    )


def access_key_auth(keys: AccessKeysConfig) -> AccessKeyAuth:
    """Say where a store's access keys are."""
    token = keys.session_token
    return AccessKeyAuth(
        access_key_id=SecretKeyRef(keys.access_key_id.name, keys.access_key_id.key),
        secret_access_key=SecretKeyRef(keys.secret_access_key.name, keys.secret_access_key.key),
        session_token=SecretKeyRef(token.name, token.key) if token else None,
    )


def declare_external_secret(secret: ExternalSecretConfig, store: SecretStore) -> ExternalSecret:
    """Declare one ExternalSecret."""
    data = {
        key: RemoteRef(ref.key, property=ref.property_path, version=ref.version) for key, ref in secret.data.items()
    }
    return ExternalSecret(secret.name, store=store, data=data, target=secret.target)


def main() -> None:
    """Declare everything that the stack names."""
    config = pulumi.Config()
    try:
        store_configs = read_stores(config.get_object("secretStores"))
        secret_configs = read_external_secrets(config.get_object("externalSecrets"), store_configs)
    except SpecError as error:
        raise pulumi.RunError(f"{pulumi.get_project()}:{error}") from None
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
