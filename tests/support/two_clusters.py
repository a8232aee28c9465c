"""Kubeconfigs that lead to more than one API server."""

from pathlib import Path
from typing import Any

import yaml


def merged(path: Path, current: str, **kubeconfigs: str) -> Path:
    """Write a kubeconfig with a context for each of some others, under the names given here.

    Args:
        path: the file.
        current: name of the current context.
        kubeconfigs: name -> text of a kubeconfig with one context.
    """
    path.write_text(yaml.safe_dump(document(current, **kubeconfigs)))
    return path


def document(current: str, **kubeconfigs: str) -> dict[str, Any]:
    """What `merged` writes."""
    made: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": current}
    for kind in ("cluster", "user", "context"):
        made[f"{kind}s"] = [
            {"name": name, kind: _named(kind, yaml.safe_load(text)[f"{kind}s"][0][kind], name)}
            for name, text in kubeconfigs.items()
        ]
    return made


def _named(kind: str, fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {**fields, "cluster": name, "user": name} if kind == "context" else fields
