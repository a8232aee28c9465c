"""Tells which files beside manifests are no manifests: kustomize's and Helm's own."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from .kinds import GROUP, READ, is_near_group, meant_kind

KUSTOMIZATION = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
"""Names of kustomize's own file."""
_CHART = frozenset({"Chart.yaml", "Chart.yml", "requirements.yaml"})
_VALUES = re.compile(r"(.+[-_.])?values([-_.].+)?\.(yaml|yml|json)", re.IGNORECASE)
_HARMLESS = frozenset({"apiVersion", "kind", "metadata", "resources", "bases", "sortOptions", "buildMetadata", "crds"})
"""Fields of a kustomization that change nothing of its resources."""
# JSON in a JSON string has its quotes escaped, and Helm and Crossplane make versions by templates.
_VERSION = re.compile(rf"""apiVersion[\\"']*+\s*+:\s*+[\\"']*+({re.escape(GROUP)}/|{{{{)""")
_KIND = re.compile(rf"""kind[\\"']*+\s*+:\s*+[\\"']*+({"|".join(READ)})\b""")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{40,}+={0,2}+\s*+")
_CHANGES = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "transformers", "configurations")


@dataclass(frozen=True)
class Reason:
    """Why something is passed over.

    Attributes:
        text: the reason, which goes after `as`.
        warns: what is read may be other than the user thinks, so that it is a warning.
    """

    text: str
    warns: bool = False


WRAPPED = Reason(
    "another tool makes the ExternalSecrets or stores that it holds, and nothing here does; read what that tool makes",
    warns=True,
)


def reason_to_pass_over(name: str, documents: Sequence[Any]) -> Reason | None:
    """Why a file of a folder is no manifest, or None where it may be one.

    Args:
        name: the file's name, without its folder.
        documents: what it holds.
    """
    if name in KUSTOMIZATION and all(map(_is_kustomization, documents)):
        changes = sorted({str(field) for each in documents for field in each} - _HARMLESS)
        return _kustomization(changes)
    if any(map(_is_object, documents)):
        return None
    if name in _CHART:
        return Reason("it is Helm's; of a chart, read what `helm template` prints")
    if _VALUES.fullmatch(name):
        return WRAPPED if any(map(holds_ours, documents)) else Reason("it holds values for Helm")
    return None


def files_named_by(documents: Sequence[Any]) -> tuple[set[str], set[str]]:
    """The files that a kustomization names, as it names them: resources, and others, such as patches."""
    resources: set[str] = set()
    others: set[str] = set()
    for each in documents:
        if _is_kustomization(each):
            resources.update(map(_path, _list(each.get("resources"))))
            others.update(map(_path, (*_changes(each), *_sources(each))))
    return resources - {""}, others - resources - {""}


def holds_ours(document: Any) -> bool:
    """Whether there is an ExternalSecret or a store somewhere within a document, for another tool to make it."""
    left, seen = list(inside(document)), set[int]()
    while left:
        value = left.pop()
        if id(value) in seen:  # YAML's aliases make one value of many places
            continue
        seen.add(id(value))
        if isinstance(value, Mapping) and _is_made(value):
            kind, version = value.get("kind"), value.get("apiVersion")
            if isinstance(kind, str) and meant_kind(kind) is not None and is_near_group(str(version)):
                return True
        if isinstance(value, str) and _is_text_of_ours(value):
            return True  # a ConfigMap or Argo CD Application can hold manifests as strings
        left.extend(inside(value))
    return False


def _is_made(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is an object, or has one made as Kyverno does, and does not only refer to one."""
    data = value.get("data")
    return "spec" in value or "clone" in value or (isinstance(data, Mapping) and "spec" in data)


def _is_text_of_ours(text: str) -> bool:
    if _BASE64.fullmatch(text):  # as the data of a Secret are, and binary data of a ConfigMap
        with suppress(ValueError):
            text = b64decode(text).decode()
    return _VERSION.search(text) is not None and _KIND.search(text) is not None


def _changes(kustomization: Mapping[str, Any]) -> Iterator[Any]:
    for field in _CHANGES:
        for entry in _list(kustomization.get(field)):
            yield entry.get("path") if isinstance(entry, Mapping) else entry


def _sources(kustomization: Mapping[str, Any]) -> Iterator[Any]:
    """The files of which it makes ConfigMaps and Secrets, and values of charts."""
    for field in ("configMapGenerator", "secretGenerator", "helmCharts"):
        for entry in _list(kustomization.get(field)):
            if isinstance(entry, Mapping):
                yield entry.get("valuesFile")
                yield from _list(entry.get("additionalValuesFiles"))
                yield from (str(file).rpartition("=")[2] for file in _list(entry.get("files")))


def _kustomization(changes: Sequence[str]) -> Reason:
    if not changes:
        return Reason("kustomize alone reads it")
    return Reason(
        f"kustomize alone reads it, so that its {', '.join(changes)} {'changes' if len(changes) == 1 else 'change'} "
        "nothing here; where that matters, read what `kustomize build` prints",
        warns=True,
    )


def _is_kustomization(document: Any) -> bool:
    if not isinstance(document, Mapping):
        return False
    kind, version = document.get("kind"), document.get("apiVersion")
    return kind in (None, "Kustomization", "Component") and (
        version is None or str(version).partition("/")[0] == "kustomize.config.k8s.io"
    )


def _is_object(document: Any) -> bool:
    """Whether it is an object, or is meant as one of ours."""
    if not isinstance(document, Mapping):
        return False
    kind, version = document.get("kind"), document.get("apiVersion")
    if kind is not None and version is not None:
        return True
    return (isinstance(kind, str) and meant_kind(kind) is not None) or (
        isinstance(version, str) and is_near_group(version)
    )


def _path(value: Any) -> str:
    """A path, as short as it can be written; empty where it is none, such as a patch that is written in its place."""
    return str(PurePath(value)) if isinstance(value, str) and "\n" not in value else ""


def inside(value: Any) -> Iterable[Any]:
    """What a value holds, where it is a mapping or a list."""
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
