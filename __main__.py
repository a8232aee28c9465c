"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.errors import SpecError
from components.manifests import tell
from components.parameter_store import InvalidArgumentsError
from components.settings.declaration import declare_all
from components.settings.stack_settings import (
    parse_setting,
    read_external_secrets,
    read_manifest_settings,
    refuse_unknown_settings,
)
from components.settings.store_manifest import read_stores, refuse_static_keys
from components.status import OUTPUT, status_output


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
        names = ("secretStores", "clusterSecretStores", "externalSecrets", "manifests")
        given = {name: parse_setting(name, config.get(name)) for name in names}
        stores = read_stores(given["secretStores"], given["clusterSecretStores"])
        secrets = read_external_secrets(given["externalSecrets"])
        manifests = read_manifest_settings(given["manifests"])
        tell(manifests)
        if not (stores or secrets or manifests.stores or manifests.secrets):
            pulumi.log.warn("the stack's settings name no store and no ExternalSecret, so what earlier ones named goes")
        declared = declare_all([*stores, *manifests.stores], [*secrets, *manifests.secrets])
    except InvalidArgumentsError:
        raise  # it names the component
    except SpecError as error:
        raise pulumi.RunError(f"{place}{error}") from None
    pulumi.export(OUTPUT, status_output(declared))


main()
