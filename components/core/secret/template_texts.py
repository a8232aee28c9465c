"""Names the template texts that stand in ConfigMaps and Secrets of the Secret's namespace (ESO: `templateFrom`)."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ..spec.target_specs import TemplateSource

TextKey: TypeAlias = tuple[Literal["ConfigMap", "Secret"], str, str]
"""A template text in the cluster, in the Secret's namespace: kind and name of the object, and the key in it."""
TemplateTexts: TypeAlias = Mapping[TextKey, bytes]


def named_texts(texts: TemplateTexts) -> dict[str, bytes]:
    """Template texts of the cluster by what a preview calls them, such as `conf of ConfigMap templates`."""
    return {f"{key} of {kind} {name}": text for (kind, name, key), text in texts.items()}


def text_keys(source: TemplateSource) -> list[TextKey]:
    """The texts that one entry of `templateFrom` names."""
    if source.config_map is not None:
        return [("ConfigMap", source.config_map, item.key) for item in source.items]
    if source.secret is not None:
        return [("Secret", source.secret, item.key) for item in source.items]
    return []
