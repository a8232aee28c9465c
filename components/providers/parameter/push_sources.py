"""Reads what a PushSecret pushes: the Secret that it names, or all that have its labels, with what a template makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...core.parameter.expansion import Contents
from ...core.secret.kubernetes_secret import decoded
from ...core.secret.target_templates import render_target
from ...core.secret.template_texts import TemplateTexts
from ...core.spec.push_specs import PushSpec
from ...core.spec.specs import Operation
from ...core.spec.store_conditions import LabelRequirement
from ...core.spec.target_specs import Target, Template
from ..operation.template_reads import read_texts

if TYPE_CHECKING:
    from ..operation.cluster_memory import ClusterMemory
    from ..operation.memory import ProcessMemory

_PUSHED = "Secret "
_OF_TEMPLATE = " of the template"


def read_sources(
    spec: PushSpec, operation: Operation, process: ProcessMemory
) -> tuple[Contents | None, dict[str, str]]:
    """The Secrets, with their values, and the version of all that they are made of.

    Returns:
        Name -> keys, None where the named Secret is not there or a template's text is not there yet; and what was read
        -> its uid and resource version.

    Raises:
        ExtractError: a template fails; no value is quoted.
        ClusterError: the cluster cannot be reached.
    """
    cluster = process.cluster(spec.cluster)
    read = {name: cluster.client.get_secret(spec.namespace, name) for name in _names(spec, cluster)}
    found = {name: secret for name, secret in read.items() if secret is not None}
    sources = {f"{_PUSHED}{name}": _version(secret) for name, secret in found.items()}
    if spec.selector is None and not found:
        return None, {}
    contents: dict[str, Mapping[str, bytes]] = {name: decoded(each.get("data")) for name, each in found.items()}
    if spec.template is not None:
        texts = read_texts(cluster, spec.namespace, spec.template, operation, "")
        if not texts.complete:
            return None, {}
        confidential = operation.confidential_texts
        contents = {
            name: _rendered(spec.template, keys, texts.texts, confidential=confidential)
            for name, keys in contents.items()
        }
        sources |= _versions_of_texts(spec, texts.texts, cluster)
    return contents, sources


def pushed_secrets(sources: Iterable[str]) -> set[str]:
    """The names of the Secrets that are pushed, of all that `read_sources` names."""
    secrets = {each.removeprefix(_PUSHED) for each in sources if each.startswith(_PUSHED)}
    return {each for each in secrets if not each.endswith(_OF_TEMPLATE)}


def selector_text(requirements: tuple[LabelRequirement, ...]) -> str:
    """Requirements as the API server takes them in a query."""
    forms = {
        "In": "{key} in ({values})",
        "NotIn": "{key} notin ({values})",
        "Exists": "{key}",
        "DoesNotExist": "!{key}",
    }
    return ",".join(forms[each.operator].format(key=each.key, values=",".join(each.values)) for each in requirements)


def _names(spec: PushSpec, cluster: ClusterMemory) -> list[str]:
    if spec.selector is None:
        return [spec.secret or ""]
    listed = cluster.client.list_secret_metadata(spec.namespace, selector_text(spec.selector))
    return sorted(each.name for each in listed)


def _version(found: Mapping[str, Any]) -> str:
    metadata = found["metadata"]
    return f"{metadata['uid']} {metadata['resourceVersion']}"


def _versions_of_texts(spec: PushSpec, texts: TemplateTexts, cluster: ClusterMemory) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, name in dict.fromkeys((kind, name) for kind, name, _ in texts):
        if kind == "ConfigMap":
            read = cluster.config_map(spec.namespace, name)
            found |= {f"{kind} {name}": _version(read)} if read else {}
        else:
            live = cluster.client.get_secret_metadata(spec.namespace, name)
            found |= {f"{kind} {name}{_OF_TEMPLATE}": f"{live.uid} {live.resource_version}"} if live else {}
    return found


def _rendered(
    template: Template[str], keys: Mapping[str, bytes], texts: TemplateTexts, *, confidential: bool
) -> dict[str, bytes]:
    """The Secret's own keys, and those of the template beside them, as in ESO."""
    kept = replace(template, merge_policy="Merge", labels={}, annotations={}, finalizers=(), type=None)
    return render_target(Target(template=kept), keys, texts, confidential=confidential, where="template").data
