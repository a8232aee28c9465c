"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.errors import SpecError
from components.manifests import tell
from components.parameter_store import InvalidArgumentsError
from components.settings.declaration import declare_all
from components.settings.stack_settings import (
    SETTINGS,
    parse_setting,
    read_cluster_external_secrets,
    read_cluster_push_secrets,
    read_external_secrets,
    read_manifest_settings,
    read_push_secrets,
    refuse_unknown_settings,
)
from components.settings.store_manifest import read_stores, refuse_static_keys
from components.status import (
    CLUSTER_OUTPUT,
    CLUSTER_PUSH_OUTPUT,
    OUTPUT,
    PUSH_OUTPUT,
    cluster_push_status_output,
    cluster_status_output,
    push_status_output,
    status_output,
)


def main() -> None:
    """Declare everything that the stack names."""
    config, aws = pulumi.Config(), pulumi.Config("aws")
    place = ""
    try:
        refuse_unknown_settings(pulumi.runtime.get_config_env(), pulumi.get_project())
        refuse_static_keys(
            [name for name in ("accessKey", "secretKey", "token") if aws.get_secret(name) is not None],
            allowed=config.get_bool("allowStaticAccessKeys") or False,
        )
        place = f"{pulumi.get_project()}:"  # the texts before this name the whole key
        names = [name for name in SETTINGS if name != "allowStaticAccessKeys"]
        given = {name: parse_setting(name, config.get(name)) for name in names}
        stores = read_stores(given["secretStores"], given["clusterSecretStores"])
        secrets = read_external_secrets(given["externalSecrets"])
        pushes = read_push_secrets(given["pushSecrets"])
        cluster_secrets = read_cluster_external_secrets(given["clusterExternalSecrets"])
        cluster_pushes = read_cluster_push_secrets(given["clusterPushSecrets"])
        manifests = read_manifest_settings(given["manifests"])
        tell(manifests)
        if not (stores or secrets or pushes or cluster_secrets or cluster_pushes) and manifests.is_empty:
            pulumi.log.warn("the stack's settings name no store and no ExternalSecret, so what earlier ones named goes")
        declared = declare_all(
            [*stores, *manifests.stores],
            [*secrets, *manifests.secrets],
            pushes=[*pushes, *manifests.pushes],
            cluster_secrets=[*cluster_secrets, *manifests.cluster_secrets],
            cluster_pushes=[*cluster_pushes, *manifests.cluster_pushes],
        )
    except InvalidArgumentsError:
        raise  # it names the component
    except SpecError as error:
        raise pulumi.RunError(f"{place}{error}") from None
    pulumi.export(OUTPUT, status_output(declared.secrets))
    if declared.pushes:
        pulumi.export(PUSH_OUTPUT, push_status_output(declared.pushes))
    if declared.cluster_secrets:
        pulumi.export(CLUSTER_OUTPUT, cluster_status_output(declared.cluster_secrets))
    if declared.cluster_pushes:
        pulumi.export(CLUSTER_PUSH_OUTPUT, cluster_push_status_output(declared.cluster_pushes))


main()
