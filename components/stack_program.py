"""The program of a stack's settings: stores, ExternalSecrets, PushSecrets and manifests, declared as they say."""

from pathlib import Path

import pulumi

from .errors import SpecError
from .manifests import tell
from .parameter_store import InvalidArgumentsError
from .settings.declaration import Declared, declare_all
from .settings.encrypted import encrypted_settings, keep_secret
from .settings.stack_file import refuse_unread_of_stack
from .settings.stack_settings import (
    SETTINGS,
    parse_setting,
    read_cluster_external_secrets,
    read_cluster_push_secrets,
    read_external_secrets,
    read_manifest_settings,
    read_push_secrets,
    refuse_unknown_settings,
)
from .settings.store_manifest import read_stores, refuse_static_keys

__all__ = ["declare_stack"]


def declare_stack() -> Declared:
    """Declare everything that the stack's settings name; docs/configuration.md lists them.

    Raises:
        InvalidArgumentsError: a component refuses its arguments; it names the component.
        pulumi.RunError: a setting is not what it should be; the text names it.
    """
    config, aws = pulumi.Config(), pulumi.Config("aws")
    place = ""
    try:
        refuse_unread_of_stack(Path.cwd(), pulumi.get_stack(), pulumi.get_project())
        refuse_unknown_settings(pulumi.runtime.get_config_env(), pulumi.get_project())
        refuse_static_keys(
            [name for name in ("accessKey", "secretKey", "token") if aws.get_secret(name) is not None],
            allowed=config.get_bool("allowStaticAccessKeys") or False,
        )
        place = f"{pulumi.get_project()}:"  # the texts before this name the whole key
        names = [name for name in SETTINGS if name not in ("allowStaticAccessKeys", "grouped")]
        encrypted = encrypted_settings(names, pulumi.get_project())
        given = {name: parse_setting(name, config.get(name)) for name in names}
        stores = keep_secret(read_stores(given["secretStores"], given["clusterSecretStores"]), encrypted)
        secrets = read_external_secrets(given["externalSecrets"])
        pushes = read_push_secrets(given["pushSecrets"])
        cluster_secrets = read_cluster_external_secrets(given["clusterExternalSecrets"])
        cluster_pushes = read_cluster_push_secrets(given["clusterPushSecrets"])
        manifests = read_manifest_settings(given["manifests"])
        tell(manifests)
        if not (stores or secrets or pushes or cluster_secrets or cluster_pushes) and manifests.is_empty:
            pulumi.log.warn("the stack's settings name no store and no ExternalSecret, so what earlier ones named goes")
        return declare_all(
            [*stores, *manifests.stores],
            [*secrets, *manifests.secrets],
            pushes=[*pushes, *manifests.pushes],
            cluster_secrets=[*cluster_secrets, *manifests.cluster_secrets],
            cluster_pushes=[*cluster_pushes, *manifests.cluster_pushes],
            grouped=config.get_bool("grouped") or False,
        )
    except InvalidArgumentsError:
        raise  # it names the component
    except SpecError as error:
        raise pulumi.RunError(f"{place}{error}") from None
