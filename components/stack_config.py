"""Reads the ExternalSecrets and manifests of a stack's settings; see store_config.py for its stores."""

from typing import Any

from .core.config_fields import Fields, check_distinct, entries_of
from .core.errors import SpecError
from .manifests import Manifests, load_manifests
from .secret_config import SecretConfig, read_secret_spec


def read_external_secrets(value: Any) -> list[SecretConfig]:
    """The ExternalSecrets of the setting `externalSecrets`, in order.

    Each entry has a `name` and, where it needs one, a `namespace`; the rest is the `spec` of a manifest.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    secrets = []
    for index, entry in enumerate(entries_of(value, "externalSecrets")):
        fields = Fields(entry, f"externalSecrets[{index}]")
        name, namespace = fields.text("name"), fields.optional_text("namespace")
        secrets.append(read_secret_spec(fields, name, namespace, manifest=False))
    check_distinct([secret.name for secret in secrets], "externalSecrets")
    return secrets


def read_manifest_settings(value: Any) -> Manifests:
    """The manifests of the setting `manifests`: a list of paths, each alone or with a namespace for what names none.

    Raises:
        SpecError: the setting or a manifest is not what it should be, or there is no such file.
    """
    made = Manifests()
    for index, entry in enumerate(entries_of(value, "manifests")):
        where = f"manifests[{index}]"
        fields = Fields({"path": entry} if isinstance(entry, str) else entry, where)
        path, namespace = fields.text("path"), fields.optional_text("namespace")
        skip = fields.flag("skipUnsupported")
        fields.end()
        try:
            made += load_manifests(path, skip_unsupported=skip).within(namespace)
        except SpecError as error:
            raise SpecError(f"{where}: {error}") from None
    return made
