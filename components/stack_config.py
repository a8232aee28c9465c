"""Reads the ExternalSecrets and manifests of a stack's settings; see store_config.py for its stores."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from .core.config_fields import Fields, check_distinct, entries_of
from .core.errors import SpecError
from .manifests import Manifests, load_manifests
from .parameter_store import FORCE_SETTING
from .secret_config import SPEC_FIELDS, SecretConfig, read_secret_spec

SETTINGS = ("secretStores", "clusterSecretStores", "externalSecrets", "manifests", "allowStaticAccessKeys")


def refuse_unknown_settings(keys: Iterable[str], project: str) -> None:
    """Refuse a setting that nobody reads: a misspelt one would delete what the right one declares.

    Args:
        keys: all keys of the stack's configuration, each as `namespace:name`; other namespaces are other people's.
        project: the project's name, which is the namespace of its settings. The library's own namespace is looked at
            too: after the project was renamed, all its settings still stand there.

    Raises:
        SpecError: there is one; the text names it and those that there are, the likeliest first.
    """
    library, force = FORCE_SETTING
    known = {*(f"{project}:{name}" for name in SETTINGS), f"{library}:{force}"}
    for key in sorted(keys):
        if key.partition(":")[0] in (project, library) and key not in known:
            there = sorted(sorted(known), key=lambda each: -SequenceMatcher(None, key, each).ratio())
            raise SpecError(f"{key}: there is no such setting; there are {', '.join(there)}")


def read_external_secrets(value: Any) -> list[SecretConfig]:
    """The ExternalSecrets of the setting `externalSecrets`, in order.

    Each entry has a `name` and, where it needs one, a `namespace`; the rest is the `spec` of a manifest.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    secrets = []
    for index, entry in enumerate(entries_of(value, "externalSecrets")):
        fields = Fields(entry, f"externalSecrets[{index}]")
        fields.only("name", "namespace", *SPEC_FIELDS)
        name, namespace = fields.text("name"), fields.optional_text("namespace")
        secrets.append(read_secret_spec(fields, name, namespace, manifest=False))
    check_distinct([(secret.name, secret.where) for secret in secrets], "externalSecrets")
    return secrets


def read_manifest_settings(value: Any) -> Manifests:
    """The manifests of the setting `manifests`: a list of paths, each alone or with a namespace and what to leave out.

    Raises:
        SpecError: the setting or a manifest is not what it should be, or there is no such file.
    """
    made = Manifests()
    for index, entry in enumerate(entries_of(value, "manifests")):
        where = f"manifests[{index}]"
        fields = Fields({"path": entry} if isinstance(entry, str) else entry, where)
        fields.only("path", "namespace", "exclude", "skipUnsupported")
        path, namespace = fields.text("path"), fields.optional_text("namespace")
        exclude, skip = fields.texts("exclude"), fields.flag("skipUnsupported")
        try:
            made += load_manifests(path, exclude=exclude, skip_unsupported=skip).within(namespace).under(where)
        except SpecError as error:
            raise SpecError(f"{where}: {error}") from None
    return made
