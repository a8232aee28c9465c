"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.core.errors import SpecError
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import Cluster, ClusterSecretStore, SecretStore, StoreArguments
from components.stack_config import ExternalSecretConfig, read_external_secrets
from components.store_config import StoreConfig, read_stores, refuse_static_keys


def declare_store(store: StoreConfig) -> SecretStore | ClusterSecretStore:
    """Declare one SecretStore or ClusterSecretStore."""
    given: StoreArguments = {
        "region": store.region,
        "auth": store.auth,
        "role": store.role,
        "additional_roles": store.additional_roles,
        "external_id": store.external_id,
        "session_tags": store.session_tags,
        "transitive_tag_keys": store.transitive_tag_keys,
        "kms_keys": store.kms_keys,
        "paths": store.paths,
        "allow_all_parameters": store.allow_all_parameters,
        "cluster": Cluster(kubeconfig=store.kubeconfig, context=store.context),
        "requests_per_second": store.requests_per_second,
        "preview_decrypts": store.preview_decrypts,
    }
    if store.namespace is None:
        return ClusterSecretStore(store.name, conditions=store.conditions, **given)
    return SecretStore(store.name, namespace=store.namespace, **given)


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
