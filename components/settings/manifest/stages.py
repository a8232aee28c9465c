"""Tells what is no manifest yet, or never will be one: the input of Helm, Kustomize and other tools."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

_RENDER = "render it first, such as with `helm template`, and read what that writes"
_TEMPLATE = f"it is a template, with {{{{ ... }}}} that was not rendered; {_RENDER}"
_BUILD = "build it first, with `kubectl kustomize` or `kustomize build`, and read what that writes"
_KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KUSTOMIZATION_LISTS = ("resources", "bases", "components", "patches", "patchesStrategicMerge", "configMapGenerator")
_VALUES_FILE = re.compile(r"(.*[-._])?values([-._].*)?\.(yaml|yml|json)", re.IGNORECASE)
# Possessive, so that what was taken is not tried again: a line may be as long as its file.
_UNQUOTED_TEMPLATE = re.compile(r"\s*+(?:-\s++)*+(?:[^\s#\"'{][^#\"'{]*:\s++)?\{\{")
_PLACEHOLDER = re.compile(r"\{\{|\$\{|\$\(")
_OF_HELM = re.compile(r'\{\{[^{}\n]*?(?:\.(?:Values|Release|Chart|Capabilities)\b|\b(?:include|define)\s+")')
_LINES_ABOVE = 2
_LONGEST_BEGINNING = 1000
_KUSTOMIZATION = "kustomization, not an object of the cluster"


def stage_of_text(text: str, line: int) -> str | None:
    """What a text that is not YAML from a line on is, and what to do; None where nothing tells."""
    lines = [each[:_LONGEST_BEGINNING] for each in text.splitlines()[max(0, line - 1 - _LINES_ABOVE) : line]]
    if any(_UNQUOTED_TEMPLATE.match(each) for each in lines):
        return _TEMPLATE
    if any(each.lstrip().startswith("{%") for each in lines):
        return "it is a template, with {% ... %} that was not rendered; render it first, and read what that writes"
    if any(each.startswith(("<<<<<<<", "=======", ">>>>>>>")) for each in lines):
        return "it holds the marks of a merge conflict; resolve it first"
    # The line of the error can be far below, as where a quote is never closed.
    return _TEMPLATE if _OF_HELM.search(text) else None


def doubt_about(text: str) -> str:
    """What to add to an error about a text that is not YAML, and may be a template, or hold one as it should."""
    return f". It holds {{{{ ... }}}}: if Helm is to fill that in, {_RENDER}" if "{{" in text else ""


def stage_of(document: Any, file: str) -> str | None:
    """What a document is that is no Kubernetes object yet, and what to do; None for anything else."""
    name = PurePath(file).name
    if isinstance(document, list):
        operations = document and all(isinstance(each, Mapping) and {"op", "path"} <= each.keys() for each in document)
        return f"it is a JSON patch of Kustomize, not an object; {_BUILD}" if operations else None
    if not isinstance(document, Mapping):
        return None
    version = document.get("apiVersion")
    if isinstance(version, str) and version.startswith("kustomize.config.k8s.io/"):
        return f"it is a {_KUSTOMIZATION}; {_BUILD}"
    if "kind" not in document:
        return _without_kind(document, name)
    if "$patch" in document:
        return f"it is a patch of Kustomize ($patch), not a whole object; {_BUILD}"
    field = _unfilled(document.get("metadata"))
    return (
        f"it is a template: metadata.{field} holds a placeholder that was not filled in; {_RENDER}" if field else None
    )


def _unfilled(metadata: Any) -> str | None:
    """The field that names an object and still holds a placeholder."""
    given = metadata if isinstance(metadata, Mapping) else {}
    return next((each for each in ("name", "namespace") if _PLACEHOLDER.search(str(given.get(each)))), None)


def _without_kind(document: Mapping[str, Any], name: str) -> str | None:
    listed = any(isinstance(document.get(each), list) for each in _KUSTOMIZATION_LISTS)
    if name in _KUSTOMIZATION_FILES or (listed and not _VALUES_FILE.fullmatch(name) and "apiVersion" not in document):
        return f"it is a {_KUSTOMIZATION}; {_BUILD}"
    if name == "Chart.yaml" or (document.get("apiVersion") in ("v1", "v2") and {"name", "version"} <= document.keys()):
        return "it is the Chart.yaml of a Helm chart, not an object; run `helm template`, and read what that writes"
    if "apiVersion" in document:
        return None
    if _VALUES_FILE.fullmatch(name):
        return "these are the values of a Helm chart, not an object; run `helm template`, and read what that writes"
    return None  # the reader of objects says so, and names what is misspelt
