"""Reads the template texts that stand in ConfigMaps and Secrets of the cluster (ESO: `templateFrom`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...core.secret.kubernetes_secret import decoded
from ...core.secret.template_texts import TemplateTexts, TextKey, text_keys
from ...core.spec.specs import Operation
from ...core.spec.target_specs import Template
from ...errors import SpecError

if TYPE_CHECKING:
    from .cluster_memory import ClusterMemory


@dataclass(frozen=True)
class Texts:
    """Template texts in the cluster.

    Attributes:
        texts: (kind, name, key) -> text.
        complete: False where one is only made during up.
    """

    texts: TemplateTexts = field(default_factory=dict, repr=False)
    complete: bool = True


def read_texts(
    cluster: ClusterMemory, namespace: str, template: Template[str] | None, operation: Operation, place: str = "target."
) -> Texts:
    """The texts that a template names.

    Args:
        cluster: where they are.
        namespace: their namespace.
        template: the template.
        operation: what the running operation is.
        place: what stands before `template` in errors.

    Raises:
        SpecError: a ConfigMap or Secret is not there, or lacks a key.
        ParameterStoreError: one cannot be read.
    """
    texts: dict[TextKey, bytes] = {}
    complete = True
    for index, source in enumerate(template.template_from if template else ()):
        keys = text_keys(source)
        if not keys:
            continue
        kind, name, _ = keys[0]
        found = _read(cluster, namespace, kind, name)
        where = f"{place}template.templateFrom[{index}]: {kind} {namespace}/{name}"
        if found is None:
            if not operation.texts_may_come:
                raise SpecError(f"{where} does not exist")
            complete = False
            continue
        data = _data(kind, found)
        for key in keys:
            item = key[2]
            if item in data:
                texts[key] = data[item]
            elif operation.texts_may_come:
                complete = False
            else:
                raise SpecError(f"{where} has no key {item!r} (missing key {item})")
    return Texts(texts, complete)


def _read(cluster: ClusterMemory, namespace: str, kind: str, name: str) -> dict[str, Any] | None:
    if kind == "ConfigMap":
        return cluster.config_map(namespace, name)
    return cluster.client.get_secret(namespace, name)


def _data(kind: str, found: Mapping[str, Any]) -> dict[str, bytes]:
    if kind == "Secret":
        return decoded(found.get("data"))
    return {key: text.encode() for key, text in (found.get("data") or {}).items()}
