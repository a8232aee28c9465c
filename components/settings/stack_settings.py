"""Reads ExternalSecrets, PushSecrets and manifests of a stack's settings; see store_manifest.py for its stores."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..core.spec.config_fields import Fields, alike, check_distinct, entries_of
from ..core.spec.spelling import of_yaml
from ..errors import SpecError
from ..program.declared_store import FORCE_SETTING
from .cluster_manifest import (
    CLUSTER_PUSH_FIELDS,
    CLUSTER_SECRET_FIELDS,
    ClusterPushConfig,
    ClusterSecretConfig,
    read_child_metadata,
    read_cluster_push,
    read_cluster_secret,
)
from .manifest.manifest_reader import load_manifests
from .manifest.objects import Manifests
from .push_manifest import PUSH_FIELDS, PushConfig, read_push_spec
from .secret_manifest import SPEC_FIELDS, SecretConfig, read_secret_spec

SETTINGS = (
    *("externalSecrets", "clusterExternalSecrets", "pushSecrets", "clusterPushSecrets"),
    *("secretStores", "clusterSecretStores", "manifests"),
    *("allowStaticAccessKeys", "grouped"),
)
_OTHERS = frozenset(("aws", "kubernetes", "pulumi"))
"""Namespaces with settings of their own, of which a name may be like one of ours."""
_NEAR_NAME = 0.8
_NEAR_NAMESPACE = 0.9


def refuse_unknown_settings(keys: Iterable[str], project: str) -> None:
    """Refuse a setting that nobody reads: a misspelt one would delete what the right one declares.

    Args:
        keys: all keys of the stack's configuration, each as `namespace:name`. Those of other namespaces belong to
            others, unless their name is one of ours or their namespace is nearly ours.
        project: the project's name, which is the namespace of its settings. The library's own namespace is looked at
            too: after the project was renamed, all its settings still stand there.

    Raises:
        SpecError: there is one; the text names it, what to write where that is clear, and all that there are.
    """
    library, force = FORCE_SETTING
    known = [*(f"{project}:{name}" for name in SETTINGS), f"{library}:{force}"]
    for key in sorted(keys):
        if key not in known and _is_ours(key, (project, library)):
            meant = _likeliest(key.rpartition(":")[2], known)
            advice = f". Write {meant}" if meant else ""
            raise SpecError(f"{key}: there is no such setting; there are {', '.join(known)}{advice}")


def _is_ours(key: str, namespaces: Sequence[str]) -> bool:
    """Whether a key that is no setting was meant to be one of ours."""
    namespace, _, name = key.rpartition(":")
    if namespace in namespaces or any(alike(namespace, each) >= _NEAR_NAMESPACE for each in namespaces):
        return True
    near = max(alike(name, each) for each in (*SETTINGS, FORCE_SETTING[1]))
    return near == 1 or (near >= _NEAR_NAME and namespace not in _OTHERS)


def _likeliest(name: str, known: Sequence[str]) -> str | None:
    best = max(known, key=lambda each: alike(name, each.partition(":")[2]))
    return best if alike(name, best.partition(":")[2]) >= _NEAR_NAME else None


def parse_setting(name: str, text: str | None) -> Any:
    """The value of a setting that is a list; Pulumi hands it over as JSON.

    A bare string, which is an error, is not shown.
    """
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError(
            f"{name}: expected a list, got a string; write a list: each entry on a line of its own after '- '"
        ) from None


@of_yaml()
def read_external_secrets(value: Any) -> list[SecretConfig]:
    """The ExternalSecrets of the setting `externalSecrets`, in order.

    Each entry has a `name` and, where it needs one, a `namespace`; the rest is the `spec` of a manifest.
    """
    secrets = []
    for index, entry in enumerate(entries_of(value, "externalSecrets")):
        fields = Fields(entry, f"externalSecrets[{index}]")
        fields.only("name", "namespace", *SPEC_FIELDS)
        name, namespace = fields.text("name"), fields.optional_text("namespace")
        secrets.append(read_secret_spec(fields, name, namespace, manifest=False))
    check_distinct([(secret.name, secret.where) for secret in secrets], "externalSecrets")
    return secrets


@of_yaml()
def read_push_secrets(value: Any) -> list[PushConfig]:
    """The PushSecrets of the setting `pushSecrets`, in order; see `read_external_secrets`.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    pushes = []
    for index, entry in enumerate(entries_of(value, "pushSecrets")):
        fields = Fields(entry, f"pushSecrets[{index}]")
        fields.only("name", "namespace", "adopt", "restore", *PUSH_FIELDS)
        name, namespace = fields.text("name"), fields.optional_text("namespace")
        pushes.append(read_push_spec(fields, name, namespace, manifest=False))
    check_distinct([(push.name, push.where) for push in pushes], "pushSecrets")
    return pushes


@of_yaml()
def read_cluster_external_secrets(value: Any) -> list[ClusterSecretConfig]:
    """The ClusterExternalSecrets of the setting `clusterExternalSecrets`, in order.

    Each entry has a `name`; the rest is the `spec` of a manifest, but that `target` may have this library's own fields.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    secrets = []
    for index, entry in enumerate(entries_of(value, "clusterExternalSecrets")):
        fields = Fields(entry, f"clusterExternalSecrets[{index}]")
        fields.only("name", *CLUSTER_SECRET_FIELDS)
        name, child = fields.text("name"), read_child_metadata(fields, "externalSecretMetadata")
        looks = {"labels": child.labels, "annotations": child.annotations}
        secrets.append(read_cluster_secret(fields, name, manifest=False, looks=looks))
    check_distinct([(secret.name, secret.where) for secret in secrets], "clusterExternalSecrets")
    return secrets


@of_yaml()
def read_cluster_push_secrets(value: Any) -> list[ClusterPushConfig]:
    """The ClusterPushSecrets of the setting `clusterPushSecrets`, in order; see `read_cluster_external_secrets`.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    pushes = []
    for index, entry in enumerate(entries_of(value, "clusterPushSecrets")):
        fields = Fields(entry, f"clusterPushSecrets[{index}]")
        fields.only("name", *CLUSTER_PUSH_FIELDS)
        name = fields.text("name")
        read_child_metadata(fields, "pushSecretMetadata")
        pushes.append(read_cluster_push(fields, name, manifest=False))
    check_distinct([(push.name, push.where) for push in pushes], "clusterPushSecrets")
    return pushes


@of_yaml()
def read_manifest_settings(value: Any) -> Manifests:
    """The manifests of the setting `manifests`: paths, each alone or with a namespace and what to leave out."""
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
